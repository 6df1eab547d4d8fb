/**
 * What the bytes of linking and relocation sections mean (tool conventions, Linking.md and DynamicLinking.md): symbols, flags,
 * and the places that are relocated.
 */

import { relocationName } from '../binary/structure/customs.ts';
import type { ByteNode } from '../binary/structure/node.ts';
import { sectionNamed } from './byte-dwarf.ts';
import { quoted } from './byte-value.ts';

const SYMBOL_KINDS: readonly string[] = ['function', 'data', 'global', 'section', 'tag', 'table'];
const MEMBER_KINDS: readonly string[] = ['data segment', 'function', 'global', 'tag', 'table', 'section'];

/** Flags by bit, lowest first. Of symbols, bits 0 and 1 together are the binding. */
const SYMBOL_FLAGS: readonly (string | undefined)[] = [
  'weak',
  'local',
  'hidden',
  undefined,
  'undefined',
  'exported',
  'has a name of its own',
  'not to be stripped',
  'thread-local',
  'absolute',
];
const SEGMENT_FLAGS: readonly string[] = ['strings that may be merged', 'thread-local', 'kept'];

/** What a leaf of such a section means; undefined if it says all by itself. */
export function linkingMeaning(path: readonly ByteNode[], leaf: ByteNode): string | undefined {
  const n = Number(leaf.value);
  const parent = path[path.length - 2];
  switch (leaf.label) {
    case 'kind':
      if (parent?.label === 'symbol') return SYMBOL_KINDS[n];
      return parent?.label === 'member' ? MEMBER_KINDS[n] : undefined;
    case 'flags':
      return flagsText(parent?.label, n);
    case 'relocation type':
      return relocationName(n);
    case 'offset in the section':
      return placeText(path, n);
    case 'symbol index': {
      const symbol = symbolAt(path[0], n);
      return symbol ? symbolText(symbol) : `symbol ${n}: there is none`;
    }
    default:
      return undefined;
  }
}

function flagsText(what: string | undefined, n: number): string | undefined {
  const names = what === 'segment' ? SEGMENT_FLAGS : SYMBOL_FLAGS;
  const words = names.filter((name, bit) => name !== undefined && n & (1 << bit));
  return words.length > 0 ? words.join(', ') : 'none';
}

/** The entry of a symbol in the file's symbol table. */
export function symbolAt(file: ByteNode, idx: number): ByteNode | undefined {
  const linking = sectionNamed(file, 'linking');
  const table = linking?.children.find(({ label }) => label === 'symbol table');
  const parts = table?.children.filter(({ kind }) => kind === 'part') ?? [];
  const within = parts.length > 0 ? parts.findLast(({ index }) => index! <= idx) : table;
  return within?.children.find(({ label, index }) => label === 'symbol' && index === idx);
}

function symbolText({ children, index }: ByteNode): string {
  const kind = SYMBOL_KINDS[Number(children.find(({ label }) => label === 'kind')?.value)] ?? 'symbol';
  const name = children.find((child) => child.kind === 'name');
  const item = children.find(({ label }) => label.endsWith(' index') || label === 'section number');
  const what = name ? ` ${quoted(String(name.value))}` : item ? ` ${item.value}` : '';
  return `symbol ${index}: ${kind}${what}`;
}

/** The place that a relocation is about: an offset in the content of another section, behind a custom one's name. */
function placeText(path: readonly ByteNode[], n: number): string | undefined {
  const place = relocatedAt(path, n);
  if (!place) return undefined;
  const steps: string[] = [];
  let node: ByteNode | undefined = place.section;
  while (node && !node.isLeaf) {
    node = node.children.find(({ end }) => end > place.offset);
    if (node && node.kind !== 'part' && steps.length < 4) {
      steps.push(node.kind === 'func' ? `func ${node.index}` : node.label);
    }
  }
  return `0x${place.offset.toString(16)}: ${[place.section.label, ...steps].join(' › ')}`;
}

/** The byte of the file that is relocated, and its section. */
function relocatedAt(
  path: readonly ByteNode[],
  n: number,
): { readonly section: ByteNode; readonly offset: number } | undefined {
  const own = path.find(({ kind }) => kind === 'section');
  const number = own?.children.find(({ label }) => label === 'section number')?.value;
  const section = path[0].children.filter(({ kind }) => kind === 'section')[Number(number)];
  if (!section) return undefined;
  const isCustom = section.index === 0;
  const head = section.children.find(({ label }) => label === (isCustom ? 'section name' : 'size'));
  return head && { section, offset: head.end + n };
}
