/**
 * `wasmscope/exports`: the exported functions of a program, with their types, for whoever wants to call one.
 *
 * An open document counts as it stands in the editor. A program with faults has the functions that could be read,
 * and the first fault.
 */

import { type Fault, WasmError } from '../../engine/base/errors.ts';
import { isComponent } from '../../engine/binary/decode.ts';
import { decodeComponent } from '../../engine/component/binary/decode.ts';
import { validateComponent } from '../../engine/component/valid/validate.ts';
import { SUPPORTED } from '../../engine/isa/features.ts';
import { funcTypeAt, type Module } from '../../engine/module/module.ts';
import type { Analysis } from '../analysis.ts';
import { componentExports } from '../facts/component-exports.ts';
import { judgeBinary } from '../facts/judged-binary.ts';
import { valTypeText } from '../facts/signature.ts';
import { type Turns, takeTurns } from '../facts/turns.ts';
import type { Feature } from '../feature.ts';
import { readProgram } from '../programs.ts';
import {
  type ExportedFunction,
  ExportsRequest,
  type ExportsResult,
  type UriParams,
  uriOf,
} from '../protocol.ts';

/** What a binary exports, and the first thing that is wrong with it. */
interface Found {
  readonly functions: readonly ExportedFunction[];
  readonly fault?: Fault;
}

export const exportsFeature: Feature = {
  capabilities: () => ({}),
  register(server) {
    server.connection.onRequest(
      ExportsRequest,
      server.refusing(async (params: UriParams, token) => {
        const program = await readProgram(uriOf(params), 'faults', server, token);
        return 'text' in program ? ofText(program.text) : ofBytes(program.bytes, takeTurns(token));
      }),
    );
  },
};

function ofText(analysis: Analysis): ExportsResult {
  if (analysis.script) return { functions: [], fault: 'a script (.wast) has no exports of its own' };
  const [fault] = analysis.faults;
  const [component] = analysis.components;
  const module = component ? undefined : analysis.modules[0]?.module;
  const functions = component?.valid
    ? componentExports(component.valid.type)
    : module
      ? functionsOf(module)
      : [];
  if (!fault) return { functions };
  const { line, character } = analysis.document.positionAt(fault.span.start);
  return { functions, fault: `${fault.message} (line ${line + 1}, column ${character + 1})` };
}

async function ofBytes(bytes: Uint8Array, turns: Turns): Promise<ExportsResult> {
  const { functions, fault } = isComponent(bytes) ? ofComponent(bytes) : await ofModule(bytes, turns);
  if (!fault) return { functions };
  const { message, offset } = fault;
  return { functions, fault: offset === undefined ? message : `${message} (at 0x${offset.toString(16)})` };
}

async function ofModule(bytes: Uint8Array, turns: Turns): Promise<Found> {
  const { module, fault } = await judgeBinary(bytes, turns);
  return { functions: module ? functionsOf(module) : [], fault };
}

/** What is wrong in its modules is told when it runs. */
function ofComponent(bytes: Uint8Array): Found {
  try {
    const { type } = validateComponent(decodeComponent(bytes), SUPPORTED, () => {});
    return { functions: componentExports(type) };
  } catch (error) {
    if (!(error instanceof WasmError)) throw error;
    return { functions: [], fault: error.fault };
  }
}

function functionsOf(module: Module): ExportedFunction[] {
  const found: ExportedFunction[] = [];
  for (const { name, kind, idx } of module.exports) {
    const type = kind === 'func' ? funcTypeAt(module, module.funcs[idx]?.typeIdx) : undefined;
    if (!type) continue;
    const params = type.params.map((param, i) => {
      const given = module.names.local(idx, i);
      return { type: valTypeText(module, param), ...(given !== undefined && { name: given }) };
    });
    found.push({ name, params, results: type.results.map((result) => valTypeText(module, result)) });
  }
  return found;
}
