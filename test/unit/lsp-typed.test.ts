/**
 * The state where somebody writes, against the state by offset: for every instruction of real functions, flat and
 * folded, what is on the stack before its place in the text is what is there before its bytes. And the labels.
 */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { WasmError } from '../../engine/base/errors.ts';
import { ROLES, Role } from '../../engine/text/blocks.ts';
import { Tok, tokenAt } from '../../engine/text/lexer.ts';
import { stackAt } from '../../engine/valid/stack-at.ts';
import { Analysis } from '../../language-server/analysis.ts';
import { significant } from '../../language-server/facts/forms.ts';
import { fieldAt, headToken } from '../../language-server/facts/place.ts';
import { labelsBefore, stateBefore } from '../../language-server/facts/typed.ts';
import { EVERY_FEATURE, type ModuleAnalysis } from '../../language-server/module-analysis.ts';
import { randomFrom } from '../fuzz/random.ts';
import { suiteFiles, suiteFolder } from '../spec/suite.ts';

const SEED = Number(process.env.WASMSCOPE_SEED ?? 1);
const EVERYTHING = process.env.WASMSCOPE_TEST_ALL === '1';
/** How many places of one text are looked at. */
const PLACES = EVERYTHING ? 400 : 60;

/** Flat, folded and mixed, with every kind of block. */
const WRITTEN = `(module
  (tag $e (param i32))
  (func $f (param i32) (result i32)
    (block $a (result i32)
      (if $i (result i32) (local.get 0)
        (then (br_if $a (i32.const 2) (local.get 0)))
        (else
          loop $l (result i32)
            i32.const 3
            (if (i32.eqz (local.get 0)) (then (br $l)))
          end)))
    i32.const 4
    if (result i32) i32.const 5 else i32.const 6 end
    i32.add
    (drop (select (result i32) (i32.const 1) (i32.const 2) (i32.const 3)))
    (block $h (result i32)
      (try_table (result i32) (catch $e $h) (throw $e (i32.const 7)))
      drop
      block try_table (catch_all 0) nop end end
      i32.const 8)
    i32.add))`;

function texts(): { name: string; text: string }[] {
  const examples = readdirSync('examples').filter((file) => file.endsWith('.wat'));
  const found = [
    { name: 'written.wat', text: WRITTEN },
    ...examples.map((file) => ({ name: file, text: readFileSync(path.join('examples', file), 'utf8') })),
  ];
  const folder = suiteFolder();
  if (!folder) return found;
  const random = randomFrom(SEED);
  const files = suiteFiles(folder);
  const chosen = EVERYTHING ? files : Array.from({ length: 10 }, () => random.pick(files));
  return [
    ...found,
    ...chosen.map((file) => ({ name: file, text: readFileSync(path.join(folder, file), 'utf8') })),
  ];
}

/** The token in front of which an instruction would be written to run before this one; -1 if operands come between. */
function placeOf({ tree }: ModuleAnalysis, start: number): number {
  const token = tokenAt(tree.tokens, start);
  if (tree.tokens.kinds[token] !== Tok.Keyword) return -1;
  const open = tree.parent[token];
  if (open < 0 || headToken(tree, open) !== token) return token;
  // Parts of folded blocks: no instruction can be written there.
  if (ROLES[tree.tokens.words[token]] >= Role.Else) return -1;
  for (let at = significant(tree, token + 1); at < tree.match[open]; at = significant(tree, at + 1)) {
    if (tree.tokens.kinds[at] === Tok.Open) return -1;
  }
  return open;
}

function check(module: ModuleAnalysis, places: number): number {
  const { tree, assembly, module: decoded } = module;
  if (!decoded || assembly.fields.length === 0 || assembly.faults.length > 0) return 0;
  const all = [...assembly.map.instructions()];
  const step = Math.max(1, Math.floor(all.length / places));
  let checked = 0;
  for (let i = 0; i < all.length; i += step) {
    const { offset, span } = all[i];
    const field = fieldAt(tree, assembly.fields, span.start);
    const place = placeOf(module, span.start);
    const funcIdx = module.funcAt(offset);
    if (field?.kind !== 'func' || place < 0 || funcIdx < 0) continue;
    let wanted: ReturnType<typeof stackAt>;
    try {
      wanted = stackAt(decoded, EVERY_FEATURE, funcIdx, offset);
    } catch (error) {
      if (!(error instanceof WasmError)) throw error;
      continue;
    }
    const where = `${tree.tokens.text.slice(Math.max(0, span.start - 60), span.start)}¦${tree.tokens.text.slice(span.start, span.end)}`;
    const state = stateBefore(module, field, place);
    assert.ok(state, where);
    const types = Array.from({ length: state.height }, (_, slot) => state.typeAt(slot));
    assert.deepEqual(
      types,
      wanted.operands.map(({ type }) => type),
      where,
    );
    assert.equal(labelsBefore(tree, field, place).length, wanted.controls.length, where);
    checked++;
  }
  return checked;
}

for (const { name, text } of texts()) {
  test(`states in ${name}`, () => {
    const document = TextDocument.create(`file:///${name}`, 'wat', 1, text);
    const { modules } = new Analysis(document);
    const each = Math.ceil(PLACES / Math.min(modules.length || 1, 10));
    let checked = 0;
    for (const module of modules) checked += check(module, name === 'written.wat' ? 1000 : each);
    if (name === 'written.wat') assert.ok(checked > 20, `only ${checked}`);
  });
}
