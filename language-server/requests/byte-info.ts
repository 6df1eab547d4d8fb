/**
 * What the bytes of a binary are: `wasmscope/byteInfo` (all about one), `wasmscope/byteLeaves` (the fields of a range, for
 * views that show bytes) and `wasmscope/byteTree` (what a node of the structure is made of, for views that show trees).
 * Malformed files have all of them.
 */

import type { Fault } from '../../engine/base/errors.ts';
import { instrAt } from '../../engine/binary/structure/instructions.ts';
import { type ByteNode, faultOfLeaf } from '../../engine/binary/structure/node.ts';
import type { Instr } from '../../engine/isa/isa.ts';
import type { ByteInspector, InstructionInfo } from '../../engine/symbols/byte-info.ts';
import { titleOf } from '../../engine/symbols/byte-meaning.ts';
import { valueText } from '../../engine/symbols/byte-value.ts';
import { functionNames } from '../facts/function-names.ts';
import { instrType } from '../facts/instruction-types.ts';
import type { Feature } from '../feature.ts';
import {
  BYTE_TONES,
  type ByteFault,
  type ByteInfoParams,
  ByteInfoRequest,
  type ByteInfoResult,
  type ByteLeavesParams,
  ByteLeavesRequest,
  type ByteLeavesResult,
  type ByteTreeNode,
  type ByteTreeParams,
  ByteTreeRequest,
  uriOf,
} from '../protocol.ts';

/** How many bytes of a field are sent with its card. */
const SHOWN = 64;
/** The longest range whose fields are sent at once; views show less. */
const MAX_RANGE = 64 * 1024;

export const byteInfoFeature: Feature = {
  capabilities: () => ({}),
  register({ connection, refusing, binaries }) {
    connection.onRequest(
      ByteInfoRequest,
      refusing(async (params: ByteInfoParams) => {
        const inspector = await binaries.get(uriOf(params));
        if (params.wat === 'ready') void functionNames(inspector, params.offset);
        return byteInfo(inspector, params);
      }),
    );
    connection.onRequest(
      ByteLeavesRequest,
      refusing(async (params: ByteLeavesParams) => byteLeaves(await binaries.get(uriOf(params)), params)),
    );
    connection.onRequest(
      ByteTreeRequest,
      refusing(async (params: ByteTreeParams) =>
        byteTree(await binaries.get(uriOf(params)), params.path ?? []),
      ),
    );
  },
};

/** Throws an Error for people if the file has no such byte. */
export function byteInfo(
  inspector: ByteInspector,
  { offset, wat = false }: Omit<ByteInfoParams, 'uri'>,
): ByteInfoResult {
  const { bytes } = inspector;
  const card = Number.isInteger(offset) ? inspector.at(offset, { wat }) : undefined;
  if (!card) throw new Error(`no byte at offset ${offset}: the file has ${bytes.length} bytes`);
  const { instruction, fault, start, end } = card;
  const instr = instruction && instrAt(bytes, instruction.start);
  return {
    ...card,
    treePath: treePath(inspector, offset),
    bytes: hex(bytes.subarray(start, Math.min(end, start + SHOWN))),
    leb: card.leb && { ...card.leb },
    instruction: instruction && instr && told(instruction, instr),
    fault: fault && faultOf(fault),
  };
}

/** The number of the child, level by level, that has the byte. */
function treePath({ tree }: ByteInspector, offset: number): number[] {
  const path = tree.nodeAt(offset);
  return path.slice(1).map(({ start, end }, i) => {
    // By its place: what is in a node may have been forgotten and made again.
    return path[i].children.findIndex((child) => child.start === start && child.end === end);
  });
}

/** The fields that have bytes in `[start, end)`, in order. */
export function byteLeaves(
  { bytes, tree }: ByteInspector,
  { start, end }: Omit<ByteLeavesParams, 'uri'>,
): ByteLeavesResult {
  if (!Number.isInteger(start) || !Number.isInteger(end) || start < 0 || end < start) {
    throw new Error(`no range of bytes: ${start} to ${end}`);
  }
  const columns = new LeafColumns();
  const behind = Math.min(end, start + MAX_RANGE, bytes.length);
  const path: ByteNode[] = [];
  let first = Math.min(start, bytes.length);
  tree.visit(start, behind, (node, depth) => {
    path.length = depth;
    path.push(node);
    if (!node.isLeaf || node.end === node.start) return true;
    if (columns.ends.length === 0) first = node.start;
    columns.add(path);
    return true;
  });
  return { size: bytes.length, start: first, end: behind, ...columns };
}

/** Fields as the columns of an answer, where words are sent once. */
class LeafColumns {
  readonly words: string[] = [];
  readonly ends: number[] = [];
  readonly kinds: number[] = [];
  readonly labels: number[] = [];
  readonly forms: number[] = [];
  readonly roles: number[] = [];
  readonly tones: number[] = [];
  readonly sections: number[] = [];
  readonly instructions: number[] = [];
  readonly depths: number[] = [];
  readonly faults: number[] = [];
  readonly #numbers = new Map<string, number>();

  /** The leaf at the end of a path. */
  add(path: readonly ByteNode[]): void {
    const leaf = path[path.length - 1];
    let outer: ByteNode | undefined;
    let instruction: ByteNode | undefined;
    let isFaulty = false;
    for (let i = path.length - 1; i >= 0; i--) {
      const node = path[i];
      isFaulty ||= node.fault !== undefined;
      if (node.kind === 'instruction') instruction ??= node;
      else if (node.kind === 'section' || node.kind === 'file') outer ??= node;
    }
    this.ends.push(leaf.end);
    this.kinds.push(this.#word(leaf.kind));
    this.labels.push(this.#word(leaf.label));
    this.forms.push(this.#word(leaf.form));
    this.roles.push(this.#word(leaf.role));
    this.tones.push(BYTE_TONES.indexOf(toneOf(leaf)));
    this.sections.push(this.#word(outer?.kind === 'section' ? outer.label : undefined));
    this.instructions.push(this.#word(instruction?.label));
    this.depths.push(path.length - 1);
    this.faults.push(isFaulty ? this.#word(faultOfLeaf(path)?.message) : -1);
  }

  #word(word: string | undefined): number {
    if (word === undefined) return -1;
    let number = this.#numbers.get(word);
    if (number === undefined) {
      number = this.words.push(word) - 1;
      this.#numbers.set(word, number);
    }
    return number;
  }
}

type Tone = (typeof BYTE_TONES)[number];

function toneOf({ kind, form, role, label }: ByteNode): Tone {
  if (kind === 'malformed') return 'malformed';
  if (kind === 'bytes') return 'data';
  switch (form) {
    case 'opcode':
    case 'subopcode':
      return 'opcode';
    case 'utf8':
      return 'text';
    case 'valtype':
    case 'heaptype':
    case 'primtype':
      return 'type';
    case 'bytes':
      return 'frame';
    default:
  }
  switch (role) {
    case undefined:
      if (/^(version|layer|subsection id)$/.test(label)) return 'frame';
      return form === 'byte' ? 'flags' : 'number';
    case 'size':
    case 'count':
      return 'length';
    case 'sectionId':
      return 'frame';
    case 'externKind':
    case 'alignment':
    case 'flags':
      return 'flags';
    default:
      return 'index';
  }
}

/** The children of the node that `path` leads to, a number a level. */
export function byteTree(inspector: ByteInspector, path: readonly number[]) {
  const { tree, bytes } = inspector;
  let node = tree.root;
  let file = node;
  for (const i of path) {
    const child = node.children[i];
    if (!child) throw new Error(`no node of the structure: ${path.join('.')}`);
    node = child;
    if (node.kind === 'file') file = node;
  }
  const module = inspector.moduleOf(file);
  const shown = (child: ByteNode): ByteTreeNode => ({
    kind: child.kind,
    title: titleOf(child, child.kind === 'file' ? inspector.moduleOf(child) : module),
    start: child.start,
    end: child.end,
    leaf: child.isLeaf,
    value: valueText(child, bytes),
    fault: child.fault?.message,
  });
  const children = node.children.map(shown);
  return { node: shown(node), children };
}

function told(instruction: InstructionInfo, instr: Instr): ByteInfoResult['instruction'] {
  const { fault } = instruction;
  return { ...instruction, type: instrType(instr), traps: instr.traps, fault: fault && faultOf(fault) };
}

function faultOf({ message, offset, notes }: Fault): ByteFault {
  return { message, offset, notes: notes.map((note) => ({ message: note.message, offset: note.offset })) };
}

function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}
