/**
 * The byte structure of components: of all that stand in the component suite the leaves tile the file, their values give its
 * bytes back, and definitions stand where the decoder has them, with the same indices. Damaged ones are tiled too.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { WasmError } from '../../engine/base/errors.ts';
import { encodeLeaf } from '../../engine/binary/structure/encode.ts';
import type { ByteNode } from '../../engine/binary/structure/node.ts';
import { StructureTree } from '../../engine/binary/structure/tree.ts';
import { decodeComponent } from '../../engine/component/binary/decode.ts';
import { type Component, indexCount, sortOf } from '../../engine/component/model.ts';
import { componentGrammar } from '../../engine/component/structure/sections.ts';
import { assembleComponent } from '../../engine/component/text/assemble.ts';
import { ByteInspector } from '../../engine/symbols/byte-info.ts';
import { Tok } from '../../engine/text/lexer.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { damageBytes } from '../fuzz/mutate.ts';
import { randomFrom } from '../fuzz/random.ts';
import { componentSuiteFolder, suiteFiles } from '../spec/suite.ts';

const SUITE = componentSuiteFolder();
const NEEDS_SUITE = { skip: SUITE ? false : 'no component suite: set WASMSCOPE_COMPONENT_TESTSUITE' };
const SEED = Number(process.env.WASMSCOPE_SEED ?? 1) >>> 0;

const treeOf = (bytes: Uint8Array) => new StructureTree(bytes, componentGrammar);

/** Every component of the suite that is written without a fault, those inside of others too. */
function* suiteComponents(): Generator<readonly [at: string, bytes: Uint8Array]> {
  for (const file of suiteFiles(SUITE!)) {
    const text = readFileSync(path.join(SUITE!, file), 'utf8');
    const tree = parseTree(text);
    const { kinds, starts, count } = tree.tokens;
    for (let token = 0; token < count; token++) {
      if (
        kinds[token] !== Tok.Open ||
        !/^\(\s*component\b/.test(text.slice(starts[token], starts[token] + 40))
      ) {
        continue;
      }
      const { bytes, faults } = assembleComponent(tree, token);
      const line = text.slice(0, starts[token]).split('\n').length;
      if (faults.length === 0) yield [`${file}:${line}`, bytes];
    }
  }
}

/** The leaves, which must tile the file. */
function leavesOf(bytes: Uint8Array): ByteNode[] {
  const leaves: ByteNode[] = [];
  let at = 0;
  const walk = (node: ByteNode): void => {
    assert.equal(node.start, at, `${node.label} begins where the one before ends`);
    if (node.isLeaf) {
      leaves.push(node);
      at = node.end;
    } else node.children.forEach(walk);
    assert.equal(at, node.end, `${node.label} is filled`);
  };
  walk(treeOf(bytes).root);
  assert.equal(at, bytes.length);
  return leaves;
}

function decoded(bytes: Uint8Array): Component | string {
  try {
    return decodeComponent(bytes);
  } catch (error) {
    if (error instanceof WasmError) return error.message;
    throw error;
  }
}

/** Definitions of a component and of those in it, as the decoder has them. */
function decoderDefinitions({ definitions }: Component): string[] {
  return definitions.flatMap((def) => {
    const idx = indexCount(def) > 0 ? def.idx : undefined;
    const own = `${sortOf(def)} ${idx} ${def.offset}-${def.end}`;
    return def.kind === 'component' ? [own, ...decoderDefinitions(def.component)] : [own];
  });
}

/** The same as the tree has them. */
function treeDefinitions(file: ByteNode): string[] {
  const list = (node: ByteNode): string[] =>
    node.children.flatMap((child) => {
      if (child.kind === 'part') return list(child);
      if (child.role === undefined || child.isLeaf) return [];
      const own = `${child.role} ${child.index} ${child.start}-${child.end}`;
      return child.kind === 'file' && child.role === 'component' ? [own, ...treeDefinitions(child)] : [own];
    });
  return file.children.filter(({ kind }) => kind === 'section').flatMap(list);
}

/** What the tree says in other words than the decoder: preambles, and files that end in front of anything. */
const OTHER_WORDS = /^(magic header|unknown binary version|expected a version header for a component)/;

test('every component of the suite', NEEDS_SUITE, (t) => {
  let count = 0;
  const raw = new Set<string>();
  for (const [at, bytes] of suiteComponents()) {
    count++;
    const leaves = leavesOf(bytes);
    const component = decoded(bytes);
    const inCustom = (leaf: ByteNode) =>
      treeOf(bytes)
        .nodeAt(leaf.start)
        .some(({ value }) => value === 'component-name');
    const malformed = leaves.filter((leaf) => leaf.kind === 'malformed' && !inCustom(leaf));
    if (typeof component === 'string') {
      // A file that ends in front of its version is none of either kind.
      if (bytes.length < 8) continue;
      if (OTHER_WORDS.test(component)) continue;
      assert.equal(new ByteInspector(bytes).firstFault()!.message, component, at);
      const walked = [...faultsOf(treeOf(bytes).root)];
      assert.ok(
        walked.some((message) => component.includes(message)),
        `${at}: "${component}" is expected, found "${walked}"`,
      );
      continue;
    }
    assert.deepEqual(
      malformed.map(({ fault }) => fault!.message),
      [],
      at,
    );
    assert.deepEqual(treeDefinitions(treeOf(bytes).root), decoderDefinitions(component), at);
    for (const leaf of leaves) {
      if (leaf.kind === 'malformed') continue;
      const again = encodeLeaf(leaf);
      if (again)
        assert.deepEqual([...again], [...bytes.subarray(leaf.start, leaf.end)], `${at}: ${leaf.label}`);
      else raw.add(leaf.label);
    }
  }
  assert.deepEqual([...raw], ['data']);
  assert.ok(count > 1000, `${count} components`);
  t.diagnostic(`${count} components`);
});

function* faultsOf(node: ByteNode): Generator<string> {
  for (const child of node.children) yield* faultsOf(child);
  if (node.fault) yield node.fault.message;
}

test(`damaged components are tiled, and every byte has a card, seed ${SEED}`, NEEDS_SUITE, () => {
  const all = [...suiteComponents()].filter(([, bytes]) => bytes.length > 40).slice(0, 300);
  for (let k = 0; k < 150; k++) {
    const random = randomFrom(SEED + k);
    const bytes = damageBytes(random.pick(all)[1], random);
    try {
      leavesOf(bytes);
      const inspector = new ByteInspector(bytes);
      for (let n = 0; n < 20 && bytes.length > 0; n++) {
        const offset = random.below(bytes.length);
        const card = inspector.at(offset)!;
        assert.ok(card.start <= offset && offset < card.end);
      }
    } catch (error) {
      throw new Error(`case ${k}: ${Buffer.from(bytes).toString('hex')}`, { cause: error });
    }
  }
});
