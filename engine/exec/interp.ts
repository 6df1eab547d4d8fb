/**
 * The exact interpreter's loop: translated code in, one internal op per Wasm instruction (spec 4.4).
 *
 * Owns the meaning of every instruction that runs here; knows no breakpoints, no budget policy and no host. What it
 * cannot do without leaving (translate, call the host, grow a memory) ends the loop with an `Exit`, and machine.ts
 * drives on. It is one function above 600 lines because V8 optimises one function: its bytecode must stay below
 * 61,440 bytes or it is never optimised (a test watches it), so SIMD, GC and atomics belong in functions of their own.
 *
 * State while it runs (all of it is in local variables, and in `Core` before and after):
 *
 *     words of the shared buffer, two words a slot            control stack CS, two words an entry
 *     fp ──▶ local 0 lo │ local 0 hi                          return pc │ caller's fp      (a Wasm caller)
 *            …                                                Pc.Mark   │ memory address   (SwitchBack: cross-instance)
 *            operand 0 lo │ operand 0 hi                      Pc.Halt   │ –                (start of an activation)
 *     sp ──▶ free (arguments become the callee's locals)
 *
 * An i32 or f32 has only its low word defined; an f32 is kept as bits, so moves keep signalling NaNs. References
 * live in `R` and vectors in `V`, both beside the words, by slot. NaN results of arithmetic are the positive
 * canonical NaN, always: the spec's deterministic profile, and independent of what the host's optimiser does.
 * One buffer for all widths was measured as fast as an Int32Array and a Float64Array side by side (fib(31) on Node
 * 24: 139 ms both, 32 times the host's own WebAssembly), and moves and snapshots need not know types.
 * Counting: `fuel` goes down by static differences at taken jumps, calls and returns only, so the instructions
 * executed are (fuel spent) + (static count at pc).
 */

import type { FuncInst } from '../runtime/func.ts';
import type { Store } from '../runtime/store.ts';
import type { Ref } from '../runtime/values.ts';
import { atomic } from './atomic.ts';
import { bulk } from './bulk.ts';
import {
  calleeOnTop,
  NULL_REFERENCE,
  requireSubtype,
  UNDEFINED_ELEMENT,
  UNINITIALIZED_ELEMENT,
} from './callee.ts';
import { FAR_WORDS, farAccess } from './far-access.ts';
import { castBranches, gc } from './gc.ts';
import {
  convertF32S,
  convertF32U,
  convertS,
  convertU,
  divS as divS64,
  divU as divU64,
  mul,
  remS as remS64,
  remU as remU64,
  rotl,
  shl,
  shrS,
  shrU,
  truncS as truncS64,
  truncSatS as truncSatS64,
  truncSatU as truncSatU64,
  truncU as truncU64,
} from './int64.ts';
import { Exit, IOp, Pc } from './iop.ts';
import {
  ctz,
  divS,
  divU,
  nearest,
  popcnt,
  remS,
  remU,
  Signal,
  truncS,
  truncSatS,
  truncSatU,
  truncU,
} from './numerics.ts';
import { simd } from './simd/simd.ts';
import type { Vectors } from './simd/vectors.ts';
import { clearBeside, moveBeside } from './slot.ts';
import { passWatched, type Watches } from './watch.ts';
import { wide } from './wide.ts';

/** What the loop reads and writes: the machine's registers, stacks, and the store's arrays. */
export interface Core {
  /** Views of one buffer: the slots. */
  readonly I: Int32Array;
  readonly F32: Float32Array;
  readonly F64: Float64Array;
  /** References by slot (`word >> 1`). */
  readonly R: Ref[];
  /** Vectors by slot. */
  V: Vectors;
  readonly CS: Int32Array;
  /** First instruction of every function by its address. */
  entry: Int32Array;
  readonly store: Store;
  pc: number;
  fp: number;
  sp: number;
  cs: number;
  /** Address of memory 0 of the running instance, -1 for none. */
  mem: number;
  /** The control stack may not grow above these entries (raised by one per marker). */
  csLimit: number;
  /** First word that frames may not reach. */
  stackLimit: number;
  fuel: number;
  /** What `fuel` has lost beside instructions: large copies are slow, and end a slice sooner. */
  weight: number;
  /** After `Exit.Thrown`. */
  thrown: unknown;
  /** What is watched, while something is. */
  readonly watches: Watches | undefined;
}

export const UNREACHABLE = new Signal('unreachable');

const NO_MEMORY = new DataView(new ArrayBuffer(0));
const NAN_32 = 0x7fc00000;

/**
 * Runs `code` from the state in `m` until something needs the driver. `m.sp` must be right on entry; after
 * `Exit.Thrown` and `Exit.Grow` it is not (the static height at pc says it).
 */
export function interpret(m: Core, code: Int32Array): Exit {
  const { I, F32, F64, R, CS, entry, store } = m;
  const { funcs, tableElems: tables, mems, globalWords, globalRefs } = store;
  let { pc, fp, sp, cs, mem, csLimit, fuel } = m;
  const stackLimit = m.stackLimit;
  let dv = mem < 0 ? NO_MEMORY : mems[mem].view;
  let exit: Exit = Exit.Halt;
  let ea = 0;
  let lo = 0;
  let x = 0;
  try {
    loop: for (;;) {
      switch (code[pc]) {
        case IOp.Unreachable:
          throw UNREACHABLE;
        case IOp.Nop:
          pc++;
          continue;
        case IOp.Jump:
          fuel -= code[pc + 2];
          pc = code[pc + 1];
          continue;
        case IOp.If:
          sp -= 2;
          if (I[sp] !== 0) {
            pc += 3;
            continue;
          }
          fuel -= code[pc + 2];
          pc = code[pc + 1];
          continue;
        case IOp.Br:
          fuel -= code[pc + 2];
          pc = code[pc + 1];
          continue;
        case IOp.BrBack:
          fuel -= code[pc + 2];
          pc = code[pc + 1];
          if (fuel < 0) {
            exit = Exit.Fuel;
            break loop;
          }
          continue;
        case IOp.BrIf:
          sp -= 2;
          if (I[sp] === 0) {
            pc += 3;
            continue;
          }
          fuel -= code[pc + 2];
          pc = code[pc + 1];
          continue;
        case IOp.BrIfBack:
          sp -= 2;
          if (I[sp] === 0) {
            pc += 3;
            continue;
          }
          fuel -= code[pc + 2];
          pc = code[pc + 1];
          if (fuel < 0) {
            exit = Exit.Fuel;
            break loop;
          }
          continue;
        case IOp.BrIfMove:
          sp -= 2;
          if (I[sp] === 0) {
            pc += 6;
            continue;
          }
          sp = keep(m, I, fp + code[pc + 3], sp, code[pc + 4]);
          lo = code[pc + 5];
          fuel -= code[pc + 2];
          pc = code[pc + 1];
          if (fuel < lo) {
            exit = Exit.Fuel;
            break loop;
          }
          continue;
        case IOp.BrMove:
          sp = keep(m, I, fp + code[pc + 3], sp, code[pc + 4]);
          lo = code[pc + 5];
          fuel -= code[pc + 2];
          pc = code[pc + 1];
          if (fuel < lo) {
            exit = Exit.Fuel;
            break loop;
          }
          continue;
        case IOp.BrTable: {
          sp -= 2;
          let k = I[sp];
          if (k >>> 0 > code[pc + 1]) k = code[pc + 1];
          const e = pc + 2 + Math.imul(k, 5);
          sp = keep(m, I, fp + code[e + 2], sp, code[e + 3]);
          fuel -= code[e + 1];
          pc = code[e];
          if (fuel < code[e + 4]) {
            exit = Exit.Fuel;
            break loop;
          }
          continue;
        }
        case IOp.Return0:
          fuel -= code[pc + 1];
          sp = fp;
          cs -= 2;
          pc = CS[cs];
          fp = CS[cs + 1];
          fuel += code[pc - 1];
          continue;
        case IOp.Return32:
          I[fp] = I[sp - 2];
          fuel -= code[pc + 1];
          sp = fp + 2;
          cs -= 2;
          pc = CS[cs];
          fp = CS[cs + 1];
          fuel += code[pc - 1];
          continue;
        case IOp.Return64:
          I[fp] = I[sp - 2];
          I[fp + 1] = I[sp - 1];
          fuel -= code[pc + 1];
          sp = fp + 2;
          cs -= 2;
          pc = CS[cs];
          fp = CS[cs + 1];
          fuel += code[pc - 1];
          continue;
        case IOp.ReturnN:
          sp = keep(m, I, fp, sp, code[pc + 1]);
          fuel -= code[pc + 2];
          cs -= 2;
          pc = CS[cs];
          fp = CS[cs + 1];
          fuel += code[pc - 1];
          continue;
        case IOp.Call:
          CS[cs] = pc + 4;
          CS[cs + 1] = fp;
          cs += 2;
          fuel -= code[pc + 3];
          fp = sp - code[pc + 2];
          pc = entry[code[pc + 1]];
          // What Enter does, without another dispatch: fib 3 % faster. The callee's pc in the word itself instead of
          // `entry` would be another 4 %, at the price of patching callers when a function is translated.
          if (cs > csLimit || fp + code[pc - 3] > stackLimit) {
            exit = Exit.Exhausted;
            break loop;
          }
          sp = fp + code[pc - 1];
          lo = fp + code[pc - 2];
          if (lo < sp) clearLocals(m, I, lo, sp);
          if (fuel < 0) {
            exit = Exit.Fuel;
            break loop;
          }
          continue;
        case IOp.Enter:
          pc += 4;
          if (cs > csLimit || fp + code[pc - 3] > stackLimit) {
            exit = Exit.Exhausted;
            break loop;
          }
          sp = fp + code[pc - 1];
          lo = fp + code[pc - 2];
          if (lo < sp) clearLocals(m, I, lo, sp);
          if (fuel < 0) {
            exit = Exit.Fuel;
            break loop;
          }
          continue;
        case IOp.CallCross: {
          const f = funcs[code[pc + 1]];
          CS[cs] = pc + 4;
          CS[cs + 1] = fp;
          cs += 2;
          fuel -= code[pc + 3];
          fp = sp - code[pc + 2];
          if (f.mem0 !== mem && f.mem0 >= 0) {
            CS[cs] = Pc.Mark;
            CS[cs + 1] = mem;
            cs += 2;
            csLimit += 2;
            mem = f.mem0;
            dv = mems[mem].view;
          }
          pc = entry[f.addr] - 4;
          continue;
        }
        case IOp.CallIndirect: {
          const table = tables[code[pc + 1]];
          const k = I[sp - 2] >>> 0;
          if (k >= table.length) throw UNDEFINED_ELEMENT;
          const f = table[k] as FuncInst | null;
          if (f === null) throw UNINITIALIZED_ELEMENT;
          if (f.typeId !== code[pc + 2]) requireSubtype(store, f, code[pc + 2]);
          CS[cs] = pc + 5;
          CS[cs + 1] = fp;
          cs += 2;
          fuel -= code[pc + 4];
          fp = sp - code[pc + 3];
          if (f.mem0 !== mem && f.mem0 >= 0) {
            CS[cs] = Pc.Mark;
            CS[cs + 1] = mem;
            cs += 2;
            csLimit += 2;
            mem = f.mem0;
            dv = mems[mem].view;
          }
          pc = entry[f.addr] - 4;
          continue;
        }
        case IOp.CallRef: {
          const f = calleeOnTop(m, code, pc, sp);
          CS[cs] = pc + 5;
          CS[cs + 1] = fp;
          cs += 2;
          fuel -= code[pc + 4];
          fp = sp - code[pc + 3];
          if (f.mem0 !== mem && f.mem0 >= 0) {
            CS[cs] = Pc.Mark;
            CS[cs + 1] = mem;
            cs += 2;
            csLimit += 2;
            mem = f.mem0;
            dv = mems[mem].view;
          }
          pc = entry[f.addr] - 4;
          continue;
        }
        case IOp.TailCall:
        case IOp.TailCallIndirect:
        case IOp.TailCallRef: {
          let f: FuncInst | null;
          if (code[pc] === IOp.TailCall) {
            f = funcs[code[pc + 1]];
          } else if (code[pc] === IOp.TailCallRef) {
            f = calleeOnTop(m, code, pc, sp);
            sp -= 2;
          } else {
            const table = tables[code[pc + 1]];
            const k = I[sp - 2] >>> 0;
            if (k >= table.length) throw UNDEFINED_ELEMENT;
            f = table[k] as FuncInst | null;
            if (f === null) throw UNINITIALIZED_ELEMENT;
            if (f.typeId !== code[pc + 2]) requireSubtype(store, f, code[pc + 2]);
            sp -= 2;
          }
          keep(m, I, fp, sp, code[pc + 3]);
          fuel -= code[pc + 4];
          if (f.mem0 !== mem && f.mem0 >= 0) {
            // One marker is enough: what it restores is the memory of the first caller.
            if (CS[cs - 2] !== Pc.Mark) {
              CS[cs] = Pc.Mark;
              CS[cs + 1] = mem;
              cs += 2;
              csLimit += 2;
            }
            mem = f.mem0;
            dv = mems[mem].view;
          }
          pc = entry[f.addr] - 4;
          continue;
        }
        case IOp.SwitchBack:
          mem = fp;
          dv = mem < 0 ? NO_MEMORY : mems[mem].view;
          csLimit -= 2;
          cs -= 2;
          pc = CS[cs];
          fp = CS[cs + 1];
          fuel += code[pc - 1];
          continue;
        case IOp.Translate:
          exit = Exit.Translate;
          break loop;
        case IOp.Host:
          exit = Exit.Host;
          break loop;
        case IOp.Native:
          exit = Exit.Native;
          break loop;
        case IOp.Loop:
          lo = code[pc + 1];
          pc += 2;
          if (fuel < lo) {
            exit = Exit.Fuel;
            break loop;
          }
          continue;
        case IOp.Halt:
          exit = Exit.Halt;
          break loop;
        case IOp.Break:
          exit = Exit.Break;
          break loop;
        case IOp.Throw:
        case IOp.ThrowRef:
        case IOp.Rethrow:
          exit = Exit.Throw;
          break loop;
        case IOp.AtomicWait:
          exit = Exit.Wait;
          break loop;
        case IOp.MemoryGrow:
          exit = Exit.Grow;
          break loop;
        case IOp.Drop:
          sp -= 2;
          pc++;
          continue;
        case IOp.Select32:
          sp -= 4;
          if (I[sp + 2] === 0) I[sp - 2] = I[sp];
          pc++;
          continue;
        case IOp.Select64:
          sp -= 4;
          if (I[sp + 2] === 0) {
            I[sp - 2] = I[sp];
            I[sp - 1] = I[sp + 1];
          }
          pc++;
          continue;
        case IOp.SelectRef:
          sp -= 4;
          if (I[sp + 2] === 0) R[(sp - 2) >> 1] = R[sp >> 1];
          pc++;
          continue;
        case IOp.LocalGet32:
          I[sp] = I[fp + code[pc + 1]];
          sp += 2;
          pc += 2;
          continue;
        case IOp.LocalGet64:
          ea = fp + code[pc + 1];
          I[sp] = I[ea];
          I[sp + 1] = I[ea + 1];
          sp += 2;
          pc += 2;
          continue;
        case IOp.LocalGetRef:
          R[sp >> 1] = R[(fp + code[pc + 1]) >> 1];
          sp += 2;
          pc += 2;
          continue;
        case IOp.LocalSet32:
          sp -= 2;
          I[fp + code[pc + 1]] = I[sp];
          pc += 2;
          continue;
        case IOp.LocalSet64:
          sp -= 2;
          ea = fp + code[pc + 1];
          I[ea] = I[sp];
          I[ea + 1] = I[sp + 1];
          pc += 2;
          continue;
        case IOp.LocalSetRef:
          sp -= 2;
          R[(fp + code[pc + 1]) >> 1] = R[sp >> 1];
          pc += 2;
          continue;
        case IOp.LocalTee32:
          I[fp + code[pc + 1]] = I[sp - 2];
          pc += 2;
          continue;
        case IOp.LocalTee64:
          ea = fp + code[pc + 1];
          I[ea] = I[sp - 2];
          I[ea + 1] = I[sp - 1];
          pc += 2;
          continue;
        case IOp.LocalTeeRef:
          R[(fp + code[pc + 1]) >> 1] = R[(sp - 2) >> 1];
          pc += 2;
          continue;
        case IOp.Const32:
          I[sp] = code[pc + 1];
          sp += 2;
          pc += 2;
          continue;
        case IOp.Const64:
          I[sp] = code[pc + 1];
          I[sp + 1] = code[pc + 2];
          sp += 2;
          pc += 3;
          continue;
        case IOp.GlobalGet32:
          I[sp] = globalWords[code[pc + 1]];
          sp += 2;
          pc += 2;
          continue;
        case IOp.GlobalGet64:
          ea = code[pc + 1];
          I[sp] = globalWords[ea];
          I[sp + 1] = globalWords[ea + 1];
          sp += 2;
          pc += 2;
          continue;
        case IOp.GlobalGetRef:
          R[sp >> 1] = globalRefs[code[pc + 1]];
          sp += 2;
          pc += 2;
          continue;
        case IOp.GlobalSet32:
          sp -= 2;
          globalWords[code[pc + 1]] = I[sp];
          pc += 2;
          continue;
        case IOp.GlobalSet64:
          sp -= 2;
          ea = code[pc + 1];
          globalWords[ea] = I[sp];
          globalWords[ea + 1] = I[sp + 1];
          pc += 2;
          continue;
        case IOp.GlobalSetRef:
          sp -= 2;
          globalRefs[code[pc + 1]] = R[sp >> 1];
          pc += 2;
          continue;
        case IOp.RefNull:
          R[sp >> 1] = null;
          sp += 2;
          pc++;
          continue;
        case IOp.RefIsNull:
          I[sp - 2] = R[(sp - 2) >> 1] === null ? 1 : 0;
          pc++;
          continue;
        case IOp.RefFunc:
          R[sp >> 1] = funcs[code[pc + 1]];
          sp += 2;
          pc += 2;
          continue;
        case IOp.RefAsNonNull:
          if (R[(sp - 2) >> 1] === null) throw NULL_REFERENCE;
          pc++;
          continue;
        case IOp.BrOnNull:
        case IOp.BrOnNonNull:
          if ((R[(sp - 2) >> 1] === null) !== (code[pc] === IOp.BrOnNull)) {
            if (code[pc] === IOp.BrOnNonNull) sp -= 2;
            pc += 6;
            continue;
          }
          if (code[pc] === IOp.BrOnNull) sp -= 2;
          sp = keep(m, I, fp + code[pc + 3], sp, code[pc + 4]);
          lo = code[pc + 5];
          fuel -= code[pc + 2];
          pc = code[pc + 1];
          if (fuel < lo) {
            exit = Exit.Fuel;
            break loop;
          }
          continue;
        case IOp.TableGet:
        case IOp.TableSet:
        case IOp.TableSize:
        case IOp.TableGrow:
        case IOp.TableFill:
        case IOp.TableCopy:
        case IOp.TableInit:
        case IOp.ElemDrop:
        case IOp.MemoryInit:
        case IOp.DataDrop:
        case IOp.MemoryCopy:
        case IOp.MemoryFill: {
          const { weight } = m;
          sp = bulk(m, code, pc, sp, code[pc]);
          fuel -= m.weight - weight;
          pc += 4;
          continue;
        }
        case IOp.Simd:
          sp = simd(m, code, pc, sp);
          pc += 3;
          continue;
        case IOp.SimdLong:
          sp = simd(m, code, pc, sp);
          pc += 6;
          continue;
        case IOp.Wide:
          sp = wide(I, sp, code[pc + 1]);
          pc += 2;
          continue;
        case IOp.FarAccess:
          sp = farAccess(m, code, pc, sp);
          pc += FAR_WORDS;
          continue;
        case IOp.Atomic:
          sp = atomic(m, code, pc, sp);
          pc += FAR_WORDS;
          continue;
        case IOp.Gc:
          sp = gc(m, code, pc, sp);
          pc += 5;
          continue;
        case IOp.BrOnCast:
          if (!castBranches(m, code, pc, sp)) {
            pc += 9;
            continue;
          }
          sp = keep(m, I, fp + code[pc + 3], sp, code[pc + 4]);
          lo = code[pc + 5];
          fuel -= code[pc + 2];
          pc = code[pc + 1];
          if (fuel < lo) {
            exit = Exit.Fuel;
            break loop;
          }
          continue;
        case IOp.MemorySize:
          I[sp] = dv.byteLength / 65536;
          sp += 2;
          pc++;
          continue;
        case 0x28: // i32.load
          I[sp - 2] = dv.getInt32((I[sp - 2] >>> 0) + (code[pc + 1] >>> 0), true);
          pc += 2;
          continue;
        case 0x29: // i64.load
          ea = (I[sp - 2] >>> 0) + (code[pc + 1] >>> 0);
          I[sp - 1] = dv.getInt32(ea + 4, true);
          I[sp - 2] = dv.getInt32(ea, true);
          pc += 2;
          continue;
        case 0x2a: // f32.load
          I[sp - 2] = dv.getInt32((I[sp - 2] >>> 0) + (code[pc + 1] >>> 0), true);
          pc += 2;
          continue;
        case 0x2b: // f64.load
          ea = (I[sp - 2] >>> 0) + (code[pc + 1] >>> 0);
          x = dv.getFloat64(ea, true);
          if (x === x) {
            F64[(sp - 2) >> 1] = x;
          } else {
            I[sp - 1] = dv.getInt32(ea + 4, true);
            I[sp - 2] = dv.getInt32(ea, true);
          }
          pc += 2;
          continue;
        case 0x2c: // i32.load8_s
          I[sp - 2] = dv.getInt8((I[sp - 2] >>> 0) + (code[pc + 1] >>> 0));
          pc += 2;
          continue;
        case 0x2d: // i32.load8_u
          I[sp - 2] = dv.getUint8((I[sp - 2] >>> 0) + (code[pc + 1] >>> 0));
          pc += 2;
          continue;
        case 0x2e: // i32.load16_s
          I[sp - 2] = dv.getInt16((I[sp - 2] >>> 0) + (code[pc + 1] >>> 0), true);
          pc += 2;
          continue;
        case 0x2f: // i32.load16_u
          I[sp - 2] = dv.getUint16((I[sp - 2] >>> 0) + (code[pc + 1] >>> 0), true);
          pc += 2;
          continue;
        case 0x30: // i64.load8_s
          I[sp - 2] = dv.getInt8((I[sp - 2] >>> 0) + (code[pc + 1] >>> 0));
          I[sp - 1] = I[sp - 2] >> 31;
          pc += 2;
          continue;
        case 0x31: // i64.load8_u
          I[sp - 2] = dv.getUint8((I[sp - 2] >>> 0) + (code[pc + 1] >>> 0));
          I[sp - 1] = 0;
          pc += 2;
          continue;
        case 0x32: // i64.load16_s
          I[sp - 2] = dv.getInt16((I[sp - 2] >>> 0) + (code[pc + 1] >>> 0), true);
          I[sp - 1] = I[sp - 2] >> 31;
          pc += 2;
          continue;
        case 0x33: // i64.load16_u
          I[sp - 2] = dv.getUint16((I[sp - 2] >>> 0) + (code[pc + 1] >>> 0), true);
          I[sp - 1] = 0;
          pc += 2;
          continue;
        case 0x34: // i64.load32_s
          I[sp - 2] = dv.getInt32((I[sp - 2] >>> 0) + (code[pc + 1] >>> 0), true);
          I[sp - 1] = I[sp - 2] >> 31;
          pc += 2;
          continue;
        case 0x35: // i64.load32_u
          I[sp - 2] = dv.getInt32((I[sp - 2] >>> 0) + (code[pc + 1] >>> 0), true);
          I[sp - 1] = 0;
          pc += 2;
          continue;
        case 0x36: // i32.store
          sp -= 4;
          dv.setInt32((I[sp] >>> 0) + (code[pc + 1] >>> 0), I[sp + 2], true);
          pc += 2;
          continue;
        case 0x37: // i64.store
          sp -= 4;
          ea = (I[sp] >>> 0) + (code[pc + 1] >>> 0);
          dv.setInt32(ea + 4, I[sp + 3], true);
          dv.setInt32(ea, I[sp + 2], true);
          pc += 2;
          continue;
        case 0x38: // f32.store
          sp -= 4;
          dv.setInt32((I[sp] >>> 0) + (code[pc + 1] >>> 0), I[sp + 2], true);
          pc += 2;
          continue;
        case 0x39: // f64.store
          sp -= 4;
          ea = (I[sp] >>> 0) + (code[pc + 1] >>> 0);
          x = F64[(sp + 2) >> 1];
          if (x === x) {
            dv.setFloat64(ea, x, true);
          } else {
            dv.setInt32(ea + 4, I[sp + 3], true);
            dv.setInt32(ea, I[sp + 2], true);
          }
          pc += 2;
          continue;
        case 0x3a: // i32.store8
          sp -= 4;
          dv.setInt8((I[sp] >>> 0) + (code[pc + 1] >>> 0), I[sp + 2]);
          pc += 2;
          continue;
        case 0x3b: // i32.store16
          sp -= 4;
          dv.setInt16((I[sp] >>> 0) + (code[pc + 1] >>> 0), I[sp + 2], true);
          pc += 2;
          continue;
        case 0x3c: // i64.store8
          sp -= 4;
          dv.setInt8((I[sp] >>> 0) + (code[pc + 1] >>> 0), I[sp + 2]);
          pc += 2;
          continue;
        case 0x3d: // i64.store16
          sp -= 4;
          dv.setInt16((I[sp] >>> 0) + (code[pc + 1] >>> 0), I[sp + 2], true);
          pc += 2;
          continue;
        case 0x3e: // i64.store32
          sp -= 4;
          dv.setInt32((I[sp] >>> 0) + (code[pc + 1] >>> 0), I[sp + 2], true);
          pc += 2;
          continue;
        case 0x45: // i32.eqz
          I[sp - 2] = I[sp - 2] === 0 ? 1 : 0;
          pc++;
          continue;
        case 0x46: // i32.eq
          sp -= 2;
          I[sp - 2] = I[sp - 2] === I[sp] ? 1 : 0;
          pc++;
          continue;
        case 0x47: // i32.ne
          sp -= 2;
          I[sp - 2] = I[sp - 2] !== I[sp] ? 1 : 0;
          pc++;
          continue;
        case 0x48: // i32.lt_s
          sp -= 2;
          I[sp - 2] = I[sp - 2] < I[sp] ? 1 : 0;
          pc++;
          continue;
        case 0x49: // i32.lt_u
          sp -= 2;
          I[sp - 2] = I[sp - 2] >>> 0 < I[sp] >>> 0 ? 1 : 0;
          pc++;
          continue;
        case 0x4a: // i32.gt_s
          sp -= 2;
          I[sp - 2] = I[sp - 2] > I[sp] ? 1 : 0;
          pc++;
          continue;
        case 0x4b: // i32.gt_u
          sp -= 2;
          I[sp - 2] = I[sp - 2] >>> 0 > I[sp] >>> 0 ? 1 : 0;
          pc++;
          continue;
        case 0x4c: // i32.le_s
          sp -= 2;
          I[sp - 2] = I[sp - 2] <= I[sp] ? 1 : 0;
          pc++;
          continue;
        case 0x4d: // i32.le_u
          sp -= 2;
          I[sp - 2] = I[sp - 2] >>> 0 <= I[sp] >>> 0 ? 1 : 0;
          pc++;
          continue;
        case 0x4e: // i32.ge_s
          sp -= 2;
          I[sp - 2] = I[sp - 2] >= I[sp] ? 1 : 0;
          pc++;
          continue;
        case 0x4f: // i32.ge_u
          sp -= 2;
          I[sp - 2] = I[sp - 2] >>> 0 >= I[sp] >>> 0 ? 1 : 0;
          pc++;
          continue;
        case 0x50: // i64.eqz
          I[sp - 2] = (I[sp - 2] | I[sp - 1]) === 0 ? 1 : 0;
          pc++;
          continue;
        case 0x51: // i64.eq
          sp -= 2;
          I[sp - 2] = I[sp - 2] === I[sp] && I[sp - 1] === I[sp + 1] ? 1 : 0;
          pc++;
          continue;
        case 0x52: // i64.ne
          sp -= 2;
          I[sp - 2] = I[sp - 2] !== I[sp] || I[sp - 1] !== I[sp + 1] ? 1 : 0;
          pc++;
          continue;
        case 0x53: // i64.lt_s
          sp -= 2;
          I[sp - 2] = (I[sp - 1] === I[sp + 1] ? I[sp - 2] >>> 0 < I[sp] >>> 0 : I[sp - 1] < I[sp + 1])
            ? 1
            : 0;
          pc++;
          continue;
        case 0x54: // i64.lt_u
          sp -= 2;
          I[sp - 2] = (
            I[sp - 1] === I[sp + 1]
              ? I[sp - 2] >>> 0 < I[sp] >>> 0
              : I[sp - 1] >>> 0 < I[sp + 1] >>> 0
          )
            ? 1
            : 0;
          pc++;
          continue;
        case 0x55: // i64.gt_s
          sp -= 2;
          I[sp - 2] = (I[sp - 1] === I[sp + 1] ? I[sp - 2] >>> 0 > I[sp] >>> 0 : I[sp - 1] > I[sp + 1])
            ? 1
            : 0;
          pc++;
          continue;
        case 0x56: // i64.gt_u
          sp -= 2;
          I[sp - 2] = (
            I[sp - 1] === I[sp + 1]
              ? I[sp - 2] >>> 0 > I[sp] >>> 0
              : I[sp - 1] >>> 0 > I[sp + 1] >>> 0
          )
            ? 1
            : 0;
          pc++;
          continue;
        case 0x57: // i64.le_s
          sp -= 2;
          I[sp - 2] = (I[sp - 1] === I[sp + 1] ? I[sp - 2] >>> 0 <= I[sp] >>> 0 : I[sp - 1] < I[sp + 1])
            ? 1
            : 0;
          pc++;
          continue;
        case 0x58: // i64.le_u
          sp -= 2;
          I[sp - 2] = (
            I[sp - 1] === I[sp + 1]
              ? I[sp - 2] >>> 0 <= I[sp] >>> 0
              : I[sp - 1] >>> 0 < I[sp + 1] >>> 0
          )
            ? 1
            : 0;
          pc++;
          continue;
        case 0x59: // i64.ge_s
          sp -= 2;
          I[sp - 2] = (I[sp - 1] === I[sp + 1] ? I[sp - 2] >>> 0 >= I[sp] >>> 0 : I[sp - 1] > I[sp + 1])
            ? 1
            : 0;
          pc++;
          continue;
        case 0x5a: // i64.ge_u
          sp -= 2;
          I[sp - 2] = (
            I[sp - 1] === I[sp + 1]
              ? I[sp - 2] >>> 0 >= I[sp] >>> 0
              : I[sp - 1] >>> 0 > I[sp + 1] >>> 0
          )
            ? 1
            : 0;
          pc++;
          continue;
        case 0x5b: // f32.eq
          sp -= 2;
          I[sp - 2] = F32[sp - 2] === F32[sp] ? 1 : 0;
          pc++;
          continue;
        case 0x5c: // f32.ne
          sp -= 2;
          I[sp - 2] = F32[sp - 2] !== F32[sp] ? 1 : 0;
          pc++;
          continue;
        case 0x5d: // f32.lt
          sp -= 2;
          I[sp - 2] = F32[sp - 2] < F32[sp] ? 1 : 0;
          pc++;
          continue;
        case 0x5e: // f32.gt
          sp -= 2;
          I[sp - 2] = F32[sp - 2] > F32[sp] ? 1 : 0;
          pc++;
          continue;
        case 0x5f: // f32.le
          sp -= 2;
          I[sp - 2] = F32[sp - 2] <= F32[sp] ? 1 : 0;
          pc++;
          continue;
        case 0x60: // f32.ge
          sp -= 2;
          I[sp - 2] = F32[sp - 2] >= F32[sp] ? 1 : 0;
          pc++;
          continue;
        case 0x61: // f64.eq
          sp -= 2;
          I[sp - 2] = F64[(sp - 2) >> 1] === F64[sp >> 1] ? 1 : 0;
          pc++;
          continue;
        case 0x62: // f64.ne
          sp -= 2;
          I[sp - 2] = F64[(sp - 2) >> 1] !== F64[sp >> 1] ? 1 : 0;
          pc++;
          continue;
        case 0x63: // f64.lt
          sp -= 2;
          I[sp - 2] = F64[(sp - 2) >> 1] < F64[sp >> 1] ? 1 : 0;
          pc++;
          continue;
        case 0x64: // f64.gt
          sp -= 2;
          I[sp - 2] = F64[(sp - 2) >> 1] > F64[sp >> 1] ? 1 : 0;
          pc++;
          continue;
        case 0x65: // f64.le
          sp -= 2;
          I[sp - 2] = F64[(sp - 2) >> 1] <= F64[sp >> 1] ? 1 : 0;
          pc++;
          continue;
        case 0x66: // f64.ge
          sp -= 2;
          I[sp - 2] = F64[(sp - 2) >> 1] >= F64[sp >> 1] ? 1 : 0;
          pc++;
          continue;
        case 0x67: // i32.clz
          I[sp - 2] = Math.clz32(I[sp - 2]);
          pc++;
          continue;
        case 0x68: // i32.ctz
          I[sp - 2] = ctz(I[sp - 2]);
          pc++;
          continue;
        case 0x69: // i32.popcnt
          I[sp - 2] = popcnt(I[sp - 2]);
          pc++;
          continue;
        case 0x6a: // i32.add
          sp -= 2;
          I[sp - 2] = (I[sp - 2] + I[sp]) | 0;
          pc++;
          continue;
        case 0x6b: // i32.sub
          sp -= 2;
          I[sp - 2] = (I[sp - 2] - I[sp]) | 0;
          pc++;
          continue;
        case 0x6c: // i32.mul
          sp -= 2;
          I[sp - 2] = Math.imul(I[sp - 2], I[sp]);
          pc++;
          continue;
        case 0x6d: // i32.div_s
          sp -= 2;
          I[sp - 2] = divS(I[sp - 2], I[sp]);
          pc++;
          continue;
        case 0x6e: // i32.div_u
          sp -= 2;
          I[sp - 2] = divU(I[sp - 2], I[sp]);
          pc++;
          continue;
        case 0x6f: // i32.rem_s
          sp -= 2;
          I[sp - 2] = remS(I[sp - 2], I[sp]);
          pc++;
          continue;
        case 0x70: // i32.rem_u
          sp -= 2;
          I[sp - 2] = remU(I[sp - 2], I[sp]);
          pc++;
          continue;
        case 0x71: // i32.and
          sp -= 2;
          I[sp - 2] = I[sp - 2] & I[sp];
          pc++;
          continue;
        case 0x72: // i32.or
          sp -= 2;
          I[sp - 2] = I[sp - 2] | I[sp];
          pc++;
          continue;
        case 0x73: // i32.xor
          sp -= 2;
          I[sp - 2] = I[sp - 2] ^ I[sp];
          pc++;
          continue;
        case 0x74: // i32.shl
          sp -= 2;
          I[sp - 2] = I[sp - 2] << I[sp];
          pc++;
          continue;
        case 0x75: // i32.shr_s
          sp -= 2;
          I[sp - 2] = I[sp - 2] >> I[sp];
          pc++;
          continue;
        case 0x76: // i32.shr_u
          sp -= 2;
          I[sp - 2] = I[sp - 2] >>> I[sp];
          pc++;
          continue;
        case 0x77: // i32.rotl
          sp -= 2;
          I[sp - 2] = (I[sp - 2] << I[sp]) | (I[sp - 2] >>> -I[sp]);
          pc++;
          continue;
        case 0x78: // i32.rotr
          sp -= 2;
          I[sp - 2] = (I[sp - 2] >>> I[sp]) | (I[sp - 2] << -I[sp]);
          pc++;
          continue;
        case 0x79: // i64.clz
          I[sp - 2] = I[sp - 1] === 0 ? 32 + Math.clz32(I[sp - 2]) : Math.clz32(I[sp - 1]);
          I[sp - 1] = 0;
          pc++;
          continue;
        case 0x7a: // i64.ctz
          I[sp - 2] = I[sp - 2] === 0 ? 32 + ctz(I[sp - 1]) : ctz(I[sp - 2]);
          I[sp - 1] = 0;
          pc++;
          continue;
        case 0x7b: // i64.popcnt
          I[sp - 2] = popcnt(I[sp - 2]) + popcnt(I[sp - 1]);
          I[sp - 1] = 0;
          pc++;
          continue;
        case 0x7c: // i64.add
          sp -= 2;
          lo = (I[sp - 2] + I[sp]) | 0;
          I[sp - 1] = (I[sp - 1] + I[sp + 1] + (lo >>> 0 < I[sp] >>> 0 ? 1 : 0)) | 0;
          I[sp - 2] = lo;
          pc++;
          continue;
        case 0x7d: // i64.sub
          sp -= 2;
          lo = I[sp - 2];
          I[sp - 2] = (lo - I[sp]) | 0;
          I[sp - 1] = (I[sp - 1] - I[sp + 1] - (lo >>> 0 < I[sp] >>> 0 ? 1 : 0)) | 0;
          pc++;
          continue;
        case 0x7e: // i64.mul
          sp -= 2;
          mul(I, sp - 2);
          pc++;
          continue;
        case 0x7f: // i64.div_s
          sp -= 2;
          divS64(I, sp - 2);
          pc++;
          continue;
        case 0x80: // i64.div_u
          sp -= 2;
          divU64(I, sp - 2);
          pc++;
          continue;
        case 0x81: // i64.rem_s
          sp -= 2;
          remS64(I, sp - 2);
          pc++;
          continue;
        case 0x82: // i64.rem_u
          sp -= 2;
          remU64(I, sp - 2);
          pc++;
          continue;
        case 0x83: // i64.and
          sp -= 2;
          I[sp - 2] &= I[sp];
          I[sp - 1] &= I[sp + 1];
          pc++;
          continue;
        case 0x84: // i64.or
          sp -= 2;
          I[sp - 2] |= I[sp];
          I[sp - 1] |= I[sp + 1];
          pc++;
          continue;
        case 0x85: // i64.xor
          sp -= 2;
          I[sp - 2] ^= I[sp];
          I[sp - 1] ^= I[sp + 1];
          pc++;
          continue;
        case 0x86: // i64.shl
          sp -= 2;
          shl(I, sp - 2);
          pc++;
          continue;
        case 0x87: // i64.shr_s
          sp -= 2;
          shrS(I, sp - 2);
          pc++;
          continue;
        case 0x88: // i64.shr_u
          sp -= 2;
          shrU(I, sp - 2);
          pc++;
          continue;
        case 0x89: // i64.rotl
          sp -= 2;
          rotl(I, sp - 2, I[sp]);
          pc++;
          continue;
        case 0x8a: // i64.rotr
          sp -= 2;
          rotl(I, sp - 2, -I[sp]);
          pc++;
          continue;
        case 0x8b: // f32.abs
          I[sp - 2] &= 0x7fffffff;
          pc++;
          continue;
        case 0x8c: // f32.neg
          I[sp - 2] ^= -0x80000000;
          pc++;
          continue;
        case 0x8d: // f32.ceil
          x = Math.ceil(F32[sp - 2]);
          F32[sp - 2] = x;
          if (x !== x) I[sp - 2] = NAN_32;
          pc++;
          continue;
        case 0x8e: // f32.floor
          x = Math.floor(F32[sp - 2]);
          F32[sp - 2] = x;
          if (x !== x) I[sp - 2] = NAN_32;
          pc++;
          continue;
        case 0x8f: // f32.trunc
          x = Math.trunc(F32[sp - 2]);
          F32[sp - 2] = x;
          if (x !== x) I[sp - 2] = NAN_32;
          pc++;
          continue;
        case 0x90: // f32.nearest
          x = nearest(F32[sp - 2]);
          F32[sp - 2] = x;
          if (x !== x) I[sp - 2] = NAN_32;
          pc++;
          continue;
        case 0x91: // f32.sqrt
          x = Math.sqrt(F32[sp - 2]);
          F32[sp - 2] = x;
          if (x !== x) I[sp - 2] = NAN_32;
          pc++;
          continue;
        case 0x92: // f32.add
          sp -= 2;
          x = F32[sp - 2] + F32[sp];
          F32[sp - 2] = x;
          if (x !== x) I[sp - 2] = NAN_32;
          pc++;
          continue;
        case 0x93: // f32.sub
          sp -= 2;
          x = F32[sp - 2] - F32[sp];
          F32[sp - 2] = x;
          if (x !== x) I[sp - 2] = NAN_32;
          pc++;
          continue;
        case 0x94: // f32.mul
          sp -= 2;
          x = F32[sp - 2] * F32[sp];
          F32[sp - 2] = x;
          if (x !== x) I[sp - 2] = NAN_32;
          pc++;
          continue;
        case 0x95: // f32.div
          sp -= 2;
          x = F32[sp - 2] / F32[sp];
          F32[sp - 2] = x;
          if (x !== x) I[sp - 2] = NAN_32;
          pc++;
          continue;
        case 0x96: // f32.min
          sp -= 2;
          x = Math.min(F32[sp - 2], F32[sp]);
          F32[sp - 2] = x;
          if (x !== x) I[sp - 2] = NAN_32;
          pc++;
          continue;
        case 0x97: // f32.max
          sp -= 2;
          x = Math.max(F32[sp - 2], F32[sp]);
          F32[sp - 2] = x;
          if (x !== x) I[sp - 2] = NAN_32;
          pc++;
          continue;
        case 0x98: // f32.copysign
          sp -= 2;
          I[sp - 2] = (I[sp - 2] & 0x7fffffff) | (I[sp] & -0x80000000);
          pc++;
          continue;
        case 0x99: // f64.abs
          I[sp - 1] &= 0x7fffffff;
          pc++;
          continue;
        case 0x9a: // f64.neg
          I[sp - 1] ^= -0x80000000;
          pc++;
          continue;
        case 0x9b: // f64.ceil
          x = Math.ceil(F64[(sp - 2) >> 1]);
          F64[(sp - 2) >> 1] = x;
          if (x !== x) putNaN(I, sp - 2);
          pc++;
          continue;
        case 0x9c: // f64.floor
          x = Math.floor(F64[(sp - 2) >> 1]);
          F64[(sp - 2) >> 1] = x;
          if (x !== x) putNaN(I, sp - 2);
          pc++;
          continue;
        case 0x9d: // f64.trunc
          x = Math.trunc(F64[(sp - 2) >> 1]);
          F64[(sp - 2) >> 1] = x;
          if (x !== x) putNaN(I, sp - 2);
          pc++;
          continue;
        case 0x9e: // f64.nearest
          x = nearest(F64[(sp - 2) >> 1]);
          F64[(sp - 2) >> 1] = x;
          if (x !== x) putNaN(I, sp - 2);
          pc++;
          continue;
        case 0x9f: // f64.sqrt
          x = Math.sqrt(F64[(sp - 2) >> 1]);
          F64[(sp - 2) >> 1] = x;
          if (x !== x) putNaN(I, sp - 2);
          pc++;
          continue;
        case 0xa0: // f64.add
          sp -= 2;
          x = F64[(sp - 2) >> 1] + F64[sp >> 1];
          F64[(sp - 2) >> 1] = x;
          if (x !== x) putNaN(I, sp - 2);
          pc++;
          continue;
        case 0xa1: // f64.sub
          sp -= 2;
          x = F64[(sp - 2) >> 1] - F64[sp >> 1];
          F64[(sp - 2) >> 1] = x;
          if (x !== x) putNaN(I, sp - 2);
          pc++;
          continue;
        case 0xa2: // f64.mul
          sp -= 2;
          x = F64[(sp - 2) >> 1] * F64[sp >> 1];
          F64[(sp - 2) >> 1] = x;
          if (x !== x) putNaN(I, sp - 2);
          pc++;
          continue;
        case 0xa3: // f64.div
          sp -= 2;
          x = F64[(sp - 2) >> 1] / F64[sp >> 1];
          F64[(sp - 2) >> 1] = x;
          if (x !== x) putNaN(I, sp - 2);
          pc++;
          continue;
        case 0xa4: // f64.min
          sp -= 2;
          x = Math.min(F64[(sp - 2) >> 1], F64[sp >> 1]);
          F64[(sp - 2) >> 1] = x;
          if (x !== x) putNaN(I, sp - 2);
          pc++;
          continue;
        case 0xa5: // f64.max
          sp -= 2;
          x = Math.max(F64[(sp - 2) >> 1], F64[sp >> 1]);
          F64[(sp - 2) >> 1] = x;
          if (x !== x) putNaN(I, sp - 2);
          pc++;
          continue;
        case 0xa6: // f64.copysign
          sp -= 2;
          I[sp - 1] = (I[sp - 1] & 0x7fffffff) | (I[sp + 1] & -0x80000000);
          pc++;
          continue;
        case 0xa7: // i32.wrap_i64
          // The low word is the result.
          pc++;
          continue;
        case 0xa8: // i32.trunc_f32_s
          I[sp - 2] = truncS(F32[sp - 2]);
          pc++;
          continue;
        case 0xa9: // i32.trunc_f32_u
          I[sp - 2] = truncU(F32[sp - 2]);
          pc++;
          continue;
        case 0xaa: // i32.trunc_f64_s
          I[sp - 2] = truncS(F64[(sp - 2) >> 1]);
          pc++;
          continue;
        case 0xab: // i32.trunc_f64_u
          I[sp - 2] = truncU(F64[(sp - 2) >> 1]);
          pc++;
          continue;
        case 0xac: // i64.extend_i32_s
          I[sp - 1] = I[sp - 2] >> 31;
          pc++;
          continue;
        case 0xad: // i64.extend_i32_u
          I[sp - 1] = 0;
          pc++;
          continue;
        case 0xae: // i64.trunc_f32_s
          truncS64(I, sp - 2, F32[sp - 2]);
          pc++;
          continue;
        case 0xaf: // i64.trunc_f32_u
          truncU64(I, sp - 2, F32[sp - 2]);
          pc++;
          continue;
        case 0xb0: // i64.trunc_f64_s
          truncS64(I, sp - 2, F64[(sp - 2) >> 1]);
          pc++;
          continue;
        case 0xb1: // i64.trunc_f64_u
          truncU64(I, sp - 2, F64[(sp - 2) >> 1]);
          pc++;
          continue;
        case 0xb2: // f32.convert_i32_s
          F32[sp - 2] = I[sp - 2];
          pc++;
          continue;
        case 0xb3: // f32.convert_i32_u
          F32[sp - 2] = I[sp - 2] >>> 0;
          pc++;
          continue;
        case 0xb4: // f32.convert_i64_s
          F32[sp - 2] = convertF32S(I, sp - 2);
          pc++;
          continue;
        case 0xb5: // f32.convert_i64_u
          F32[sp - 2] = convertF32U(I, sp - 2);
          pc++;
          continue;
        case 0xb6: // f32.demote_f64
          x = F64[(sp - 2) >> 1];
          F32[sp - 2] = x;
          if (x !== x) I[sp - 2] = NAN_32;
          pc++;
          continue;
        case 0xb7: // f64.convert_i32_s
          F64[(sp - 2) >> 1] = I[sp - 2];
          pc++;
          continue;
        case 0xb8: // f64.convert_i32_u
          F64[(sp - 2) >> 1] = I[sp - 2] >>> 0;
          pc++;
          continue;
        case 0xb9: // f64.convert_i64_s
          F64[(sp - 2) >> 1] = convertS(I, sp - 2);
          pc++;
          continue;
        case 0xba: // f64.convert_i64_u
          F64[(sp - 2) >> 1] = convertU(I, sp - 2);
          pc++;
          continue;
        case 0xbb: // f64.promote_f32
          x = F32[sp - 2];
          F64[(sp - 2) >> 1] = x;
          if (x !== x) putNaN(I, sp - 2);
          pc++;
          continue;
        case 0xbc: // i32.reinterpret_f32, and the three below: the bits are there already
        case 0xbd:
        case 0xbe:
        case 0xbf:
          pc++;
          continue;
        case 0xc0: // i32.extend8_s
          I[sp - 2] = (I[sp - 2] << 24) >> 24;
          pc++;
          continue;
        case 0xc1: // i32.extend16_s
          I[sp - 2] = (I[sp - 2] << 16) >> 16;
          pc++;
          continue;
        case 0xc2: // i64.extend8_s
          I[sp - 2] = (I[sp - 2] << 24) >> 24;
          I[sp - 1] = I[sp - 2] >> 31;
          pc++;
          continue;
        case 0xc3: // i64.extend16_s
          I[sp - 2] = (I[sp - 2] << 16) >> 16;
          I[sp - 1] = I[sp - 2] >> 31;
          pc++;
          continue;
        case 0xc4: // i64.extend32_s
          I[sp - 1] = I[sp - 2] >> 31;
          pc++;
          continue;
        case 0xc5: // i32.trunc_sat_f32_s
          I[sp - 2] = truncSatS(F32[sp - 2]);
          pc++;
          continue;
        case 0xc6: // i32.trunc_sat_f32_u
          I[sp - 2] = truncSatU(F32[sp - 2]);
          pc++;
          continue;
        case 0xc7: // i32.trunc_sat_f64_s
          I[sp - 2] = truncSatS(F64[(sp - 2) >> 1]);
          pc++;
          continue;
        case 0xc8: // i32.trunc_sat_f64_u
          I[sp - 2] = truncSatU(F64[(sp - 2) >> 1]);
          pc++;
          continue;
        case 0xc9: // i64.trunc_sat_f32_s
          truncSatS64(I, sp - 2, F32[sp - 2]);
          pc++;
          continue;
        case 0xca: // i64.trunc_sat_f32_u
          truncSatU64(I, sp - 2, F32[sp - 2]);
          pc++;
          continue;
        case 0xcb: // i64.trunc_sat_f64_s
          truncSatS64(I, sp - 2, F64[(sp - 2) >> 1]);
          pc++;
          continue;
        case 0xcc: // i64.trunc_sat_f64_u
          truncSatU64(I, sp - 2, F64[(sp - 2) >> 1]);
          pc++;
          continue;
        default:
          // No op of the table: one that is watched.
          lo = passWatched(m, code, pc, sp, fp, mem);
          if (lo < 0) {
            exit = Exit.Watch;
            break loop;
          }
          sp = m.sp;
          pc += lo;
          continue;
      }
    }
  } catch (thrown) {
    m.thrown = thrown;
    exit = Exit.Thrown;
  }
  m.pc = pc;
  m.fp = fp;
  m.sp = sp;
  m.cs = cs;
  m.mem = mem;
  m.csLimit = csLimit;
  m.fuel = fuel;
  return exit;
}

/**
 * Moves the top `n` slots down to word `to`; `~n` when some of them are references or vectors. Returns the new sp.
 */
function keep(m: Core, I: Int32Array, to: number, sp: number, n: number): number {
  if (n === 0) return to;
  if (n === 1) {
    I[to] = I[sp - 2];
    I[to + 1] = I[sp - 1];
    return to + 2;
  }
  const slots = n < 0 ? ~n : n;
  const from = sp - 2 * slots;
  for (let k = 0; k < 2 * slots; k++) I[to + k] = I[from + k];
  if (n < 0) moveBeside(m, to >> 1, from >> 1, slots);
  return to + 2 * slots;
}

/** Gives the locals from word `from` to `to` their default values. */
function clearLocals(m: Core, I: Int32Array, from: number, to: number): void {
  for (let k = from; k < to; k++) I[k] = 0;
  if (m.R.length > 0 || m.V.slots > 0) clearBeside(m, from >> 1, to >> 1);
}

function putNaN(I: Int32Array, w: number): void {
  I[w] = 0;
  I[w + 1] = 0x7ff80000;
}
