/**
 * The request `disassemble`: rows of code around an address, with the text that each instruction is shown in.
 */

import type { DebugProtocol } from '@vscode/debugprotocol';
import type { CodeRow } from '../engine/debug/wire.ts';
import { addressOf, offsetAt } from './addresses.ts';
import { type Context, programOf } from './context.ts';
import type { Documents } from './documents.ts';

/** What stands in a row before or behind all code. */
const NO_CODE = '(no code)';

export async function disassemble(
  context: Context,
  args: DebugProtocol.DisassembleArguments,
): Promise<DebugProtocol.DisassembleResponse['body']> {
  const { engine, documents } = programOf(context);
  const { module, offset } = offsetAt(args.memoryReference, args.offset);
  const rows = await engine.request('disassemble', {
    module,
    offset,
    skip: args.instructionOffset ?? 0,
    count: args.instructionCount,
  });
  const instructions: DebugProtocol.DisassembledInstruction[] = [];
  let shown: string | undefined;
  for (const row of rows) {
    const { source, ...instruction } = await instructionOf(module, row, documents);
    // The protocol wants a source only where it is another one than the row before has.
    const isNew = source !== undefined && source.path !== shown;
    instructions.push(isNew ? { ...instruction, location: source } : instruction);
    shown = source?.path ?? shown;
  }
  return { instructions };
}

async function instructionOf(
  module: number,
  { offset, text, bytes, symbol, place }: CodeRow,
  documents: Documents,
): Promise<DebugProtocol.DisassembledInstruction & { source?: DebugProtocol.Source }> {
  const address = addressOf(module, offset);
  if (text === undefined) return { address, instruction: NO_CODE, presentationHint: 'invalid' };
  const at = place && (await documents.location(place));
  return { address, instruction: text, instructionBytes: bytes, symbol, ...at };
}
