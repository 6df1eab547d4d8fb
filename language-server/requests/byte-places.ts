/**
 * Getting about in a binary: `wasmscope/byteGoto` (places by what they are called), `wasmscope/byteDefinition` (what an index
 * leads to) and `wasmscope/byteReferences` (all bytes that name it).
 */

import type { ByteInspector } from '../../engine/symbols/byte-info.ts';
import {
  placeOfOffset,
  placesOfExport,
  placesOfFunc,
  placesOfSection,
  placesOfText,
} from '../../engine/symbols/byte-places.ts';
import { referencesTo } from '../../engine/symbols/byte-references.ts';
import { type Place, placesOf, targetAt } from '../../engine/symbols/byte-targets.ts';
import { inTurns, type Turns, takeTurns } from '../facts/turns.ts';
import type { Feature } from '../feature.ts';
import {
  ByteDefinitionRequest,
  type ByteGotoParams,
  ByteGotoRequest,
  type BytePlaceParams,
  ByteReferencesRequest,
  uriOf,
} from '../protocol.ts';
import { rangesOf } from './byte-find.ts';

/** How many references are sent. */
const LIMIT = 10_000;

export const bytePlacesFeature: Feature = {
  capabilities: () => ({}),
  register({ connection, refusing, binaries }) {
    connection.onRequest(
      ByteGotoRequest,
      refusing(async (params: ByteGotoParams) => ({
        targets: byteGoto(await binaries.get(uriOf(params)), params),
      })),
    );
    connection.onRequest(
      ByteDefinitionRequest,
      refusing(async (params: BytePlaceParams) => ({
        targets: byteDefinition(await binaries.get(uriOf(params)), params.offset),
      })),
    );
    connection.onRequest(
      ByteReferencesRequest,
      refusing(async (params: BytePlaceParams, token) =>
        byteReferences(await binaries.get(uriOf(params)), params.offset, takeTurns(token)),
      ),
    );
  },
};

/** Throws an Error for people if the request names no place. */
export function byteGoto(inspector: ByteInspector, params: Omit<ByteGotoParams, 'uri'>): readonly Place[] {
  const { offset, func, section, export: exported, text } = params;
  if (offset !== undefined) return placeOfOffset(inspector, offset);
  if (func !== undefined) return placesOfFunc(inspector, func);
  if (section !== undefined) return placesOfSection(inspector, section);
  if (exported !== undefined) return placesOfExport(inspector, exported);
  if (text !== undefined) return placesOfText(inspector, text);
  throw new Error('the request names no place: offset, func, section, export or text');
}

/** Where the thing is that the byte names; none if it names nothing, or nothing that is there. */
export function byteDefinition(inspector: ByteInspector, offset: number): readonly Place[] {
  const target = targetAt(inspector, offset);
  return target ? placesOf(inspector, target) : [];
}

/** All bytes that name what the byte names or defines. */
export async function byteReferences(inspector: ByteInspector, offset: number, turns: Turns) {
  const target = targetAt(inspector, offset);
  if (!target) return { ranges: [], titles: [], more: false };
  const [place] = placesOf(inspector, target);
  const search = await inTurns(referencesTo(inspector, target, LIMIT), turns);
  return { ...(place && { target: place }), ...rangesOf(search) };
}
