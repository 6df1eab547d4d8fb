// The lexer and the tree: kinds of tokens, faults in the suite's words, losslessness, recovery from open parentheses.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lex, Tok, tokenAt, tokenText } from '../../engine/text/lexer.ts';
import { formEnd, parseTree } from '../../engine/text/tree.ts';

/** One letter a kind, trivia left out. */
const LETTERS: Readonly<Record<number, string>> = {
  [Tok.Open]: '(',
  [Tok.Close]: ')',
  [Tok.Annot]: '@',
  [Tok.Keyword]: 'k',
  [Tok.Id]: '$',
  [Tok.Int]: 'i',
  [Tok.Float]: 'f',
  [Tok.String]: 's',
  [Tok.Reserved]: 'r',
  [Tok.Bad]: '!',
};

function kindsOf(text: string): string {
  const { kinds, count } = lex(text);
  return Array.from(kinds.subarray(0, count), (kind) => LETTERS[kind] ?? '').join('');
}

const KINDS: readonly [text: string, kinds: string][] = [
  ['(module $m "s" 1 1.5)', '(k$sif)'],
  ['0 +1 -0x1F 1_000 0x1_f', 'iiiii'],
  ['1. 1.5e3 1e+3 0x1p-3 0x1.8 inf -inf nan nan:0x7f +nan:0x1', 'ffffffffff'],
  ['0x 1_ 1__0 _1 1e 0x1p nan:1 1x', 'rrkrrrrr'.replace('k', 'r')],
  ['nan:canonical infinite nano', 'kkk'],
  ['$x $"quoted id" $a.b!?', '$$$'],
  ['"a" "" "\\n\\2a\\u{1F600}"', 'sss'],
  ['"a""b" $a"b" a"b" 0$x', 'rrrr'],
  [', ; [x] {', 'rrrr'],
  ['a;;b\nc (;x(;y;)z;) d', 'kkk'],
  ['(@a x)(@"a b")', '@k)@)'],
  ['é a\u0001', '!k!'],
  ['i32.add local.get br_if align=4', 'kkkk'],
];

test('tokens have their kinds', () => {
  for (const [text, kinds] of KINDS) assert.equal(kindsOf(text), kinds, text);
});

const FAULTS: readonly [text: string, fault: string, at: string][] = [
  ['"open', 'unclosed string', '"open'],
  ['"open\n"', 'unclosed string', '"open'],
  ['(; (; ;)', 'unclosed comment', '(;'],
  ['"\\q"', 'illegal escape', '\\q'],
  ['"\\u{110000}"', 'illegal escape', '\\u'],
  ['"\\u{d800}"', 'illegal escape', '\\u'],
  ['"a\tb"', 'illegal control character', '\t'],
  ['a é', 'illegal character', 'é'],
  ['$ x', 'empty identifier', '$'],
  ['$""', 'empty identifier', '$'],
  ['(@ x)', 'empty annotation id', '(@'],
  ['(@"\\ef")', 'malformed UTF-8 encoding', '(@"\\ef"'],
  ['(@x (y)', 'unclosed annotation', '(@x'],
  ['(a', 'unexpected token', '('],
  ['a)', 'unexpected token', ')'],
];

test('what is no token is a fault with its place', () => {
  for (const [text, message, at] of FAULTS) {
    const [fault] = parseTree(text).faults;
    assert.ok(fault?.message.startsWith(message), `${JSON.stringify(text)}: ${fault?.message}`);
    assert.equal(text.slice(fault.span!.start, fault.span!.end), at, text);
  }
});

test('inside of an annotation everything is allowed', () => {
  assert.deepEqual(parseTree('(@a , ; ] [ }} ({) (@) (@ x) 0x 8q $yz "aa" (;bla;) )').faults, []);
});

test('tokens cover any text without gaps', () => {
  const texts = [...KINDS, ...FAULTS].map(([text]) => text);
  for (const text of ['', ...texts, texts.join(' '), '\ud800 (\udc00)']) {
    const tokens = lex(text);
    let joined = '';
    for (let i = 0; i < tokens.count; i++) {
      assert.ok(
        tokens.starts[i]! < tokens.starts[i + 1]!,
        `token ${i} of ${JSON.stringify(text)} is not empty`,
      );
      joined += tokenText(tokens, i);
    }
    assert.equal(joined, text);
    for (let pos = 0; pos < text.length; pos++) {
      const token = tokenAt(tokens, pos);
      assert.ok(tokens.starts[token]! <= pos && pos < tokens.starts[token + 1]!);
    }
  }
});

test('a field on a new line ends an unclosed one', () => {
  const text = '(module\n  (func $a (i32.add\n  (func $b)\n  (global $g i32)\n)\n';
  const tree = parseTree(text);
  const opens = [...tree.unclosed.keys()].map(
    (open) => text.slice(tree.tokens.starts[open]).split('\n', 1)[0],
  );
  assert.deepEqual(opens, ['(i32.add', '(func $a (i32.add']);
  assert.equal(tree.match[0], tree.tokens.count - 2);
  assert.equal(formEnd(tree, 0), tree.tokens.count - 1);
  for (const open of tree.unclosed.keys())
    assert.equal(text.slice(tree.tokens.starts[formEnd(tree, open)]).slice(0, 8), '(func $b');
});

test('any depth is a tree', () => {
  const depth = 100_000;
  const tree = parseTree('('.repeat(depth) + ')'.repeat(depth));
  assert.deepEqual(tree.faults, []);
  assert.equal(tree.match[0], 2 * depth - 1);
  assert.equal(tree.parent[depth - 1], depth - 2);
});
