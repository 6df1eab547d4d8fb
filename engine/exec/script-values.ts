/**
 * Results of a script's commands held against what the script expects, and both as text.
 *
 * Knows values and patterns, and no commands.
 */

import { F32, HEAP, type HeapType, heapOf, REF, typeName } from '../isa/types.ts';
import { FuncInst } from '../runtime/func.ts';
import { isOfHeap } from '../runtime/heap.ts';
import { formatValue, isRefValue, type RefValue, type Value } from '../runtime/values.ts';
import type { LanePattern, LaneShape, ResultPattern } from '../text/script.ts';
import type { ComponentPattern } from '../text/script-component.ts';
import { TypeCanon } from '../valid/canon.ts';

/** The results of a component's function. */
export interface ComponentResults {
  matches(patterns: readonly ResultPattern[]): boolean;
  /** As people read it. */
  readonly text: string;
}

/** Patterns name abstract types only. */
const NO_TYPES = new TypeCanon();

/** A command that did not do what it should. */
export class Failure extends Error {
  readonly expected: string | undefined;
  readonly got: string | undefined;

  constructor(message: string, expected?: string, got?: string) {
    super(message);
    this.expected = expected;
    this.got = got;
  }
}

/** A reference of the host as scripts know it: a number. */
export class HostRef {
  readonly value: number;

  constructor(value: number) {
    this.value = value;
  }
}

/** Throws a Failure if the values are not the expected ones. */
export function expectResults(
  values: readonly Value[],
  patterns: readonly ResultPattern[],
  hostRefs: ReadonlyMap<number, HostRef>,
): void {
  const ok =
    values.length === patterns.length && values.every((value, i) => matches(value, patterns[i], hostRefs));
  if (ok) return;
  const expected = listText(patterns.map(patternText));
  const got = listText(values.map(valueText));
  throw new Failure(`expected ${expected}, got ${got}`, expected, got);
}

/** The same for a function of a component. */
export function expectComponentResults(results: ComponentResults, patterns: readonly ResultPattern[]): void {
  if (results.matches(patterns)) return;
  const expected = listText(patterns.map(patternText));
  throw new Failure(`expected ${expected}, got ${results.text}`, expected, results.text);
}

function matches(value: Value, pattern: ResultPattern, hostRefs: ReadonlyMap<number, HostRef>): boolean {
  if (pattern.kind === 'either') return pattern.of.some((one) => matches(value, one, hostRefs));
  if (!isRefValue(value)) {
    switch (pattern.kind) {
      case 'num':
        return value.type === pattern.type && value.bits === pattern.bits;
      case 'nan':
        return (
          value.type === pattern.type && isNaNOf(value.bits, pattern.type === F32 ? 32 : 64, pattern.nan)
        );
      case 'lanes':
        return lanesMatch(value.bits, pattern.shape, pattern.lanes);
      default:
        return false;
    }
  }
  switch (pattern.kind) {
    case 'null':
      return value.ref === null;
    case 'extern':
    case 'host':
      return value.ref !== null && value.ref === hostRefs.get(pattern.value);
    case 'ref':
      return value.ref !== null && isOfKind(value, pattern.heap);
    default:
      return false;
  }
}

/** Is a reference that is not null of this abstract heap type? Hierarchies are told apart by the value's type. */
function isOfKind(value: RefValue, heap: HeapType): boolean {
  if (heap === HEAP.extern) return heapOf(value.type) === HEAP.extern;
  if ((heap === HEAP.func) !== value.ref instanceof FuncInst) return false;
  return isOfHeap(NO_TYPES, heap, value.ref);
}

/** A canonical NaN has only the top payload bit; an arithmetic one has at least that (spec 4.3.3). */
function isNaNOf(bits: bigint, width: number, kind: 'canonical' | 'arithmetic'): boolean {
  const canonical = width === 32 ? 0x7fc00000n : 0x7ff8000000000000n;
  const positive = BigInt.asUintN(width - 1, bits);
  return kind === 'canonical' ? positive === canonical : (positive & canonical) === canonical;
}

function lanesMatch(bits: bigint, shape: LaneShape, lanes: readonly LanePattern[]): boolean {
  const width = 128 / lanes.length;
  return lanes.every((lane, i) => {
    const got = BigInt.asUintN(width, bits >> BigInt(i * width));
    if (typeof lane === 'bigint') return got === BigInt.asUintN(width, lane);
    return (
      shape.startsWith('f') && isNaNOf(got, width, lane === 'nan:canonical' ? 'canonical' : 'arithmetic')
    );
  });
}

function listText(parts: readonly string[]): string {
  return parts.length > 0 ? parts.join(' ') : 'no result';
}

function valueText(value: Value): string {
  if (isRefValue(value) && value.ref instanceof HostRef) return `(ref.extern ${value.ref.value})`;
  return `${typeName(value.type)}:${formatValue(value)}`;
}

function patternText(pattern: ResultPattern): string {
  switch (pattern.kind) {
    case 'num':
      return valueText({ type: pattern.type, bits: pattern.bits });
    case 'nan':
      return `${typeName(pattern.type)}:nan:${pattern.nan}`;
    case 'lanes':
      return `${pattern.shape} ${pattern.lanes.map(String).join(' ')}`;
    case 'either':
      return `(either ${pattern.of.map(patternText).join(' ')})`;
    case 'null':
      return '(ref.null)';
    case 'ref':
      return `(ref.${typeName(REF | pattern.heap)})`;
    case 'component':
      return componentText(pattern.value);
    default:
      return `(ref.${pattern.kind} ${pattern.value})`;
  }
}

function componentText(value: ComponentPattern): string {
  switch (value.type) {
    case 'list':
      return `[${value.items.map(patternText).join(', ')}]`;
    case 'tuple':
      return `(${value.items.map(patternText).join(', ')})`;
    case 'record':
      return `{${value.fields.map(({ name, value }) => `${name}: ${patternText(value)}`).join(', ')}}`;
    case 'variant':
      return value.value ? `${value.label}(${patternText(value.value)})` : value.label;
    case 'enum':
      return value.label;
    case 'flags':
      return `{${value.labels.join(', ')}}`;
    case 'option':
      return value.value ? `some(${patternText(value.value)})` : 'none';
    case 'result': {
      const label = value.isOk ? 'ok' : 'err';
      return value.value ? `${label}(${patternText(value.value)})` : label;
    }
    case 'string':
    case 'char':
      return JSON.stringify(value.value);
    default:
      return String(value.value);
  }
}
