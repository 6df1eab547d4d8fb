/**
 * The language server's facts, without a server: codes of faults, types and opcodes of all instructions, comments,
 * markdown, sections of damaged binaries.
 */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { decodePartly } from '../../engine/binary/partly.ts';
import { INSTRS } from '../../engine/isa/isa.ts';
import { Op } from '../../engine/isa/op.gen.ts';
import { Tok } from '../../engine/text/lexer.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { Analysis } from '../../language-server/analysis.ts';
import { commentAbove } from '../../language-server/facts/comment.ts';
import { oneLine, pointedToken } from '../../language-server/facts/forms.ts';
import { IMMEDIATES, instrType, opcodeBytes } from '../../language-server/facts/instruction-types.ts';
import { code, codeBlock, prose, withoutMarkup } from '../../language-server/facts/markdown.ts';
import { walkSections } from '../../language-server/facts/sections.ts';
import { faultCode } from '../../language-server/requests/diagnostics.ts';
import { documentSymbols } from '../../language-server/requests/document-symbols.ts';

const CODES: readonly (readonly [message: string, code: string])[] = [
  ['unknown local $x', 'unknown-local'],
  ['unknown type 3: it is no function type', 'unknown-type'],
  ['type mismatch: instruction requires [i32] but stack has [] (drop)', 'type-mismatch'],
  ['unexpected token )', 'unexpected-token'],
  ['unexpected end', 'unexpected-end'],
  ['malformed UTF-8 encoding', 'malformed-utf-8-encoding'],
  ['not supported yet: fixed-width SIMD', 'not-supported-yet'],
  ['duplicate export name "f"', 'duplicate-export-name'],
  ['i32 constant out of range', 'i32-constant-out-of-range'],
  ['alignment must be a power of two', 'alignment-must-be-a-power-of-two'],
  ["illegal character '🙂' (U+1F642)", 'illegal-character'],
  ['', 'fault'],
];

test('codes of faults are kebab-case and free of what differs from fault to fault', () => {
  for (const [message, expected] of CODES) assert.equal(faultCode({ message }), expected);
});

test('every instruction has a type, a text for its immediates and an opcode', () => {
  for (const instr of INSTRS) {
    assert.match(instrType(instr), /^\[.*\] -> \[.*\]$/, instr.op);
    assert.doesNotMatch(instrType(instr), /type\(|undefined|-1/, instr.op);
    assert.equal(typeof IMMEDIATES[instr.shape], 'string', instr.op);
    assert.match(opcodeBytes(instr), /^0x[0-9a-f]{2}( 0x[0-9a-f]{2}){0,3}$/, instr.op);
  }
  const bytesOf = (wanted: number) => opcodeBytes(INSTRS.find((instr) => instr.code === wanted)!);
  assert.equal(bytesOf(Op.i32_add), '0x6a');
  assert.equal(bytesOf(Op.memory_copy), '0xfc 0x0a');
  assert.equal(bytesOf(Op.f64x2_add), '0xfd 0xf0 0x01');
});

/** The comment above the form `(x`. */
const COMMENTS: readonly (readonly [text: string, comment: string])[] = [
  [';; one\n(x)', 'one'],
  [';; one\n;;two\n  ;;;   three  \n(x)', 'one\ntwo\n  three'],
  [';; far\n\n;; near\n(x)', 'near'],
  [';; far\n\n(x)', ''],
  ['(y) ;; of y\n(x)', ''],
  ['(y)\n;; of x\r\n(x)', 'of x'],
  ['(; a\n   b ;)\n(x)', 'a\nb'],
  ['(; beside ;) (x)', ''],
  ['(x)', ''],
  ['\n(x)', ''],
];

test('the comment of a form is the lines right above it', () => {
  for (const [text, comment] of COMMENTS) {
    const tree = parseTree(text);
    const open = Array.from(tree.tokens.starts).findIndex((start) => text.startsWith('(x', start));
    assert.equal(commentAbove(tree, open), comment, JSON.stringify(text));
  }
});

test('a form in one line', () => {
  const line = (text: string, limit?: number) =>
    oneLine(parseTree(text), 0, parseTree(text).tokens.count, limit);
  assert.equal(
    line('(func  $f ;; x\n  (param\ti32 )(; y ;)(@a b) (result i32)\n)'),
    '(func $f (param i32) (result i32))',
  );
  assert.equal(line('( func )'), '(func)');
  assert.equal(line('(data "aaaaaaaaaaaaaaa")', 12), '(data "aaaaa …');
});

test('pointing at the end of a word means the word', () => {
  const tree = parseTree('(call $f)');
  const kinds = Array.from({ length: 10 }, (_, pos) => tree.tokens.kinds[pointedToken(tree, pos)]);
  const words = [Tok.Keyword, Tok.Keyword, Tok.Keyword, Tok.Keyword, Tok.Keyword];
  assert.deepEqual(kinds, [Tok.Open, ...words, Tok.Id, Tok.Id, Tok.Id, Tok.Close]);
});

test('foreign text does not become markup', () => {
  assert.equal(prose('a *b* <i> [c](d) `e*f` `g'), 'a \\*b\\* \\<i\\> \\[c\\](d) `e*f` \\`g');
  assert.equal(code('a`b'), '``a`b``');
  assert.equal(codeBlock('```'), '````wat\n```\n````');
  assert.equal(
    withoutMarkup(
      `${codeBlock('nop : [] -> []')}\n\n${prose('Does *nothing*.')}\n\n${code('0x01')} · [Link](https://x)`,
    ),
    'nop : [] -> []\n\nDoes *nothing*.\n\n0x01 · Link: https://x',
  );
});

test('sections of a damaged binary, and the declarations in it', () => {
  const fib = new Uint8Array(readFileSync('examples/fib.wasm'));
  assert.deepEqual(
    walkSections(fib).map(({ id, offset, range }) => [id, offset, range.start, range.end]),
    [
      [1, 8, 10, 16],
      [3, 16, 18, 20],
      [7, 20, 22, 29],
      [10, 29, 31, 61],
    ],
  );
  const damaged = fib.slice();
  damaged[22] = 9; // nine exports
  const sections = walkSections(damaged);
  assert.equal(sections.length, 4);
  const module = decodePartly(
    damaged,
    sections.map(({ id, offset, range }) => ({ id, start: offset, end: range.end })),
  );
  assert.deepEqual([module?.types.length, module?.exports.length], [1, 0]);
  assert.deepEqual(walkSections(fib.subarray(0, 4)), []);
  assert.deepEqual(walkSections(new Uint8Array()), []);
});

test('the examples have no faults and an outline', () => {
  for (const name of readdirSync('examples').filter((file) => file.endsWith('.wat'))) {
    const text = readFileSync(`examples/${name}`, 'utf8');
    const analysis = new Analysis(TextDocument.create(`file:///${name}`, 'wat', 1, text));
    assert.deepEqual(analysis.faults, [], name);
    assert.equal(documentSymbols(analysis)[0].name.length > 0, true, name);
  }
});
