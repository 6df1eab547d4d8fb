/**
 * Variables: everything at a stop that holds a value, with its name, its type, and how it is set; and what is inside of
 * a value: the lanes of a vector, the fields of an object.
 *
 * A variable is asked for by the list that it is in and its number there, one at a time, so a list of a million costs
 * nothing. A list is plain data (wire.ts: Container). Objects are named by their numbers, vectors by the variable that
 * holds them. Values that people type are parsed and checked before anything is written.
 */

import { usage } from '../base/errors.ts';
import type { WasmFrame } from '../exec/frame.ts';
import { HEAP, I8, I16, isRef, refType, V128, type ValType } from '../isa/types.ts';
import { ExnInst } from '../runtime/exn.ts';
import { FuncInst } from '../runtime/func.ts';
import { ArrayInst, fieldCount, StructInst, writeField } from '../runtime/heap.ts';
import type { MemInst } from '../runtime/memory.ts';
import type { ModuleInst } from '../runtime/module-inst.ts';
import { fieldName } from '../runtime/ref-text.ts';
import type { TableInst } from '../runtime/table.ts';
import { isRefValue, type Ref, type Value } from '../runtime/values.ts';
import { mustFit } from './assign.ts';
import { byteVariable } from './expression-items.ts';
import { labelsOf } from './labels.ts';
import { type LaneShape, SHAPES } from './lanes.ts';
import type { LoadedProgram } from './load.ts';
import { idsOf, isNumbered, type ObjectIds } from './object-ids.ts';
import { memberName, wrapped } from './paths.ts';
import {
  fieldNamed,
  fieldValue,
  layoutText,
  noField,
  signatureIn,
  storageOf,
  typeText,
} from './ref-values.ts';
import { named, type Style } from './style.ts';
import { packedText, parseTyped, showValue } from './values.ts';
import { localShapes, shapeGiven } from './vector-shapes.ts';
import { type HeldVector, laneOf, shapeMeant, shapeOf } from './vector-variables.ts';
import { wordAt } from './watch-text.ts';
import type { Container, Item, Place, Vector } from './wire.ts';

/** What a variable is beside its value. */
type Facts = Omit<Item, 'value' | 'container' | 'count' | 'paged' | 'readOnly' | 'func'>;

export interface Variable extends Facts {
  /** Undefined for what has none: a memory, a label. */
  readonly value?: Value;
  /** What is shown instead of the value. */
  text?(style: Style): string;
  /** What is inside it. */
  readonly inside?: { readonly container: Container; readonly count: number; readonly paged: boolean };
  /** Sets it to what a text means. Absent: it cannot be set. Throws a usage fault. */
  set?(text: string): void;
  /** Why it cannot be set. */
  readonly fixed?: string;
  /** Sets it to a value of its type; a reference is checked. */
  write?(value: Value): void;
}

/** The slots of a table, the items of a segment. */
type Numbered = Extract<Container, { kind: 'table' | 'elem' }>;

/** Named lists that are longer are asked for in parts. */
const MANY = 500;

const EXNREF = refType(true, HEAP.exn);

export class Variables {
  readonly ids: ObjectIds;
  readonly #program: LoadedProgram;
  readonly #inst: ModuleInst;
  readonly #frame: (depth: number) => WasmFrame;
  readonly #shapes = new Map<number, ReadonlyMap<number, LaneShape>>();

  /** `frame` gives a frame of the present stop, and throws a usage fault for one that has no values. */
  constructor(program: LoadedProgram, inst: ModuleInst, frame: (depth: number) => WasmFrame) {
    this.#program = program;
    this.#inst = inst;
    this.#frame = frame;
    this.ids = idsOf(inst.store);
  }

  /** How many variables are in a list. */
  count(container: Container): number {
    const inst = this.#inst;
    switch (container.kind) {
      case 'stack':
        return this.#frame(container.frame).operandCount;
      case 'locals':
        return this.#frame(container.frame).localTypes.length;
      case 'labels':
        return this.#frame(container.frame).stack.controls.length;
      case 'caught':
        return this.#frame(container.frame).caught.length;
      case 'globals':
        return inst.globals.length;
      case 'memories':
        return inst.mems.length;
      case 'tables':
        return inst.tables.length;
      case 'tags':
        return inst.tags.length;
      case 'segments':
        return inst.module.datas.length + inst.module.elems.length;
      case 'table':
        return this.table(container.idx).elems.length;
      case 'elem':
        return this.#segment(container.idx).length;
      case 'object':
        return sizeOf(this.#object(container.id));
      case 'bytes':
        return container.count;
      case 'shapes':
        return SHAPES.length + 1;
      case 'lanes':
        return shapeMeant(container.shape).count;
      // Values of components are no variables of core code (component-values.ts).
      case 'call':
      case 'handles':
        return 0;
    }
  }

  /** The scopes' lists: numbered ones, and named ones with very many names, are asked for in parts. */
  isPaged(container: Container, count: number): boolean {
    switch (container.kind) {
      case 'stack':
      case 'table':
      case 'elem':
      case 'bytes':
      case 'lanes':
        return true;
      case 'object':
        return this.#object(container.id) instanceof ArrayInst;
      default:
        return count > MANY;
    }
  }

  /** One variable of a list. Throws a usage fault where there is none. */
  at(container: Container, idx: number): Variable {
    switch (container.kind) {
      case 'stack':
        return this.#operand(container, idx);
      case 'locals':
        return this.#local(container, idx);
      case 'labels':
        return this.labels(container.frame)[idx];
      case 'caught':
        return this.#caught(container, idx);
      case 'globals':
        return this.#global(container, idx);
      case 'memories':
        return this.#memory(idx);
      case 'tables':
        return this.#table(idx, container.frame);
      case 'tags':
        return this.#tag(idx);
      case 'segments':
        return this.#segmentAt(idx, container.frame);
      case 'table':
        return this.#element(container, idx);
      case 'elem':
        return this.#item(container, idx);
      case 'bytes':
        return byteVariable(this.memory(container.memory), container, idx);
      case 'object':
        return this.#inObject(container, idx);
      case 'shapes':
        return shapeOf(this.#vector(container.of), container, idx);
      case 'lanes':
        return laneOf(this.#vector(container.of), container, idx);
      case 'call':
      case 'handles':
        return usage('values of a call between components cannot be changed');
    }
  }

  /** The number of the variable that has this name in a list; -1 if none has. */
  find(container: Container, name: string): number {
    const bracketed = /^(?:[a-z]+)?\[(\d+)\]$/.exec(name)?.[1];
    if (bracketed !== undefined) {
      const idx = Number(bracketed);
      if (idx >= this.count(container) && container.kind === 'table') return idx;
      if (idx < this.count(container) && this.at(container, idx).name === name) return idx;
    }
    const count = this.count(container);
    for (let i = 0; i < count; i++) if (this.#nameAt(container, i) === name) return i;
    return -1;
  }

  /** A variable as plain data. */
  item(variable: Variable, style: Style): Item {
    const { value, text, inside, set } = variable;
    const styled = this.#styled(style);
    const ref = value && isRefValue(value) ? value.ref : undefined;
    // No rest and no spread: measured, 30 µs an item with them, 2.5 µs without.
    return {
      name: variable.name,
      value: text ? text(styled) : value ? showValue(value, styled) : '',
      type: variable.type,
      expression: variable.expression,
      container: inside?.container,
      count: inside?.count,
      paged: inside?.paged,
      func: ref instanceof FuncInst && ref.inst === this.#inst && !ref.host ? ref.idx : undefined,
      memory: variable.memory,
      origin: variable.origin,
      readOnly: set ? undefined : true,
    };
  }

  /** A value that stands nowhere: the result of a computation. */
  computed(expression: string, value: Value, frame: number): Variable {
    const of: Vector | undefined = isRefValue(value)
      ? undefined
      : { bits: `0x${value.bits.toString(16)}`, expression: `(${expression})` };
    return {
      name: expression,
      expression,
      type: this.#typeText(value.type),
      value,
      fixed: 'this cannot be set: it is computed, no place that holds a value',
      inside: this.#inside(value, frame, wrapped(expression), of),
    };
  }

  /** The object of a number, by `@3`. */
  numbered(id: number, frame: number): Variable {
    const ref = this.#object(id);
    const type = ref instanceof ExnInst ? EXNREF : refType(true, HEAP.any);
    const fixed = 'this cannot be set: it is an object, no place that holds one';
    return { ...this.computed(`@${id}`, { type, ref }, frame), fixed };
  }

  /** The field, element or argument of an object, or the lanes of a vector in one shape. */
  member(of: Variable, name: string): Variable | undefined {
    const { value } = of;
    if (!value || !of.inside) return undefined;
    const { container } = of.inside;
    if (container.kind === 'shapes') {
      const idx = SHAPES.findIndex((shape) => shape.name === name);
      return idx < 0 ? undefined : this.at(container, idx);
    }
    const object = isRefValue(value) ? value.ref : undefined;
    if (!(object instanceof StructInst)) return undefined;
    const idx = fieldNamed(object, name);
    return idx < 0 ? usage(noField(object, name)) : this.at(container, idx);
  }

  /** The memory, table of an index. Throws a usage fault. */
  memory(idx: number): MemInst {
    return this.#inst.mems[idx] ?? usage(`unknown memory ${idx}`);
  }

  table(idx: number): TableInst {
    return this.#inst.tables[idx] ?? usage(`unknown table ${idx}`);
  }

  /** The labels of a frame, all at once. */
  labels(depth: number): Variable[] {
    return labelsOf(this.#program, this.#frame(depth));
  }

  /** `$name` where the module names it, the export's name beside an index, else the index alone. */
  nameIn(space: 'global' | 'memory' | 'table' | 'tag', idx: number): { name: string; expression: string } {
    const { names } = this.#program.module;
    const given = names.given(space, idx);
    const index = `${space}[${idx}]`;
    if (given !== undefined) return named(given, index);
    const other = names.of(space, idx);
    return { name: other === undefined ? index : `${index} ${other}`, expression: index };
  }

  /** `stack[0]` is the top. */
  #operand(container: Container, fromTop: number): Variable {
    const frame = this.#frame(container.frame);
    const idx = frame.operandCount - 1 - fromTop;
    if (idx < 0 || fromTop < 0) {
      const there = frame.operandCount === 1 ? '1 value is' : `${frame.operandCount} values are`;
      usage(`unknown stack[${fromTop}]: ${there} on the stack`);
    }
    const name = `stack[${fromTop}]`;
    const pushedAt = frame.stack.operands[idx]?.pushedAt;
    const word = pushedAt === undefined ? undefined : wordAt(this.#program.module, pushedAt);
    const origin =
      pushedAt === undefined ? undefined : { what: `pushed by ${word}`, place: this.#place(frame, pushedAt) };
    if (frame.missing?.operands.has(idx)) {
      return { ...unknownValue(name, name, this.#typeText(frame.operandType(idx))), origin };
    }
    const value = frame.operand(idx);
    return {
      ...this.#slot(container, fromTop, name, name, value, frame.operandType(idx), (to) =>
        frame.setOperand(idx, to),
      ),
      origin,
      ...(value.type === V128 && this.#asShape(value, shapeGiven(word ?? ''))),
    };
  }

  /** A vector is cut into lanes as the instructions around it do that. */
  #asShape(value: Value, shape: LaneShape | undefined): Pick<Variable, 'text'> | undefined {
    return shape && { text: (style) => showValue(value, { ...style, shape }) };
  }

  #local(container: Container, idx: number): Variable {
    const frame = this.#frame(container.frame);
    const { name, expression } = this.#localName(frame, idx);
    if (frame.missing?.locals.has(idx)) {
      return unknownValue(name, expression, this.#typeText(frame.localTypes[idx]));
    }
    const value = frame.local(idx);
    const write = (to: Value): void => frame.setLocal(idx, to);
    const slot = this.#slot(container, idx, name, expression, value, frame.localTypes[idx], write);
    if (value.type !== V128) return slot;
    return { ...slot, ...this.#asShape(value, this.#shapesIn(frame.func.idx).get(idx)) };
  }

  #shapesIn(funcIdx: number): ReadonlyMap<number, LaneShape> {
    let shapes = this.#shapes.get(funcIdx);
    if (!shapes) {
      shapes = localShapes(this.#program.module, funcIdx);
      this.#shapes.set(funcIdx, shapes);
    }
    return shapes;
  }

  #localName(frame: WasmFrame, idx: number): { name: string; expression: string } {
    return named(this.#program.module.names.local(frame.func.idx, idx), `local[${idx}]`);
  }

  #global(container: Container, idx: number): Variable {
    const global = this.#inst.globals[idx] ?? usage(`unknown global ${idx}`);
    const { name, expression } = this.nameIn('global', idx);
    const { mutable } = global.type;
    const { type } = this.#program.module.globals[idx].type;
    const write = (to: Value): void => {
      global.value = to;
    };
    const slot = this.#slot(container, idx, name, expression, { ...global.value, type }, type, write);
    return changeable(slot, mutable, `${name} is immutable`);
  }

  #memory(idx: number): Variable {
    const memory = this.memory(idx);
    const { limits, is64, shared, pageSizeLog2 } = memory.type;
    memory.refresh();
    const pages = `${memory.pages} ${memory.pages === 1 ? 'page' : 'pages'}`;
    const most = limits.max === undefined ? '' : `, at most ${limits.max}`;
    const size =
      pageSizeLog2 === 16 ? '' : ` of ${memory.pageSize} ${memory.pageSize === 1 ? 'byte' : 'bytes'}`;
    return {
      ...this.nameIn('memory', idx),
      text: () => `${pages}${size}, ${memory.bytes.length} bytes${most}`,
      type: ['memory', ...(is64 ? ['i64'] : []), ...(shared ? ['shared'] : [])].join(' '),
      memory: idx,
    };
  }

  #table(idx: number, frame: number): Variable {
    const { elems, type } = this.table(idx);
    const { limits, is64 } = type;
    const count = elems.length;
    const element = this.#program.module.tables[idx].type.element;
    return {
      ...this.nameIn('table', idx),
      text: () =>
        `${count} ${count === 1 ? 'element' : 'elements'}${limits.max === undefined ? '' : `, at most ${limits.max}`}`,
      type: `table ${is64 ? 'i64 ' : ''}of ${this.#typeText(element)}`,
      inside: { container: { kind: 'table', frame, idx }, count, paged: true },
    };
  }

  #element(container: Numbered, idx: number): Variable {
    const table = this.table(container.idx);
    const { elems } = table;
    if (!(idx < elems.length)) usage(`undefined element: index ${idx}, table has ${elems.length} elements`);
    const { element } = this.#program.module.tables[container.idx].type;
    const { name, expression } = this.nameIn('table', container.idx);
    const write = (to: Value): void => {
      if (isRefValue(to)) elems[idx] = to.ref;
      this.#inst.store.tableVersion++;
    };
    const slot = this.#slot(
      container,
      idx,
      `${name}[${idx}]`,
      `${expression}[${idx}]`,
      { type: element, ref: elems[idx] },
      element,
      write,
    );
    return { ...slot, name: `[${idx}]` };
  }

  #tag(idx: number): Variable {
    const { module } = this.#program;
    const { composite } = module.types[module.tags[idx].type.typeIdx];
    const params = composite.kind === 'func' ? composite.params : [];
    const { name } = this.nameIn('tag', idx);
    return { name, text: () => signatureIn(module, params, []).replace(/ -> \[\]$/, ''), type: 'tag' };
  }

  /** Data segments, then element segments. */
  #segmentAt(idx: number, frame: number): Variable {
    const { datas, elems, names } = this.#program.module;
    const kind = idx < datas.length ? 'data' : 'elem';
    const own = kind === 'data' ? idx : idx - datas.length;
    const { name } = named(names.given(kind, own), `${kind}[${own}]`);
    const { store, dataAddrs, elemAddrs } = this.#inst;
    const count = kind === 'data' ? store.datas[dataAddrs[own]]?.length : store.elems[elemAddrs[own]]?.length;
    const { mode } = kind === 'data' ? datas[own] : elems[own];
    const left = count ? `${count} ${kind === 'data' ? 'bytes' : 'elements'}` : 'dropped or empty';
    const type = kind === 'data' ? 'data' : `elem of ${this.#typeText(elems[own].type)}`;
    const inside =
      kind === 'elem' && count
        ? { container: { kind, frame, idx: own } as const, count, paged: true }
        : undefined;
    return { name, text: () => `${mode}, ${left}`, type, inside };
  }

  #segment(idx: number): Ref[] {
    return this.#inst.store.elems[this.#inst.elemAddrs[idx]] ?? [];
  }

  #item(container: Numbered, idx: number): Variable {
    const { type } = this.#program.module.elems[container.idx];
    const ref = this.#segment(container.idx)[idx];
    const slot = this.#slot(container, idx, `[${idx}]`, undefined, { type, ref }, type, undefined);
    return { ...slot, fixed: 'items of a segment cannot be set' };
  }

  /** The innermost handler's exception first. */
  #caught(container: Container, idx: number): Variable {
    const ref = this.#frame(container.frame).caught.at(-1 - idx);
    const name = `caught[${idx}]`;
    const slot = this.#slot(container, idx, name, name, { type: EXNREF, ref }, EXNREF, undefined);
    return { ...slot, fixed: 'a caught exception cannot be set' };
  }

  #inObject(container: Extract<Container, { kind: 'object' }>, idx: number): Variable {
    const object = this.#object(container.id);
    const count = sizeOf(object);
    const path = container.expression;
    if (object instanceof ExnInst) {
      if (!(idx < count)) usage(`the exception has ${count} arguments, found ${idx}`);
      const value = object.args[idx];
      const slot = this.#slot(container, idx, `[${idx}]`, `${path}[${idx}]`, value, value.type, undefined);
      return { ...slot, fixed: 'the arguments of an exception cannot be set' };
    }
    const { type } = object;
    if (!(idx < count)) {
      const what = object instanceof ArrayInst ? 'out of bounds array access: index' : 'unknown field';
      usage(
        `${what} ${idx}, ${layoutText(type)} has ${count} ${object instanceof ArrayInst ? 'elements' : 'fields'}`,
      );
    }
    const field = type.kind === 'struct' ? type.fields[idx] : type.field;
    const [name, expression] =
      object instanceof StructInst
        ? memberName(path, fieldName(object, idx))
        : [`[${idx}]`, `${path}[${idx}]`];
    const what =
      object instanceof StructInst
        ? `field ${name} of ${layoutText(type)}`
        : `an element of ${layoutText(type)}`;
    const storage = storageOf(type, idx);
    const write = (to: Value): void => {
      writeField(object, idx, to);
    };
    const value = fieldValue(object, idx);
    const slot = this.#slot(container, idx, name, expression, value, storage, write, object.type.module);
    return changeable(slot, field.mutable, `${what} is immutable`, expression);
  }

  #vector(of: Vector): HeldVector {
    if ('bits' in of) {
      const fixed = 'this cannot be set: it is computed, no place that holds a value';
      return { bits: BigInt(of.bits), expression: of.expression, fixed };
    }
    const { value, expression = '', write, fixed } = this.at(of.container, of.idx);
    if (!value || isRefValue(value)) return usage('those values are gone: the program ran on');
    return { bits: value.bits, expression, write, fixed };
  }

  /** What every place of values has in common. `type` is as `module` has it; without `write` it cannot be set. */
  #slot(
    container: Container,
    idx: number,
    name: string,
    expression: string | undefined,
    value: Value,
    type: ValType,
    write: ((value: Value) => void) | undefined,
    module = this.#inst.module,
  ): Variable {
    const what = expression ?? name;
    const put = (to: Value): void => {
      if (isRef(type)) mustFit(this.#inst.store, module, type, to, what);
      write!(to);
    };
    const set = (text: string): void => {
      const inst = module === this.#inst.module ? this.#inst : { module, funcs: [] };
      put(parseTyped(text, type, what, inst, this.ids));
    };
    return {
      name,
      expression,
      type: typeText(module, type),
      value,
      ...((type === I8 || type === I16) && { text: ({ hex }) => packedText(value, type, hex) }),
      inside: this.#inside(value, container.frame, expression, { container, idx }),
      write: write && put,
      set: write && set,
    };
  }

  #inside(
    value: Value,
    frame: number,
    expression: string | undefined,
    of: Vector | undefined,
  ): Variable['inside'] {
    if (!isRefValue(value)) {
      if (value.type !== V128 || !of) return undefined;
      return { container: { kind: 'shapes', frame, of }, count: SHAPES.length + 1, paged: false };
    }
    const { ref } = value;
    if (!isNumbered(ref)) return undefined;
    const count = sizeOf(ref);
    if (count === 0) return undefined;
    const id = this.ids.of(ref);
    const path = expression === undefined || expression.length > MANY ? `@${id}` : expression;
    const container = { kind: 'object', frame, id, expression: path } as const;
    return { container, count, paged: ref instanceof ArrayInst };
  }

  #object(id: number): StructInst | ArrayInst | ExnInst {
    return this.ids.find(id) ?? usage(`there is no object @${id} (any more)`);
  }

  /** Names without values, for a search. */
  #nameAt(container: Container, idx: number): string {
    if (container.kind === 'locals') return this.#localName(this.#frame(container.frame), idx).name;
    if (container.kind === 'globals') return this.nameIn('global', idx).name;
    if (['table', 'elem', 'lanes', 'bytes'].includes(container.kind)) return `[${idx}]`;
    if (container.kind === 'object') {
      const object = this.#object(container.id);
      return object instanceof StructInst ? fieldName(object, idx) : `[${idx}]`;
    }
    return this.at(container, idx).name;
  }

  #styled(style: Style): Style {
    return { rename: this.#program.rename, ids: this.ids, hex: style.hex };
  }

  #typeText(type: ValType): string {
    return typeText(this.#inst.module, type);
  }

  #place(frame: WasmFrame, offset: number): Place {
    return this.#program.place(frame.func.idx, offset);
  }
}

/** What a core dump does not have. */
function unknownValue(name: string, expression: string, type: string): Variable {
  return {
    name,
    expression,
    type,
    text: () => 'not in the core dump',
    fixed: 'a core dump cannot be changed',
  };
}

/** A variable that may be set or not: `(mut i32)`. */
function changeable(variable: Variable, mutable: boolean, fixed: string, isField?: string): Variable {
  if (!mutable) return { ...variable, set: undefined, write: undefined, fixed };
  // Fields are of known types: the parentheses would only hide them.
  return isField === undefined ? { ...variable, type: `(mut ${variable.type})` } : variable;
}

function sizeOf(object: StructInst | ArrayInst | ExnInst): number {
  return object instanceof ExnInst ? object.args.length : fieldCount(object);
}
