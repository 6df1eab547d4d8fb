/**
 * The byte structure of a component's sections (Binary.md), item by item: what engine/binary/structure asks of a file that is a
 * component.
 *
 * Definitions have the index that they introduce, whose count goes on through all sections in front: it is found by stepping
 * over them once, when somebody looks.
 */

import { malformed } from '../../base/errors.ts';
import { ByteReader } from '../../base/reader.ts';
import { subsections } from '../../binary/structure/customs.ts';
import type { ComponentContent, ComponentGrammar } from '../../binary/structure/tree.ts';
import { faultOf, type Grammar, Walker } from '../../binary/structure/walker.ts';
import { COMPONENT_SECTION } from '../binary/codes.ts';
import { ENCODINGS, INDEX_OPTS } from '../binary/decode.ts';
import { badByte, ComponentReader } from '../binary/reader.ts';
import { type CanonName, canonByCode, canonImmediates } from '../canons.ts';
import {
  anySort,
  Counts,
  coreSortIdx,
  type Definition,
  definitions,
  expect,
  externName,
  flag,
  type Introduced,
  optional,
  sortIdx,
  valTypeRef,
} from './sorts.ts';
import { alias, coreTypeDefinition, externType, resultList, typeDefinition } from './types.ts';

/** What is in the sections of the component in `[start, end)`, which begins behind its preamble. */
export const componentGrammar: ComponentGrammar = {
  reader: (bytes, start, end) => new ComponentReader(bytes, start, end),
  contentOf(bytes, start, end, depth) {
    let before: Map<number, Counts> | undefined;
    const countsAt = (section: number): Counts => {
      before ??= countsBefore(bytes, start, end, depth);
      return new Counts(before.get(section));
    };
    return (id, section): ComponentContent | undefined => {
      switch (id) {
        case COMPONENT_SECTION.coreModule:
          return { index: () => countsAt(section).take({ sort: 'core module', n: 1 }) };
        case COMPONENT_SECTION.component:
          return { index: () => countsAt(section).take({ sort: 'component', n: 1 }) };
        case COMPONENT_SECTION.start:
          return { grammar: (w) => definitions(w, 1, countsAt(section), start_) };
        default: {
          const define = definitionOf(id, depth);
          return (
            define && {
              grammar: (w) => {
                const n = w.count();
                definitions(w, n, w.nodes ? countsAt(section) : new Counts(), define);
              },
            }
          );
        }
      }
    };
  },
  custom: (name) => (Object.hasOwn(CUSTOMS, name) ? CUSTOMS[name] : undefined),
};

/** Custom sections that only components have; the last two are those of the tools that write WIT packages as binaries. */
const CUSTOMS: Readonly<Record<string, Grammar>> = {
  'component-name': names,
  'wit-component-encoding': (w) => {
    w.byte('version');
    w.byte('string encoding', 'flags');
  },
  'package-docs': (w) => {
    w.byte('version');
    w.text('documentation, as JSON');
  },
};

/** For each section the counts in front of it. What cannot be read counts as far as it goes. */
function countsBefore(bytes: Uint8Array, start: number, end: number, depth: number): Map<number, Counts> {
  const before = new Map<number, Counts>();
  const counts = new Counts();
  const r = new ByteReader(bytes, start, end);
  faultOf(() => {
    while (!r.atEnd) {
      const section = r.pos;
      before.set(section, new Counts(counts));
      const id = r.u8();
      const size = r.length();
      const behind = r.pos + size;
      const w = new Walker(new ComponentReader(bytes, r.pos, behind), undefined);
      faultOf(() => {
        if (id === COMPONENT_SECTION.coreModule) counts.take({ sort: 'core module', n: 1 });
        else if (id === COMPONENT_SECTION.component) counts.take({ sort: 'component', n: 1 });
        else if (id === COMPONENT_SECTION.start) definitions(w, 1, counts, start_);
        else {
          const define = definitionOf(id, depth);
          if (define) definitions(w, w.count(), counts, define);
        }
      });
      r.pos = behind;
    }
  });
  return before;
}

function definitionOf(id: number, depth: number): Definition | undefined {
  switch (id) {
    case COMPONENT_SECTION.coreInstance:
      return coreInstance;
    case COMPONENT_SECTION.coreType:
      return coreTypeDefinition;
    case COMPONENT_SECTION.instance:
      return instance;
    case COMPONENT_SECTION.alias:
      return alias;
    case COMPONENT_SECTION.type:
      return (w) => typeDefinition(w, depth);
    case COMPONENT_SECTION.canon:
      return canon;
    case COMPONENT_SECTION.import:
      return (w) => {
        externName(w);
        return { sort: externType(w), n: 1 };
      };
    case COMPONENT_SECTION.export:
      return exportDefinition;
    case COMPONENT_SECTION.value:
      return value;
    default:
      return undefined;
  }
}

function exportDefinition(w: Walker): Introduced {
  externName(w);
  const sort = sortIdx(w);
  optional(w, 'has a type', 'optional component export type', () => externType(w));
  return { sort, n: 1 };
}

function value(w: Walker): Introduced {
  valTypeRef(w, 'type');
  const n = w.size('size of the value');
  w.bytes('value', n);
  return { sort: 'value', n: 1 };
}

function start_(w: Walker): Introduced {
  w.u32('func index', 'func');
  const n = w.count('count of arguments');
  w.items(n, (items) => items.u32('value index', 'value'));
  const results = w.u32('count of results', 'count');
  if (results > 1) malformed(w.pos, 'a start function has at most one result');
  return { sort: 'value', n: results };
}

function coreInstance(w: Walker): Introduced {
  const at = w.pos;
  const byte = w.byte('kind of instance', 'flags');
  if (byte === 0x00) {
    w.u32('core module index', 'core module');
    entries(w, 'argument', (one) => {
      one.name('name');
      expect(one, 'core sort', 0x12, 'instantiation arg kind');
      one.u32('core instance index', 'core instance');
    });
  } else if (byte === 0x01) {
    entries(w, 'export', (one) => {
      one.name('name');
      coreSortIdx(one);
    });
  } else badByte(at, byte, 'core instance');
  return { sort: 'core instance', n: 1 };
}

function instance(w: Walker): Introduced {
  const at = w.pos;
  const byte = w.byte('kind of instance', 'flags');
  if (byte === 0x00) {
    w.u32('component index', 'component');
    entries(w, 'argument', (one) => {
      one.name('name');
      sortIdx(one);
    });
  } else if (byte === 0x01) {
    entries(w, 'export', (one) => {
      externName(one);
      sortIdx(one);
    });
  } else badByte(at, byte, 'instance');
  return { sort: 'instance', n: 1 };
}

function entries(w: Walker, what: string, entry: Grammar): void {
  const n = w.count(`count of ${what}s`);
  w.items(n, (items, i) => items.group('entry', what, entry, i));
}

function canon(w: Walker): Introduced {
  const at = w.pos;
  const byte = w.byte('canonical definition', 'flags');
  if (byte === 0x00) {
    expect(w, 'reserved', 0, 'canonical function lift');
    w.u32('core func index', 'core func');
    options(w);
    w.u32('type index', 'type');
    return { sort: 'func', n: 1 };
  }
  if (byte === 0x01) {
    expect(w, 'reserved', 0, 'canonical function lower');
    w.u32('func index', 'func');
    options(w);
    return { sort: 'core func', n: 1 };
  }
  const name = canonByCode(byte);
  if (name === undefined) badByte(at, byte, 'canonical function');
  builtin(w, name);
  return { sort: 'core func', n: 1 };
}

function builtin(w: Walker, name: CanonName): void {
  for (const immediate of canonImmediates(name)) {
    switch (immediate) {
      case 'type':
        w.u32('type index', 'type');
        break;
      case 'opts':
        options(w);
        break;
      case 'async':
      case 'cancellable':
      case 'shared':
        flag(w, immediate);
        break;
      case 'memory':
        w.u32('core memory index', 'core memory');
        break;
      case 'result':
        resultList(w);
        break;
      case 'slot':
        w.valType('type of the slot');
        w.u32('number of the slot');
        break;
      case 'core type':
        w.u32('core type index', 'core type');
        break;
      case 'table':
        w.u32('core table index', 'core table');
    }
  }
}

function options(w: Walker): void {
  entries(w, 'option', (one) => {
    const at = one.pos;
    const byte = one.byte('kind of option', 'flags');
    if (ENCODINGS[byte] !== undefined || byte === 0x06) return;
    const kind = INDEX_OPTS.get(byte);
    if (kind === undefined) badByte(at, byte, 'canonical option');
    if (kind === 'memory') one.u32('core memory index', 'core memory');
    else one.u32('core func index', 'core func');
  });
}

/** The names of a component and of its items (Binary.md, Name Section). */
function names(w: Walker): void {
  subsections(w, (id) => {
    if (id === 0) return { title: 'component name', grammar: (inner) => inner.name('name') };
    if (id !== 1) return undefined;
    return {
      title: 'item names',
      grammar: (inner) => {
        const sort = anySort(inner);
        const known = typeof sort === 'number' ? undefined : sort;
        const n = inner.count();
        inner.items(n, (items, i) =>
          items.group(
            'entry',
            'item name',
            (entry) => {
              entry.u32(known ? `${known} index` : 'index', known);
              entry.name('name');
            },
            i,
          ),
        );
      },
    };
  });
}
