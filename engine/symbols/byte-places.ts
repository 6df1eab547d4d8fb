/**
 * Places of a binary by what they are called: offsets, functions, sections, exports. For somebody who types where to go.
 *
 * Items are those of the outermost file.
 */

import type { ByteNode } from '../binary/structure/node.ts';
import type { ByteInspector } from './byte-info.ts';
import { itemText, titleOf } from './byte-meaning.ts';
import { entryOf, type Place } from './byte-targets.ts';
import { quoted } from './byte-value.ts';
import { readableName } from './disassembly.ts';

/** How many places are told at most. */
const MANY = 100;

/** The field that has the byte. */
export function placeOfOffset({ tree }: ByteInspector, offset: number): Place[] {
  const path = tree.nodeAt(offset);
  if (path.length === 0) return [];
  const shown = path.filter(({ kind }) => kind !== 'part').slice(-2);
  return [
    {
      kind: 'offset',
      title: `0x${offset.toString(16)}: ${shown.map(({ label }) => label).join(' › ')}`,
      start: offset,
      end: path[path.length - 1].end,
    },
  ];
}

/** Functions by index, or by a name that they have: given, exported or imported, demangled or not. */
export function placesOfFunc(inspector: ByteInspector, func: number | string): Place[] {
  const module = inspector.moduleOf(inspector.tree.root);
  if (!module) return [];
  if (typeof func === 'number') return funcPlace(inspector, func);
  const name = func.replace(/^\$/, '');
  const found = new Set(module.names.find('func', name));
  if (found.size === 0) {
    for (let idx = 0; idx < module.funcs.length && found.size < MANY; idx++) {
      const own = module.names.of('func', idx);
      if (own !== undefined && readableName(own) === name) found.add(idx);
    }
  }
  return [...found].flatMap((idx) => funcPlace(inspector, idx));
}

/** Sections by the structure's name (`code`), or a custom one's own (`producers`). */
export function placesOfSection({ tree }: ByteInspector, name: string): Place[] {
  return sectionsOf(tree.root)
    .filter(({ label, value }) => label === name || value === name)
    .map(sectionPlace);
}

/** What is exported by a name. */
export function placesOfExport(inspector: ByteInspector, name: string): Place[] {
  const { root } = inspector.tree;
  const module = inspector.moduleOf(root);
  return (module?.exports ?? [])
    .filter((item) => item.name === name)
    .flatMap(({ kind, idx }) => {
      const entry = entryOf(root, kind, idx, module);
      return entry ? [{ kind: 'export', title: exportTitle(name, entry, inspector), ...range(entry) }] : [];
    });
}

/**
 * What somebody typed: `0x1f3`, `499`, `func 12`, `$name`, `section code`, `export go`; else all that has the text in its
 * name, what begins with it first.
 */
export function placesOfText(inspector: ByteInspector, typed: string): Place[] {
  const text = typed.trim();
  if (/^(0x[\da-f]+|\d+)$/i.test(text)) return placeOfOffset(inspector, Number(text));
  const [, word, rest] = /^(func|function|section|export|offset)\s+(.+)$/i.exec(text) ?? [];
  switch (word?.toLowerCase()) {
    case 'offset':
      return placeOfOffset(inspector, Number(rest));
    case 'func':
    case 'function':
      return placesOfFunc(inspector, /^\d+$/.test(rest) ? Number(rest) : rest);
    case 'section':
      return placesOfSection(inspector, rest);
    case 'export':
      return placesOfExport(inspector, rest);
    default:
  }
  if (text.startsWith('$')) {
    const exact = placesOfFunc(inspector, text);
    if (exact.length > 0) return exact;
  }
  return text === '' ? [] : called(inspector, text.replace(/^\$/, '').toLowerCase());
}

function called(inspector: ByteInspector, text: string): Place[] {
  const { root } = inspector.tree;
  const module = inspector.moduleOf(root);
  const found: { rank: number; place: Place }[] = [];
  const consider = (name: string, place: () => Place | undefined): void => {
    const at = name.toLowerCase().indexOf(text);
    if (at < 0 || found.length >= 10 * MANY) return;
    const told = place();
    if (told) found.push({ rank: name.length === text.length ? 0 : at === 0 ? 1 : 2, place: told });
  };
  for (const section of sectionsOf(root)) {
    consider(String(section.value ?? section.label), () => sectionPlace(section));
  }
  if (module) {
    for (const { name, kind, idx } of module.exports) {
      consider(name, () => {
        const entry = entryOf(root, kind, idx, module);
        return entry && { kind: 'export', title: exportTitle(name, entry, inspector), ...range(entry) };
      });
    }
    for (let idx = 0; idx < module.funcs.length; idx++) {
      const name = module.names.of('func', idx);
      if (name !== undefined) consider(readableName(name), () => funcPlace(inspector, idx)[0]);
    }
  }
  found.sort((a, b) => a.rank - b.rank);
  return found.slice(0, MANY).map(({ place }) => place);
}

function funcPlace(inspector: ByteInspector, idx: number): Place[] {
  const { root } = inspector.tree;
  const module = inspector.moduleOf(root);
  const entry = module?.funcs[idx] && entryOf(root, 'func', idx, module);
  if (!module || !entry) return [];
  return [{ kind: 'func', title: `func ${idx} ${itemText(module, 'func', idx)}`, ...range(entry) }];
}

function sectionPlace(section: ByteNode): Place {
  return { kind: 'section', title: `section ${section.label}`, ...range(section) };
}

function exportTitle(name: string, entry: ByteNode, inspector: ByteInspector): string {
  return `export ${quoted(name)}: ${titleOf(entry, inspector.moduleOf(inspector.tree.root))}`;
}

function range({ start, end }: ByteNode): { readonly start: number; readonly end: number } {
  return { start, end };
}

function sectionsOf(root: ByteNode): readonly ByteNode[] {
  return root.children.filter(({ kind }) => kind === 'section');
}
