/**
 * Internal ops: the first word of every instruction in translated code (code.ts), one for each Wasm instruction.
 *
 * A plain instruction (0x28-0x3e loads and stores, 0x45-0xc4 numerics) keeps its wire code, so this enum lists only
 * what differs: control, calls, variables by width, and the machine's own ops. The numbers are dense on purpose: V8
 * turns the interpreter's `switch` into a jump table only over numeric literals (a const enum that esbuild inlines;
 * measured 7 times slower otherwise).
 *
 * Words behind the op, `count` being the static number of instructions from the function's start:
 *
 * | op | words |
 * |---|---|
 * | If, Jump, Br, BrBack, BrIf, BrIfBack | target pc, count difference |
 * | BrMove, BrIfMove | target, difference, height (words from fp), slots to keep (`~n` if some are beside), limit |
 * | BrTable | n, then n + 1 times the five words of BrMove |
 * | Return0, Return32, Return64 | count |
 * | ReturnN | slots (`~n` if some are beside), count |
 * | Call, CallCross | func address, argument words, count |
 * | CallIndirect | table address, type id, argument words, count |
 * | TailCall | func address, 0, argument slots, count |
 * | TailCallIndirect | table address, type id, argument slots, count |
 * | Local… | words from fp |
 * | Global… | word in the store's globals (Ref: global address) |
 * | CallRef, TailCallRef | as CallIndirect, TailCallIndirect; table address -1: the operand is the reference |
 * | BrOnNull, BrOnNonNull | as BrIfMove |
 * | Const32, Const64 | low word (high word) |
 * | loads, stores | offset |
 * | Wide | sub-opcode |
 * | Throw; Rethrow | tag address; words from fp |
 * | FarAccess, Atomic, AtomicWait | memory address, wire code, offset low and high, address width, see far-access.ts |
 * | MemoryGrow | memory address |
 * | Enter | words of the frame at most, words from fp to the first local that is no parameter, and to the last |
 * | table, bulk memory | three addresses, see bulk.ts |
 * | Simd | wire code, one word |
 * | SimdLong | wire code, four words |
 * | Gc, BrOnCast | see gc.ts |
 * | Translate, Host, Native | func address |
 * | Loop | count |
 *
 * A word above 0xff is an op that may touch what is watched: watch.ts.
 *
 * References and vectors live beside the words of their slots: moves of several slots look there only if they must.
 */

export const enum IOp {
  Unreachable = 0x00,
  /** nop, block: nothing to do, yet a place to stop. */
  Nop = 0x01,
  Jump = 0x02,
  If = 0x03,
  Br = 0x04,
  BrBack = 0x05,
  BrIf = 0x06,
  BrIfBack = 0x07,
  BrMove = 0x08,
  BrIfMove = 0x09,
  BrTable = 0x0a,
  Return0 = 0x0b,
  Return32 = 0x0c,
  Return64 = 0x0d,
  ReturnN = 0x0e,
  Call = 0x0f,
  CallCross = 0x10,
  CallIndirect = 0x11,
  TailCall = 0x12,
  TailCallIndirect = 0x13,
  /** A function that was never called: the driver translates it. */
  Translate = 0x14,
  /** A host function: the driver calls it. */
  Host = 0x15,
  /** The return into an instance with another memory. */
  SwitchBack = 0x16,
  /** The return from an activation's first function. */
  Halt = 0x17,
  /** A stop: a breakpoint in the main image, every stoppable place in the shadow image. */
  Break = 0x18,
  Drop = 0x19,
  Select32 = 0x1a,
  Select64 = 0x1b,
  SelectRef = 0x1c,
  LocalGet32 = 0x1d,
  LocalGet64 = 0x1e,
  LocalGetRef = 0x1f,
  LocalSet32 = 0x20,
  LocalSet64 = 0x21,
  LocalSetRef = 0x22,
  LocalTee32 = 0x23,
  LocalTee64 = 0x24,
  LocalTeeRef = 0x25,
  Const32 = 0x26,
  Const64 = 0x27,
  // 0x28-0x3e: loads and stores
  MemorySize = 0x3f,
  MemoryGrow = 0x40,
  GlobalGet32 = 0x41,
  GlobalGet64 = 0x42,
  GlobalSet32 = 0x43,
  GlobalSet64 = 0x44,
  // 0x45-0xc4: numeric instructions
  /** 0xc5-0xcc: the eight saturating conversions, 0xfc00-0xfc07. */
  TruncSat = 0xc5,
  /** GlobalGetRef to TableFill touch references. */
  GlobalGetRef = 0xcd,
  GlobalSetRef = 0xce,
  RefNull = 0xcf,
  RefIsNull = 0xd0,
  RefFunc = 0xd1,
  TableGet = 0xd2,
  TableSet = 0xd3,
  TableSize = 0xd4,
  TableGrow = 0xd5,
  TableFill = 0xd6,
  TableCopy = 0xd7,
  TableInit = 0xd8,
  ElemDrop = 0xd9,
  MemoryInit = 0xda,
  DataDrop = 0xdb,
  MemoryCopy = 0xdc,
  MemoryFill = 0xdd,
  /** Before the first instruction of a function: see code.ts. */
  Enter = 0xde,
  /** Vector instructions, and moves of vectors: simd/. */
  Simd = 0xdf,
  SimdLong = 0xe0,
  /** A load, a store or memory.size that the cached view of memory 0 does not serve: far-access.ts. */
  FarAccess = 0xe1,
  /** call_ref, and call_indirect through a table with 64-bit indices: callee.ts. */
  CallRef = 0xe2,
  TailCallRef = 0xe3,
  RefAsNonNull = 0xe4,
  BrOnNull = 0xe5,
  BrOnNonNull = 0xe6,
  /** Arithmetic on 128 bits: wide.ts. */
  Wide = 0xe7,
  /** Garbage-collected values, casts, ref.eq: gc.ts. */
  Gc = 0xe8,
  BrOnCast = 0xe9,
  /** The driver looks for a handler: handler.ts. */
  Throw = 0xea,
  ThrowRef = 0xeb,
  /** Legacy. */
  Rethrow = 0xec,
  /** Atomic instructions: atomic.ts. The driver begins and ends waits. */
  Atomic = 0xed,
  AtomicWait = 0xee,
  /** Calls of the function go to compiled code (host/): the driver goes there. */
  Native = 0xef,
  /** loop: looks at the budget, as jumping back to it does. */
  Loop = 0xf0,
}

/** Fixed places in the code image: returning there switches the memory back, or ends the activation. */
export const enum Pc {
  Mark = 1,
  Halt = 3,
}

/** Why the interpreter's loop came back. */
export const enum Exit {
  /** The activation's first function returned. */
  Halt,
  /** The fuel is used up; pc is a stoppable place. */
  Fuel,
  /** On a Break op. */
  Break,
  /** On a Translate op, with the callee's frame pushed. */
  Translate,
  /** On a Host op, with the callee's frame pushed. */
  Host,
  /** A call found no room for the callee's frame, which is pushed but not entered. */
  Exhausted,
  /** On memory.grow, not executed yet: the driver does it, since it replaces the view. */
  Grow,
  /** On an instruction that throws an exception; sp is right. */
  Throw,
  /** On memory.atomic.wait, not executed yet; sp is right. */
  Wait,
  /** Something was thrown: `Core.thrown`. */
  Thrown,
  /** On an instruction that touches what is watched (watch.ts), not executed yet. */
  Watch,
  /** On a Native op, with the callee's frame pushed. */
  Native,
}
