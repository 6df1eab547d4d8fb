// The spec's test suite as text: scripts parse, modules assemble to what the host accepts, malformed texts are refused
// in the suite's words, printing and assembling again gives the same bytes and the same map.
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { type Fault, WasmError } from '../../engine/base/errors.ts';
import { decode } from '../../engine/binary/decode.ts';
import type { Module } from '../../engine/module/module.ts';
import { assemble } from '../../engine/text/assemble.ts';
import { tokenText } from '../../engine/text/lexer.ts';
import { type PrintOptions, printModule } from '../../engine/text/print.ts';
import { assembleForm, binaryBytes, parseScript, type Script } from '../../engine/text/script.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { validate } from '../../engine/valid/validate.ts';
import { featuresOf } from '../spec/suite.ts';

const SUITE = process.env.WASMSCOPE_SPEC_TESTSUITE ?? path.resolve('../shared/spec-testsuite');

/** Without the suite there is nothing to test here, and the summary says so. */
const NEEDS_SUITE = {
  skip: existsSync(SUITE) ? false : `no test suite at ${SUITE}: set WASMSCOPE_SPEC_TESTSUITE`,
};

/** A proposal that this engine does not know. */
const UNKNOWN = /custom-descriptors/;

/** What the host refuses although it is right: its own limits, and proposals that it does not know yet. */
const HOST_LIMITS =
  /larger than implementation limit|invalid memory limits flags|invalid numeric opcode: 0xfc1[3-6]/;

interface SuiteFile {
  readonly name: string;
  readonly text: string;
  readonly script: Script;
}

let files: SuiteFile[] | undefined;

function suite(): SuiteFile[] {
  files ??= globSync('**/*.wast', { cwd: SUITE })
    .filter((name) => !UNKNOWN.test(name))
    .sort()
    .map((name) => {
      const text = readFileSync(path.join(SUITE, name), 'utf8');
      return { name, text, script: parseScript(parseTree(text)) };
    });
  assert.ok(files.length > 200, 'the suite has its files');
  return files;
}

const place = ({ name, text }: SuiteFile, pos: number) => `${name}:${text.slice(0, pos).split('\n').length}`;

test('every script parses without a fault, and its tokens are its text', NEEDS_SUITE, () => {
  for (const file of suite()) {
    const { tokens } = file.script.tree;
    assert.deepEqual(file.script.faults, [], file.name);
    let joined = '';
    for (let i = 0; i < tokens.count; i++) joined += tokenText(tokens, i);
    assert.equal(joined, file.text, file.name);
  }
});

test('every module assembles to what the host accepts', NEEDS_SUITE, (t) => {
  let modules = 0;
  let limited = 0;
  for (const file of suite()) {
    for (const command of file.script.commands) {
      const isGood =
        command.kind === 'module' || command.kind === 'assert_trap' || command.kind === 'assert_unlinkable';
      if (!isGood || !command.module || command.module.source === 'binary') continue;
      const { bytes, faults } = assembleForm(file.script.tree, command.module);
      const at = place(file, command.span.start);
      assert.deepEqual(faults, [], at);
      modules++;
      try {
        new WebAssembly.Module(bytes);
      } catch (error) {
        assert.match(String(error), HOST_LIMITS, at);
        limited++;
      }
    }
  }
  assert.ok(modules > 2000);
  t.diagnostic(`${modules} modules, ${limited} over the host’s limits`);
});

test('malformed texts are refused in the suite’s words', NEEDS_SUITE, (t) => {
  let refused = 0;
  for (const file of suite()) {
    for (const command of file.script.commands) {
      if (command.kind !== 'assert_malformed' || command.module.source === 'binary') continue;
      const { bytes, faults } = assembleForm(file.script.tree, command.module);
      const fault = faults[0] ?? malformedIn(bytes, file.name);
      assert.ok(
        fault?.message.startsWith(command.message),
        `${place(file, command.span.start)}: "${command.message}" is expected, found "${fault?.message}"`,
      );
      refused++;
    }
  }
  assert.ok(refused > 1000);
  t.diagnostic(`${refused} texts`);
});

/** Sizes above 32 bits are malformed only where there are no 64-bit addresses: validation knows. */
function malformedIn(bytes: Uint8Array, name: string): Fault | undefined {
  try {
    validate(decode(bytes), featuresOf(name));
  } catch (error) {
    if (error instanceof WasmError && error.phase === 'malformed') return error.fault;
    throw error;
  }
  return undefined;
}

function decoded(bytes: Uint8Array): Module | undefined {
  try {
    return decode(bytes);
  } catch (error) {
    if (error instanceof WasmError) return undefined;
    throw error;
  }
}

const OPTIONS: readonly PrintOptions[] = [{}, { folded: true }, { names: false }];

/** `(rec)` without types leaves no trace in a module. */
const HAS_EMPTY_GROUP = /\(rec\)/;

test('printing and assembling gives the same bytes and the same map', NEEDS_SUITE, (t) => {
  let texts = 0;
  for (const file of suite()) {
    for (const command of file.script.commands) {
      if (command.kind !== 'module' && command.kind !== 'assert_invalid') continue;
      const { module: form } = command;
      const { tree } = file.script;
      if (HAS_EMPTY_GROUP.test(file.text.slice(form.span.start, form.span.end))) continue;
      const isBinary = form.source === 'binary';
      const first = isBinary ? binaryBytes(tree, form) : assembleForm(tree, form, { names: false }).bytes;
      for (const options of OPTIONS) {
        let module = decoded(first);
        if (!module) continue;
        // A binary may be longer than it need be: it is compared with what its text says once.
        if (isBinary) module = decode(assemble(parseTree(printModule(module, options).text)).bytes);
        const printed = printModule(module, options);
        const again = assemble(parseTree(printed.text), undefined, { names: false });
        const at: string = `${place(file, command.span.start)} ${JSON.stringify(options)}`;
        assert.deepEqual(again.faults, [], at);
        const plain = isBinary ? withoutNames(module) : module.bytes;
        assert.ok(Buffer.from(again.bytes).equals(plain), `${at}: the bytes are the same`);
        assert.deepEqual(
          [...printed.map.instructions()],
          [...again.map.instructions()],
          `${at}: the maps agree`,
        );
        texts++;
      }
    }
  }
  t.diagnostic(`${texts} texts`);
});

function withoutNames({ bytes, customs }: Module): Uint8Array {
  const names = customs.find(({ name }) => name === 'name');
  return names ? Buffer.concat([bytes.subarray(0, names.offset), bytes.subarray(names.range.end)]) : bytes;
}
