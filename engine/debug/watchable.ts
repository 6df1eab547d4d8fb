/**
 * What of a program can be watched: from a row of a list of variables, or from an expression, to what is there (data-ids.ts);
 * for what cannot be, why not.
 */

import type { DataRef } from './data-ids.ts';
import { checkRange, VIEW_BYTES } from './data-ids.ts';
import type { Item } from './expression-scope.ts';
import type { Expression } from './expressions.ts';
import type { Variables } from './variables.ts';
import type { Container } from './wire.ts';

/** How expressions are looked up in the frame that they are asked for. */
export interface WatchableScope {
  readonly variables: Variables;
  /** What a name or an index means; undefined for other expressions. */
  itemOf(expression: Expression): Item | undefined;
  /** The number between brackets. */
  indexAt(expression: Expression): number;
  /** The address of a place in a memory. */
  addressAt(expression: Expression, memory: number): number;
}

/** A local of the frame that was asked about; its activation is for the caller to know. */
const LOCAL = { kind: 'local', activation: 0 } as const;

const OPERANDS =
  'a value on the stack goes with the next instruction: watch the local or the memory that it comes to';
const OBJECTS = 'fields and elements of objects cannot be watched, only memory, globals, locals and tables';
const COMPUTED = 'this is computed, no place that holds a value';

/** The child of a container that has this name. */
export function watchableChild(variables: Variables, container: Container, name: string): DataRef | string {
  switch (container.kind) {
    case 'locals':
    case 'globals':
    case 'table': {
      const idx = variables.find(container, name);
      if (idx < 0) return `there is no ${name} here`;
      if (container.kind === 'locals') return { ...LOCAL, idx };
      if (container.kind === 'table') return { kind: 'table', idx: container.idx, index: idx };
      return watchableGlobal(variables, idx, container.frame);
    }
    case 'shapes':
    case 'lanes': {
      if (!('container' in container.of)) return COMPUTED;
      const { container: list, idx } = container.of;
      return watchableChild(variables, list, variables.at(list, idx).name);
    }
    case 'bytes': {
      const at = variables.find(container, name);
      return at < 0
        ? `there is no ${name} here`
        : { kind: 'memory', idx: container.memory, from: container.from + at, count: 1, view: 'u8' };
    }
    case 'stack':
      return OPERANDS;
    case 'object':
      return OBJECTS;
    case 'memories':
      return 'which bytes? Watch an expression, as in mem[0x100].i32 or mem[0x100..+16]';
    case 'tables':
      return 'which slot? Watch an expression, as in table[0][3]';
    default:
      return 'this never changes';
  }
}

/** `bytes`: how many of a memory, instead of those that the expression says. */
export function watchableExpression(
  expression: Expression,
  scope: WatchableScope,
  frame: number | undefined,
  bytes: number | undefined,
): DataRef | string {
  switch (expression.kind) {
    case 'name':
    case 'index': {
      const item = scope.itemOf(expression);
      if (item?.space === 'local') return { ...LOCAL, idx: item.idx };
      if (item?.space === 'global') return watchableGlobal(scope.variables, item.idx, frame ?? 0);
      if (item?.space === 'stack') return OPERANDS;
      return item?.space === 'memory' ? 'which bytes? As in mem[0x100].i32 or mem[0x100..+16]' : COMPUTED;
    }
    case 'element': {
      const item = scope.itemOf(expression.base);
      if (item?.space === 'table') {
        return { kind: 'table', idx: item.idx, index: scope.indexAt(expression.index) };
      }
      if (item?.space === 'memory') return inMemory(scope, item.idx, expression.index, bytes ?? 1, undefined);
      return OBJECTS;
    }
    case 'member': {
      const { base, name } = expression;
      const item = base.kind === 'element' ? scope.itemOf(base.base) : undefined;
      if (base.kind === 'element' && item?.space === 'memory') {
        const count = VIEW_BYTES[name];
        if (count === undefined) return `unknown type ${name}`;
        const view = bytes === undefined || bytes === count ? name : undefined;
        return inMemory(scope, item.idx, base.index, bytes ?? count, view);
      }
      // A lane is watched with its vector.
      const whole = scope.itemOf(base);
      return whole ? watchableExpression(base, scope, frame, bytes) : OBJECTS;
    }
    case 'range': {
      const item = scope.itemOf(expression.base);
      if (item?.space !== 'memory') return COMPUTED;
      const from = scope.addressAt(expression.from, item.idx);
      const count = bytes ?? scope.indexAt(expression.count) - (expression.isLength ? 0 : from);
      checkRange(from, count);
      return { kind: 'memory', idx: item.idx, from, count };
    }
    default:
      return COMPUTED;
  }
}

function inMemory(
  scope: WatchableScope,
  idx: number,
  at: Expression,
  count: number,
  view: string | undefined,
): DataRef {
  const from = scope.addressAt(at, idx);
  checkRange(from, count);
  return { kind: 'memory', idx, from, count, view };
}

function watchableGlobal(variables: Variables, idx: number, frame: number): DataRef | string {
  const { set, fixed } = variables.at({ kind: 'globals', frame }, idx);
  return set ? { kind: 'global', idx } : `${fixed}: it never changes`;
}
