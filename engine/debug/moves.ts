/**
 * Putting a stopped program somewhere else: set next statement, restart frame, forced returns, going on behind a trap; and
 * the calls that a step can go into.
 *
 * A trap ends a program by its meaning. Only the two commands that say so in their names go on from one: a forced return, and
 * a result supplied for the instruction that trapped. Nothing here undoes what was done to memories, tables, globals and
 * objects; the console says so.
 */

import { usage } from '../base/errors.ts';
import { instrReader } from '../binary/instr.ts';
import type { WasmFrame } from '../exec/frame.ts';
import type { Thread } from '../exec/threads.ts';
import { Op } from '../isa/op.gen.ts';
import type { ValType } from '../isa/types.ts';
import { formatValue, type Value } from '../runtime/values.ts';
import { type Caller, firstArguments } from './first-arguments.ts';
import { frameNumber, frameParts, type StoppedFrames } from './frames.ts';
import type { Inspector } from './inspect.ts';
import { type Behind, behind, whyNotAt } from './other-place.ts';
import type { Program } from './program.ts';
import { typeText } from './ref-values.ts';
import type { Stop } from './runner.ts';
import type { GotoTarget, Params, Place, Result, StepInTarget } from './wire.ts';

/** What moves need of the program that is stopped. */
export interface MovesOwner {
  readonly frames: StoppedFrames;
  readonly program: Program;
  readonly stop: Stop | undefined;
  threadAt(id: number): Thread;
  inspectorOf(frame: WasmFrame): Inspector;
  print(text: string, place: Place | undefined): void;
}

const CALLS: ReadonlySet<number> = new Set([
  Op.call,
  Op.call_indirect,
  Op.call_ref,
  Op.return_call,
  Op.return_call_indirect,
  Op.return_call_ref,
]);

/** Says for each place why the thread cannot go on there, if it cannot. */
export function gotoTargets(owner: MovesOwner, thread: number, places: readonly Place[]): GotoTarget[] {
  return places.map((place) => ({ place, problem: whyNot(owner, thread, place.module, place.offset) }));
}

/** Puts a thread at another instruction of its innermost function. Throws a usage fault that says why not. */
export function goTo(owner: MovesOwner, { thread: id, module, offset }: Params<'goto'>): Thread {
  const problem = whyNot(owner, id, module, offset);
  if (problem) usage(`cannot go on there: ${problem}`);
  const thread = owner.threadAt(id);
  thread.machine.moveTo(offset, innermost(owner, thread).operandCount, []);
  return thread;
}

/** Where an innermost frame stands, and the calls that are written behind that. Other frames step into nothing. */
export function stepInTargets(
  owner: MovesOwner,
  { frame: number }: Params<'stepInTargets'>,
): Result<'stepInTargets'> {
  const frame = owner.frames.at(number);
  if (frame?.kind !== 'wasm' || frameParts(number).depth > 0) return { targets: [] };
  const { inst, idx } = frame.func;
  const loaded = owner.program.of(inst!.module);
  if (!loaded) return { targets: [] };
  const targets: StepInTarget[] = [];
  const reader = instrReader(loaded.module);
  const { codeStart, range } = loaded.module.funcs[idx].body!;
  reader.startBody(codeStart, range.end);
  while (reader.next()) {
    if (reader.offset < frame.offset || !CALLS.has(reader.code)) continue;
    const place = loaded.place(idx, reader.offset);
    const isDirect = reader.code === Op.call || reader.code === Op.return_call;
    const { text } = loaded.shown(place.doc);
    const label = isDirect ? loaded.nameOf(reader.a) : text.slice(place.span.start, place.span.end);
    targets.push({ offset: reader.offset, label, place });
  }
  return { place: loaded.place(idx, frame.offset), targets };
}

/** Lets a function begin again. Throws a usage fault where its arguments are not known any more. */
export function restartFrame(owner: MovesOwner, { frame: number }: Params<'restartFrame'>): Thread {
  const { thread, frame, depth, place } = frameToChange(owner, number);
  refuseAtTrap(owner, thread, 'restart the frame');
  const { machine } = thread;
  const isOutermost = depth === machine.depth - 1;
  const caller = isOutermost ? undefined : callerOf(owner, thread, depth + 1);
  const begun = isOutermost ? machine.begunWith : undefined;
  const localName = (idx: number): string => {
    const { names } = frame.func.inst!.module;
    const given = names.local(frame.func.idx, idx);
    return given === undefined ? `local[${idx}]` : `$${given}`;
  };
  const args = firstArguments(frame, { caller, begun }, localName);
  const name = funcNameOf(owner, frame);
  machine.restartFrame(depth, args);
  const list = args.map((value) => formatValue(value)).join(', ');
  owner.print(
    `${name}(${list}) begins again. What it has done to memory, tables, globals and files stays done.\n`,
    place,
  );
  return thread;
}

/** Lets a function return values at once. Also from a trap. */
export function forceReturn(owner: MovesOwner, { frame: number, values }: Params<'forceReturn'>): Thread {
  const { thread, frame, depth, place } = frameToChange(owner, number);
  refuseInNestedTrap(owner, thread);
  const name = funcNameOf(owner, frame);
  const results = typed(owner, frame, frame.func.type.results, values, `${name} returns`, number);
  thread.machine.returnFrame(depth, results);
  owner.print(`${name} was made to return ${listed(results)}.\n`, place);
  return thread;
}

/** Goes on behind the instruction that trapped, as if it had given these results. */
export function supplyResult(owner: MovesOwner, { thread: id, values }: Params<'supplyResult'>): Thread {
  const thread = owner.threadAt(id);
  const { stop } = owner;
  const isFault = stop?.thread === thread && (stop.reason === 'fault' || stop.reason === 'throw');
  if (!isFault) usage('the program has not trapped here: there is nothing to ignore');
  refuseInNestedTrap(owner, thread);
  const frame = innermost(owner, thread);
  const { keep, results: types, next } = behindFrame(frame);
  const word = wordAt(owner, frame);
  const results = typed(owner, frame, types, values, `${word} gives`, frameNumber(thread.id, 0));
  const place = owner.program.place(frame.func, frame.offset);
  thread.machine.moveTo(next, keep, results);
  owner.print(`${word} did not trap for the program: it gave ${listed(results)}.\n`, place);
  return thread;
}

/** The types of the values that a forced return, or the result of an instruction, has. */
export function forcedTypes(owner: MovesOwner, { frame: number, of }: Params<'forcedTypes'>): string[] {
  const { frame } = frameToChange(owner, number);
  const types = of === 'function' ? frame.func.type.results : behindFrame(frame).results;
  return types.map((type) => typeText(frame.func.inst!.module, type));
}

function behindFrame({ func, offset }: WasmFrame): Behind {
  return behind(func.inst!.module, func.inst!.features, func.idx, offset);
}

function whyNot(owner: MovesOwner, id: number, module: number, offset: number): string | undefined {
  const thread = owner.threadAt(id);
  const frame = innermost(owner, thread);
  const loaded = owner.program.of(frame.func.inst!.module);
  const body = loaded?.module.funcs[frame.func.idx].body;
  const isInside = body && offset >= body.codeStart && offset < body.range.end;
  if (!loaded || (loaded.number ?? 0) !== module || !isInside) {
    return `it is not in ${funcNameOf(owner, frame)}, where the program stands`;
  }
  if (isAtTrap(owner, thread)) return trapText('another place');
  return whyNotAt(frame, offset);
}

/** The frame that is to be changed, if its thread stands between two instructions. */
function frameToChange(owner: MovesOwner, number: number) {
  const { thread: id, depth } = frameParts(number);
  const thread = owner.threadAt(id);
  mustBeReady(owner, thread);
  const frame = owner.frames.at(number);
  if (frame?.kind !== 'wasm') return usage('this frame is not WebAssembly: it cannot be changed');
  return { thread, frame, depth, place: owner.program.place(frame.func, frame.offset) };
}

function innermost(owner: MovesOwner, thread: Thread): WasmFrame {
  mustBeReady(owner, thread);
  const frame = owner.frames.at(frameNumber(thread.id, 0));
  return frame?.kind === 'wasm' ? frame : usage('the program does not stand at an instruction here');
}

function mustBeReady({ stop }: MovesOwner, thread: Thread): void {
  const { state, machine } = thread;
  if (stop?.reason === 'exit' && stop.thread === thread) usage('the program has exited: it cannot go on');
  if (state === 'host') usage('a host function is being waited for: it has to return first');
  if (state !== 'ready') usage('the thread waits for others: it cannot be put elsewhere');
  if (!machine.active) usage('the thread is in no function');
}

function isAtTrap({ stop }: MovesOwner, thread: Thread): boolean {
  return stop?.reason === 'fault' && stop.thread === thread;
}

function refuseAtTrap(owner: MovesOwner, thread: Thread, what: string): void {
  if (isAtTrap(owner, thread)) usage(trapText(what));
}

function trapText(what: string): string {
  return `the program has trapped: ${what} would hide that. "Ignore Trap" and "Force Return" go on from a trap`;
}

/** A trap in a call that a host function makes is the host function's already. */
function refuseInNestedTrap(owner: MovesOwner, thread: Thread): void {
  if (!isAtTrap(owner, thread)) return;
  const isNested = thread.machine.frames().some(({ kind }) => kind === 'host');
  if (isNested) usage('the trap is in a call that a host function makes: that function gets it as an error');
}

function callerOf(owner: MovesOwner, thread: Thread, depth: number): Caller | undefined {
  const number = frameNumber(thread.id, depth);
  const frame = owner.frames.at(number);
  if (frame?.kind !== 'wasm') return undefined;
  const loaded = owner.program.of(frame.func.inst!.module);
  if (!loaded) return undefined;
  return {
    frame,
    textAt: (offset) => {
      const { doc, span } = loaded.place(frame.func.idx, offset);
      return span.end > span.start ? loaded.shown(doc).text.slice(span.start, span.end) : undefined;
    },
    compute: (expression) => owner.inspectorOf(frame).compute(expression, number),
  };
}

function typed(
  owner: MovesOwner,
  frame: WasmFrame,
  types: readonly ValType[],
  values: readonly string[],
  who: string,
  number: number,
): Value[] {
  const { module } = frame.func.inst!;
  if (values.length !== types.length) {
    const wanted = types.map((type) => typeText(module, type)).join(' ');
    usage(
      `${who} [${wanted}]: ${types.length} ${types.length === 1 ? 'value' : 'values'} expected, found ${values.length}`,
    );
  }
  const inspector = owner.inspectorOf(frame);
  return types.map((type, i) => inspector.valueAs(values[i], type, `result ${i}`, number));
}

function listed(values: readonly Value[]): string {
  return values.length === 0 ? 'nothing' : values.map((value) => formatValue(value)).join(', ');
}

function funcNameOf({ program }: MovesOwner, { func }: WasmFrame): string {
  return program.of(func.inst!.module)?.nameOf(func.idx) ?? `func[${func.idx}]`;
}

/** The instruction that a frame stands at, as the text has it. */
function wordAt({ program }: MovesOwner, { func, offset }: WasmFrame): string {
  const loaded = program.of(func.inst!.module);
  const place = loaded?.place(func.idx, offset);
  return place ? loaded!.shown(place.doc).text.slice(place.span.start, place.span.end) : 'the instruction';
}
