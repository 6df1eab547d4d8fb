/**
 * Fuzzing for as long as one likes: generated modules, binaryen's modules where its tool is, and damage to both. What
 * fails is shrunk and written into a folder as a case that the tests replay. Run by scripts/fuzz.mjs.
 */

import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { decode } from '../../engine/binary/decode.ts';
import { printModule } from '../../engine/text/print.ts';
import { bytesOfText, compare, newTally, printing, type Tally } from './compare.ts';
import { GENERATED, generateModule } from './generate.ts';
import { damageBytes, damageText, withstandBytes, withstandText } from './mutate.ts';
import { randomFrom } from './random.ts';
import { shrink } from './shrink.ts';

export interface Options {
  readonly seed: number;
  readonly minutes: number;
  /** Stops after so many modules; no damage is done then. */
  readonly modules?: number;
  /** How to run wasm-opt; undefined if there is none. */
  readonly wasmOpt?: readonly string[];
  /** Where failing cases go. */
  readonly cases: string;
  readonly print: (line: string) => void;
}

type Bytes = Uint8Array<ArrayBuffer>;

/** Damaged inputs for each module. */
const DAMAGED = 20;
/** One module of binaryen's for so many of ours: its tool takes half a second to start. */
const OTHER = 10;
const SHRINKING = 60_000;
/** Failures after which going on says nothing new. */
const ENOUGH = 20;

/** Returns how many failures were found. */
export function fuzz({ seed, minutes, modules, wasmOpt, cases, print }: Options): number {
  const end = performance.now() + minutes * 60_000;
  const tally = newTally();
  const others = newTally();
  const other = wasmOpt && binaryen(wasmOpt, print);
  let damaged = 0;
  let failures = 0;
  let told = performance.now();
  const isOver = (k: number) => (modules === undefined ? performance.now() > end : k >= modules);
  for (let k = 0; !isOver(k) && failures < ENOUGH; k++) {
    const own = (seed + k) >>> 0;
    const text = generateModule(own);
    if (!differs(own, () => bytesOfText(text), tally, 'seed')) {
      if (modules === undefined) damage(own, text);
    }
    if (other && k % OTHER === 0) differs(own, () => other.generate(own), others, 'binaryen');
    if (performance.now() - told > 30_000) {
      told = performance.now();
      print(summary());
    }
  }
  other?.close();
  print(summary());
  const missing = GENERATED.filter(({ code }) => !tally.codes.has(code)).map(({ op }) => op);
  print(`rows never stopped at: ${missing.join(' ') || 'none'}`);
  if (!other && modules === undefined)
    print("NOT RUN: binaryen's generator: there is no wasm-opt (see --wasm-opt)");
  return failures;

  function summary(): string {
    const of = ({ modules: n, instructions, calls, traps, cut }: Tally) =>
      `${n} modules, ${instructions} instructions, ${calls} calls (${traps} trap), ${cut} cut short`;
    const refused = other ? ` (${other.refused()} more that the host refuses)` : '';
    return `${of(tally)}; binaryen's: ${of(others)}${refused}; ${damaged} damaged inputs; ${failures} failures`;
  }

  function damage(own: number, text: string): void {
    const bytes = bytesOfText(text);
    for (let i = 0; i < DAMAGED; i++) {
      const random = randomFrom(own * DAMAGED + i);
      const isText = i % 5 === 0;
      const input = isText ? damageText(text, random) : damageBytes(bytes, random);
      damaged++;
      try {
        if (typeof input === 'string') withstandText(input);
        else withstandBytes(input);
      } catch (error) {
        failures++;
        const file = path.join(cases, `damaged-${own}-${i}.${isText ? 'wat.txt' : 'wasm'}`);
        writeFileSync(file, input);
        print(`FAILED: ${file}: ${error instanceof Error ? error.stack : error}`);
      }
    }
  }

  /** Compares one module; a difference is shrunk and written. */
  function differs(own: number, make: () => Bytes | undefined, into: Tally, source: string): boolean {
    let bytes: Bytes | undefined;
    try {
      bytes = make();
    } catch (error) {
      failures++;
      print(`FAILED: ${source} ${own}: ${error instanceof Error ? error.stack : error}`);
      return true;
    }
    const found = bytes && judge(bytes, own, into);
    if (!bytes || !found) return false;
    failures++;
    print(`FAILED: ${source} ${own} differs ${found}`);
    const kind = kindOf(found);
    const small = shrink(bytes, (candidate) => kindOf(judge(candidate, own)) === kind, SHRINKING);
    const file = path.join(cases, `${source}-${own}.wat`);
    const what = judge(small, own)?.replaceAll('\n', '\n;; ');
    writeFileSync(file, `;; seed ${own}\n;; ${what}\n${printModule(decode(small), { folded: true }).text}`);
    print(`written to ${file}`);
    return true;
  }
}

/** What is wrong with a module, also what it makes us throw. */
function judge(bytes: Bytes, seed: number, tally?: Tally): string | undefined {
  try {
    return compare(bytes, seed, tally) ?? printing(bytes, seed % 2 === 0);
  } catch (error) {
    return `thrown: ${error instanceof Error ? `${error.name}: ${error.message}` : error}`;
  }
}

/** The kind of a failure: shrinking must not turn one into another. */
function kindOf(found: string | undefined): string | undefined {
  return found?.slice(0, found.startsWith('thrown') ? 60 : found.indexOf(':'));
}

/** Features of which its modules may have none: the host or we do not have them, or leave choices. */
const WITHOUT =
  /^(strings|shared-everything|fp16|custom-descriptors|stack-switching|relaxed-atomics|multibyte|compact-imports|acquire-release-atomics|custom-page-sizes|wide-arithmetic|relaxed-simd)$/;

/** Binaryen's generator: its tool makes a module out of any bytes. */
function binaryen([command, ...first]: readonly string[], print: (line: string) => void) {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'wasmscope-binaryen-'));
  const run = (...args: string[]) => spawnSync(command, [...first, ...args], { encoding: 'utf8' });
  const known = [...run('--help').stdout.matchAll(/--disable-(\S+)/g)].map(([, name]) => name);
  const options = known.filter((name) => WITHOUT.test(name)).map((name) => `--disable-${name}`);
  let refused = 0;
  return {
    generate(seed: number): Bytes | undefined {
      const random = randomFrom(seed);
      const [from, to] = ['in.bin', 'out.wasm'].map((name) => path.join(folder, name));
      writeFileSync(
        from,
        Uint8Array.from({ length: 500 + random.below(12_000) }, () => random.below(256)),
      );
      const { status, stderr } = run(from, '-ttf', '--denan', '--all-features', ...options, '-o', to, '-q');
      if (status === 0) {
        const bytes = Uint8Array.from(readFileSync(to));
        // Its modules may mix what the host does not allow together.
        if (WebAssembly.validate(bytes)) return bytes;
        refused++;
      } else print(`binaryen could not make a module of ${seed}: ${stderr.split('\n')[0]}`);
      return undefined;
    },
    /** How many it made that the host does not take: many of them mean that the tool is too old. */
    refused: () => refused,
    close: () => rmSync(folder, { recursive: true }),
  };
}
