/**
 * Validation of canonical definitions (CanonicalABI.md, Canonical Definitions): options, and the types of core functions
 * that are lifted, lowered, or made out of nothing.
 */

import { invalid } from '../../base/errors.ts';
import { type ValType as CoreValType, FUNCREF, I32, I64, typesName } from '../../isa/types.ts';
import {
  type AddressType,
  type FlatFunc,
  flattenFunc,
  flattenTypes,
  hasPointer,
  MAX_FLAT_ASYNC_PARAMS,
  MAX_FLAT_PARAMS,
  MAX_FLAT_RESULTS,
} from '../abi.ts';
import { type Canon, type CanonBuiltin, type CanonDef, type CanonOpt, canonOpt } from '../model.ts';
import { type FuncType, hasBorrow, type ValType } from '../types.ts';
import { funcId } from './core-matching.ts';
import type { Scope } from './scope.ts';
import { valueType } from './type-definitions.ts';

/** Validates a canonical definition and takes the index of its function. */
export function checkCanon(scope: Scope, { canon, offset }: CanonDef): void {
  switch (canon.kind) {
    case 'lift':
      scope.push('func', checkLift(scope, canon, offset));
      break;
    case 'lower': {
      const { params, results } = checkLower(scope, canon, offset);
      scope.push('core func', funcId(scope.shared.canon, params, results));
      break;
    }
    case 'builtin': {
      const { params, results } = checkBuiltin(scope, canon, offset);
      scope.push('core func', funcId(scope.shared.canon, params, results));
    }
  }
}

/** Options that were looked at. */
interface Options {
  readonly address: AddressType;
  readonly memory: boolean;
  readonly realloc: boolean;
  readonly async: boolean;
  readonly callback: boolean;
  readonly postReturn: number | undefined;
}

/** What a definition does with values of a type: memory has to be there, and something that makes room in it. */
interface Needs {
  memory: boolean;
  realloc: boolean;
}

function checkLift(scope: Scope, canon: Extract<Canon, { kind: 'lift' }>, offset: number): FuncType {
  const type = scope.typeAt('func', canon.typeIdx, offset);
  const funcType = scope.at('core func', canon.funcIdx, offset);
  const options = checkOptions(scope, canon.opts, offset);
  checkAsync(type, options, offset);
  if (options.async && options.postReturn !== undefined) {
    invalid(offset, 'cannot specify post-return function in async');
  }
  const flat = flattenFunc(type, 'lift', options);
  const needs: Needs = { memory: false, realloc: false };
  const params = type.params.map((param) => param.type);
  const tooMany = !flattenTypes(params, options.address, MAX_FLAT_PARAMS);
  if (tooMany || params.some(hasPointer)) needs.memory = needs.realloc = true;
  if (type.result) {
    const most = options.async ? MAX_FLAT_PARAMS : MAX_FLAT_RESULTS;
    if (hasPointer(type.result) || !flattenTypes([type.result], options.address, most)) needs.memory = true;
  }
  checkNeeds(options, needs, offset);
  checkSignature(scope, funcType, flat, offset);
  if (options.postReturn !== undefined) {
    checkOptionFunc(scope, 'post-return', options.postReturn, flat.results, [], offset);
  }
  return type;
}

function checkLower(scope: Scope, canon: Extract<Canon, { kind: 'lower' }>, offset: number): FlatFunc {
  const type = scope.at('func', canon.funcIdx, offset);
  const options = checkOptions(scope, canon.opts, offset);
  if (options.postReturn !== undefined) {
    invalid(offset, 'canonical option `post-return` cannot be specified for lowerings');
  }
  if (options.callback) invalid(offset, 'canonical option `callback` cannot be specified for lowerings');
  checkAsync(type, options, offset);
  const needs: Needs = { memory: false, realloc: false };
  const params = type.params.map((param) => param.type);
  const most = options.async ? MAX_FLAT_ASYNC_PARAMS : MAX_FLAT_PARAMS;
  if (params.some(hasPointer) || !flattenTypes(params, options.address, most)) needs.memory = true;
  if (type.result) {
    if (options.async || !flattenTypes([type.result], options.address, MAX_FLAT_RESULTS)) needs.memory = true;
    if (hasPointer(type.result)) needs.memory = needs.realloc = true;
  }
  checkNeeds(options, needs, offset);
  return flattenFunc(type, 'lower', options);
}

function checkAsync(type: FuncType, options: Options, offset: number): void {
  if (options.callback && !options.async) invalid(offset, 'cannot specify callback without async');
  if (options.async && !type.async) {
    invalid(offset, 'the `async` canonical option requires an async function type');
  }
}

/** Names of encodings in the suite's messages. */
const ENCODING_NAMES = { utf8: 'utf8', utf16: 'utf16', 'latin1+utf16': 'latin1-utf16' } as const;

function checkOptions(scope: Scope, opts: readonly CanonOpt[], offset: number): Options {
  const seen = new Map<CanonOpt['kind'], CanonOpt>();
  for (const opt of opts) {
    const previous = seen.get(opt.kind);
    if (previous?.kind === 'string-encoding' && opt.kind === 'string-encoding') {
      const [first, second] = [previous, opt].map(({ encoding }) => ENCODING_NAMES[encoding]);
      invalid(opt.offset, `canonical encoding option \`${first}\` conflicts with option \`${second}\``);
    }
    if (previous) invalid(opt.offset, `canonical option \`${opt.kind}\` is specified more than once`);
    seen.set(opt.kind, opt);
  }
  const memory = canonOpt(opts, 'memory');
  const type = memory && scope.at('core memory', memory.idx, memory.offset);
  const address = type?.is64 ? I64 : I32;
  const realloc = canonOpt(opts, 'realloc');
  if (realloc) {
    const four = [address, address, address, address];
    checkOptionFunc(scope, 'realloc', realloc.idx, four, [address], realloc.offset);
    if (!memory) invalid(offset, 'canonical option `realloc` requires `memory` to also be specified');
  }
  const callback = canonOpt(opts, 'callback');
  if (callback) checkOptionFunc(scope, 'callback', callback.idx, [I32, I32, I32], [I32], callback.offset);
  return {
    address,
    memory: memory !== undefined,
    realloc: realloc !== undefined,
    async: seen.has('async'),
    callback: callback !== undefined,
    postReturn: canonOpt(opts, 'post-return')?.idx,
  };
}

function checkOptionFunc(
  scope: Scope,
  what: string,
  funcIdx: number,
  params: readonly CoreValType[],
  results: readonly CoreValType[],
  offset: number,
): void {
  const { canon } = scope.shared;
  const type = scope.at('core func', funcIdx, offset);
  if (canon.isSubId(type, funcId(canon, params, results))) return;
  invalid(offset, `canonical option \`${what}\` uses a core function with an incorrect signature`, [
    { message: `it must be ${typesName(params)} -> ${typesName(results)}` },
  ]);
}

function checkNeeds(options: Options, needs: Needs, offset: number): void {
  if (needs.memory && !options.memory) invalid(offset, 'canonical option `memory` is required');
  if (needs.realloc && !options.realloc) invalid(offset, 'canonical option `realloc` is required');
}

function checkSignature(scope: Scope, typeId: number, flat: FlatFunc, offset: number): void {
  const composite = scope.shared.canon.typeAt(typeId)?.composite;
  if (composite?.kind !== 'func') return;
  for (const what of ['param', 'result'] as const) {
    const wanted = what === 'param' ? flat.params : flat.results;
    const given = what === 'param' ? composite.params : composite.results;
    if (wanted.length === given.length && wanted.every((type, i) => type === given[i])) continue;
    const name = what === 'param' ? 'parameter' : 'result';
    invalid(
      offset,
      `lowered ${name} types \`${listed(wanted)}\` do not match ${name} types \`${listed(given)}\` of core function`,
    );
  }
}

/** Core types as the suite's messages write them: `[I32, I64]`. */
function listed(types: readonly CoreValType[]): string {
  return `[${types.map((type) => typesName([type]).slice(1, -1).toUpperCase()).join(', ')}]`;
}

const SIMPLE: Readonly<Partial<Record<CanonBuiltin['name'], FlatFunc>>> = {
  'backpressure.inc': { params: [], results: [] },
  'backpressure.dec': { params: [], results: [] },
  'task.cancel': { params: [], results: [] },
  'subtask.cancel': { params: [I32], results: [I32] },
  'subtask.drop': { params: [I32], results: [] },
  'error-context.drop': { params: [I32], results: [] },
  'waitable-set.new': { params: [], results: [I32] },
  'waitable-set.drop': { params: [I32], results: [] },
  'waitable.join': { params: [I32, I32], results: [] },
  'thread.index': { params: [], results: [I32] },
  'thread.resume-later': { params: [I32], results: [] },
  'thread.suspend': { params: [], results: [I32] },
  'thread.yield': { params: [], results: [I32] },
  'thread.suspend-then-resume': { params: [I32], results: [I32] },
  'thread.yield-then-resume': { params: [I32], results: [I32] },
  'thread.suspend-then-promote': { params: [I32], results: [I32] },
  'thread.yield-then-promote': { params: [I32], results: [I32] },
  'thread.available-parallelism': { params: [], results: [I32] },
};

function checkBuiltin(scope: Scope, canon: CanonBuiltin, offset: number): FlatFunc {
  const simple = SIMPLE[canon.name];
  if (simple) return simple;
  const { name } = canon;
  switch (name) {
    case 'resource.new':
    case 'resource.rep': {
      const { resource } = scope.typeAt('resource', canon.typeIdx!, offset);
      if (!scope.local.has(resource)) invalid(offset, `type index ${canon.typeIdx} is not a local resource`);
      const rep = resource.rep ?? I32;
      return name === 'resource.new' ? { params: [rep], results: [I32] } : { params: [I32], results: [rep] };
    }
    case 'resource.drop':
      scope.typeAt('resource', canon.typeIdx!, offset);
      return { params: [I32], results: [] };
    case 'task.return':
      return checkTaskReturn(scope, canon, offset);
    case 'context.get':
    case 'context.set': {
      const type = canon.slotType!;
      if (type !== I32 && type !== I64) invalid(offset, `\`${name}\` slots are \`i32\` or \`i64\``);
      if (scope.slotType !== undefined && scope.slotType !== type) {
        invalid(offset, 'all context slots of a component must have the same type');
      }
      scope.slotType = type;
      if (canon.slot! >= 2) invalid(offset, `\`${name}\` slot must be less than 2: ${canon.slot}`);
      return name === 'context.get' ? { params: [], results: [type] } : { params: [type], results: [] };
    }
    case 'stream.new':
    case 'future.new':
      endType(scope, canon, offset);
      return { params: [], results: [I64] };
    case 'stream.read':
    case 'stream.write':
    case 'future.read':
    case 'future.write':
      return checkCopy(scope, canon, offset);
    case 'stream.cancel-read':
    case 'stream.cancel-write':
    case 'future.cancel-read':
    case 'future.cancel-write':
      endType(scope, canon, offset);
      return { params: [I32], results: [I32] };
    case 'stream.drop-readable':
    case 'stream.drop-writable':
    case 'future.drop-readable':
    case 'future.drop-writable':
      endType(scope, canon, offset);
      return { params: [I32], results: [] };
    case 'error-context.new':
    case 'error-context.debug-message': {
      const options = checkOptions(scope, canon.opts ?? [], offset);
      if (options.async) invalid(offset, `canonical option \`async\` cannot be specified for \`${name}\``);
      const isNew = name === 'error-context.new';
      checkNeeds(options, { memory: true, realloc: !isNew }, offset);
      const { address } = options;
      return isNew ? { params: [address, address], results: [I32] } : { params: [I32, address], results: [] };
    }
    case 'waitable-set.wait':
    case 'waitable-set.poll': {
      const { is64 } = scope.at('core memory', canon.memoryIdx!, offset);
      return { params: [I32, is64 ? I64 : I32], results: [I32] };
    }
    case 'thread.new-indirect':
    case 'thread.spawn-indirect':
    case 'thread.spawn-ref':
      return checkThread(scope, canon, offset);
    default:
      return { params: [], results: [] };
  }
}

/** The element of the stream or future type that a built-in is for. */
function endType(scope: Scope, { name, typeIdx }: CanonBuiltin, offset: number): ValType | undefined {
  const kind = name.startsWith('stream') ? 'stream' : 'future';
  const type = scope.at('type', typeIdx!, offset);
  if (type.kind !== kind)
    invalid(offset, `\`${name}\` requires a ${kind} type: type index ${typeIdx} is none`);
  return (type as Extract<ValType, { kind: 'stream' | 'future' }>).type;
}

function checkCopy(scope: Scope, canon: CanonBuiltin, offset: number): FlatFunc {
  const element = endType(scope, canon, offset);
  const options = checkOptions(scope, canon.opts ?? [], offset);
  for (const what of ['callback', 'post-return'] as const) {
    if (canonOpt(canon.opts ?? [], what)) {
      invalid(offset, `canonical option \`${what}\` cannot be specified for \`${canon.name}\``);
    }
  }
  if (element) {
    const reads = canon.name.endsWith('.read');
    checkNeeds(options, { memory: true, realloc: reads && hasPointer(element) }, offset);
  }
  const { address } = options;
  return canon.name.startsWith('stream')
    ? { params: [I32, address, address], results: [address] }
    : { params: [I32, address], results: [I32] };
}

function checkTaskReturn(scope: Scope, canon: CanonBuiltin, offset: number): FlatFunc {
  const opts = canon.opts ?? [];
  for (const { kind, offset: at } of opts) {
    if (kind !== 'memory' && kind !== 'string-encoding') {
      invalid(at, `canonical option \`${kind}\` cannot be specified for \`task.return\``);
    }
  }
  const options = checkOptions(scope, opts, offset);
  const result = canon.result === undefined ? undefined : valueType(scope, canon.result, offset);
  if (result && hasBorrow(result)) invalid(offset, 'function result cannot contain a `borrow` type');
  const flat = flattenTypes(result ? [result] : [], options.address, MAX_FLAT_PARAMS);
  checkNeeds(
    options,
    { memory: !flat || (result !== undefined && hasPointer(result)), realloc: false },
    offset,
  );
  return { params: flat ?? [options.address], results: [] };
}

function checkThread(scope: Scope, canon: CanonBuiltin, offset: number): FlatFunc {
  const type = scope.at('core type', canon.coreTypeIdx!, offset);
  const composite = type.kind === 'type' ? scope.shared.canon.typeAt(type.id)?.composite : undefined;
  const params = composite?.kind === 'func' && composite.results.length === 0 ? composite.params : [];
  const [closure] = params;
  if (params.length !== 1 || (closure !== I32 && closure !== I64)) {
    invalid(offset, 'start function must take a single `i32` or `i64` argument and return nothing');
  }
  // A reference to the function is given; what else than that it is one does not matter here.
  if (canon.name === 'thread.spawn-ref') return { params: [FUNCREF, closure], results: [I32] };
  const table = scope.at('core table', canon.tableIdx!, offset);
  if (table.element !== FUNCREF) invalid(offset, `\`${canon.name}\` requires a table of \`funcref\``);
  return { params: [table.is64 ? I64 : I32, closure], results: [I32] };
}
