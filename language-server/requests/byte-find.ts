/**
 * `wasmscope/byteFind`: where bytes, a text, instructions or a name are in a binary. In short turns, and cancellable.
 */

import { encodeUtf8 } from '../../engine/base/utf8.ts';
import {
  type Found,
  findBytes,
  findInstructions,
  findNames,
  type Search,
} from '../../engine/symbols/byte-find.ts';
import type { ByteInspector } from '../../engine/symbols/byte-info.ts';
import { parseBytePattern, parseInstrSequence, textPattern } from '../../engine/symbols/byte-pattern.ts';
import { inTurns, takeTurns } from '../facts/turns.ts';
import type { Feature } from '../feature.ts';
import { type ByteFindParams, ByteFindRequest, type ByteRanges, uriOf } from '../protocol.ts';

/** How many matches are sent unless told otherwise, and at most. */
const LIMIT = 10_000;
const MAX_LIMIT = 1_000_000;

export const byteFindFeature: Feature = {
  capabilities: () => ({}),
  register({ connection, refusing, binaries }) {
    connection.onRequest(
      ByteFindRequest,
      refusing(async (params: ByteFindParams, token) => {
        const inspector = await binaries.get(uriOf(params));
        return rangesOf(await inTurns(search(inspector, params), takeTurns(token)));
      }),
    );
  },
};

/** Throws an Error for people if nothing sensible is looked for. */
export function search(
  inspector: ByteInspector,
  { pattern, text, anyCase, instructions, name, from = 0, limit = LIMIT }: Omit<ByteFindParams, 'uri'>,
): Generator<void, Search> {
  const { bytes } = inspector;
  if (!Number.isInteger(from) || from < 0) throw new Error(`no offset to search from: ${from}`);
  if (!(limit >= 1)) throw new Error(`no number of matches: ${limit}`);
  const most = Math.min(limit, MAX_LIMIT);
  if (pattern !== undefined) return findBytes(bytes, parseBytePattern(pattern), from, most);
  if (text !== undefined) {
    return findBytes(bytes, textPattern(encodeUtf8(text), anyCase === true), from, most);
  }
  if (instructions !== undefined) {
    return findInstructions(inspector, parseInstrSequence(instructions), from, most);
  }
  if (name !== undefined) return findNames(inspector, name, from, most);
  throw new Error('the request says nothing to look for: pattern, text, instructions or name');
}

/** As an answer has them. Titles are there if any has one. */
export function rangesOf({ found, more }: Search): ByteRanges {
  const ranges = found.flatMap(({ start, end }: Found) => [start, end]);
  if (found.every(({ title }) => title === undefined)) return { ranges, more };
  return { ranges, titles: found.map(({ title = '' }) => title), more };
}
