/**
 * An instruction as people are told about it: type, sentence, immediates, traps, opcode, feature, specification.
 */

import { INSTR_DOCS, specLink } from '../../engine/isa/docs.ts';
import { FEATURE_NAMES } from '../../engine/isa/features.ts';
import type { Instr } from '../../engine/isa/isa.ts';
import { IMMEDIATES, instrType, opcodeBytes } from './instruction-types.ts';
import { code, codeBlock, prose } from './markdown.ts';

export interface InstructionDoc {
  /** `i32.add : [i32 i32] -> [i32]`, as a block of code. */
  readonly title: string;
  readonly sentence: string;
  /** How it is written, what it traps with, opcode and link: a paragraph each. */
  readonly facts: readonly string[];
}

/** In markdown. `address`: what addresses are in this module. */
export function instructionDoc(instr: Instr, address = 'i32'): InstructionDoc {
  const { name, feature, traps, shape } = instr;
  const facts: string[] = [];
  if (IMMEDIATES[shape]) facts.push(`Written ${code(`${name} ${IMMEDIATES[shape]}`)}`);
  if (traps.length > 0) facts.push(`Traps: ${traps.join(', ')}`);
  const last = [code(opcodeBytes(instr))];
  if (feature !== 'mvp') last.push(FEATURE_NAMES[feature]);
  last.push(`[Specification](${specLink(instr)})`);
  facts.push(last.join(' · '));
  return {
    title: codeBlock(`${name} : ${instrType(instr, address)}`),
    sentence: prose(INSTR_DOCS[name]),
    facts,
  };
}
