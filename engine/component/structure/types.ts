/**
 * The byte structure of a component's types: value types, functions, resources, component and instance types with their
 * declarations, core types, and the types of imports and exports (Binary.md, Type Definitions).
 */

import { malformed } from '../../base/errors.ts';
import { importedType, recType } from '../../binary/structure/types.ts';
import type { Walker } from '../../binary/structure/walker.ts';
import { TYPE_BYTE } from '../../binary/types.ts';
import { COMPONENT_SORTS, CORE_SORTS, PRIMS, TYPE_CODE } from '../binary/codes.ts';
import { badByte } from '../binary/reader.ts';
import { checkNesting } from '../binary/types.ts';
import type { Sort } from '../model.ts';
import {
  anySort,
  Counts,
  definitions,
  expect,
  externName,
  type Introduced,
  optional,
  valTypeRef,
} from './sorts.ts';

const EXTERNAL_KIND = 'component external kind';

/** A definition of the type section. */
export function typeDefinition(w: Walker, depth: number): Introduced {
  defType(w, depth);
  return { sort: 'type', n: 1 };
}

/** A definition of the core type section. */
export function coreTypeDefinition(w: Walker, idx: number): Introduced {
  const at = w.pos;
  const byte = w.r.peek();
  if (byte === TYPE_CODE.module) {
    w.byte('module type');
    const n = w.count('count of declarations');
    definitions(w, n, new Counts(), moduleDeclaration);
    return { sort: 'core type', n: 1 };
  }
  if (byte === 0) {
    w.byte('not final');
    if (w.r.peek() !== TYPE_BYTE.sub) badByte(at, byte, 'type definition');
  }
  return { sort: 'core type', n: rec(w, at, idx) };
}

function rec(w: Walker, at: number, first: number): number {
  const byte = w.r.peek();
  const known: readonly number[] = [
    TYPE_BYTE.rec,
    TYPE_BYTE.sub,
    TYPE_BYTE.subFinal,
    TYPE_BYTE.func,
    TYPE_BYTE.struct,
    TYPE_BYTE.array,
  ];
  if (byte >= 0 && !known.includes(byte)) badByte(at, byte, 'type definition');
  return recType(w, first);
}

function moduleDeclaration(w: Walker, idx: number): Introduced {
  const at = w.pos;
  const byte = w.byte('kind of declaration', 'flags');
  switch (byte) {
    case 0x00: {
      w.name('module');
      w.name('name');
      return { sort: coreExternType(w), n: 1 };
    }
    case 0x01: {
      if (w.r.peek() === TYPE_CODE.module) {
        w.byte('module type');
        const inside = w.pos;
        // A module type in a module type decodes if it is empty, and is refused by validation.
        if (w.count('count of declarations') > 0) badByte(inside, TYPE_CODE.module, 'type definition');
        return { sort: 'core type', n: 1 };
      }
      return { sort: 'core type', n: rec(w, w.pos, idx) };
    }
    case 0x02:
      expect(w, 'core sort', 0x10, 'outer alias kind');
      expect(w, 'kind of alias', 0x01, 'outer alias target');
      w.u32('count of scopes outwards');
      w.u32('core type index there');
      return { sort: 'core type', n: 1 };
    case 0x03:
      w.name('name');
      // An export of a module type introduces nothing.
      return { sort: coreExternType(w), n: 0 };
    default:
      badByte(at, byte, 'type definition');
  }
}

function coreExternType(w: Walker): Sort {
  const at = w.pos;
  const byte = w.byte('core sort', 'externKind');
  const kind = CORE_SORTS.get(byte);
  const isRead = importedType(w, kind, (func) => func.u32('core type index', 'core type'));
  if (!kind || !isRead) badByte(at, byte, 'external kind');
  return `core ${kind}`;
}

function defType(w: Walker, depth: number): void {
  const at = w.pos;
  const byte = w.r.peek();
  if (PRIMS.has(byte)) {
    w.leaf('primitive type', 'primtype', at, w.r.u8());
    return;
  }
  const head = DEF_TYPES[byte];
  w.byte(head ?? 'type');
  switch (byte) {
    case TYPE_CODE.record:
      labelled(w, 'field');
      break;
    case TYPE_CODE.variant: {
      const n = w.count('count of cases');
      w.items(n, (items, i) => items.group('entry', 'case', variantCase, i));
      break;
    }
    case TYPE_CODE.list:
      valTypeRef(w, 'element type');
      break;
    case TYPE_CODE.fixedList:
      valTypeRef(w, 'element type');
      w.u32('length of the list');
      break;
    case TYPE_CODE.map:
      valTypeRef(w, 'key type');
      valTypeRef(w, 'value type');
      break;
    case TYPE_CODE.tuple: {
      const n = w.count('count of types');
      w.items(n, (items) => valTypeRef(items, 'type'));
      break;
    }
    case TYPE_CODE.flags:
    case TYPE_CODE.enum: {
      const n = w.count('count of labels');
      w.items(n, (items) => items.name('label'));
      break;
    }
    case TYPE_CODE.option:
      valTypeRef(w, 'type');
      break;
    case TYPE_CODE.result:
      optionalType(w, 'type of ok');
      optionalType(w, 'type of error');
      break;
    case TYPE_CODE.own:
    case TYPE_CODE.borrow:
      w.u32('resource type index', 'type');
      break;
    case TYPE_CODE.stream:
    case TYPE_CODE.future:
      optionalType(w, 'element type');
      break;
    case TYPE_CODE.func:
    case TYPE_CODE.asyncFunc:
      labelled(w, 'parameter');
      resultList(w);
      break;
    case TYPE_CODE.resource:
      w.valType('representation');
      optional(w, 'has a destructor', 'resource destructor', () => w.u32('core func index', 'core func'));
      break;
    case TYPE_CODE.component:
    case TYPE_CODE.instance: {
      checkNesting(at, depth);
      const n = w.count('count of declarations');
      definitions(w, n, new Counts(), (one, idx) =>
        declaration(one, idx, depth + 1, byte === TYPE_CODE.component),
      );
      break;
    }
    default:
      badByte(at, byte, 'component defined type');
  }
}

const DEF_TYPES: Readonly<Record<number, string>> = {
  [TYPE_CODE.record]: 'record',
  [TYPE_CODE.variant]: 'variant',
  [TYPE_CODE.list]: 'list',
  [TYPE_CODE.fixedList]: 'list of fixed length',
  [TYPE_CODE.map]: 'map',
  [TYPE_CODE.tuple]: 'tuple',
  [TYPE_CODE.flags]: 'flags type',
  [TYPE_CODE.enum]: 'enum',
  [TYPE_CODE.option]: 'option',
  [TYPE_CODE.result]: 'result',
  [TYPE_CODE.own]: 'own',
  [TYPE_CODE.borrow]: 'borrow',
  [TYPE_CODE.stream]: 'stream',
  [TYPE_CODE.future]: 'future',
  [TYPE_CODE.func]: 'func',
  [TYPE_CODE.asyncFunc]: 'async func',
  [TYPE_CODE.resource]: 'resource',
  [TYPE_CODE.component]: 'component type',
  [TYPE_CODE.instance]: 'instance type',
};

function labelled(w: Walker, what: string): void {
  const n = w.count(`count of ${what}s`);
  w.items(n, (items, i) =>
    items.group(
      'entry',
      what,
      (one) => {
        one.name('label');
        valTypeRef(one, 'type');
      },
      i,
    ),
  );
}

function variantCase(w: Walker): void {
  w.name('label');
  optionalType(w, 'type');
  expect(w, 'reserved', 0, 'zero byte required');
}

function optionalType(w: Walker, label: string): void {
  optional(w, `has ${/^[aeiou]/.test(label) ? 'an' : 'a'} ${label}`, 'optional component value type', () =>
    valTypeRef(w, label),
  );
}

/** What a function returns, if it returns anything. */
export function resultList(w: Walker): void {
  const at = w.pos;
  const byte = w.byte('kind of results', 'flags');
  if (byte === 0) valTypeRef(w, 'result');
  else if (byte === 1) expect(w, 'count of results', 0, 'number of results');
  else badByte(at, byte, 'component function results');
}

function declaration(w: Walker, idx: number, depth: number, imports: boolean): Introduced {
  const at = w.pos;
  const byte = w.byte('kind of declaration', 'flags');
  switch (byte) {
    case 0x00:
      return coreTypeDefinition(w, idx);
    case 0x01:
      return typeDefinition(w, depth);
    case 0x02:
      return alias(w);
    case 0x03:
    case 0x04:
      if (byte === 0x03 && !imports) break;
      externName(w);
      return { sort: externType(w), n: 1 };
  }
  badByte(at, byte, 'component or instance type declaration');
}

/** The type of an import or export. Says of which sort it is. */
export function externType(w: Walker): Sort {
  const at = w.pos;
  const byte = w.byte('sort', 'externKind');
  if (byte === 0) {
    expect(w, 'core sort', 0x11, EXTERNAL_KIND);
    w.u32('core type index', 'core type');
    return 'core module';
  }
  const kind = COMPONENT_SORTS.get(byte);
  switch (kind) {
    case 'func':
    case 'component':
    case 'instance':
      w.u32('type index', 'type');
      return kind;
    case 'value':
    case 'type': {
      const boundAt = w.pos;
      const bound = w.byte('kind of bound', 'flags');
      if (bound > 1) badByte(boundAt, bound, `${kind} bound`);
      if (bound === 0) w.u32(`${kind} index`, kind);
      else if (kind === 'value') valTypeRef(w, 'type');
      return kind;
    }
    default:
      badByte(at, byte, EXTERNAL_KIND);
  }
}

const OUTER_SORTS: ReadonlySet<Sort> = new Set(['core module', 'core type', 'component', 'type']);

/** An alias: its sort comes first, and what is wrong with it depends on the target. */
export function alias(w: Walker): Introduced {
  const at = w.pos;
  const sort = anySort(w);
  const sortByte = w.r.bytes[w.pos - 1];
  const targetAt = w.pos;
  const kind = w.byte('kind of alias', 'flags');
  switch (kind) {
    case 0x00:
      if (typeof sort === 'number') badByte(at, sort, EXTERNAL_KIND);
      w.u32('instance index', 'instance');
      w.name('name');
      return { sort, n: 1 };
    case 0x01:
      if (typeof sort === 'number' || !sort.startsWith('core ')) badByte(at, sortByte, 'external kind');
      w.u32('core instance index', 'core instance');
      w.name('name');
      return { sort, n: 1 };
    case 0x02:
      if (typeof sort === 'number' || !OUTER_SORTS.has(sort)) {
        badByte(at, sortByte, 'component outer alias kind');
      }
      w.u32('count of scopes outwards');
      // In another scope than this one, so it names nothing here.
      w.u32(`${sort} index there`);
      return { sort, n: 1 };
    default:
      malformed(targetAt, `invalid leading byte (0x${kind.toString(16)}) for alias`);
  }
}
