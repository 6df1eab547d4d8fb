/**
 * `wasmscope/print`: binary code as text. A `wasmscope:` URI of a function or of a whole module, or a binary's own.
 *
 * The text is the one that the debugger shows (engine/symbols/disassembly.ts), to the letter: breakpoints and frames
 * are placed in it. Whole modules are printed up to a size; above it their functions are, one at a time.
 */

import { decode } from '../../engine/binary/decode.ts';
import { SECTION } from '../../engine/binary/sections.ts';
import type { Module } from '../../engine/module/module.ts';
import {
  type DisassemblyOptions,
  disassembleFunc,
  disassembleModule,
} from '../../engine/symbols/disassembly.ts';
import { DISASSEMBLY_SCHEME, parseDisassemblyUri } from '../../engine/symbols/disassembly-uri.ts';
import type { Feature } from '../feature.ts';
import type { ServerHost } from '../host.ts';
import { PrintRequest, type UriParams, uriOf } from '../protocol.ts';

export const printFeature: Feature = {
  capabilities: () => ({}),
  register({ connection, refusing, host }) {
    connection.onRequest(
      PrintRequest,
      refusing((params: UriParams) => printDocument(uriOf(params), host)),
    );
  },
};

/** Bytes of code up to which a whole module is printed: about 20 times as much text. */
const MOST_CODE = 2_000_000;

/** Throws an Error for people: the file cannot be read, is no module, has no such function, or is too large. */
export async function printDocument(uri: string, host: ServerHost): Promise<{ text: string }> {
  const document = parseDisassemblyUri(uri);
  if (!document && uri.startsWith(`${DISASSEMBLY_SCHEME}:`)) throw new Error(`no such document: ${uri}`);
  const { program, funcIdx, options } = document ?? { program: uri, funcIdx: undefined, options: {} };
  const module = decode(await host.readFile(program));
  return { text: funcIdx === undefined ? wholeText(module, options) : funcText(module, funcIdx, options) };
}

function wholeText(module: Module, options: DisassemblyOptions): string {
  const code = module.sections.find(({ id }) => id === SECTION.code)?.range;
  const size = code ? code.end - code.start : 0;
  if (size > MOST_CODE) {
    throw new Error(
      `the module is too large to be shown as one text: it has ${(size / 1e6).toFixed(1)} MB of code. ` +
        'Open its functions one at a time.',
    );
  }
  return disassembleModule(module, options).text;
}

function funcText(module: Module, funcIdx: number, options: DisassemblyOptions): string {
  const func = module.funcs[funcIdx];
  if (!func) throw new Error(`unknown function ${funcIdx}: there are ${module.funcs.length}`);
  if (!func.body) throw new Error(`function ${funcIdx} is imported: it has no code`);
  return disassembleFunc(module, funcIdx, options).text;
}
