/**
 * `wasmscope/moduleSummary`: what a binary holds. Of a malformed one, what could be read.
 */

import { type Fault, WasmError } from '../../engine/base/errors.ts';
import { customFaults } from '../../engine/binary/custom.ts';
import { decode } from '../../engine/binary/decode.ts';
import { SUPPORTED } from '../../engine/isa/features.ts';
import { funcTypeAt, type Module } from '../../engine/module/module.ts';
import { validate } from '../../engine/valid/validate.ts';
import { decodeDeclarations, sectionTitle, walkSections } from '../facts/partial-module.ts';
import { externText, funcTypeText } from '../facts/signature.ts';
import type { Feature } from '../feature.ts';
import type { ServerHost } from '../host.ts';
import {
  type ModuleSummary,
  type SummaryFault,
  type SummaryFunction,
  SummaryRequest,
  type UriParams,
  uriOf,
} from '../protocol.ts';

export const moduleSummaryFeature: Feature = {
  capabilities: () => ({}),
  register({ connection, refusing, host }) {
    connection.onRequest(
      SummaryRequest,
      refusing((params: UriParams) => moduleSummary(uriOf(params), host)),
    );
  },
};

/** Throws an Error for people if the file cannot be read. */
export async function moduleSummary(uri: string, host: ServerHost): Promise<ModuleSummary> {
  return summarize(await host.readFile(uri));
}

export function summarize(bytes: Uint8Array): ModuleSummary {
  const walked = walkSections(bytes);
  const { module, fault } = decodeOrFault(bytes);
  const warnings = module && !fault ? customFaults(module) : [];
  const readable = module ?? decodeDeclarations(bytes, walked);
  return {
    size: bytes.length,
    sections: walked.map((section) => ({
      name: sectionTitle(bytes, section),
      offset: section.offset,
      size: section.range.end - section.range.start,
    })),
    imports: (readable?.imports ?? []).map(({ module: from, name, kind, idx }) => ({
      name: `${from}.${name}`,
      detail: externText(readable!, kind, idx),
    })),
    exports: (readable?.exports ?? []).map(({ name, kind, idx }) => ({
      name,
      // Without the code, indices of functions would lead to others.
      detail: module || kind !== 'func' ? externText(readable!, kind, idx) : `func ${idx}`,
    })),
    functions: module ? functionsOf(module) : [],
    ...(fault && { fault: told(fault) }),
    ...(warnings.length > 0 && { warnings: warnings.map(told) }),
  };
}

function told({ message, offset }: Fault): SummaryFault {
  return { message, offset };
}

function decodeOrFault(bytes: Uint8Array): { module?: Module; fault?: Fault } {
  let module: Module | undefined;
  try {
    module = decode(bytes);
    validate(module, SUPPORTED);
    return { module };
  } catch (error) {
    if (!(error instanceof WasmError)) throw error;
    return { module, fault: error.fault };
  }
}

function functionsOf(module: Module): SummaryFunction[] {
  return module.funcs.map(({ typeIdx, body, offset }, idx) => {
    const type = funcTypeAt(module, typeIdx);
    const name = module.names.of('func', idx) ?? '';
    const detail = type ? funcTypeText(module, type) : `(type ${typeIdx})`;
    return { name, detail, idx, ...(body && { offset, size: body.range.end - body.range.start }) };
  });
}
