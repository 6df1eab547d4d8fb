/**
 * The instructions of a whole binary, piece by piece: function bodies and constant expressions, also those of nested modules
 * and of files that are malformed elsewhere. For whoever looks through all of them.
 *
 * What a walk opens it closes again, so that looking through a large file keeps nothing of it.
 */

import { ByteReader } from '../base/reader.ts';
import type { ByteNode } from '../binary/structure/node.ts';
import { faultOf } from '../binary/structure/walker.ts';
import { readValType } from '../binary/types.ts';

/** A run of instructions. */
export interface CodePiece {
  /** The module that it belongs to. */
  readonly file: ByteNode;
  /** The function (kind `func`) or the expression (kind `expr`). */
  readonly node: ByteNode;
  /** What an expression is of. */
  readonly entry?: ByteNode;
  /** Where its first instruction begins, and behind its last one. */
  readonly start: number;
  readonly end: number;
}

/** All pieces of a file that end behind `from`, in the order of the file. */
export function* codeOf(bytes: Uint8Array, root: ByteNode, from = 0): Generator<CodePiece> {
  let file = root;
  let entry: ByteNode | undefined;
  for (const node of nodesOf(root, (node) => node.end > from && mayHaveCode(node), isPiece)) {
    const { kind, start, end } = node;
    if (kind === 'file') file = node;
    else if (kind === 'entry') entry = node;
    else if (kind === 'expr') yield { file, node, entry, start, end };
    else if (kind === 'func') {
      const codeStart = firstInstruction(bytes, node);
      if (codeStart < end) yield { file, node, start: codeStart, end };
    }
  }
}

function isPiece({ kind }: ByteNode): boolean {
  return kind === 'func' || kind === 'expr';
}

/**
 * The nodes below and with `root` that `wanted` accepts, parents first; what is in one that it refuses is not looked at, nor
 * what is in one of which `whole` says that it is enough. Children are forgotten behind the last of them, if nobody else has
 * them open.
 */
export function* nodesOf(
  root: ByteNode,
  wanted: (node: ByteNode) => boolean,
  whole: (node: ByteNode) => boolean = () => false,
): Generator<ByteNode> {
  if (!wanted(root)) return;
  const wasOpen = root.isOpen;
  yield root;
  if (root.isLeaf || whole(root)) return;
  for (const child of root.children) yield* nodesOf(child, wanted, whole);
  if (!wasOpen) root.close();
}

/** True if a node is not in another one that was walked before it. One without bytes is in what ends at its place. */
export function isBehind(node: ByteNode, before: ByteNode): boolean {
  return before.end < node.end;
}

/** Sections of code come below these; anything in a function is not a node of interest. */
function mayHaveCode({ kind, label }: ByteNode): boolean {
  switch (kind) {
    case 'file':
    case 'func':
    case 'part':
    case 'entry':
    case 'expr':
      return true;
    case 'section':
      return WITH_CODE.has(label) || label.startsWith('custom "component-type');
    default:
      return false;
  }
}

const WITH_CODE: ReadonlySet<string> = new Set([
  'table',
  'global',
  'element',
  'code',
  'data',
  'core module',
  'component',
]);

/** Where the instructions of a code entry begin; its end if that cannot be read. */
export function firstInstruction(bytes: Uint8Array, { start, end }: ByteNode): number {
  const r = new ByteReader(bytes, start, end);
  const fault = faultOf(() => {
    r.u32();
    for (let n = r.count(); n > 0; n--) {
      r.u32();
      readValType(r);
    }
  });
  return fault ? end : r.pos;
}
