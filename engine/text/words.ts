/**
 * The keywords of the text format, as small numbers.
 *
 * Instruction keywords come from the instruction table; the structural ones (fields, types, script commands) stand
 * here. The lexer gives every keyword token its number without cutting a string out of the text: it hashes the
 * characters as it reads them. Number 0 is "no keyword that we know". Spec 6.3.1, 6.6.
 */

import { INSTRS, type Instr, instrByName } from '../isa/isa.ts';

const STRUCTURE = [
  'module', 'type', 'rec', 'sub', 'final', 'func', 'struct', 'array', 'field', 'mut', 'param', 'result', 'local',
  'import', 'export', 'table', 'memory', 'global', 'tag', 'elem', 'data', 'start', 'offset', 'item', 'declare',
  'then', 'else', 'do', 'catch', 'catch_all', 'catch_ref', 'catch_all_ref', 'delegate', 'shared', 'pagesize',
  'ref', 'null', 'i32', 'i64', 'f32', 'f64', 'v128', 'i8', 'i16', 'extern', 'any', 'eq', 'i31', 'exn', 'none',
  'noextern', 'nofunc', 'noexn', 'funcref', 'externref', 'anyref', 'eqref', 'i31ref', 'structref', 'arrayref',
  'exnref', 'nullref', 'nullfuncref', 'nullexternref', 'nullexnref', 'i8x16', 'i16x8', 'i32x4', 'i64x2', 'f32x4',
  'f64x2', 'nan:canonical', 'nan:arithmetic', 'binary', 'quote', 'definition', 'instance', 'register', 'invoke',
  'get', 'assert_return', 'assert_trap', 'assert_exception', 'assert_exhaustion', 'assert_malformed',
  'assert_malformed_custom', 'assert_invalid', 'assert_invalid_custom', 'assert_unlinkable',
  'assert_suspension', 'thread', 'wait', 'either', 'ref.host', 'ref.extern', 'ref.struct',
  'ref.array', 'ref.any', 'component',
  'core', 'canon', 'alias', 'input', 'output', 'script', 'before', 'after', 'first', 'last',
] as const; // biome-ignore format: a list of words

/** Keywords that may not begin an instruction (or are more than that). */
export type Structural = (typeof STRUCTURE)[number];

const SIZE = 4096;
const words: string[] = [''];
const numbers = new Map<string, number>();
/** Open addressing: slot = hash mod SIZE, then the next one; holds word numbers. */
const slots = new Uint16Array(SIZE);
const instrs: (Instr | undefined)[] = [undefined];

for (const name of STRUCTURE) addWord(name);
for (const instr of INSTRS) {
  addWord(instr.name);
  for (const alias of instr.aliases) addWord(alias);
}

function addWord(name: string): void {
  if (numbers.has(name)) return;
  let hash = 0;
  for (let i = 0; i < name.length; i++) hash = hashStep(hash, name.charCodeAt(i));
  let slot = hash & (SIZE - 1);
  while (slots[slot]) slot = (slot + 1) & (SIZE - 1);
  slots[slot] = words.length;
  numbers.set(name, words.length);
  words.push(name);
  instrs.push(instrByName(name));
}

/** One step of the keywords' hash; begin with 0. */
export function hashStep(hash: number, char: number): number {
  return (Math.imul(hash, 31) + char) | 0;
}

/** The number of the keyword at `text[start, end)` with that hash; 0 if it is none that we know. */
export function findWord(text: string, start: number, end: number, hash: number): number {
  for (let slot = hash & (SIZE - 1); slots[slot] !== 0; slot = (slot + 1) & (SIZE - 1)) {
    const word = words[slots[slot]];
    if (word.length !== end - start) continue;
    let i = 0;
    while (i < word.length && word.charCodeAt(i) === text.charCodeAt(start + i)) i++;
    if (i === word.length) return slots[slot];
  }
  return 0;
}

/** The number of a structural keyword. Throws if it is missing from the list above. */
export function word(name: Structural): number {
  const number = numbers.get(name);
  if (number === undefined) throw new Error(`not a keyword: ${name}`);
  return number;
}

/** The keyword with this number; empty for 0. */
export function wordText(number: number): string {
  return words[number] ?? '';
}

/** The instruction that this keyword names; of two rows with one keyword the one with the lower code. */
export function instrOfWord(number: number): Instr | undefined {
  return instrs[number];
}

/** All keywords, for suggestions. */
export function allWords(): readonly string[] {
  return words;
}

/** The instruction that a token is the keyword of. */
export function instrOfToken(tokens: { readonly words: Uint16Array }, token: number): Instr | undefined {
  return instrs[tokens.words[token]];
}
