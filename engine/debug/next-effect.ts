/**
 * What the next instruction is about to do: its operands, and what can be known without doing it: its result, the trap, the
 * function that is called, where a branch goes.
 *
 * Results and traps of what has no effects come from the engine itself (exec/dry-run.ts); bounds of what writes are looked
 * at here. Nothing is changed. Knows no protocol; offsets are in the frame's module.
 */

import type { Fault } from '../base/errors.ts';
import { InstrReader } from '../binary/instr.ts';
import { UNALIGNED } from '../exec/atomic.ts';
import { OOB_MEMORY, OOB_TABLE } from '../exec/bulk.ts';
import type { CodeSpace } from '../exec/code.ts';
import { dryRun } from '../exec/dry-run.ts';
import type { WasmFrame } from '../exec/frame.ts';
import { NULL_ARRAY, NULL_STRUCT, OOB_ARRAY } from '../exec/gc.ts';
import { faultOf } from '../exec/trap.ts';
import { accessesOf, Space } from '../exec/watch-ops.ts';
import { instrByCode } from '../isa/isa.ts';
import { Op } from '../isa/op.gen.ts';
import { ADDR } from '../isa/type-text.ts';
import { V128 } from '../isa/types.ts';
import type { FuncInst } from '../runtime/func.ts';
import { ArrayInst, StructInst } from '../runtime/heap.ts';
import { maxPages } from '../runtime/memory.ts';
import { formatValue, isRefValue, type Value } from '../runtime/values.ts';
import { stackAt } from '../valid/stack-at.ts';
import { instrText } from './instr-text.ts';
import type { LoadedProgram } from './load.ts';
import { type Asked, controlled, type Outcome, unsigned } from './next-control.ts';
import { integerText } from './number-text.ts';
import { idsOf } from './object-ids.ts';
import { fieldValue } from './ref-values.ts';
import { showValue } from './values.ts';

export interface NextEffect {
  /** `i32.div_s 7, 0 → will trap: integer divide by zero`. */
  readonly text: string;
  readonly traps: boolean;
  /** Where a branch that is taken goes on, in the same function. */
  readonly goesTo?: number;
  /** The function that is called. */
  readonly calls?: FuncInst;
}

/** What has an effect on something else than the operand stack, or depends on more than that. */
const HAS_EFFECTS =
  /\.store|\.rmw|atomic\.(?:notify|wait)|fence|\.(?:set|tee|grow|fill|copy|new|drop)(?:_|$)|^(?:memory|table|array)\.init|^local\.get$/;

/** What the instruction that comes next in a frame will do. Undefined where nothing is known of it. */
export function nextEffect(
  loaded: LoadedProgram,
  space: CodeSpace,
  frame: WasmFrame,
): NextEffect | undefined {
  const { module } = loaded;
  const instr = new InstrReader(module.bytes, true);
  instr.readAt(frame.offset, module.bytes.length);
  const row = instrByCode(instr.code);
  if (!row || isEndOfBlock(frame, instr)) return undefined;
  const asked: Asked = { loaded, space, frame, instr, ...takenAndGiven(frame, instr) };
  const outcome = isControl(row.name) ? controlled(asked) : plain(asked, row.name);
  const operands = (outcome.operands ?? asked.operands).map((value) => short(asked, value)).join(', ');
  const head = `${instrText(module, frame.func.idx, instr, loaded.rename)} ${operands}`.trim();
  const { fault, goesTo, calls } = outcome;
  const what = fault ? `will trap: ${faultText(fault)}` : outcome.text;
  return { text: what === undefined ? head : `${head} → ${what}`, traps: fault !== undefined, goesTo, calls };
}

/** An `end` does something only where the function returns. */
function isEndOfBlock({ func, offset }: WasmFrame, { code }: InstrReader): boolean {
  if (code === Op.else || code === Op.catch || code === Op.catch_all) return true;
  return code === Op.end && offset !== func.inst!.module.funcs[func.idx].body!.range.end - 1;
}

function isControl(name: string): boolean {
  return /^(?:unreachable|block|loop|if|try|try_table|br.*|return.*|call.*|end|throw.*|rethrow)$/.test(name);
}

/** How many operands the common instructions take that have no type of their own in the table. */
const SIMPLE: Readonly<Record<number, number>> = {
  [Op.local_set]: 1,
  [Op.local_tee]: 1,
  [Op.global_set]: 1,
  [Op.drop]: 1,
  [Op.select]: 3,
};

/** Read off the validator: what is on the stack before and after. */
function takenAndGiven(frame: WasmFrame, instr: InstrReader): Pick<Asked, 'operands' | 'results'> {
  const { inst, idx } = frame.func;
  const own = (count: number): Value[] =>
    Array.from({ length: count }, (_, i) => frame.operand(frame.operandCount - count + i));
  const row = instrByCode(instr.code)!;
  // Most instructions say it themselves; walking to them again takes as long as the function is.
  if (isControl(row.name)) return { operands: [], results: [] };
  const simple = SIMPLE[instr.code];
  if (simple) {
    const operands = own(Math.min(simple, frame.operandCount));
    return { operands, results: instr.code === Op.select ? [operands[0].type] : [] };
  }
  if (instr.code === Op.local_get) return { operands: [], results: [] };
  if (instr.code === Op.global_get) {
    return { operands: [], results: [inst!.module.globals[instr.a].type.type] };
  }
  if (!row.special && !row.results.includes(ADDR)) {
    return { operands: own(Math.min(row.params.length, frame.operandCount)), results: row.results };
  }
  const after = stackAt(inst!.module, inst!.features, idx, instr.pos);
  if (!after.reachable) return { operands: [], results: [] };
  const given = after.operands.filter(({ pushedAt }) => pushedAt === frame.offset);
  const taken = frame.operandCount - (after.operands.length - given.length);
  return { operands: own(Math.max(0, taken)), results: given.map(({ type }) => type) };
}

function plain(asked: Asked, name: string): Outcome {
  if (!HAS_EFFECTS.test(name) && name !== 'drop' && name !== 'nop') return computed(asked);
  const { frame, instr, operands } = asked;
  switch (instr.code) {
    case Op.local_get:
      return { text: showAs(asked, frame.local(instr.a)) };
    case Op.local_set:
    case Op.local_tee:
      return { text: change(asked, frame.local(instr.a), operands[0]) };
    case Op.global_set: {
      const { type } = asked.loaded.module.globals[instr.a].type;
      return {
        text: change(asked, { ...frame.func.inst!.globals[instr.a].value, type } as Value, operands[0]),
      };
    }
    case Op.memory_grow:
      return grown(asked);
    case Op.struct_set:
    case Op.array_set:
      return object(asked);
    default:
      return written(asked);
  }
}

/** Computed by the engine, on copies. */
function computed(asked: Asked): Outcome {
  const { space, frame, operands, results } = asked;
  const run = dryRun(frame.func.inst!.store, space, frame, operands, results);
  if (!run) return {};
  if ('fault' in run) return run.fault.phase === 'trap' ? { fault: run.fault } : {};
  const values = run.results.map((value, i) => showAs(asked, { ...value, type: results[i] } as Value));
  return values.length === 0 ? {} : { text: values.join(', ') };
}

/** What writes to memories and tables: the trap, or what is there before and after. */
function written(asked: Asked): Outcome {
  const { frame, space, instr } = asked;
  const { store } = frame.func.inst!;
  const sp = 2 * asked.operands.length;
  // The operands in words, as the op finds them.
  const I = new Int32Array(sp);
  asked.operands.forEach((value, i) => {
    if (isRefValue(value)) return;
    I[2 * i] = Number(BigInt.asIntN(32, value.bits));
    I[2 * i + 1] = Number(BigInt.asIntN(32, value.bits >> 32n));
  });
  const at = { I, sp, fp: 0, store };
  const row = instrByCode(instr.code)!;
  let address = 0;
  for (const { space: where, addr, from, count } of accessesOf(
    space.code,
    frame.pc,
    space.opAt(frame.pc),
    frame.func.mem0,
    at,
  )) {
    if (where !== Space.memory && where !== Space.table) continue;
    address = from;
    const length = where === Space.memory ? store.mems[addr].bytes.length : store.tableElems[addr].length;
    if (row.exactAlign && from % row.width !== 0) return { fault: faultOf({ store }, frame, UNALIGNED) };
    if (from + count <= length || count === Number.POSITIVE_INFINITY) continue;
    const oob = where === Space.table ? OOB_TABLE : row.width > 0 ? new RangeError() : OOB_MEMORY;
    return { fault: faultOf({ store }, frame, oob) };
  }
  const data = initFault(asked);
  if (data) return { fault: data };
  return row.width > 0 && row.width <= 8 ? { text: storeText(asked, address) } : {};
}

/** `at 0x100: 0 (0x0) → 7`: the bytes that a store of a number writes. */
function storeText({ frame, instr, operands }: Asked, address: number): string {
  const row = instrByCode(instr.code)!;
  const memory = frame.func.inst!.mems[instr.a];
  const bytes = memory.bytes.subarray(address, address + row.width);
  const old = bytes.reduceRight((sum, byte) => (sum << 8n) | BigInt(byte), 0n);
  const where = `at 0x${address.toString(16)}`;
  const value = operands.at(-1);
  if (!value || isRefValue(value) || !/^[if](?:32|64)\.(?:atomic\.)?store/.test(row.name)) {
    return `${where}: ${integerText(old, 8 * row.width)}`;
  }
  const written = BigInt.asUintN(8 * row.width, value.bits);
  const text = (bits: bigint): string =>
    row.name.startsWith('f') ? formatValue({ type: value.type, bits }) : integerText(bits, 8 * row.width);
  return `${where}: ${text(old)} → ${text(written)}`;
}

/** What is read from a segment of data or elements that is too short. */
function initFault({ frame, instr, operands }: Asked): Fault | undefined {
  const { store, dataAddrs, elemAddrs } = frame.func.inst!;
  const isData = instr.code === Op.memory_init;
  if (!isData && instr.code !== Op.table_init) return undefined;
  const segment = isData ? store.datas[dataAddrs[instr.a]] : store.elems[elemAddrs[instr.a]];
  const [from, count] = operands.slice(-2).map(unsigned);
  return from + count > segment.length
    ? faultOf({ store }, frame, isData ? OOB_MEMORY : OOB_TABLE)
    : undefined;
}

/** `struct.set`, `array.set`: the object is there and long enough, and what it holds changes. */
function object(asked: Asked): Outcome {
  const { frame, operands, instr } = asked;
  const { store } = frame.func.inst!;
  const [of, second, third] = operands;
  const ref = of && isRefValue(of) ? of.ref : null;
  if (instr.code === Op.struct_set) {
    if (!(ref instanceof StructInst)) return { fault: faultOf({ store }, frame, NULL_STRUCT) };
    return { text: change(asked, fieldValue(ref, instr.b), second) };
  }
  if (!(ref instanceof ArrayInst)) return { fault: faultOf({ store }, frame, NULL_ARRAY) };
  const idx = unsigned(second);
  if (idx >= ref.length) return { fault: faultOf({ store }, frame, OOB_ARRAY) };
  return { text: change(asked, fieldValue(ref, idx), third) };
}

/** Growing may still fail where the host has no more memory. */
function grown({ frame, instr, operands }: Asked): Outcome {
  const memory = frame.func.inst!.mems[instr.a];
  const { pages } = memory;
  const more = unsigned(operands[0]);
  const most = maxPages(memory.type);
  if (pages + more > most) return { text: `-1: ${pages} + ${more} pages are more than ${most}` };
  return { text: more === 0 ? String(pages) : `${pages}, and ${pages + more} pages then` };
}

/** `3 (0x3) → 5 (0x5)`. */
function change(asked: Asked, from: Value, to: Value): string {
  const type = from.type;
  return `${showAs(asked, from)} → ${showAs(asked, { ...to, type } as Value)}`;
}

function faultText({ message, notes }: Fault): string {
  // The operands stand in front already.
  const more = notes.filter((note) => !/^\S+ of /.test(note.message));
  return [message, ...more.map((note) => note.message)].join(': ');
}

function showAs({ loaded, frame }: Asked, value: Value): string {
  return showValue(value, { rename: loaded.rename, ids: idsOf(frame.func.inst!.store) });
}

/** An operand: the value alone. */
function short(asked: Asked, value: Value): string {
  return isRefValue(value) || value.type === V128 ? showAs(asked, value) : formatValue(value);
}
