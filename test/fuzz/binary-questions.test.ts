/**
 * All questions that can be asked about a binary, asked about damaged ones: modules, linker objects with DWARF, components.
 * Nothing but a fault of the file may come of it, and no answer may run on for ever.
 */

import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { WasmError } from '../../engine/base/errors.ts';
import { strip } from '../../engine/binary/strip.ts';
import { assembleComponent } from '../../engine/component/text/assemble.ts';
import { featuresOf } from '../../engine/symbols/binary-features.ts';
import { entriesOf, headersOf, linesOf } from '../../engine/symbols/binary-listing.ts';
import { summaryOf } from '../../engine/symbols/binary-summary.ts';
import { codeOf } from '../../engine/symbols/byte-code.ts';
import { findInstructions, findNames } from '../../engine/symbols/byte-find.ts';
import { ByteInspector } from '../../engine/symbols/byte-info.ts';
import { parseInstrSequence } from '../../engine/symbols/byte-pattern.ts';
import { placesOfText } from '../../engine/symbols/byte-places.ts';
import { referencesTo } from '../../engine/symbols/byte-references.ts';
import { placesOf, targetAt } from '../../engine/symbols/byte-targets.ts';
import { parseTree } from '../../engine/text/tree.ts';
import { atOnce } from '../../language-server/facts/turns.ts';
import { byteLeaves, byteTree } from '../../language-server/requests/byte-info.ts';
import { byteWat } from '../../language-server/requests/byte-wat.ts';
import { bytesOfText } from './compare.ts';
import { generateModule } from './generate.ts';
import { damageBytes } from './mutate.ts';
import { type Random, randomFrom } from './random.ts';

const SEED = Number(process.env.WASMSCOPE_SEED ?? 1) >>> 0;
const CASES = process.env.WASMSCOPE_TEST_ALL ? 2000 : 40;

const COMPONENT = assembleComponent(
  parseTree(`(component $c
    (core module $m (memory (export "mem") 1) (func (export "f") (param i32) (result i32) local.get 0))
    (core instance $i (instantiate $m))
    (type $r (record (field "x" u32))) (type (variant (case "a") (case "b" $r)))
    (type (component (import "i" (func (param "p" u32))) (export "e" (type (sub resource)))))
    (import "host" (instance $h (export "log" (func (param "s" string)))))
    (alias export $h "log" (func $log)) (alias core export $i "mem" (core memory $mem))
    (func $f (param "n" u32) (result u32) (canon lift (core func $i "f")))
    (component $d (import "f" (func $f)) (export "again" (func $f)))
    (export "f" (func $f)))`),
).bytes;

const FILES: readonly Uint8Array[] = [
  ...['dwarf4.wasm', 'dwarf5.o'].map(
    (name) => new Uint8Array(readFileSync(`test/golden/objdump/inputs/${name}`)),
  ),
  ...Array.from({ length: 4 }, (_, k) => bytesOfText(generateModule((SEED + k) >>> 0))),
  COMPONENT,
  COMPONENT,
];

function ask(bytes: Uint8Array, random: Random): void {
  const inspector = new ByteInspector(bytes);
  const { tree } = inspector;
  for (let n = 0; n < 15; n++) {
    const offset = random.below(bytes.length);
    const target = targetAt(inspector, offset);
    if (target) {
      placesOf(inspector, target);
      atOnce(referencesTo(inspector, target, 50));
    }
    byteWat(inspector, 'file:///m.wasm', offset);
    inspector.at(offset);
  }
  summaryOf(inspector, 10);
  atOnce(featuresOf(inspector));
  atOnce(findNames(inspector, 'a', 0, 50));
  atOnce(findInstructions(inspector, parseInstrSequence('local.get _ … end'), 0, 50));
  placesOfText(inspector, 'a');
  headersOf(inspector);
  byteTree(inspector, []);
  byteLeaves(inspector, { start: 0, end: bytes.length });
  for (const section of tree.root.children)
    if (section.kind === 'section') [...entriesOf(inspector, section)];
  for (const { file, node } of codeOf(bytes, tree.root)) {
    if (node.kind === 'func') [...linesOf(inspector, file, node)];
  }
  try {
    strip(bytes, () => true);
  } catch (error) {
    if (!(error instanceof WasmError)) throw error;
  }
}

test(`questions about damaged binaries, seed ${SEED}`, () => {
  for (let k = 0; k < CASES; k++) {
    const random = randomFrom(SEED + k);
    const bytes = damageBytes(random.pick(FILES), random);
    if (bytes.length === 0) continue;
    try {
      ask(bytes, random);
    } catch (error) {
      throw new Error(`case ${k}: ${Buffer.from(bytes).toString('hex')}`, { cause: error });
    }
  }
});
