/**
 * Damaged WIT at the language server's questions, bounded: each has an answer at every place. Laying a text out changes
 * white space alone, and what is laid out stays as it is.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { lexWit, WitTok } from '../../engine/component/wit/lexer.ts';
import { Refusal } from '../../language-server/facts/renaming.ts';
import { DEFAULT_FORMAT } from '../../language-server/format/options.ts';
import { witDiagnostics } from '../../language-server/requests/diagnostics.ts';
import { witTokens } from '../../language-server/requests/semantic-tokens.ts';
import { witCompletion } from '../../language-server/wit/completion.ts';
import { witFormat } from '../../language-server/wit/format.ts';
import { witHover } from '../../language-server/wit/hover.ts';
import {
  witDefinition,
  witHighlight,
  witReferences,
  witRename,
} from '../../language-server/wit/navigation.ts';
import { witFolding, witOutline } from '../../language-server/wit/outline.ts';
import { type WitText, witText, witView } from '../../language-server/wit/view.ts';
import { damageText } from './mutate.ts';
import { randomFrom } from './random.ts';

const SEED = Number(process.env.WASMSCOPE_SEED ?? 1) >>> 0;
const ROUNDS = process.env.WASMSCOPE_TEST_ALL ? 10_000 : 500;

const ONE = `package a:b@1.2.3;
/// Docs
interface i { use o:p/q@0.1.0.{x as y}; record r { a: list<u8, 3>, b: option<result<_, y>> }
  resource h { constructor(a: u8); m: static async func() -> borrow<h>; } // here
  variant v { a(r), b(tuple<y, v2>) } flags f { m, n } type v2 = stream<u8>; }
`;
const TWO = `world w { use i.{r, h as handle}; @since(version = 1.0.0) import f: func(a: r, b: borrow<handle>) -> r;
  export i; include z with { a as b } import j: interface { g: func(); } /* block */ }
`;

function textOf(name: string, text: string): WitText {
  return witText(TextDocument.create(`file:///p/${name}.wit`, 'wit', 1, text));
}

function significant(text: string): string[] {
  const { kinds, starts, count } = lexWit(text);
  const found: string[] = [];
  for (let i = 0; i < count; i++) {
    if (kinds[i] !== WitTok.Space) found.push(text.slice(starts[i], starts[i + 1]).trimEnd());
  }
  return found;
}

test(`${ROUNDS} damaged documents from seed ${SEED}`, (t) => {
  const random = randomFrom(SEED);
  let formatted = 0;
  for (let i = 0; i < ROUNDS; i++) {
    const one = random.chance(0.5) ? ONE : damageText(ONE, random);
    const two = damageText(TWO, random);
    const view = witView(textOf('two', two), [textOf('one', one)]);
    witDiagnostics(view);
    witOutline(view);
    witFolding(view);
    witTokens(view);
    for (let n = 0; n < 8; n++) {
      const pos = random.below(two.length + 1);
      witHover(view, pos, n % 2 === 0);
      witDefinition(view, pos);
      witReferences(view, pos, true);
      witHighlight(view, pos);
      witCompletion(view, pos, true);
      try {
        witRename(view, pos, 'other-name');
      } catch (error) {
        assert.ok(error instanceof Refusal, String(error));
      }
    }
    const edits = witFormat(view, DEFAULT_FORMAT);
    if (view.parsed.faults.length > 0) continue;
    formatted++;
    const text = TextDocument.applyEdits(view.document, edits);
    assert.deepEqual(significant(text), significant(two), two);
    assert.deepEqual(witFormat(textOf('two', text), DEFAULT_FORMAT), [], text);
  }
  t.diagnostic(`${formatted} are well-formed`);
  assert.ok(formatted > ROUNDS / 50, 'most are not well-formed: they say little of the layout');
});
