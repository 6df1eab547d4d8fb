/**
 * Module validation (spec 3.5, 3.6): everything around function bodies, and the doors that check a whole module.
 *
 * Items are checked in the order of the file. `validate` stops at the first fault; `validateAll` goes on with the
 * next item or function, for editors. The order matters once: what is malformed inside a body comes before what is
 * invalid anywhere, because such bytes are no module at all.
 */

import { type Fault, invalid, WasmError } from '../base/errors.ts';
import { instrReader } from '../binary/instr.ts';
import { I32, I64, isDefaultable } from '../isa/types.ts';
import {
  type DataSegment,
  type ElemSegment,
  type Export,
  type FeatureSet,
  funcTypeAt,
  type Global,
  importCount,
  type Memory,
  type Module,
  type Table,
} from '../module/module.ts';
import { validateConstExpr } from './constant.ts';
import { FuncValidator } from './func.ts';
import { checkTypeIdx, checkValType, need } from './gate.ts';
import { checkMemoryType, checkTableType } from './limits.ts';
import { name, names } from './mismatch.ts';
import { typesOf } from './subtype.ts';
import { checkTypes } from './type-section.ts';

/** Throws the first fault in the order of the file: `malformed` if there is such a one, `invalid` or `unsupported`. */
export function validate(module: Module, features: FeatureSet): void {
  const steps = validating(module, features);
  while (!steps.next().done);
}

/** The same in steps. */
export function* validating(module: Module, features: FeatureSet): Generator<void, void> {
  try {
    yield* checkModule(module, features, (check) => check(), wholeBody);
  } catch (error) {
    throw error instanceof WasmError && error.phase !== 'malformed'
      ? (malformedCode(module) ?? error)
      : error;
  }
}

export interface ValidateOptions {
  /** Functions that are not checked: those the assembler could not finish have faults already. */
  readonly skip?: ReadonlySet<number>;
  /** Functions whose faults are known. */
  readonly known?: KnownBodies;
}

/** Faults of function bodies, by function. */
export interface KnownBodies {
  get(funcIdx: number): readonly Fault[] | undefined;
  set(funcIdx: number, faults: readonly Fault[]): void;
}

/** All faults: at most one an item of the module and one a function, in the order of the file. */
export function validateAll(module: Module, features: FeatureSet, options: ValidateOptions = {}): Fault[] {
  const steps = validatingAll(module, features, options);
  for (;;) {
    const { done, value } = steps.next();
    if (done) return value;
  }
}

/** The same in steps. */
export function* validatingAll(
  module: Module,
  features: FeatureSet,
  { skip, known }: ValidateOptions = {},
): Generator<void, Fault[]> {
  const faults: Fault[] = [];
  const guard: Guard = (check) => {
    try {
      check();
    } catch (error) {
      if (!(error instanceof WasmError)) throw error;
      faults.push(error.fault);
    }
  };
  yield* checkModule(module, features, guard, function* (v, funcIdx) {
    if (skip?.has(funcIdx)) return;
    const found = known?.get(funcIdx);
    if (found) {
      for (const fault of found) faults.push(fault);
      return;
    }
    const before = faults.length;
    yield* wholeBody(v, funcIdx, guard);
    known?.set(funcIdx, faults.slice(before));
  });
  return faults;
}

/** Runs one check, and decides what its fault does. */
type Guard = (check: () => void) => void;

/** Checks a function's body, in steps. */
type CheckBody = (v: FuncValidator, funcIdx: number, guard: Guard) => Generator<void>;

function* checkModule(
  module: Module,
  features: FeatureSet,
  guard: Guard,
  checkBody: CheckBody,
): Generator<void> {
  const v = new FuncValidator(module, features);
  const { funcs, tables, memories, globals, tags, exports, elems, datas } = module;
  checkTypes(module, features, guard);
  for (const func of funcs) guard(() => checkFuncType(module, func.typeIdx, func.offset));
  for (const [idx, table] of tables.entries()) guard(() => checkTable(v, table, idx));
  for (const [idx, memory] of memories.entries()) guard(() => checkMemory(features, memory, idx));
  for (const { type, offset } of tags) guard(() => checkTag(v, type.typeIdx, offset));
  for (const [idx, global] of globals.entries()) guard(() => checkGlobal(v, global, idx));
  yield;
  const seen = new Map<string, Export>();
  for (const item of exports) guard(() => checkExport(v, item, seen));
  guard(() => checkStart(module));
  for (const elem of elems) guard(() => checkElem(v, elem, guard));
  yield;
  let instructions = 0;
  for (const [funcIdx, { body }] of funcs.entries()) {
    if (!body) continue;
    yield* checkBody(v, funcIdx, guard);
    // A byte is an instruction at the most.
    instructions += body.range.end - body.range.start;
    if (instructions < STEPS) continue;
    instructions = 0;
    yield;
  }
  for (const data of datas) guard(() => checkData(v, data));
}

/** How many instructions are checked between two points where the work can be interrupted. */
const STEPS = 4096;

function* wholeBody(v: FuncValidator, funcIdx: number, guard: Guard): Generator<void> {
  let more = false;
  const some = () => {
    more = false;
    for (let i = 0; i < STEPS; i++) if (!v.next()) return;
    more = true;
  };
  guard(() => {
    v.begin(funcIdx);
    more = true;
  });
  while (more) {
    guard(some);
    if (more) yield;
  }
}

function checkFuncType(module: Module, typeIdx: number, offset: number): void {
  checkTypeIdx(module, typeIdx, offset);
  if (!funcTypeAt(module, typeIdx)) invalid(offset, `unknown type ${typeIdx}: it is no function type`);
}

function checkTable(v: FuncValidator, { type, init, import: from, offset }: Table, idx: number): void {
  const { module, features } = v;
  if (idx > 0 && !features.has('reference-types')) invalid(offset, `multiple tables: ${idx + 1} or more`);
  checkTableType(module, features, type, offset);
  if (init) {
    need(features, 'function-references', offset);
    // Tables come before globals: only imported ones have their values by then.
    validateConstExpr(v, init, type.element, importCount(module, 'global'));
  } else if (!from && !isDefaultable(type.element)) {
    invalid(
      offset,
      `type mismatch: ${name(module, type.element)} has no default value: the table needs an initial one`,
    );
  }
}

function checkMemory(features: FeatureSet, { type, offset }: Memory, idx: number): void {
  if (idx > 0 && !features.has('multi-memory')) invalid(offset, `multiple memories: ${idx + 1} or more`);
  checkMemoryType(features, type, offset);
}

function checkTag(v: FuncValidator, typeIdx: number, offset: number): void {
  const { module, features } = v;
  if (!features.has('legacy-exceptions')) need(features, 'exceptions', offset);
  checkFuncType(module, typeIdx, offset);
  const { results } = funcTypeAt(module, typeIdx)!;
  if (results.length > 0) invalid(offset, `non-empty tag result type: ${names(module, results)}`);
}

function checkGlobal(v: FuncValidator, { type, init, import: from, offset }: Global, idx: number): void {
  checkValType(v.module, v.features, type.type, offset);
  if (from && type.mutable) need(v.features, 'mutable-globals', offset);
  if (init) validateConstExpr(v, init, type.type, idx);
}

function checkExport({ module, features }: FuncValidator, item: Export, seen: Map<string, Export>): void {
  const { kind, idx, offset } = item;
  const { funcs, tables, memories, globals, tags } = module;
  const count = { func: funcs, table: tables, memory: memories, global: globals, tag: tags }[kind].length;
  if (idx >= count) invalid(offset, `unknown ${kind === 'func' ? 'function' : kind} ${idx}`);
  if (kind === 'global' && globals[idx].type.mutable) need(features, 'mutable-globals', offset);
  const first = seen.get(item.name);
  if (first) {
    invalid(offset, `duplicate export name ${JSON.stringify(item.name)}`, [
      { message: `the ${first.kind} ${first.idx} has it already`, offset: first.offset },
    ]);
  }
  seen.set(item.name, item);
}

function checkStart(module: Module): void {
  if (!module.start) return;
  const { funcIdx, offset } = module.start;
  const func = module.funcs[funcIdx];
  if (!func) invalid(offset, `unknown function ${funcIdx}`);
  const type = funcTypeAt(module, func.typeIdx);
  if (!type || (type.params.length === 0 && type.results.length === 0)) return;
  invalid(offset, `start function must take and return nothing`, [
    {
      message: `function ${funcIdx} is ${names(module, type.params)} -> ${names(module, type.results)}`,
      offset: func.offset,
    },
  ]);
}

function checkElem(v: FuncValidator, elem: ElemSegment, guard: Guard): void {
  const { module, features } = v;
  const { type, mode, tableIdx, at, items, offset } = elem;
  if (mode !== 'active') need(features, mode === 'passive' ? 'bulk-memory' : 'reference-types', offset);
  if ('funcs' in items) {
    for (const idx of items.funcs) {
      if (idx >= module.funcs.length) invalid(offset, `unknown function ${idx}`);
    }
  } else {
    need(features, 'bulk-memory', offset);
    checkValType(module, features, type, offset);
    for (const expr of items.exprs) guard(() => validateConstExpr(v, expr, type, module.globals.length));
  }
  if (!at) return;
  const table = module.tables[tableIdx];
  if (!table) invalid(offset, `unknown table ${tableIdx}`);
  const { element, is64 } = table.type;
  if (!typesOf(module).matches(type, element)) {
    invalid(
      offset,
      `type mismatch: ${name(module, type)} elements do not fit into ${name(module, element)}`,
      [{ message: `table ${tableIdx} is declared here`, offset: table.offset }],
    );
  }
  validateConstExpr(v, at, is64 ? I64 : I32, module.globals.length);
}

function checkData(v: FuncValidator, { mode, memIdx, at, offset }: DataSegment): void {
  if (mode === 'passive') need(v.features, 'bulk-memory', offset);
  if (!at) return;
  const { memories, globals } = v.module;
  const memory = memories[memIdx];
  if (!memory) invalid(offset, `unknown memory ${memIdx}`);
  validateConstExpr(v, at, memory.type.is64 ? I64 : I32, globals.length);
}

/** The first fault of the bytes inside function bodies, when they are no instructions. */
function malformedCode(module: Module): WasmError | undefined {
  const reader = instrReader(module);
  try {
    for (const { body } of module.funcs) {
      if (!body) continue;
      reader.startBody(body.codeStart, body.range.end);
      while (reader.next());
    }
    return undefined;
  } catch (error) {
    if (error instanceof WasmError) return error;
    throw error;
  }
}
