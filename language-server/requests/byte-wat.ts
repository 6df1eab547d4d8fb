/**
 * `wasmscope/byteWat`: the function that has a byte, as text, with the offset of each of its lines.
 */

import type { ByteInspector } from '../../engine/symbols/byte-info.ts';
import { titleOf } from '../../engine/symbols/byte-meaning.ts';
import { type DisassemblyOptions, disassembleFunc, readableName } from '../../engine/symbols/disassembly.ts';
import { optionsOf } from '../../engine/symbols/disassembly-doc.ts';
import { disassemblyUri } from '../../engine/symbols/disassembly-uri.ts';
import { functionNames } from '../facts/function-names.ts';
import type { Feature } from '../feature.ts';
import { type ByteWatParams, ByteWatRequest, type ByteWatResult, uriOf } from '../protocol.ts';

/** Bytes of a body beyond which its text is no text for a view: it would have some hundred thousand lines. */
const MAX_BODY = 256 * 1024;

export const byteWatFeature: Feature = {
  capabilities: () => ({}),
  register({ connection, refusing, binaries }) {
    connection.onRequest(
      ByteWatRequest,
      refusing(async (params: ByteWatParams) => {
        const uri = uriOf(params);
        const inspector = await binaries.get(uri);
        await functionNames(inspector, params.offset);
        return byteWat(inspector, uri, params.offset, optionsOf(params.written ?? ''));
      }),
    );
  },
};

/** Null where no function that could be decoded has the byte. */
export function byteWat(
  inspector: ByteInspector,
  uri: string,
  offset: number,
  options: DisassemblyOptions = {},
): ByteWatResult | null {
  const path = inspector.tree.nodeAt(offset);
  const func = path.find(({ kind }) => kind === 'func');
  const file = path.findLast(({ kind }) => kind === 'file');
  const module = file && inspector.moduleOf(file);
  if (!func || !module || inspector.isPartial(file)) return null;
  const funcIdx = func.index!;
  if (!module.funcs[funcIdx]?.body) return null;
  const { start, end } = func;
  const name = module.names.of('func', funcIdx);
  const word = options.mangled ? name : name && readableName(name);
  const isOutermost = file === inspector.tree.root;
  const facts = {
    funcIdx,
    title: titleOf(func, module),
    start,
    end,
    ...(isOutermost && { uri: disassemblyUri(uri, funcIdx, word, options) }),
  };
  if (end - start > MAX_BODY) return facts;
  const { text, map } = disassembleFunc(module, funcIdx, options);
  const starts = lineStarts(text);
  const offsets = starts.map(() => -1);
  let at = -1;
  let found: number | undefined;
  // In a folded text operands stand behind the instruction that takes them, whose bytes are behind theirs.
  for (const { offset: within, span } of map.instructions()) {
    const own = within + file.start;
    const line = lineOf(starts, span.start);
    if (offsets[line] < 0 || own < offsets[line]) offsets[line] = own;
    if (own > offset || own < at) continue;
    at = own;
    found = line;
  }
  return { ...facts, text, offsets, ...(found !== undefined && { line: found }) };
}

function lineStarts(text: string): number[] {
  const starts = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1);
  return starts;
}

/** The last line that begins at or in front of a place. */
function lineOf(starts: readonly number[], place: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (starts[middle] <= place) low = middle;
    else high = middle - 1;
  }
  return low;
}
