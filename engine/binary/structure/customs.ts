/**
 * The fields of custom sections that the specification or the tool conventions describe: name, producers, target_features,
 * dylink.0, linking, reloc.*, metadata.code.*, sourceMappingURL, external_debug_info, build_id, and what is in .debug_*.
 *
 * What is not known, or of a version that is not, is one leaf of bytes that says so. Nested components (component-type)
 * are the tree's business.
 */

import { malformed } from '../../base/errors.ts';
import { NAME_SUBSECTION } from '../../module/name-section.ts';
import type { Sibling } from './dwarf/info.ts';
import { debugGrammar } from './dwarf.ts';
import type { Role } from './node.ts';
import type { Grammar, Walker } from './walker.ts';

/** What is behind the name of a custom section; undefined for one that is not known. `sibling`: the others of its file. */
export function customGrammar(name: string, sibling: Sibling): Grammar | undefined {
  if (Object.hasOwn(BY_NAME, name)) return BY_NAME[name];
  if (name.startsWith('reloc.')) return relocations;
  if (name.startsWith('metadata.code.')) return codeMetadata;
  if (name.startsWith('.debug_')) return debugGrammar(name, sibling);
  return undefined;
}

const BY_NAME: Readonly<Record<string, Grammar>> = {
  name: (w) => subsections(w, nameSubsection),
  producers,
  target_features: targetFeatures,
  'dylink.0': (w) => subsections(w, dylinkSubsection),
  linking,
  sourceMappingURL: (w) => w.name('URL'),
  external_debug_info: (w) => w.name('URL'),
  build_id: (w) => {
    const n = w.size('length');
    w.bytes('build id', n);
  },
};

export interface Subsection {
  readonly title: string;
  readonly grammar: Grammar;
}

/** Id, size, content, until the section ends. */
export function subsections(w: Walker, known: (id: number) => Subsection | undefined): void {
  while (!w.atEnd) {
    const { r } = w;
    const start = r.pos;
    const id = r.u8();
    const n = r.length();
    const contentAt = r.pos;
    r.pos = start;
    const sub = known(id);
    const title = sub ? sub.title : `subsection ${id}`;
    const grammar: Grammar = (inner) => {
      inner.byte('subsection id');
      inner.size();
      if (sub) sub.grammar(inner);
      else inner.bytes('content that is not known');
    };
    w.sized('entry', title, contentAt + n, grammar);
  }
}

const NAME_TITLES: Readonly<Record<number, { readonly space: string; readonly role?: Role }>> = {
  [NAME_SUBSECTION.func]: { space: 'function', role: 'func' },
  [NAME_SUBSECTION.type]: { space: 'type', role: 'type' },
  [NAME_SUBSECTION.table]: { space: 'table', role: 'table' },
  [NAME_SUBSECTION.memory]: { space: 'memory', role: 'memory' },
  [NAME_SUBSECTION.global]: { space: 'global', role: 'global' },
  [NAME_SUBSECTION.elem]: { space: 'element segment', role: 'elem' },
  [NAME_SUBSECTION.data]: { space: 'data segment', role: 'data' },
  [NAME_SUBSECTION.tag]: { space: 'tag', role: 'tag' },
};

const INDIRECT: Readonly<
  Record<number, { readonly space: string; readonly of: string; readonly role: Role }>
> = {
  [NAME_SUBSECTION.local]: { space: 'local', of: 'function', role: 'func' },
  [NAME_SUBSECTION.label]: { space: 'label', of: 'function', role: 'func' },
  [NAME_SUBSECTION.field]: { space: 'field', of: 'type', role: 'type' },
};

function nameSubsection(id: number): Subsection | undefined {
  if (id === NAME_SUBSECTION.module) return { title: 'module name', grammar: (w) => w.name('name') };
  const flat = NAME_TITLES[id];
  if (flat) return { title: `${flat.space} names`, grammar: (w) => nameMap(w, flat.space, flat.role) };
  const nested = INDIRECT[id];
  if (!nested) return undefined;
  const { space, of, role } = nested;
  const entry: Grammar = (w) => {
    w.u32(`${of} index`, role);
    nameMap(w, space, undefined);
  };
  return { title: `${space} names`, grammar: (w) => list(w, `${space} names of a ${of}`, entry) };
}

function nameMap(w: Walker, space: string, role: Role | undefined): void {
  list(w, `${space} name`, (entry) => {
    entry.u32(`${space} index`, role);
    entry.name('name');
  });
}

/** A count, and that many entries. */
function list(w: Walker, what: string, entry: Grammar): void {
  const n = w.count();
  w.items(n, (items, i) => items.group('entry', what, entry, i));
}

function producers(w: Walker): void {
  list(w, 'field', (field) => {
    field.name('field name');
    list(field, 'value', (value) => {
      value.name('name');
      value.name('version');
    });
  });
}

function targetFeatures(w: Walker): void {
  list(w, 'feature', (feature) => {
    feature.byte('prefix');
    feature.name('name');
  });
}

/** Dynamic linking (tool conventions, DynamicLinking.md). */
function dylinkSubsection(id: number): Subsection | undefined {
  switch (id) {
    case 1:
      return {
        title: 'memory and table',
        grammar: (w) => {
          w.u32('memory size');
          w.u32('log2 of the memory alignment');
          w.u32('table size');
          w.u32('log2 of the table alignment');
        },
      };
    case 2:
      return { title: 'needed libraries', grammar: names };
    case 3:
      return {
        title: 'export information',
        grammar: (w) =>
          list(w, 'export', (entry) => {
            entry.name('name');
            entry.u32('flags', 'flags');
          }),
      };
    case 4:
      return {
        title: 'import information',
        grammar: (w) =>
          list(w, 'import', (entry) => {
            entry.name('module');
            entry.name('name');
            entry.u32('flags', 'flags');
          }),
      };
    case 5:
      return { title: 'runtime paths', grammar: names };
    default:
      return undefined;
  }
}

function names(w: Walker): void {
  const n = w.count();
  w.items(n, (items) => items.name('name'));
}

/** Static linking (tool conventions, Linking.md), of version 2. */
function linking(w: Walker): void {
  if (w.u32('version') === 2) subsections(w, linkingSubsection);
  else w.bytes('content of a version that is not known');
}

function linkingSubsection(id: number): Subsection | undefined {
  switch (id) {
    case 5:
      return {
        title: 'segment information',
        grammar: (w) =>
          list(w, 'segment', (entry) => {
            entry.name('name');
            entry.u32('log2 of the alignment');
            entry.u32('flags', 'flags');
          }),
      };
    case 6:
      return {
        title: 'functions that initialise',
        grammar: (w) =>
          list(w, 'function', (entry) => {
            entry.u32('priority');
            entry.u32('symbol index', 'symbol');
          }),
      };
    case 7:
      return { title: 'COMDATs', grammar: (w) => list(w, 'COMDAT', comdat) };
    case 8:
      return { title: 'symbol table', grammar: (w) => list(w, 'symbol', symbol) };
    default:
      return undefined;
  }
}

function comdat(w: Walker): void {
  w.name('name');
  w.u32('flags', 'flags');
  list(w, 'member', (entry) => {
    entry.byte('kind');
    entry.u32('index');
  });
}

const SYMBOL = { func: 0, data: 1, global: 2, section: 3, tag: 4, table: 5 } as const;
const UNDEFINED = 0x10;
const EXPLICIT_NAME = 0x40;
const ABSOLUTE = 0x200;

function symbol(w: Walker): void {
  const start = w.pos;
  const kind = w.byte('kind');
  const flags = w.u32('flags', 'flags');
  const item = (role: Role): void => {
    w.u32(`${role === 'func' ? 'function' : role} index`, role);
    if ((flags & UNDEFINED) === 0 || (flags & EXPLICIT_NAME) !== 0) w.name('name');
  };
  switch (kind) {
    case SYMBOL.func:
      item('func');
      break;
    case SYMBOL.global:
      item('global');
      break;
    case SYMBOL.tag:
      item('tag');
      break;
    case SYMBOL.table:
      item('table');
      break;
    case SYMBOL.section:
      w.u32('section number');
      break;
    case SYMBOL.data:
      w.name('name');
      if (flags & UNDEFINED) break;
      w.u32('data segment index', flags & ABSOLUTE ? undefined : 'data');
      w.u64('offset in the segment');
      w.u64('size of the data');
      break;
    default:
      malformed(start, `malformed symbol kind: ${kind}`);
  }
}

/** Relocation types by their number (tool conventions, Linking.md). */
const RELOCATIONS: readonly string[] = [
  'FUNCTION_INDEX_LEB',
  'TABLE_INDEX_SLEB',
  'TABLE_INDEX_I32',
  'MEMORY_ADDR_LEB',
  'MEMORY_ADDR_SLEB',
  'MEMORY_ADDR_I32',
  'TYPE_INDEX_LEB',
  'GLOBAL_INDEX_LEB',
  'FUNCTION_OFFSET_I32',
  'SECTION_OFFSET_I32',
  'TAG_INDEX_LEB',
  'MEMORY_ADDR_REL_SLEB',
  'TABLE_INDEX_REL_SLEB',
  'GLOBAL_INDEX_I32',
  'MEMORY_ADDR_LEB64',
  'MEMORY_ADDR_SLEB64',
  'MEMORY_ADDR_I64',
  'MEMORY_ADDR_REL_SLEB64',
  'TABLE_INDEX_SLEB64',
  'TABLE_INDEX_I64',
  'TABLE_NUMBER_LEB',
  'MEMORY_ADDR_TLS_SLEB',
  'FUNCTION_OFFSET_I64',
  'MEMORY_ADDR_LOCREL_I32',
  'TABLE_INDEX_REL_SLEB64',
  'MEMORY_ADDR_TLS_SLEB64',
  'FUNCTION_INDEX_I32',
];

/** Addresses and offsets have an addend. */
const HAS_ADDEND = /^(MEMORY_ADDR|FUNCTION_OFFSET|SECTION_OFFSET)_/;

function relocations(w: Walker): void {
  w.u32('section number');
  list(w, 'relocation', (entry) => {
    const start = entry.pos;
    const type = entry.byte('relocation type');
    const name = RELOCATIONS[type];
    if (name === undefined) malformed(start, `malformed relocation type: ${type}`);
    entry.u32('offset in the section');
    if (name === 'TYPE_INDEX_LEB') entry.u32('type index', 'type');
    else entry.u32('symbol index', 'symbol');
    if (!HAS_ADDEND.test(name)) return;
    if (name.endsWith('64')) entry.s64('addend');
    else entry.s32('addend');
  });
}

/** The name of a relocation type: `R_WASM_FUNCTION_INDEX_LEB`. */
export function relocationName(type: number): string | undefined {
  const name = RELOCATIONS[type];
  return name && `R_WASM_${name}`;
}

/** Of functions by index: notes at offsets that count from the function's local declarations. */
function codeMetadata(w: Walker): void {
  list(w, 'notes of a function', (func) => {
    func.u32('function index', 'func');
    list(func, 'note', (note) => {
      note.u32('offset in the function');
      const n = note.size();
      note.bytes('value', n);
    });
  });
}
