/** The row above the value stack that says what the next instruction will do, and where it leads. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { DebugProtocol } from '@vscode/debugprotocol';
import { type Conversation, converse } from './harness.ts';

async function next(c: Conversation, frameId: number): Promise<string> {
  const { scopes } = await c.request('scopes', { frameId });
  const [{ name, variablesReference, namedVariables }] = scopes as DebugProtocol.Scope[];
  assert.equal(name, 'Value stack');
  assert.equal(namedVariables, 1);
  const { variables } = await c.request('variables', { variablesReference, filter: 'named' });
  return variables[0]?.value ?? '';
}

const CONTROL = `(module
  (type $binary (func (param i32 i32) (result i32)))
  (table $t 3 funcref)
  (elem (i32.const 1) $add $noop)
  (func $add (param i32 i32) (result i32) (i32.add (local.get 0) (local.get 1)))
  (func $noop)
  (func (export "_start") (local $i i32)
    (block $out
      (br_if $out (i32.const 0))
      (loop $again
        (local.set $i (i32.add (local.get $i) (i32.const 1)))
        (br_if $again (i32.lt_u (local.get $i) (i32.const 2))))
      (if (i32.const 0) (then (nop)) (else (nop)))
      (br_table 0 $out (i32.const 5)))
    (drop (call $add (i32.const 1) (i32.const 2)))
    (drop (call_indirect $t (type $binary) (i32.const 3) (i32.const 4) (i32.const 1)))
    (drop (call_indirect $t (type $binary) (i32.const 3) (i32.const 4) (i32.const 2)))))`;

test('the row leads to where a branch goes and to the function that is called; it can be watched', () =>
  converse(async (c) => {
    const program = c.file('program.wat', CONTROL);
    await c.launch({ program }, [{ path: program, lines: [12, 15] }]);
    const branch = await c.stopped();
    const evaluated = await c.request('evaluate', { expression: 'next', frameId: branch.frames[0].id });
    assert.match(evaluated.result, /^(?:local\.get|br_if)/);
    await c.step('continue');
    const { frames } = await c.step('continue');
    let stop = { frames };
    while (!(await next(c, stop.frames[0].id)).startsWith('call $add')) stop = await c.step('stepIn');
    const { scopes } = await c.request('scopes', { frameId: stop.frames[0].id });
    const { variables } = await c.request('variables', { variablesReference: scopes[0].variablesReference });
    const [row, operand] = variables as DebugProtocol.Variable[];
    assert.equal(row.name, 'next');
    const called = await c.request('locations', { locationReference: row.valueLocationReference });
    assert.equal(called.line, 5);
    assert.equal(operand.name, 'stack[0]');
    const pushed = await c.request('locations', { locationReference: operand.declarationLocationReference });
    assert.equal(pushed.line, 15);
  }));
