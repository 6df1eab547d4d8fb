/**
 * Validation against the host's own: mutated modules must be accepted and refused alike.
 *
 * Valid modules get one or two bytes changed, most of them inside of code. Where the two verdicts differ, the reason
 * must be on one of the lists below. Seeded: WASMSCOPE_SEED repeats a run.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WasmError } from '../../engine/base/errors.ts';
import { decode } from '../../engine/binary/decode.ts';
import { validate } from '../../engine/valid/validate.ts';
import { AROUND, assembled, VALID_FUNCS, VALID_MODULES, without } from './valid-modules.ts';

/** What the host has behind flags only. */
const FEATURES = without('wide-arithmetic', 'custom-page-sizes');

/** Why the host refuses what is valid: its own limits. */
const HOST_REFUSES = [/larger than implementation limit/, /exceeds internal limit/, /more than .* locals/];

/** Why the host accepts what we refuse; each is a place where it is more lenient than the spec. */
const HOST_ACCEPTS = [
  // V8 takes any value type for the type of an element segment without elements.
  /^malformed reference type$/,
  // Behind `unreachable` V8 does not look at the label of br_on_non_null, nor at the operands of ref.eq.
  /which does not end with a reference$/,
  /\(ref\.eq\)$/,
  // A reference from nowhere whose null was taken is still a reference; for V8 it may be a number.
  /but stack has \[… .*a reference\b/,
];

const MUTATIONS = process.env.WASMSCOPE_TEST_ALL ? 300_000 : 12_000;

test('the host and we agree on the modules that are mutated', () => {
  for (const bytes of corpus()) assert.equal(WebAssembly.validate(bytes), true);
});

test(`the host and we agree on ${MUTATIONS} mutated modules`, () => {
  const random = generator(Number(process.env.WASMSCOPE_SEED ?? 1));
  const modules = corpus();
  let accepted = 0;
  for (let i = 0; i < MUTATIONS; i++) {
    const bytes = mutate(modules[random(modules.length)]!, random);
    const hostAccepts = WebAssembly.validate(bytes);
    const fault = faultOf(bytes);
    if (hostAccepts) accepted++;
    if (hostAccepts === (fault === undefined)) continue;
    const reason = fault ?? hostMessage(bytes);
    const known = (hostAccepts ? HOST_ACCEPTS : HOST_REFUSES).some((pattern) => pattern.test(reason));
    assert.ok(
      known,
      `${hostAccepts ? 'the host accepts' : 'we accept'}: ${reason}\n${Buffer.from(bytes).toString('hex')}`,
    );
  }
  assert.ok(accepted > MUTATIONS / 20 && accepted < MUTATIONS, `${accepted} of ${MUTATIONS} were valid`);
});

function corpus(): Uint8Array<ArrayBuffer>[] {
  const texts = [...VALID_FUNCS.map((func) => AROUND + func), ...VALID_MODULES];
  return texts
    .map(assembled)
    .filter((bytes) => faultOf(bytes) === undefined)
    .filter((bytes) => WebAssembly.validate(bytes) || !HOST_REFUSES.some((p) => p.test(hostMessage(bytes))));
}

function mutate(module: Uint8Array, random: (n: number) => number): Uint8Array<ArrayBuffer> {
  const bytes = new Uint8Array(module);
  const bodies = decode(bytes).funcs.flatMap(({ body }) => body ?? []);
  for (let n = 1 + random(2); n > 0; n--) {
    let at = 8 + random(Math.max(1, bytes.length - 8));
    // The last function is what the text is about; the others are around it.
    const body = bodies.at(-1);
    if (body && random(5) > 0) at = body.codeStart + random(body.range.end - body.codeStart);
    if (at >= bytes.length) continue;
    const way = random(3);
    if (way === 0) bytes[at] = random(256);
    else if (way === 1) bytes[at]! ^= 1 << random(8);
    else bytes[at]! += random(2) ? 1 : -1;
  }
  return bytes;
}

function faultOf(bytes: Uint8Array): string | undefined {
  try {
    validate(decode(bytes), FEATURES);
    return undefined;
  } catch (error) {
    if (error instanceof WasmError) return error.message;
    throw error;
  }
}

function hostMessage(bytes: Uint8Array<ArrayBuffer>): string {
  try {
    new WebAssembly.Module(bytes);
    return 'nothing';
  } catch (error) {
    return (error as Error).message;
  }
}

/** Numbers below `n`, the same for the same seed (mulberry32). */
function generator(seed: number): (n: number) => number {
  let state = seed >>> 0;
  return (n) => {
    state = (state + 0x6d2b79f5) >>> 0;
    let x = Math.imul(state ^ (state >>> 15), state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return ((x ^ (x >>> 14)) >>> 0) % n;
  };
}
