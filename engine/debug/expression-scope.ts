/**
 * Where an expression stands: which names it can use and what they mean, whether functions may be called.
 *
 * Names are looked up in the module of the frame; a module's name before an item looks in that one. Knows types of
 * locals and functions, and no values.
 */

import { WasmError } from '../base/errors.ts';
import type { WasmFrame } from '../exec/frame.ts';
import type { FuncType, ValType } from '../isa/types.ts';
import { funcType, localTypes, type Module } from '../module/module.ts';
import { ExnInst } from '../runtime/exn.ts';
import { isRefValue } from '../runtime/values.ts';
import { refuse } from './expression-instrs.ts';
import type { CallExpression, Expression, ExpressionSpace } from './expressions.ts';

/** Where an expression stands: the names it can use. */
export interface ExpressionScope {
  readonly module: Module;
  /** Undefined where there is no frame. */
  readonly frame: FrameTypes | undefined;
  /** Modules whose items can be used with their name before them: `lib.$g`. */
  readonly modules?: ReadonlyMap<string, Module>;
  /** Functions of the program may be called. */
  readonly calls?: boolean;
  /** The exception that a local, a global or a caught one is at this moment: its arguments have types then. */
  /** The exception that is being thrown: `thrown[0]` is its first argument. */
  readonly thrown?: ExnInst;
  readonly exceptionAt?: (space: ValueSpace, idx: number) => ExnInst | undefined;
}

/** The arguments of an exception have no types before there is one. */
export class NeedsException extends WasmError {}

/** Where values are that go into a computation. */
export type ValueSpace = 'local' | 'stack' | 'caught' | 'thrown' | 'global' | 'call';

/** The types of a frame's values. */
export interface FrameTypes {
  readonly funcIdx: number;
  readonly locals: readonly ValType[];
  /** Bottom first; asked for only when an expression looks at the stack. */
  operands(): readonly ValType[];
}

/** What a name or an index means. */
export interface Item {
  readonly space: ExpressionSpace;
  readonly idx: number;
  /** The module that it is in, if not the frame's. */
  readonly of?: string;
}

/** Whether a name is one of the scope's: of a local, a global, a function, a memory, a table or a type. */
export function isNameIn(scope: ExpressionScope): (name: string) => boolean {
  const { names } = scope.module;
  const others = [...(scope.modules?.keys() ?? [])];
  return (name) =>
    itemNamed(scope, name) !== undefined ||
    names.find('type', name).length > 0 ||
    others.some((of) => itemNamed(scope, name, of) !== undefined);
}

/** What a name means: a local, else a global, function, memory, table; of another module no local. */
export function itemNamed(scope: ExpressionScope, name: string, of?: string): Item | undefined {
  const { module, frame, modules } = scope;
  const within = of === undefined ? module : modules?.get(of);
  if (!within) return undefined;
  if (frame && of === undefined) {
    const idx = localsByName(module, frame).get(name);
    if (idx !== undefined) return { space: 'local', idx };
  }
  for (const space of ['global', 'func', 'memory', 'table'] as const) {
    const idx = within.names.find(space, name)[0];
    if (idx !== undefined) return { space, idx, of };
  }
  return undefined;
}

/** By the types of a function's locals, which are one array as long as its code is there. */
const LOCALS_BY_NAME = new WeakMap<readonly ValType[], ReadonlyMap<string, number>>();

/** A function may have 50,000 locals, and every name of an expression asks. */
function localsByName({ names }: Module, { funcIdx, locals }: FrameTypes): ReadonlyMap<string, number> {
  let found = LOCALS_BY_NAME.get(locals);
  if (!found) {
    const map = new Map<string, number>();
    for (let i = locals.length - 1; i >= 0; i--) map.set(names.local(funcIdx, i) ?? '', i);
    map.delete('');
    LOCALS_BY_NAME.set(locals, (found = map));
  }
  return found;
}

/** The frame of a function in front of any of its instructions; `operands` gives the types on its stack. */
export function frameTypes(module: Module, funcIdx: number, operands: () => readonly ValType[]): FrameTypes {
  return { funcIdx, locals: localTypes(module, funcIdx), operands };
}

/**
 * What a name or an index means; undefined for other expressions. Throws a usage fault for a name that nothing has: `what` is
 * what was looked for.
 */
export function itemMeant(
  node: Expression,
  scope: ExpressionScope,
  what = scope.frame ? 'local' : 'name',
): Item | undefined {
  if (node.kind !== 'name' && node.kind !== 'index') return undefined;
  const { of } = node;
  if (of !== undefined && !scope.modules?.has(of)) {
    const names = [...(scope.modules?.keys() ?? [])];
    const are = names.length > 0 ? `there are ${names.join(', ')}` : 'the program is one module';
    return refuse(node, `unknown module ${of}: ${are}`);
  }
  if (node.kind === 'index') return node;
  const item = itemNamed(scope, node.name, of);
  if (of !== undefined) return item ?? refuse(node, `${of} has nothing called $${node.name}`);
  return item ?? refuse(node, `unknown ${what} $${node.name}`);
}

/** The function that a call means. Throws a usage fault where calls are not made, or this is none. */
export function calleeOf(
  { callee, args, span }: CallExpression,
  scope: ExpressionScope,
): { readonly item: Item; readonly module: Module; readonly type: FuncType } {
  if (!scope.calls)
    refuse({ span }, 'functions are called in the Debug Console, in watches and to set a value only');
  const item = itemMeant(callee, scope, 'function')!;
  const module = item.of === undefined ? scope.module : scope.modules!.get(item.of)!;
  if (item.space !== 'func') refuse(callee, 'a function expected behind !');
  if (item.idx >= module.funcs.length) {
    refuse(callee, `unknown function ${item.idx}: the module has ${module.funcs.length}`);
  }
  const type = funcType(module, item.idx);
  const { length } = type.params;
  if (args.length !== length) {
    refuse(
      { span },
      `the function takes ${length} ${length === 1 ? 'argument' : 'arguments'}, found ${args.length}`,
    );
  }
  return { item, module, type };
}

/** The exception that a place of a frame holds. */
export function exceptionIn(frame: WasmFrame, space: ValueSpace, idx: number): ExnInst | undefined {
  if (space === 'caught') return frame.caught.at(-1 - idx);
  const value =
    space === 'local'
      ? frame.local(idx)
      : space === 'stack'
        ? frame.operand(frame.operandCount - 1 - idx)
        : frame.func.inst!.globals[idx]?.value;
  return value && isRefValue(value) && value.ref instanceof ExnInst ? value.ref : undefined;
}
