/**
 * Looking at a stopped machine: frames, scopes, the values in them, expressions; and changing values.
 *
 * Everything is read on request and given as plain data (wire.ts). Places are byte offsets with spans; what stands at
 * them in which line is for the caller to say.
 */

import { usage } from '../base/errors.ts';
import { InstrReader } from '../binary/instr.ts';
import type { Frame, WasmFrame } from '../exec/frame.ts';
import { instrByCode } from '../isa/isa.ts';
import { I32, I64, typeName, typesName, type ValType } from '../isa/types.ts';
import type { MemInst } from '../runtime/memory.ts';
import type { ModuleInst } from '../runtime/module-inst.ts';
import type { TableInst } from '../runtime/table.ts';
import { isRefValue, type Value } from '../runtime/values.ts';
import { mustFit, setElement, writeNumber } from './assign.ts';
import { openAt } from './blocks.ts';
import { Evaluator } from './evaluator.ts';
import { type ExpressionScope, isNameIn, itemNamed, typeExpression } from './expression-types.ts';
import {
  type ElementExpression,
  type ExpressionSpace,
  type IndexExpression,
  type NameExpression,
  parseExpression,
  type ViewExpression,
} from './expressions.ts';
import type { LoadedProgram } from './load.ts';
import { parseTyped, showRef, showValue } from './values.ts';
import type { Container, Item, MemoryBytes, Place, Scope, Written } from './wire.ts';

/** At most so many bytes in one answer: a view of memory asks for pieces. */
const MOST_BYTES = 1 << 24;

export class Inspector {
  readonly #program: LoadedProgram;
  readonly #inst: ModuleInst;
  readonly #frameAt: (frame: number) => Frame | undefined;

  readonly evaluator: Evaluator;

  /** `frameAt` gives a frame of the present stop by its number (frames.ts). */
  constructor(program: LoadedProgram, inst: ModuleInst, frameAt: (frame: number) => Frame | undefined) {
    this.#program = program;
    this.#inst = inst;
    this.#frameAt = frameAt;
    this.evaluator = new Evaluator(inst);
  }

  scopes(frame: number): Scope[] {
    const inst = this.#inst;
    const wasm = this.#wasmFrameOrNone(frame);
    const scope = (kind: Exclude<Container['kind'], 'table'>, count: number): Scope => ({
      container: { kind, frame },
      count,
    });
    const own = wasm
      ? [
          scope('stack', wasm.operandCount),
          scope('locals', wasm.localTypes.length),
          scope('labels', wasm.stack.controls.length),
        ]
      : [];
    const shared = [
      scope('globals', inst.globals.length),
      scope('memories', inst.mems.length),
      scope('tables', inst.tables.length),
    ];
    return [...own, ...shared.filter(({ count }) => count > 0)];
  }

  /** The items of a container, or a part of them. */
  children(container: Container, start = 0, count = Number.POSITIVE_INFINITY): Item[] {
    const total = this.#size(container);
    const end = count > 0 ? Math.min(start + count, total) : total;
    if (container.kind === 'labels') return this.#labels(this.#wasmFrame(container.frame)).slice(start, end);
    const items: Item[] = [];
    for (let i = start; i < end; i++) items.push(this.#item(container, i));
    return items;
  }

  evaluate(text: string, frame: number | undefined): Item {
    const scope = this.#scopeOf(frame);
    const expression = parseExpression(text, isNameIn(scope));
    if (expression.kind === 'element') {
      // Slots of typed tables are no values that can be computed with, but they can be looked at.
      const { space, idx, at } = this.#elementMeant(expression, scope, frame);
      if (space === 'table') return { ...this.#element(idx, Number(at)), name: text, expression: text };
    }
    if (expression.kind !== 'name' && expression.kind !== 'index') {
      const wasm = frame === undefined ? undefined : this.#wasmFrameOrNone(frame);
      const value = this.evaluator.run(typeExpression(expression, scope), wasm);
      const readOnly = expression.kind !== 'view' && expression.kind !== 'element';
      return { name: text, expression: text, ...this.#textAndType(value), readOnly };
    }
    const { container, idx } = this.#resolve(expression, frame);
    if (container === 'func') return this.#funcItem(idx);
    return { ...this.#item(container, idx), expression: text };
  }

  /** Changes a value that `evaluate` can show. */
  setExpression(text: string, value: string, frame: number | undefined): Item {
    const scope = this.#scopeOf(frame);
    const expression = parseExpression(text, isNameIn(scope));
    if (expression.kind === 'view' || expression.kind === 'element') {
      const wrote = this.#setElement(expression, scope, value, frame);
      return { ...this.evaluate(text, frame), wrote };
    }
    if (expression.kind !== 'name' && expression.kind !== 'index') {
      usage('this cannot be set: it is computed, no place that holds a value');
    }
    const { container, idx } = this.#resolve(expression, frame);
    if (container === 'func') usage('a function cannot be set');
    return this.#set(container, idx, value);
  }

  /** Changes the child of a container that has this name. */
  setChild(container: Container, name: string, value: string): Item {
    const idx =
      container.kind === 'table'
        ? Number(/^\[(\d+)\]$/.exec(name)?.[1] ?? -1)
        : this.children(container).findIndex((item) => item.name === name);
    if (idx < 0) usage(`there is no ${name} here`);
    return this.#set(container, idx, value);
  }

  /** Reads up to the memory's end; `unreadable` bytes of those asked for are behind it, or before its begin. */
  readMemory(memory: number, offset: number, count: number): MemoryBytes {
    const { bytes } = this.#memory(memory);
    if (!(count >= 0)) usage(`a count from 0 on expected, found ${count}`);
    if (offset < 0) return { bytes: new Uint8Array(0), unreadable: Math.min(count, -offset) };
    const from = Math.min(offset, bytes.length);
    const to = Math.min(offset + count, bytes.length);
    if (to - from > MOST_BYTES) usage(`at most ${MOST_BYTES} bytes can be read at once, not ${count}`);
    return { bytes: bytes.slice(from, to), unreadable: count - (to - from) };
  }

  /**
   * Writes bytes. Those outside of the memory are left out if that is allowed, else nothing is written and a usage
   * fault is thrown. Gives how many were written, and where.
   */
  writeMemory(memory: number, offset: number, data: Uint8Array, allowPartial = false): Written {
    const { bytes } = this.#memory(memory);
    const from = Math.min(Math.max(offset, 0), bytes.length);
    const to = Math.max(from, Math.min(offset + data.length, bytes.length));
    if (to - from < data.length && !(allowPartial && to > from)) {
      usage(
        `out of bounds memory access: address ${offset} + ${data.length} bytes, memory is ${bytes.length} bytes`,
      );
    }
    bytes.set(data.subarray(from - offset, to - offset), from);
    return { written: to - from, offset: from };
  }

  #wasmFrameOrNone(number: number): WasmFrame | undefined {
    const frame = this.#frameAt(number);
    return frame?.kind === 'wasm' ? frame : undefined;
  }

  #wasmFrame(depth: number): WasmFrame {
    return (
      this.#wasmFrameOrNone(depth) ?? usage('this frame is not WebAssembly: it has no values to look at')
    );
  }

  #size(container: Container): number {
    switch (container.kind) {
      case 'stack':
        return this.#wasmFrame(container.frame).operandCount;
      case 'locals':
        return this.#wasmFrame(container.frame).localTypes.length;
      case 'labels':
        return this.#wasmFrame(container.frame).stack.controls.length;
      case 'globals':
        return this.#inst.globals.length;
      case 'memories':
        return this.#inst.mems.length;
      case 'tables':
        return this.#inst.tables.length;
      case 'table':
        return this.#table(container.idx).elems.length;
    }
  }

  #item(container: Container, idx: number): Item {
    switch (container.kind) {
      case 'stack':
        return this.#operand(this.#wasmFrame(container.frame), idx);
      case 'locals':
        return this.#local(this.#wasmFrame(container.frame), idx);
      case 'labels':
        return this.#labels(this.#wasmFrame(container.frame))[idx];
      case 'globals':
        return this.#global(idx);
      case 'memories':
        return this.#memoryItem(idx);
      case 'tables':
        return this.#tableItem(idx, container.frame);
      case 'table':
        return this.#element(container.idx, idx);
    }
  }

  /** `stack[0]` is the top. */
  #operand(frame: WasmFrame, fromTop: number): Item {
    const idx = frame.operandCount - 1 - fromTop;
    if (idx < 0 || fromTop < 0) {
      usage(`unknown stack[${fromTop}]: ${frame.operandCount} values are on the stack`);
    }
    const name = `stack[${fromTop}]`;
    const pushedAt = frame.stack.operands[idx]?.pushedAt;
    const origin =
      pushedAt === undefined
        ? undefined
        : { what: `pushed by ${this.#wordAt(pushedAt)}`, place: this.#place(frame, pushedAt) };
    return { name, expression: name, ...this.#textAndType(frame.operand(idx)), origin };
  }

  #local(frame: WasmFrame, idx: number): Item {
    const value = frame.local(idx);
    const given = this.#program.module.names.local(frame.func.idx, idx);
    return { ...named(given, `local[${idx}]`), ...this.#textAndType(value) };
  }

  #global(idx: number): Item {
    const global = this.#inst.globals[idx] ?? usage(`unknown global ${idx}`);
    const shown = this.#nameIn('global', idx);
    const { type, mutable } = global.type;
    const text = mutable ? `(mut ${typeName(type)})` : typeName(type);
    return { ...shown, ...this.#textAndType(global.value), type: text, readOnly: !mutable };
  }

  #memoryItem(idx: number): Item {
    const memory = this.#memory(idx);
    const { max } = memory.type.limits;
    const pages = `${memory.pages} ${memory.pages === 1 ? 'page' : 'pages'}`;
    const most = max === undefined ? '' : `, at most ${max}`;
    return {
      ...this.#nameIn('memory', idx),
      value: `${pages}, ${memory.bytes.length} bytes${most}`,
      type: 'memory',
      memory: idx,
      readOnly: true,
    };
  }

  #tableItem(idx: number, frame: number): Item {
    const table = this.#table(idx);
    const count = table.elems.length;
    const { max } = table.type.limits;
    return {
      ...this.#nameIn('table', idx),
      value: `${count} ${count === 1 ? 'element' : 'elements'}${max === undefined ? '' : `, at most ${max}`}`,
      type: `table of ${typeName(table.type.element)}`,
      container: { kind: 'table', frame, idx },
      count,
      readOnly: true,
    };
  }

  #element(tableIdx: number, idx: number): Item {
    const { elems, type } = this.#table(tableIdx);
    if (idx >= elems.length) usage(`undefined element: index ${idx}, table has ${elems.length} elements`);
    return {
      name: `[${idx}]`,
      expression: `${this.#nameIn('table', tableIdx).expression}[${idx}]`,
      value: showRef(elems[idx], type.element, this.#program.rename),
      type: typeName(type.element),
    };
  }

  #funcItem(idx: number): Item {
    const func = this.#inst.funcs[idx] ?? usage(`unknown function ${idx}`);
    const { params, results } = func.type;
    return {
      name: `func[${idx}]`,
      value: showRef(func, undefined, this.#program.rename),
      type: `func ${typesName(params)} -> ${typesName(results)}`,
      readOnly: true,
    };
  }

  /** Innermost label first: `br 0` is the first one. */
  #labels(frame: WasmFrame): Item[] {
    const { controls } = frame.stack;
    const open = openAt(this.#program.blocksOf(frame.func.idx), frame.offset);
    return open.reverse().map((block, i): Item => {
      const { results } = controls[open.length - 1 - i];
      const name = block.name === undefined ? '' : ` $${block.name}`;
      if (block.keyword === 'func') {
        return { name: `${i}: func`, value: `br ${i} → returns${carrying(results)}`, readOnly: true };
      }
      const loop = block.keyword === 'loop';
      const value = loop
        ? `br ${i} → continues at loop start`
        : `br ${i} → leaves the ${block.keyword}${carrying(results)}`;
      const what = loop ? 'continues' : 'goes on';
      const place = this.#place(frame, loop ? block.start : block.end);
      return { name: `${i}: ${block.keyword}${name}`, value, origin: { what, place }, readOnly: true };
    });
  }

  #set(container: Container, idx: number, text: string): Item {
    switch (container.kind) {
      case 'stack': {
        const frame = this.#wasmFrame(container.frame);
        const slot = frame.operandCount - 1 - idx;
        if (slot < 0) usage(`unknown stack[${idx}]: ${frame.operandCount} values are on the stack`);
        frame.setOperand(slot, parseTyped(text, frame.operandType(slot), `stack[${idx}]`, this.#inst));
        break;
      }
      case 'locals': {
        const frame = this.#wasmFrame(container.frame);
        frame.setLocal(
          idx,
          parseTyped(text, frame.localTypes[idx], this.#local(frame, idx).name, this.#inst),
        );
        break;
      }
      case 'globals': {
        const global = this.#inst.globals[idx] ?? usage(`unknown global ${idx}`);
        const { name } = this.#nameIn('global', idx);
        if (!global.type.mutable) usage(`${name} is immutable`);
        const { type } = this.#program.module.globals[idx].type;
        const value = parseTyped(text, type, name, this.#inst);
        mustFit(this.#inst, global.type.type, value, name);
        global.value = value;
        break;
      }
      case 'table': {
        const { element } = this.#program.module.tables[container.idx].type;
        const { name } = this.#nameIn('table', container.idx);
        setElement(this.#inst, this.#table(container.idx), idx, element, text, `${name}[${idx}]`);
        break;
      }
      default:
        usage('this cannot be set');
    }
    return this.#item(container, idx);
  }

  /** Sets `table[0][3]`, or `mem[0x10].u8`: then it gives which bytes that wrote. */
  #setElement(
    expression: ElementExpression | ViewExpression,
    scope: ExpressionScope,
    text: string,
    depth: number | undefined,
  ): Item['wrote'] {
    const element = expression.kind === 'view' ? expression.base : expression;
    if (element.kind !== 'element') return usage('an address expected, as in mem[0x100].i32');
    const { space, idx, at } = this.#elementMeant(element, scope, depth);
    if (space === 'table' && expression.kind === 'element') {
      this.#set({ kind: 'table', frame: depth ?? 0, idx }, Number(at), text);
      return undefined;
    }
    if (space !== 'memory' || expression.kind !== 'view') return usage('this cannot be set');
    const count = writeNumber(this.#memory(idx), at, expression.view, text);
    return { memory: idx, offset: Number(at), count };
  }

  /** The list that stands before the brackets, and the number between them. */
  #elementMeant(
    { base, index }: ElementExpression,
    scope: ExpressionScope,
    depth: number | undefined,
  ): { space: ExpressionSpace | undefined; idx: number; at: bigint } {
    const item =
      base.kind === 'index' ? base : base.kind === 'name' ? itemNamed(scope, base.name) : undefined;
    const wasm = depth === undefined ? undefined : this.#wasmFrameOrNone(depth);
    const at = this.evaluator.run(typeExpression(index, scope), wasm);
    if (isRefValue(at) || (at.type !== I32 && at.type !== I64)) {
      return usage('an integer expected between [ and ]');
    }
    return { space: item?.space, idx: item?.idx ?? 0, at: at.bits };
  }

  /** The names that an expression in a frame can use. */
  #scopeOf(depth: number | undefined): ExpressionScope {
    const { module } = this.#program;
    const frame = depth === undefined ? undefined : this.#wasmFrameOrNone(depth);
    if (!frame) return { module, frame };
    const operands = (): ValType[] =>
      Array.from({ length: frame.operandCount }, (_, i) => frame.operandType(i));
    return { module, frame: { funcIdx: frame.func.idx, locals: frame.localTypes, operands } };
  }

  #resolve(
    expression: NameExpression | IndexExpression,
    depth: number | undefined,
  ): { container: Container | 'func'; idx: number } {
    if (expression.kind === 'index') return this.#indexed(expression.space, expression.idx, depth);
    const { name } = expression;
    const { names } = this.#program.module;
    const frame = depth === undefined ? undefined : this.#wasmFrameOrNone(depth);
    if (frame && depth !== undefined) {
      const idx = frame.localTypes.findIndex((_, i) => names.local(frame.func.idx, i) === name);
      if (idx >= 0) return { container: { kind: 'locals', frame: depth }, idx };
    }
    const spaces = [
      ['global', 'global'],
      ['func', 'func'],
      ['memory', 'memory'],
      ['table', 'table'],
    ] as const;
    for (const [nameSpace, space] of spaces) {
      const idx = names.find(nameSpace, name)[0];
      if (idx !== undefined) return this.#indexed(space, idx, depth);
    }
    return usage(frame ? `unknown local $${name}` : `unknown name $${name}`);
  }

  #indexed(
    space: ExpressionSpace,
    idx: number,
    depth: number | undefined,
  ): { container: Container | 'func'; idx: number } {
    const frame = depth ?? 0;
    switch (space) {
      case 'local':
      case 'stack': {
        if (depth === undefined) usage(`${space}[${idx}] needs a frame: the program is not stopped`);
        const found = this.#wasmFrame(frame);
        if (space === 'local' && idx >= found.localTypes.length) {
          usage(`unknown local ${idx}: the function has ${found.localTypes.length}`);
        }
        return { container: { kind: space === 'local' ? 'locals' : 'stack', frame }, idx };
      }
      case 'global':
        return { container: { kind: 'globals', frame }, idx };
      case 'memory':
        return { container: { kind: 'memories', frame }, idx };
      case 'table':
        return { container: { kind: 'tables', frame }, idx };
      case 'func':
        return { container: 'func', idx };
    }
  }

  /** `$name` where the module names it, the export's name beside an index, else the index alone. */
  #nameIn(space: 'global' | 'memory' | 'table', idx: number): { name: string; expression: string } {
    const { names } = this.#program.module;
    const given = names.given(space, idx);
    const index = `${space}[${idx}]`;
    if (given !== undefined) return named(given, index);
    const other = names.of(space, idx);
    return { name: other === undefined ? index : `${index} ${other}`, expression: index };
  }

  #memory(idx: number): MemInst {
    return this.#inst.mems[idx] ?? usage(`unknown memory ${idx}`);
  }

  #table(idx: number): TableInst {
    return this.#inst.tables[idx] ?? usage(`unknown table ${idx}`);
  }

  #place(frame: WasmFrame, offset: number): Place {
    return this.#program.place(frame.func.idx, offset);
  }

  #textAndType(value: Value): { value: string; type: string } {
    return { value: showValue(value, this.#program.rename), type: typeName(value.type) };
  }

  /** The keyword of the instruction at an offset. */
  #wordAt(offset: number): string {
    const { bytes } = this.#program.module;
    const reader = new InstrReader(bytes, true);
    reader.readAt(offset, bytes.length);
    return instrByCode(reader.code)?.name ?? 'an instruction';
  }
}

function named(given: string | undefined, index: string): { name: string; expression: string } {
  if (given === undefined) return { name: index, expression: index };
  const plain = /^[\w!#$%&'*+\-./:<=>?@\\^`|~]+$/.test(given);
  return { name: `$${given}`, expression: plain ? `$${given}` : index };
}

function carrying(types: readonly ValType[]): string {
  return types.length > 0 ? ` with ${typesName(types)}` : '';
}
