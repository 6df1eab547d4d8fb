/**
 * What a binary is and holds, for a page about it: its kind, sections, imports and exports, the largest functions, who made it,
 * what debugging information it has.
 *
 * Read off the byte structure and what could be decoded, so malformed files have one. Features are binary-features.ts's;
 * whether it is valid is not asked here. Texts are for people.
 */

import { ByteReader } from '../base/reader.ts';
import { SECTION } from '../binary/sections.ts';
import type { ByteNode } from '../binary/structure/node.ts';
import { faultOf } from '../binary/structure/walker.ts';
import type { ExternKind, Module } from '../module/module.ts';
import type { ByteInspector } from './byte-info.ts';
import { itemFacts, itemName, typeOfItem } from './byte-meaning.ts';
import { entryOf } from './byte-targets.ts';
import { readableName } from './disassembly.ts';

export interface SummaryItem {
  readonly name: string;
  readonly detail: string;
  /** Where it stands in the file. */
  readonly offset?: number;
}

export interface SectionSize {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly count?: number;
  readonly sections?: readonly SectionSize[];
}

export interface FunctionSize extends SummaryItem {
  readonly idx: number;
  readonly size: number;
}

export interface Summary {
  readonly size: number;
  readonly kind: 'module' | 'component' | 'unknown';
  readonly what: string;
  readonly sections: readonly SectionSize[];
  readonly imports: readonly SummaryItem[];
  readonly exports: readonly SummaryItem[];
  readonly memories: readonly SummaryItem[];
  readonly tables: readonly SummaryItem[];
  readonly counts: readonly { readonly what: string; readonly count: number }[];
  readonly start?: SummaryItem;
  readonly functions: {
    readonly imported: number;
    readonly defined: number;
    readonly size: number;
    readonly largest: readonly FunctionSize[];
  };
  readonly producers: readonly {
    readonly field: string;
    readonly values: readonly { readonly name: string; readonly version: string }[];
  }[];
  readonly targetFeatures: readonly string[];
  readonly debugInfo: readonly string[];
}

/** `functions`: how many of the largest functions are listed. */
export function summaryOf(inspector: ByteInspector, functions: number): Summary {
  const { bytes, tree } = inspector;
  const { root } = tree;
  const module = inspector.moduleOf(root);
  const isKnown = root.children[0]?.kind === 'header';
  const kind = isKnown ? (root.value as 'module' | 'component') : 'unknown';
  const importsAndExports = kind === 'component' ? ofComponent(root) : ofModule(root, module);
  return {
    size: bytes.length,
    kind,
    what: whatItIs(kind, module, importsAndExports),
    sections: sectionsOf(root, 0),
    ...importsAndExports,
    memories: itemsOf(root, module, 'memory'),
    tables: itemsOf(root, module, 'table'),
    counts: kind === 'component' ? componentCounts(root) : countsOf(module),
    start: startOf(root, module),
    functions: functionsOf(inspector, functions),
    producers: producersOf(bytes, root),
    targetFeatures: targetFeaturesOf(bytes, root),
    debugInfo: debugInfoOf(bytes, root, module),
  };
}

/** Files in files whose sections are told, and how deep. */
const MAX_DEPTH = 8;

function sectionsOf(file: ByteNode, depth: number): SectionSize[] {
  return file.children
    .filter(({ kind }) => kind === 'section')
    .map((section) => {
      const { label: name, start, end, children } = section;
      const count = children.find(({ role }) => role === 'count');
      const inner = depth < MAX_DEPTH ? children.find(({ kind }) => kind === 'file') : undefined;
      return {
        name,
        start,
        end,
        ...(count && { count: Number(count.value) }),
        ...(inner && { sections: sectionsOf(inner, depth + 1) }),
      };
    });
}

interface Interface {
  readonly imports: readonly SummaryItem[];
  readonly exports: readonly SummaryItem[];
}

function ofModule(root: ByteNode, module: Module | undefined): Interface {
  if (!module) return { imports: [], exports: [] };
  const placeOf = (kind: ExternKind, idx: number) => entryOf(root, kind, idx, module)?.start;
  return {
    imports: module.imports.map(({ module: from, name, kind, idx }, i) => ({
      name: `${from} ${name}`,
      detail: `${kind} ${typeOfItem(module, kind, idx) ?? ''}`.trimEnd(),
      offset: listEntry(root, SECTION.import, i)?.start,
    })),
    exports: module.exports.map(({ name, kind, idx }) => ({
      name,
      detail: `${kind} ${typeOfItem(module, kind, idx) ?? idx}`,
      offset: placeOf(kind, idx),
    })),
  };
}

/** The entries of a component's import and export sections, by their names. */
function ofComponent(root: ByteNode): Interface {
  const named = (label: string): SummaryItem[] =>
    root.children
      .filter((section) => section.kind === 'section' && section.label === label)
      .flatMap((section) => entriesOf(section))
      .map(({ children, role, index, start }) => ({
        name: String(children.find(({ kind }) => kind === 'name')?.value ?? ''),
        detail: `${role ?? 'item'} ${index ?? ''}`.trimEnd(),
        offset: start,
      }));
  return { imports: named('import'), exports: named('export') };
}

function entriesOf(within: ByteNode): ByteNode[] {
  return within.children.flatMap((child) =>
    child.kind === 'part' ? entriesOf(child) : child.kind === 'entry' ? [child] : [],
  );
}

function listEntry(root: ByteNode, id: number, i: number): ByteNode | undefined {
  let within = root.children.find(({ kind, index }) => kind === 'section' && index === id);
  const parts = within?.children.filter(({ kind }) => kind === 'part') ?? [];
  if (parts.length > 0) within = parts.findLast(({ index }) => index! <= i);
  return within?.children.find(({ kind, index }) => kind === 'entry' && index === i);
}

function itemsOf(root: ByteNode, module: Module | undefined, space: 'memory' | 'table'): SummaryItem[] {
  const items = space === 'memory' ? module?.memories : module?.tables;
  return (items ?? []).slice(0, SHOWN).map((_, idx) => ({
    name: itemName(module!, space, idx),
    detail: itemFacts(module!, space, idx),
    offset: entryOf(root, space, idx, module)?.start,
  }));
}

const SHOWN = 1000;

function countsOf(module: Module | undefined): { what: string; count: number }[] {
  if (!module) return [];
  const { types, funcs, tables, memories, globals, tags, elems, datas } = module;
  const all: readonly (readonly [string, readonly unknown[]])[] = [
    ['types', types],
    ['functions', funcs],
    ['tables', tables],
    ['memories', memories],
    ['globals', globals],
    ['tags', tags],
    ['element segments', elems],
    ['data segments', datas],
  ];
  return all.map(([what, { length }]) => ({ what, count: length })).filter(({ count }) => count > 0);
}

const PLURALS: Readonly<Record<string, string>> = {
  alias: 'aliases',
  canon: 'canonical functions',
  start: 'start functions',
};

/** Sections of a component come in any number: their items are added up. */
function componentCounts(root: ByteNode): { what: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const { kind, index, label, children } of root.children) {
    if (kind !== 'section' || index === SECTION.custom) continue;
    const count = children.find(({ role }) => role === 'count')?.value ?? 1;
    const what = PLURALS[label] ?? `${label}s`;
    counts.set(what, (counts.get(what) ?? 0) + Number(count));
  }
  return [...counts].map(([what, count]) => ({ what, count }));
}

function startOf(root: ByteNode, module: Module | undefined): SummaryItem | undefined {
  if (!module?.start) return undefined;
  const { funcIdx } = module.start;
  return {
    name: itemName(module, 'func', funcIdx),
    detail: itemFacts(module, 'func', funcIdx),
    offset: entryOf(root, 'func', funcIdx, module)?.start,
  };
}

/** Of the outermost module and all that are nested in it. */
function functionsOf(inspector: ByteInspector, n: number): Summary['functions'] {
  let imported = 0;
  let defined = 0;
  let size = 0;
  const all: { idx: number; size: number; offset: number; file: ByteNode }[] = [];
  const walk = (file: ByteNode, depth: number): void => {
    const module = inspector.moduleOf(file);
    module?.funcs.forEach(({ body, offset }, idx) => {
      if (!body) {
        imported++;
        return;
      }
      defined++;
      const bytes = body.range.end - offset;
      size += bytes;
      all.push({ idx, size: bytes, offset: file.start + offset, file });
    });
    if (depth === MAX_DEPTH || file.value !== 'component') return;
    for (const section of file.children) {
      if (section.label !== 'core module' && section.label !== 'component') continue;
      const inner = section.children.find(({ kind }) => kind === 'file');
      if (inner) walk(inner, depth + 1);
    }
  };
  if (!inspector.isPartial(inspector.tree.root)) walk(inspector.tree.root, 0);
  all.sort((a, b) => b.size - a.size);
  const largest = all.slice(0, n).map(({ file, ...func }) => {
    const module = inspector.moduleOf(file)!;
    const name = module.names.of('func', func.idx);
    return {
      ...func,
      name: name === undefined ? `func ${func.idx}` : readableName(name),
      detail: typeOfItem(module, 'func', func.idx) ?? '',
    };
  });
  return { imported, defined, size, largest };
}

/** Readers behind the names of the custom sections called so, of the file and what is nested in it. */
function customs(bytes: Uint8Array, file: ByteNode, name: string): ByteReader[] {
  return file.children
    .filter(({ kind, index, value }) => kind === 'section' && index === SECTION.custom && value === name)
    .flatMap((section) => {
      const r = new ByteReader(bytes, section.start + 1, section.end);
      const fault = faultOf(() => {
        r.u32();
        r.name();
      });
      return fault ? [] : [r];
    });
}

function producersOf(bytes: Uint8Array, root: ByteNode): Summary['producers'] {
  const fields: { field: string; values: { name: string; version: string }[] }[] = [];
  for (const r of customs(bytes, root, 'producers')) {
    // As far as it can be read.
    faultOf(() => {
      for (let n = r.count(); n > 0; n--) {
        const values: { name: string; version: string }[] = [];
        fields.push({ field: r.name(), values });
        for (let k = r.count(); k > 0; k--) values.push({ name: r.name(), version: r.name() });
      }
    });
  }
  return fields;
}

function targetFeaturesOf(bytes: Uint8Array, root: ByteNode): string[] {
  const features: string[] = [];
  for (const r of customs(bytes, root, 'target_features')) {
    faultOf(() => {
      for (let n = r.count(); n > 0; n--) features.push(String.fromCharCode(r.u8()) + r.name());
    });
  }
  return features;
}

function debugInfoOf(bytes: Uint8Array, root: ByteNode, module: Module | undefined): string[] {
  const told: string[] = [];
  const sections = root.children.filter(({ kind, index }) => kind === 'section' && index === SECTION.custom);
  if (sections.some(({ value }) => value === 'name') && module) {
    let n = 0;
    for (let idx = 0; idx < module.funcs.length; idx++)
      if (module.names.given('func', idx) !== undefined) n++;
    told.push(`names of ${n} of ${module.funcs.length} functions`);
  }
  const dwarf = sections.filter(({ value }) => String(value).startsWith('.debug_'));
  if (dwarf.length > 0) {
    const size = dwarf.reduce((sum, { start, end }) => sum + end - start, 0);
    const version = dwarfVersion(bytes, root);
    told.push(
      `DWARF${version === undefined ? '' : ` ${version}`}, ${((size / bytes.length) * 100).toFixed(1)} % of the file`,
    );
  }
  const urls: readonly (readonly [string, string])[] = [
    ['sourceMappingURL', 'source map'],
    ['external_debug_info', 'debugging information in'],
  ];
  for (const [name, what] of urls) {
    for (const r of customs(bytes, root, name)) faultOf(() => told.push(`${what} ${r.name()}`));
  }
  for (const r of customs(bytes, root, 'build_id')) {
    faultOf(() => {
      const id = Array.from(r.take(r.length()), (byte) => byte.toString(16).padStart(2, '0')).join('');
      told.push(`build id ${id}`);
    });
  }
  return told;
}

function dwarfVersion(bytes: Uint8Array, root: ByteNode): number | undefined {
  let version: number | undefined;
  for (const r of customs(bytes, root, '.debug_info')) {
    faultOf(() => {
      if (r.f32() >>> 0 === 0xffff_ffff) r.skip(8);
      version ??= r.u8() | (r.u8() << 8);
    });
  }
  return version;
}

const PREVIEW1 = /^wasi_(snapshot_preview1|unstable)$/;

/** A word for people: what runs it, and how. */
function whatItIs(
  kind: Summary['kind'],
  module: Module | undefined,
  { imports, exports }: Interface,
): string {
  if (kind === 'unknown') return 'not a WebAssembly binary';
  if (kind === 'component') return componentWorld(imports, exports);
  if (!module) return 'a module';
  const exported = new Set(module.exports.filter((item) => item.kind === 'func').map(({ name }) => name));
  const from = new Set(module.imports.map((item) => item.module));
  const isWasi = [...from].some((name) => PREVIEW1.test(name));
  if (exported.has('_start')) return isWasi ? 'a WASI command' : 'a command (it exports _start)';
  if (exported.has('_initialize')) return isWasi ? 'a WASI reactor' : 'a reactor (it exports _initialize)';
  if (from.has('gojs') || from.has('go')) return 'a Go program for JavaScript';
  if ([...from].some((name) => /^(wbg|__wbindgen|\.\/.*_bg\.js$)/.test(name))) {
    return 'a module for JavaScript (wasm-bindgen)';
  }
  const isLibrary = module.customs.some(({ name }) => name === 'dylink.0' || name === 'dylink');
  if (isLibrary) return 'a dynamic library';
  if (module.customs.some(({ name }) => name === 'linking')) return 'an object file for a linker';
  return isWasi ? 'a module that uses WASI' : 'a module';
}

/** Worlds by what they export. */
const WORLDS: readonly (readonly [export_: RegExp, world: string])[] = [
  [/^wasi:cli\/run(@|$)/, 'wasi:cli/command'],
  [/^wasi:http\/incoming-handler(@|$)/, 'wasi:http/proxy'],
];

function componentWorld(imports: readonly SummaryItem[], exports: readonly SummaryItem[]): string {
  for (const [pattern, world] of WORLDS) {
    const found = exports.find(({ name }) => pattern.test(name));
    if (found) return `a component of the world ${world}${/@.*$/.exec(found.name)?.[0] ?? ''}`;
  }
  const isWasi = imports.some(({ name }) => name.startsWith('wasi:'));
  return isWasi ? 'a component that uses WASI' : 'a component';
}
