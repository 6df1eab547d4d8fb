/**
 * What the bytes of a binary are: `wasmscope/byteInfo` (all about one), `wasmscope/byteLeaves` (the fields of a range, for
 * views that show bytes) and `wasmscope/byteTree` (what a node of the structure is made of, for views that show trees).
 * Malformed files have all of them.
 */

import type { Fault } from '../../engine/base/errors.ts';
import { instrAt } from '../../engine/binary/structure/instructions.ts';
import type { ByteNode } from '../../engine/binary/structure/node.ts';
import type { Instr } from '../../engine/isa/isa.ts';
import type { ByteInspector, InstructionInfo } from '../../engine/symbols/byte-info.ts';
import { titleOf } from '../../engine/symbols/byte-meaning.ts';
import { valueText } from '../../engine/symbols/byte-value.ts';
import { Binaries } from '../disassembly/binaries.ts';
import { instrType } from '../facts/instruction-types.ts';
import type { Feature } from '../feature.ts';
import {
  type ByteFault,
  type ByteInfoParams,
  ByteInfoRequest,
  type ByteInfoResult,
  type ByteLeaf,
  type ByteLeavesParams,
  ByteLeavesRequest,
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
  register({ connection, refusing, host }) {
    const binaries = new Binaries(host);
    connection.onRequest(
      ByteInfoRequest,
      refusing(async (params: ByteInfoParams) => byteInfo(await binaries.get(uriOf(params)), params)),
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
  { offset, wat }: Omit<ByteInfoParams, 'uri'>,
): ByteInfoResult {
  const { bytes } = inspector;
  const card = Number.isInteger(offset) ? inspector.at(offset, { wat }) : undefined;
  if (!card) throw new Error(`no byte at offset ${offset}: the file has ${bytes.length} bytes`);
  const { instruction, fault, start, end } = card;
  const instr = instruction && instrAt(bytes, instruction.start);
  return {
    ...card,
    bytes: hex(bytes.subarray(start, Math.min(end, start + SHOWN))),
    leb: card.leb && { ...card.leb },
    instruction: instruction && instr && told(instruction, instr),
    fault: fault && faultOf(fault),
  };
}

/** The fields that have bytes in `[start, end)`, in order. */
export function byteLeaves({ bytes, tree }: ByteInspector, { start, end }: Omit<ByteLeavesParams, 'uri'>) {
  if (!Number.isInteger(start) || !Number.isInteger(end) || start < 0 || end < start) {
    throw new Error(`no range of bytes: ${start} to ${end}`);
  }
  const leaves: ByteLeaf[] = [];
  let section: string | undefined;
  let instruction: ByteNode | undefined;
  const behind = Math.min(end, start + MAX_RANGE, bytes.length);
  tree.visit(start, behind, (node) => {
    if (node.kind === 'file') section = undefined;
    else if (node.kind === 'section') section = node.label;
    else if (node.kind === 'instruction') instruction = node;
    if (!node.isLeaf || node.end === node.start) return true;
    const { kind, label, form, role, fault } = node;
    const inInstruction = instruction && node.start < instruction.end && node.start >= instruction.start;
    leaves.push({
      start: node.start,
      end: node.end,
      kind,
      label,
      form,
      role,
      section,
      instruction: inInstruction ? instruction!.label : undefined,
      fault: fault?.message,
    });
    return true;
  });
  return { size: bytes.length, end: behind, leaves };
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
