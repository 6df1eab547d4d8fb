/**
 * `wasmscope/binarySummary`: what a binary is and holds, for a page about it. Reads all of its code, in short turns.
 */

import { type Fault, WasmError } from '../../engine/base/errors.ts';
import { customFaults } from '../../engine/binary/custom.ts';
import { FEATURE_NAMES, SUPPORTED } from '../../engine/isa/features.ts';
import { featuresOf } from '../../engine/symbols/binary-features.ts';
import { summaryOf } from '../../engine/symbols/binary-summary.ts';
import type { ByteInspector } from '../../engine/symbols/byte-info.ts';
import { validating } from '../../engine/valid/validate.ts';
import { inTurns, type Turns, takeTurns } from '../facts/turns.ts';
import type { Feature } from '../feature.ts';
import { type BinarySummary, type BinarySummaryParams, BinarySummaryRequest, uriOf } from '../protocol.ts';

/** How many functions are listed unless told otherwise. */
const FUNCTIONS = 500;

export const binarySummaryFeature: Feature = {
  capabilities: () => ({}),
  register({ connection, refusing, binaries }) {
    connection.onRequest(
      BinarySummaryRequest,
      refusing(async (params: BinarySummaryParams, token) =>
        binarySummary(await binaries.get(uriOf(params)), params, takeTurns(token)),
      ),
    );
  },
};

/** Of any bytes. `brief`: without what needs all of the code. */
export async function binarySummary(
  inspector: ByteInspector,
  { functions = FUNCTIONS, brief = false }: Omit<BinarySummaryParams, 'uri'>,
  turns: Turns,
): Promise<BinarySummary> {
  const summary = summaryOf(inspector, functions);
  const { root } = inspector.tree;
  const module = inspector.moduleOf(root);
  const declared = inspector.faultOf(root);
  const fault = brief || declared || !module ? declared : await firstFault(inspector, turns);
  const features = brief ? [] : await inTurns(featuresOf(inspector), turns);
  return {
    ...summary,
    features: features.map(({ feature, offset, needs }) => ({ name: FEATURE_NAMES[feature], offset, needs })),
    ...(fault && { fault: told(fault) }),
    warnings: module && !fault && !brief ? customFaults(module).map(told) : [],
  };
}

async function firstFault(inspector: ByteInspector, turns: Turns): Promise<Fault | undefined> {
  const module = inspector.moduleOf(inspector.tree.root)!;
  try {
    await inTurns(validating(module, SUPPORTED), turns);
    return undefined;
  } catch (error) {
    if (error instanceof WasmError) return error.fault;
    throw error;
  }
}

function told({ message, offset }: Fault) {
  return { message, offset };
}
