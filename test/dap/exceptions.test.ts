/** Exceptions: stops at throws by filter, with the tag, its arguments and who catches it; and steps from there. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { type Conversation, converse } from './harness.ts';

const EXAMPLE = readFileSync('examples/exceptions.wat', 'utf8');

/** The line of the example that has a text. */
function lineOf(text: string, source = EXAMPLE): number {
  return source.slice(0, source.indexOf(text)).split('\n').length;
}

const THROW_NEGATIVE = lineOf('(throw $negative');
const THROW_LARGE = lineOf('(throw $too_large');

interface Filters {
  readonly filters?: string[];
  readonly filterOptions?: { filterId: string; condition?: string }[];
}

async function launch(
  c: Conversation,
  args: object,
  { filters = [], filterOptions }: Filters,
): Promise<void> {
  await c.initialize();
  await c.request('launch', args);
  await c.event('initialized');
  await c.request('setExceptionBreakpoints', { filters, filterOptions });
  await c.request('configurationDone');
}

test('all exceptions: at the throw with all frames, and on into the handler', () =>
  converse(async (c) => {
    const program = c.file('exceptions.wat', EXAMPLE);
    await launch(c, { program, invoke: { function: 'sum' } }, { filters: ['all'] });
    const negative = await c.stopped();
    assert.deepEqual(
      negative.stack.map((frame) => frame.split(' ')[0]),
      ['$checked', '$or_zero', 'sum'],
    );
    assert.equal(negative.frames[0].line, THROW_NEGATIVE);
    assert.equal(negative.body.text, '$negative(-3), caught in $or_zero');
    assert.deepEqual((await c.variables(negative.frames[0].id))['Value stack'], [
      `stack[0] = -3 (0xfffffffd, unsigned 4294967293) : i32, pushed by local.get in line ${THROW_NEGATIVE}`,
    ]);
    const { details, ...info } = await c.request('exceptionInfo', { threadId: 1 });
    const { stackTrace, ...told } = details;
    assert.match(stackTrace, /^at \$checked \(exceptions\.wat:\d+:\d+\)\nat \$or_zero \(/);
    assert.deepEqual(
      { ...info, details: told },
      {
        exceptionId: '$negative',
        description: '$negative(-3), caught in $or_zero',
        breakMode: 'always',
        details: { message: '$negative(-3)', typeName: 'exception' },
      },
    );
    const large = await c.step('continue');
    assert.equal(large.frames[0].line, THROW_LARGE);
    assert.equal(large.body.text, '$too_large(5000, 1000), caught in $or_zero');
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 0);
    assert.equal(c.printed('console'), 'sum() = 12 : i32\n');
    c.golden('exceptions');
  }));

for (const command of ['next', 'stepIn', 'stepOut'] as const) {
  test(`${command} at a throw goes to its handler`, () =>
    converse(async (c) => {
      const program = c.file('exceptions.wat', EXAMPLE);
      await launch(c, { program, invoke: { function: 'sum' } }, { filters: ['all'] });
      await c.stopped();
      const { reason, frames } = await c.step(command);
      assert.equal(reason, 'step');
      assert.equal(frames.length, 2);
      assert.equal(frames[0].name, '$or_zero');
      assert.equal(frames[0].line, lineOf('(drop))'));
      assert.deepEqual(
        (await c.variables(frames[0].id))['Value stack'].map((text) => text.split(' (')[0]),
        ['stack[0] = -3'],
      );
    }));
}

test('a step over a call that throws ends at the handler, with no filter at all', () =>
  converse(async (c) => {
    const program = c.file('exceptions.wat', EXAMPLE);
    const call = lineOf('(return (call $checked');
    await c.initialize();
    await c.request('launch', { program, invoke: { function: 'sum' } });
    await c.event('initialized');
    await c.request('setExceptionBreakpoints', { filters: [] });
    const condition = '$x == -3';
    await c.request('setBreakpoints', {
      source: { path: program },
      breakpoints: [{ line: call, column: 18, condition }],
    });
    await c.request('configurationDone');
    await c.stopped();
    const over = await c.step('next');
    assert.deepEqual([over.reason, over.frames[0].line], ['step', lineOf('(drop))')]);
    assert.equal(over.frames.length, 2);
  }));

test('only what nobody catches stops without a filter of the client', () =>
  converse(async (c) => {
    const program = c.file('exceptions.wat', EXAMPLE);
    await c.launch({ program, invoke: { function: 'fail', args: [-3] } });
    const { reason, body, frames } = await c.stopped();
    assert.equal(reason, 'exception');
    assert.deepEqual(
      [body.description, body.text, frames[0].line],
      ['Paused on an uncaught exception', '$negative(-3)', THROW_NEGATIVE],
    );
    assert.equal((await c.request('exceptionInfo', { threadId: 1 })).breakMode, 'unhandled');
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 1);
    assert.equal(c.printed('stderr'), 'fail(-3): unhandled exception: $negative(-3)\n');
  }));

test('uncaught exceptions pass what is caught, and no filter passes everything', () =>
  converse(async (c) => {
    const program = c.file('exceptions.wat', EXAMPLE);
    await launch(c, { program, invoke: { function: 'sum' } }, { filters: ['uncaught', 'traps'] });
    assert.equal(await c.exited(), 0);
  }));

test('without the filters neither a trap nor an exception stops, and the program ends', () =>
  converse(async (c) => {
    const program = c.file('exceptions.wat', EXAMPLE);
    await launch(c, { program, invoke: { function: 'fail', args: [5000] } }, {});
    assert.equal(await c.exited(), 1);
    assert.equal(c.printed('stderr'), 'fail(5000): unhandled exception: $too_large(5000, 1000)\n');
  }));

test('a trap passes without its filter, and with a condition that does not hold', async () => {
  for (const [filters, stops] of [
    [{ filters: ['uncaught'] }, false],
    [{ filterOptions: [{ filterId: 'traps', condition: 'out of bounds' }] }, false],
    [{ filterOptions: [{ filterId: 'traps', condition: 'divide by zero' }] }, true],
  ] as const) {
    await converse(async (c) => {
      const program = c.file(
        'trap.wat',
        '(module (func (export "f") (result i32) (i32.div_s (i32.const 1) (i32.const 0))))',
      );
      await launch(c, { program }, filters as unknown as Filters);
      if (stops) {
        assert.equal((await c.stopped()).body.text, 'integer divide by zero: i32.div_s of 1 and 0');
        await c.request('continue', { threadId: 1 });
      }
      assert.equal(await c.exited(), 1);
    });
  }
});

test('a condition names tags; one that is not there is said', () =>
  converse(async (c) => {
    const program = c.file('exceptions.wat', EXAMPLE);
    await c.initialize();
    await c.request('launch', { program, invoke: { function: 'sum' } });
    await c.event('initialized');
    const { breakpoints } = await c.request('setExceptionBreakpoints', {
      filters: [],
      filterOptions: [{ filterId: 'all', condition: '$small' }],
    });
    assert.deepEqual(breakpoints, [
      { verified: false, message: 'unknown tag $small: there are $negative, $too_large, js' },
    ]);
    await c.request('setExceptionBreakpoints', {
      filters: [],
      filterOptions: [{ filterId: 'all', condition: '$too_large, js' }],
    });
    assert.match(
      await c.refusal('setExceptionBreakpoints', { filters: ['panics'] }),
      /unknown exception filter: panics/,
    );
    await c.request('configurationDone');
    assert.equal((await c.stopped()).frames[0].line, THROW_LARGE);
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 0);
  }));

const HOST = `(module
  (import "env" "risky" (func $risky (param i32) (result i32)))
  (tag $oops (param i32))
  (func (export "guarded") (result i32)
    (block $caught (try_table (catch_all $caught) (return (call $risky (i32.const 1)))))
    (i32.const -1))
  (func (export "open") (result i32) (call $risky (i32.const 2)))
  (func (export "throws") (throw $oops (i32.const 4)))
  (func (export "through") (result i32) (call $risky (i32.const 3))))`;

const JS = `export default ({ instance }) => ({ env: { risky(n) {
  if (n === 3) {
    try { instance.exports.throws(); } catch { return 33; }
  }
  throw new TypeError('no ' + n);
} } });`;

test('what JavaScript throws stops at the call, and is caught like anything else', async () => {
  for (const [name, filters, texts, code] of [
    ['guarded', ['all'], ['env.risky: no 1, caught in guarded'], 0],
    ['guarded', ['uncaught'], [], 0],
    ['open', ['uncaught'], ['env.risky: no 2'], 1],
    // JavaScript catches it, which nobody knows at the throw.
    ['through', ['uncaught'], [], 0],
    ['through', ['all'], ['$oops(4)'], 0],
  ] as const) {
    await converse(async (c) => {
      const program = c.file('host.wat', HOST);
      c.file('host.mjs', JS);
      const args = { program, imports: './host.mjs', invoke: { function: name } };
      await launch(c, args, { filters: [...filters] });
      for (const text of texts) {
        const { body, frames } = await c.stopped();
        assert.equal(body.text, text);
        assert.equal(frames.at(-1)!.name, name);
        await c.request('continue', { threadId: 1 });
      }
      assert.equal(await c.exited(), code);
    });
  }
});

const LEGACY = `(module
  (tag $e (param i32))
  (func (export "f") (result i32)
    try (result i32)
      try (result i32)
        i32.const 7
        throw $e
      catch $e
        drop
        rethrow 0
      end
    catch $e
    end))`;

test('rethrow and throw_ref are throws, too', () =>
  converse(async (c) => {
    const program = c.file('legacy.wat', LEGACY);
    await launch(c, { program }, { filters: ['all'] });
    assert.equal((await c.stopped()).frames[0].line, lineOf('throw $e', LEGACY));
    const again = await c.step('continue');
    assert.equal(again.frames[0].line, lineOf('rethrow 0', LEGACY));
    assert.equal(again.body.text, '$e(7), caught in f');
    await c.request('continue', { threadId: 1 });
    assert.equal(await c.exited(), 0);
  }));
