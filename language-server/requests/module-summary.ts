/**
 * `wasmscope/moduleSummary`: what a binary holds. Of a malformed one, what could be read.
 */

import type { Fault } from '../../engine/base/errors.ts';
import { customFaults } from '../../engine/binary/custom.ts';
import { isComponent } from '../../engine/binary/decode.ts';
import { decodePartly } from '../../engine/binary/partly.ts';
import { funcTypeAt, type Module, type Section } from '../../engine/module/module.ts';
import { type JudgedBinary, judgeBinary } from '../facts/judged-binary.ts';
import { sectionTitle, walkSections } from '../facts/sections.ts';
import { externText, funcTypeText } from '../facts/signature.ts';
import { type Turns, takeTurns } from '../facts/turns.ts';
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
      refusing((params: UriParams, token) => moduleSummary(uriOf(params), host, takeTurns(token))),
    );
  },
};

/** Throws an Error for people if the file cannot be read. */
export async function moduleSummary(uri: string, host: ServerHost, turns: Turns): Promise<ModuleSummary> {
  const bytes = await host.readFile(uri);
  return summarize(bytes, await judgeBinary(bytes, turns));
}

function summarize(bytes: Uint8Array, { module, fault }: JudgedBinary): ModuleSummary {
  const walked = walkSections(bytes);
  const warnings = module && !fault ? customFaults(module) : [];
  const readable = module ?? declarationsOf(bytes, walked);
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
      // Functions of a damaged module are known as far as their section is.
      detail: kind === 'func' && !readable!.funcs[idx] ? `func ${idx}` : externText(readable!, kind, idx),
    })),
    functions: module ? functionsOf(module) : [],
    ...(fault && { fault: told(fault) }),
    ...(warnings.length > 0 && { warnings: warnings.map(told) }),
  };
}

/** Of a malformed module, what its well-formed sections say. */
function declarationsOf(bytes: Uint8Array, sections: readonly Section[]): Module | undefined {
  if (isComponent(bytes)) return undefined;
  const framed = sections.map(({ id, offset, range }) => ({ id, start: offset, end: range.end }));
  return decodePartly(bytes, framed);
}

function told({ message, offset }: Fault): SummaryFault {
  return { message, offset };
}

function functionsOf(module: Module): SummaryFunction[] {
  return module.funcs.map(({ typeIdx, body, offset }, idx) => {
    const type = funcTypeAt(module, typeIdx);
    const name = module.names.of('func', idx) ?? '';
    const detail = type ? funcTypeText(module, type) : `(type ${typeIdx})`;
    return { name, detail, idx, ...(body && { offset, size: body.range.end - body.range.start }) };
  });
}
