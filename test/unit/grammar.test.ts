/**
 * The TextMate grammar, run by VS Code's own engine: every keyword of the test suites gets a scope and none is
 * invalid; tokens end where the specification says; golden scopes for lines of every kind.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import type * as Oniguruma from 'vscode-oniguruma';
import type * as Textmate from 'vscode-textmate';
import { INSTRS } from '../../engine/isa/isa.ts';
import { KEYWORDS } from '../../engine/isa/keywords.ts';

const require = createRequire(import.meta.url);
const oniguruma: typeof Oniguruma = require('vscode-oniguruma');
const textmate: typeof Textmate = require('vscode-textmate');

await oniguruma.loadWASM(readFileSync(require.resolve('vscode-oniguruma/release/onig.wasm')));
const grammar = await loadGrammar('wat');
const witGrammar = await loadGrammar('wit');

async function loadGrammar(language: 'wat' | 'wit'): Promise<Textmate.IGrammar> {
  const path = `syntaxes/${language}.tmLanguage.json`;
  const registry = new textmate.Registry({
    onigLib: Promise.resolve({
      createOnigScanner: (patterns) => new oniguruma.OnigScanner(patterns),
      createOnigString: (text) => new oniguruma.OnigString(text),
    }),
    loadGrammar: async () => textmate.parseRawGrammar(readFileSync(path, 'utf8'), path),
  });
  return (await registry.loadGrammar(`source.${language}`))!;
}

/** `text scope scope` for each token but plain space, without the root scope and the language. */
function scopes(...lines: string[]): string[] {
  return scopesBy(grammar, lines);
}

function scopesBy(language: Textmate.IGrammar, lines: readonly string[]): string[] {
  let state = textmate.INITIAL;
  return lines.flatMap((line) => {
    const { tokens, ruleStack } = language.tokenizeLine(line, state);
    state = ruleStack;
    return tokens
      .map(({ startIndex, endIndex, scopes }) => [
        line.slice(startIndex, endIndex).trim(),
        ...scopes.slice(1).map((scope) => scope.replace(/\.wa?[ti]t?(?=\.|$)/g, '')),
      ])
      .filter(([text]) => text)
      .map((words) => words.join(' '));
  });
}

test('every keyword of the test suites has one scope, and none is invalid', () => {
  const suite = readFileSync('test/unit/isa-suite-keywords.txt', 'utf8').trim().split('\n').slice(1);
  for (const word of new Set([...suite, ...INSTRS.map(({ name }) => name), ...KEYWORDS.keys()])) {
    const found = scopes(word);
    assert.equal(found.length, 1, word);
    assert.match(found[0]!, /^\S+ (keyword|support|storage|constant)\.\S+$|^anyfunc invalid\.deprecated$/);
    assert.ok(found[0]!.startsWith(`${word} `), found[0]);
  }
});

test('deprecated names are marked', () => {
  assert.deepEqual(scopes('get_local i32.trunc_s:sat/f32'), [
    'get_local invalid.deprecated',
    'i32.trunc_s:sat/f32 invalid.deprecated',
  ]);
});

test('nothing matches inside a longer token', () => {
  for (const word of [
    'i32.add3',
    'xi32.add',
    'i32.add.',
    'i32.add/',
    'func!',
    '0x1g',
    '1.5.5',
    'nan:0y1',
    '1__0',
    '_1',
  ]) {
    assert.deepEqual(scopes(word), [word]);
  }
  for (const word of ['$i32.add', '$func', '$1', '$nan', "$!#$%&'*+-./:<=>?@\\^_`|~"]) {
    assert.deepEqual(scopes(word), [`${word} variable.other`]);
  }
});

test('numbers', () => {
  const kinds: Record<string, string[]> = {
    'constant.numeric.integer.decimal': ['0', '-1', '+1_000', '18446744073709551615'],
    'constant.numeric.integer.hexadecimal': ['0x0', '-0xdead_BEEF'],
    'constant.numeric.float.decimal': ['1.', '1.5', '-1e10', '1_0.0_1E-1_0', '0.0'],
    'constant.numeric.float.hexadecimal': ['0x1.', '0x1.8p3', '-0xA.Bp-4', '0x1p+1_0'],
    'constant.numeric.special': [
      'inf',
      '-inf',
      'nan',
      '+nan',
      'nan:0x7f_ffff',
      'nan:canonical',
      'nan:arithmetic',
    ],
  };
  for (const [scope, numbers] of Object.entries(kinds)) {
    for (const number of numbers) assert.deepEqual(scopes(number), [`${number} ${scope}`]);
  }
});

test('golden: a function', () => {
  assert.deepEqual(scopes('(func $f (export "f\\n") (param $x i32) ;; (comment'), [
    '( punctuation.section.parens.begin',
    'func storage.type',
    '$f entity.name.function',
    '( punctuation.section.parens.begin',
    'export storage.type',
    '" string.quoted.double punctuation.definition.string.begin',
    'f string.quoted.double',
    '\\n string.quoted.double constant.character.escape',
    '" string.quoted.double punctuation.definition.string.end',
    ') punctuation.section.parens.end',
    '( punctuation.section.parens.begin',
    'param storage.type',
    '$x variable.parameter',
    'i32 support.type',
    ') punctuation.section.parens.end',
    ';; comment.line.double-semicolon punctuation.definition.comment',
    '(comment comment.line.double-semicolon',
  ]);
});

test('golden: instructions', () => {
  assert.deepEqual(
    scopes('call $f i64.load offset=0x10 align=8 br_if 0 local.get $x v128.const i8x16 throw $e'),
    [
      'call keyword.control',
      '$f entity.name.function',
      'i64.load support.function.memory',
      'offset variable.parameter.memarg',
      '= keyword.operator.assignment',
      '0x10 constant.numeric.integer',
      'align variable.parameter.memarg',
      '= keyword.operator.assignment',
      '8 constant.numeric.integer',
      'br_if keyword.control',
      '0 constant.numeric.integer.decimal',
      'local.get support.function.variable',
      '$x variable.other',
      'v128.const support.function.vector',
      'i8x16 support.type',
      'throw keyword.control',
      '$e variable.other',
    ],
  );
});

test('golden: block comments nest and span lines', () => {
  assert.deepEqual(scopes('nop (; a (; b', 'c ;) "d ;) nop'), [
    'nop keyword.control',
    '(; comment.block punctuation.definition.comment',
    'a comment.block',
    '(; comment.block comment.block punctuation.definition.comment',
    'b comment.block comment.block',
    'c comment.block comment.block',
    ';) comment.block comment.block punctuation.definition.comment',
    '"d comment.block',
    ';) comment.block punctuation.definition.comment',
    'nop keyword.control',
  ]);
});

test('golden: strings, quoted identifiers, illegal escapes', () => {
  const string = 'string.quoted.double';
  assert.deepEqual(scopes('"\\u{1F600}\\00\\q" $"a b"'), [
    `" ${string} punctuation.definition.string.begin`,
    `\\u{1F600} ${string} constant.character.escape`,
    `\\00 ${string} constant.character.escape`,
    `\\q ${string} invalid.illegal.escape`,
    `" ${string} punctuation.definition.string.end`,
    `$" variable.other ${string} punctuation.definition.string.begin`,
    `a b variable.other ${string}`,
    `" variable.other ${string} punctuation.definition.string.end`,
  ]);
});

test('golden: annotations', () => {
  const meta = 'meta.annotation';
  assert.deepEqual(scopes('(@custom "n" (after func) func', ') func'), [
    `( ${meta} punctuation.section.parens.begin`,
    `@custom ${meta} entity.name.tag.annotation`,
    `" ${meta} string.quoted.double punctuation.definition.string.begin`,
    `n ${meta} string.quoted.double`,
    `" ${meta} string.quoted.double punctuation.definition.string.end`,
    `( ${meta} punctuation.section.parens.begin`,
    `after ${meta}`,
    `func ${meta}`,
    `) ${meta} punctuation.section.parens.end`,
    `func ${meta}`,
    `) ${meta} punctuation.section.parens.end`,
    'func storage.type',
  ]);
});

test('an open string ends with its line', () => {
  assert.deepEqual(scopes('"abc', 'func'), [
    '" string.quoted.double punctuation.definition.string.begin',
    'abc string.quoted.double',
    'func storage.type',
  ]);
});

test('components: every keyword of their text format has a scope', () => {
  for (const line of [
    '(component (core module $m) (core instance $i (instantiate $m (with "a" (instance $b)))))',
    '(alias outer 1 0 (type)) (canon lift (core func 0) (memory 0) (realloc (func 1)) (post-return (func 2)))',
    '(canon lower (func 0) string-encoding=utf8) (canon resource.new 0)',
    '(type (record (field "a" string))) (type (variant (case "a" u32))) (own 0) (borrow 0) (list u8) (tuple s64)',
    '(flags "a") (enum "a") (option char) (result bool (error f32)) (resource (rep i32))',
  ]) {
    const bare = scopes(line).filter((found) => !found.includes(' '));
    assert.deepEqual(bare, [], line);
  }
});

test('WIT: every keyword has a scope, and escaped names have none of a keyword', () => {
  const keywords =
    'as async bool borrow char constructor enum export f32 f64 flags from func future import include interface list map ' +
    'option own package record resource result s16 s32 s64 s8 static stream string tuple type u16 u32 u64 u8 use variant ' +
    'with world';
  for (const word of keywords.split(' ')) {
    assert.match(scopesBy(witGrammar, [word])[0]!, /^\S+ (keyword|storage|support)\.\S+$/, word);
    assert.equal(scopesBy(witGrammar, [`%${word}`])[0], `%${word} variable.other`);
    assert.equal(scopesBy(witGrammar, [`${word}-x`])[0], `${word}-x variable.other`);
  }
});

test('WIT golden: a world', () => {
  assert.deepEqual(
    scopesBy(witGrammar, [
      'package wasi:io@0.2.0;',
      '@since(version = 0.2.0)',
      'resource pollable { /* a /* b */ */',
      '  block: func() -> result<_, error>; // c',
      'x: own<t>,',
    ]),
    [
      'package keyword.other',
      'wasi: entity.name.namespace',
      'io entity.name.namespace',
      '@ punctuation.separator.version',
      '0.2.0 constant.numeric.version',
      '; punctuation.separator',
      '@since meta.annotation entity.name.tag.annotation',
      '( meta.annotation punctuation.section.parens.begin',
      'version meta.annotation variable.parameter',
      '= meta.annotation keyword.operator.assignment',
      '0.2.0 meta.annotation constant.numeric.version',
      ') meta.annotation punctuation.section.parens.end',
      'resource storage.type',
      'pollable entity.name.type',
      '{ punctuation.section.braces.begin',
      '/* comment.block punctuation.definition.comment',
      'a comment.block',
      '/* comment.block comment.block punctuation.definition.comment',
      'b comment.block comment.block',
      '*/ comment.block comment.block punctuation.definition.comment',
      '*/ comment.block punctuation.definition.comment',
      'block entity.name.function',
      ': punctuation.separator.colon',
      'func storage.type',
      '( punctuation.section.parens.begin',
      ') punctuation.section.parens.end',
      '-> keyword.operator.arrow',
      'result support.type',
      '< punctuation.separator',
      '_ constant.language.wildcard',
      ', punctuation.separator',
      'error variable.other',
      '> punctuation.separator',
      '; punctuation.separator',
      '// comment.line.double-slash punctuation.definition.comment',
      'c comment.line.double-slash',
      'x variable.other.member',
      ': punctuation.separator.colon',
      'own support.type',
      '< punctuation.separator',
      't variable.other',
      '> punctuation.separator',
      ', punctuation.separator',
    ],
  );
});

const config = JSON.parse(readFileSync('syntaxes/wat.language-configuration.json', 'utf8'));

test('language configuration: words are whole tokens', () => {
  const words = (text: string) => text.match(new RegExp(config.wordPattern, 'g'));
  assert.deepEqual(words('(local.get $my-var!)(i32.const -0x1.8p3)'), [
    'local.get',
    '$my-var!',
    'i32.const',
    '-0x1.8p3',
  ]);
});

test('language configuration: indentation', () => {
  const increase = new RegExp(config.indentationRules.increaseIndentPattern);
  const decrease = new RegExp(config.indentationRules.decreaseIndentPattern);
  for (const line of [
    '(module',
    '  (func $f (param i32) (result i32)',
    '(i32.add (local.get 0) ',
    'block $a',
    'if (result i32)',
    '  else',
  ]) {
    assert.match(line, increase);
  }
  for (const line of [
    '(nop)',
    '(func (param i32))',
    '  i32.add',
    ';; (module',
    'blocks',
    'block end',
    ')',
    'if (nop) end',
  ]) {
    assert.doesNotMatch(line, increase);
  }
  for (const line of [')', '  end', 'else', 'catch $e', ' ))', 'delegate 0']) assert.match(line, decrease);
  for (const line of ['endless', '(nop)', 'catch_ref', '$end']) assert.doesNotMatch(line, decrease);
});
