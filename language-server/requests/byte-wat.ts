/**
 * `wasmscope/byteWat`: the function that has a byte, as text, with the offset of each of its lines.
 */

import type { ByteInspector } from '../../engine/symbols/byte-info.ts';
import { titleOf } from '../../engine/symbols/byte-meaning.ts';
import { disassembleFunc, readableName } from '../../engine/symbols/disassembly.ts';
import { disassemblyUri } from '../../engine/symbols/disassembly-uri.ts';
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
        return byteWat(await binaries.get(uri), uri, params.offset);
      }),
    );
  },
};

/** Null where no function that could be decoded has the byte. */
export function byteWat(inspector: ByteInspector, uri: string, offset: number): ByteWatResult | null {
  const path = inspector.tree.nodeAt(offset);
  const func = path.find(({ kind }) => kind === 'func');
  const file = path.findLast(({ kind }) => kind === 'file');
  const module = file && inspector.moduleOf(file);
  if (!func || !module || inspector.isPartial(file)) return null;
  const funcIdx = func.index!;
  if (!module.funcs[funcIdx]?.body) return null;
  const { start, end } = func;
  const name = module.names.of('func', funcIdx);
  const isOutermost = file === inspector.tree.root;
  const facts = {
    funcIdx,
    title: titleOf(func, module),
    start,
    end,
    ...(isOutermost && { uri: disassemblyUri(uri, funcIdx, name && readableName(name)) }),
  };
  if (end - start > MAX_BODY) return facts;
  const { text, map } = disassembleFunc(module, funcIdx);
  const offsets = text.split('\n').map(() => -1);
  let line = 0;
  let found: number | undefined;
  let behind = text.indexOf('\n') + 1;
  // Printed flat: instructions stand in the text as they do in the bytes.
  for (const { offset: within, span } of map.instructions()) {
    while (behind > 0 && behind <= span.start) {
      line++;
      behind = text.indexOf('\n', behind) + 1;
    }
    const own = within + file.start;
    if (offsets[line] < 0) offsets[line] = own;
    if (own <= offset) found = line;
  }
  return { ...facts, text, offsets, ...(found !== undefined && { line: found }) };
}
