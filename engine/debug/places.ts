/**
 * Places that a user writes, and what they mean in a program (design, section 7).
 *
 *   place = (file '!')? (func | offset | pattern | name | instruction | 'instantiate' module?)
 *   func    = 'func[' index ']' ('+' number)?     the number counts from the function's first byte
 *   offset  = '0x…'                               a byte of the module; behind a file's name, of that file
 *   pattern = '/…/' 'i'?                          names that match, given, exported, imported or demangled
 *   name    = '$' given name | export name | import name, each with an optional '+' number;
 *             'export ' or 'import ' before it says which of the latter is meant
 *   instruction = a keyword, as in memory.grow: every such instruction
 *
 * An imported function has no instructions: its place is the call of it (`AT_CALL`). A place in the middle of an instruction, or in code that cannot be reached, goes to the nearest instruction and
 * says so. Knows no breakpoints, no lines, and no files but for the name of the program's own.
 */

import { usage } from '../base/errors.ts';
import { parseUint32 } from '../base/numbers.ts';
import { instrReader } from '../binary/instr.ts';
import { INSTRS } from '../isa/isa.ts';
import type { Module } from '../module/module.ts';
import { demangle } from '../symbols/demangle.ts';
import { type Pattern, parsePattern } from './pattern.ts';
import type { Sites } from './sites.ts';

/** A place as it was written. */
export type PlaceSpec = { readonly file?: string; readonly text: string } & (
  | { readonly kind: 'func'; readonly funcIdx: number; readonly plus?: number }
  | { readonly kind: 'offset'; readonly offset: number }
  | { readonly kind: 'pattern'; readonly pattern: Pattern }
  | { readonly kind: 'name'; readonly name: string; readonly only?: 'export' | 'import' }
  | { readonly kind: 'instruction'; readonly name: string; readonly codes: readonly number[] }
  /** `module`: the name that others import from it by; any without it. */
  | { readonly kind: 'instantiate'; readonly module: string | undefined }
);

/** The offset of a target that is an imported function: wherever it is called. */
export const AT_CALL = -1;

/** An instruction at which a function can stop; `AT_CALL` for an imported function. */
export interface Target {
  readonly funcIdx: number;
  readonly offset: number;
}

/** What a place means: instructions, at least one; `message` says what is not as it was written. */
export interface Resolved {
  readonly targets: readonly Target[];
  readonly message?: string;
}

/** The program in which places are looked up. */
export interface PlaceProgram {
  readonly module: Module;
  readonly sites: Sites;
  /** Base name of the program's file: `m.wasm`. */
  readonly file: string | undefined;
  /** Where the module begins in that file: a core module of a component is a part of it. */
  readonly start: number;
  /** The defined function whose body holds a byte; -1 if none does. */
  funcAt(offset: number): number;
}

/** Parses a place. Throws a usage fault. */
export function parsePlace(given: string): PlaceSpec {
  const whole = given.trim();
  if (whole === '') usage('a place is expected: a name, func[3], func[3]+0x7, 0x1f3 or /pattern/');
  const inFile = /^([^!/[\]]+\.(?:wasm|wat|wast))!(.+)$/i.exec(whole);
  const [file, text] = inFile ? [inFile[1], inFile[2].trim()] : [undefined, whole];
  const pattern = /^\/(.+)\/(\w*)$/s.exec(text);
  if (pattern) return { kind: 'pattern', file, text, pattern: parsePattern(pattern[1], pattern[2]) };
  const func = /^func\[\s*([^\]]*?)\s*\]\s*(?:\+\s*(.+))?$/.exec(text);
  if (func) {
    const plus = func[2] === undefined ? undefined : number(func[2], text);
    return { kind: 'func', file, text, funcIdx: number(func[1], text), plus };
  }
  if (/^0x[0-9a-f_]+$/i.test(text)) return { kind: 'offset', file, text, offset: number(text, text) };
  const module = /^instantiate(?:\s+(.+))?$/.exec(text);
  if (module) return { kind: 'instantiate', file, text, module: module[1] };
  const [, only, named] = /^(export|import)\s+(.+)$/.exec(text) ?? [];
  if (named !== undefined)
    return { kind: 'name', file, text, name: named, only: only as 'export' | 'import' };
  const codes = INSTRS.filter(({ name }) => name === text).map(({ code }) => code);
  if (codes.length > 0) return { kind: 'instruction', file, text, name: text, codes };
  return { kind: 'name', file, text, name: text };
}

/** Looks a place up. The string says why it means nothing in this program. */
export function resolvePlace(spec: PlaceSpec, program: PlaceProgram): Resolved | string {
  const { file } = program;
  if (spec.file !== undefined && spec.file.toLowerCase() !== file?.toLowerCase()) {
    return `${spec.file} is not loaded${file === undefined ? '' : `: this program is ${file}`}`;
  }
  switch (spec.kind) {
    case 'func':
      return inFunc(program, spec.text, spec.funcIdx, spec.plus);
    case 'offset':
      return spec.file === undefined ? atOffset(program, spec.offset) : atByteOfFile(program, spec.offset);
    case 'pattern':
      return inFuncs(program, spec.text, funcsMatching(program.module, spec.pattern));
    case 'name':
      return spec.only ? onlyNamed(program, spec.only, spec.name) : named(program, spec.name);
    case 'instruction': {
      const found = funcsNamed(program.module, spec.name);
      return found.length > 0
        ? inFuncs(program, spec.name, found)
        : everyInstr(program, spec.name, spec.codes);
    }
    case 'instantiate':
      return 'modules are instantiated by the program, not in one';
  }
}

/** More places than anybody looks at. */
const MOST_INSTRS = 100_000;

/** Every instruction with one of these codes that can be reached. */
function everyInstr(
  { module, sites }: PlaceProgram,
  name: string,
  codes: readonly number[],
): Resolved | string {
  const reader = instrReader(module);
  const targets: Target[] = [];
  for (const [funcIdx, { body }] of module.funcs.entries()) {
    if (!body) continue;
    reader.startBody(body.codeStart, body.range.end);
    const own: number[] = [];
    while (reader.next()) if (codes.includes(reader.code)) own.push(reader.offset);
    if (own.length === 0) continue;
    const { reachable } = sites.of(funcIdx);
    for (const offset of own) if (reachable.has(offset)) targets.push({ funcIdx, offset });
    if (targets.length > MOST_INSTRS) return `there are more than ${MOST_INSTRS} instructions ${name}`;
  }
  if (targets.length === 0) return `there is no instruction ${name}`;
  return targets.length === 1 ? { targets } : { targets, message: `stops at ${targets.length} instructions` };
}

/** Functions that are exported, or imported, by this name; an import's may have its module's before it. */
function onlyNamed(program: PlaceProgram, only: 'export' | 'import', name: string): Resolved | string {
  const { exports, funcs } = program.module;
  const found =
    only === 'export'
      ? exports.flatMap((one) => (one.kind === 'func' && one.name === name ? [one.idx] : []))
      : funcs.flatMap(({ import: from }, idx) =>
          from && (from.name === name || `${from.module}.${from.name}` === name) ? [idx] : [],
        );
  return found.length > 0 ? inFuncs(program, name, found) : `no function is ${only}ed as ${name}`;
}

/** True for places that are bytes: they mean another instruction as soon as the module is built anew. */
export function isByOffset(spec: PlaceSpec): boolean {
  return spec.kind === 'offset' || (spec.kind === 'func' && spec.plus !== undefined);
}

/** What a breakpoint says that is set in so many functions. */
export function stopsIn(functions: number): string {
  return `stops in ${counted(functions)}`;
}

/** An offset as places write it. */
export function offsetText(offset: number): string {
  return `0x${offset.toString(16)}`;
}

function named(program: PlaceProgram, name: string): Resolved | string {
  const found = funcsNamed(program.module, name);
  if (found.length > 0) return inFuncs(program, name, found);
  const [, base, plus] = /^(.+?)\s*\+\s*((?:0x)?[0-9a-f_]+)$/i.exec(name) ?? [];
  if (base !== undefined) {
    const [funcIdx] = funcsNamed(program.module, base);
    if (funcIdx !== undefined) return inFunc(program, base, funcIdx, number(plus, name));
  }
  return `no function matches ${name}`;
}

function funcsNamed({ names }: Module, name: string): readonly number[] {
  if (!name.startsWith('$')) return names.find('func', name);
  const given = name.slice(1).replace(/^"(.*)"$/s, '$1');
  return names.find('func', given).filter((idx) => names.given('func', idx) === given);
}

function funcsMatching({ funcs, names, exports }: Module, pattern: Pattern): number[] {
  const found = new Set<number>();
  for (const { kind, name, idx } of exports) if (kind === 'func' && pattern.test(name)) found.add(idx);
  for (let idx = 0; idx < funcs.length; idx++) {
    if (found.has(idx)) continue;
    const { import: imported } = funcs[idx];
    const given = names.given('func', idx);
    const plain = given === undefined ? undefined : demangle(given);
    const known = [given, plain, imported && `${imported.module}.${imported.name}`];
    if (known.some((name) => name !== undefined && pattern.test(name))) found.add(idx);
  }
  return [...found].sort((a, b) => a - b);
}

function inFuncs({ module }: PlaceProgram, text: string, found: readonly number[]): Resolved | string {
  if (found.length === 0) return `no function matches ${text}`;
  const targets = found.map((funcIdx) => ({
    funcIdx,
    offset: module.funcs[funcIdx].body?.codeStart ?? AT_CALL,
  }));
  const imported = targets.filter(({ offset }) => offset === AT_CALL).length;
  if (targets.length > 1) return { targets, message: stopsIn(targets.length) };
  return imported === 0 ? { targets } : { targets, message: atCallText(module, found[0]) };
}

function inFunc(
  program: PlaceProgram,
  text: string,
  funcIdx: number,
  plus: number | undefined,
): Resolved | string {
  const { funcs } = program.module;
  if (funcIdx >= funcs.length) return `${text}: the module has ${counted(funcs.length)}`;
  const { body } = funcs[funcIdx];
  if (!body && plus !== undefined) return `${text} is imported: it has no bytes here`;
  if (!body) return { targets: [{ funcIdx, offset: AT_CALL }], message: atCallText(program.module, funcIdx) };
  if (plus === undefined) return { targets: [{ funcIdx, offset: body.codeStart }] };
  const { start, end } = body.range;
  if (plus >= end - start) return `${text}: the function is ${end - start} bytes long`;
  return atOffset(program, start + plus);
}

/** An offset behind a file's name is one of the file. */
function atByteOfFile(program: PlaceProgram, offset: number): Resolved | string {
  const { module, start } = program;
  if (start > 0 && (offset < start || offset >= start + module.bytes.length)) {
    return `offset ${offsetText(offset)} is not in a function's code`;
  }
  return atOffset(program, offset - start);
}

function atOffset(program: PlaceProgram, offset: number): Resolved | string {
  const { module, sites } = program;
  const funcIdx = program.funcAt(offset);
  if (funcIdx < 0) {
    const { length } = module.bytes;
    const why = offset >= length ? `: the module is ${offsetText(length)} bytes long` : '';
    return `offset ${offsetText(offset)} is not in a function's code${why}`;
  }
  const { starts, reachable } = sites.of(funcIdx);
  const start = starts.findLast((at) => at <= offset);
  if (start === undefined) {
    const [first] = starts;
    const message = `${offsetText(offset)} is in front of the code: moved to the first instruction at ${offsetText(first)}`;
    return { targets: [{ funcIdx, offset: first }], message };
  }
  const inside =
    start < offset ? `${offsetText(offset)} is inside an instruction: moved to its start` : undefined;
  if (reachable.has(start)) {
    return { targets: [{ funcIdx, offset: start }], message: inside && `${inside} at ${offsetText(start)}` };
  }
  const next = sites.stopNear(funcIdx, start);
  const message = `${offsetText(offset)} cannot be reached: moved to ${offsetText(next)}`;
  return { targets: [{ funcIdx, offset: next }], message };
}

function atCallText({ funcs }: Module, funcIdx: number): string {
  const from = funcs[funcIdx].import;
  return `stops when ${from ? `${from.module}.${from.name}` : `func[${funcIdx}]`} is called`;
}

function counted(count: number): string {
  return `${String(count).replace(/\B(?=(?:\d{3})+$)/g, ',')} ${count === 1 ? 'function' : 'functions'}`;
}

function number(text: string, whole: string): number {
  const parsed = parseUint32(text.trim());
  if (!parsed.ok) return usage(`${whole}: a number is expected, found ${JSON.stringify(text)}`);
  return parsed.value;
}
