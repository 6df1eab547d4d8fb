/**
 * `wasmscope/functions`: the functions of a binary, for choosing one to look at.
 */

import { optionsOf } from '../../engine/symbols/disassembly-doc.ts';
import { functionsOf } from '../disassembly/functions.ts';
import type { Feature } from '../feature.ts';
import { type FunctionsParams, FunctionsRequest, uriOf } from '../protocol.ts';

export const functionsFeature: Feature = {
  capabilities: () => ({}),
  register({ connection, refusing, modules }) {
    connection.onRequest(
      FunctionsRequest,
      refusing(async (params: FunctionsParams) => {
        const uri = uriOf(params);
        return { functions: functionsOf(uri, await modules.get(uri), optionsOf(params.written ?? '')) };
      }),
    );
  },
};
