/**
 * How V8 compiles what tier 1 gives it. It optimises a function when so many bytes of its code were executed; ours have
 * several times the guest's bytes, so without this it would optimise four times as many functions as it does of the
 * guest (yosys, 30 MB: 42 s of processor time instead of 25, Node 24).
 */

import { setFlagsFromString } from 'node:v8';

/** V8's own budget is 13,000,000. */
const TIERING_BUDGET = 52_000_000;

/** Before anything is compiled. For the whole process. */
export function tuneCompiler(): void {
  setFlagsFromString(`--wasm-tiering-budget=${TIERING_BUDGET}`);
}
