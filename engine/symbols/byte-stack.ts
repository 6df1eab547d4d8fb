/**
 * The operand stack around an instruction of a function, and where its labels lead: what its card says of them.
 *
 * The validator says it, and stays where it was asked last: the cards of a screen are asked for in order, so each instruction
 * of a function is checked once for all of them and not once for each.
 */

import { type Fault, WasmError } from '../base/errors.ts';
import { SUPPORTED } from '../isa/features.ts';
import type { Module } from '../module/module.ts';
import { FuncValidator } from '../valid/func.ts';
import { name } from '../valid/mismatch.ts';
import type { Control } from '../valid/typing.ts';

export interface StackFacts {
  /** In functions that are valid so far. `after` is not there if nothing ever comes behind it. */
  readonly stack?: { readonly before: string; readonly after?: string; readonly reachable: boolean };
  /** Where its labels lead, by depth. Offsets are those of the file. */
  readonly labels?: readonly string[];
  /** Why validation refuses it, by offsets of its module, if it is the first that it refuses in its function. */
  readonly fault?: Fault;
}

/** How many operands of a stack are shown. */
const SHOWN = 8;

const NOTHING: StackFacts = {};

export class StackWalk {
  readonly #module: Module;
  readonly #funcIdx: number;
  /** Where the module begins in the file. */
  readonly #base: number;
  readonly #v: FuncValidator;
  /** The instruction asked about last; behind it the validator stands. */
  #last = -1;
  #facts = NOTHING;
  #isRefused = false;

  /** Of a function that has a body. */
  constructor(module: Module, funcIdx: number, base: number) {
    this.#module = module;
    this.#funcIdx = funcIdx;
    this.#base = base;
    this.#v = new FuncValidator(module, SUPPORTED);
    this.#begin();
  }

  isOf(module: Module, funcIdx: number): boolean {
    return this.#module === module && this.#funcIdx === funcIdx;
  }

  /** `offset` is one of the module. Nothing is known behind what validation refuses. */
  at(offset: number): StackFacts {
    if (offset === this.#last) return this.#facts;
    if (offset < this.#last) this.#begin();
    this.#last = offset;
    this.#facts = this.#isRefused ? NOTHING : this.#walkTo(offset);
    return this.#facts;
  }

  #begin(): void {
    this.#last = -1;
    this.#isRefused = this.#refuses(() => this.#v.begin(this.#funcIdx)) !== undefined;
  }

  #walkTo(offset: number): StackFacts {
    const v = this.#v;
    const refused = this.#refuses(() => {
      while (v.instr.pos < offset && v.next());
    });
    if (refused || v.instr.pos !== offset) return NOTHING;
    const before = operands(v);
    const reachable = !v.top.unreachable;
    const labels = labelsOf(v, this.#base);
    const fault = this.#refuses(() => v.next());
    if (fault) return { labels, stack: { before, reachable }, fault };
    const ends = v.depth > 0 && v.top.unreachable && reachable;
    return { labels, stack: { before, reachable, ...(!ends && { after: operands(v) }) } };
  }

  /** The fault that `check` throws. */
  #refuses(check: () => void): Fault | undefined {
    try {
      check();
      return undefined;
    } catch (error) {
      if (!(error instanceof WasmError)) throw error;
      this.#isRefused = true;
      return error.fault;
    }
  }
}

function operands(v: FuncValidator): string {
  const first = Math.max(0, v.height - SHOWN);
  const shown = Array.from({ length: v.height - first }, (_, i) => name(v.module, v.typeAt(first + i)));
  return `[${[...(first > 0 ? ['…'] : []), ...shown].join(' ')}]`;
}

function labelsOf(v: FuncValidator, base: number): string[] {
  const found: string[] = [];
  for (const control of v.controls) found.unshift(labelText(control, base));
  return found;
}

function labelText({ kind, offset }: Control, base: number): string {
  if (kind === 'func') return 'returns from the function';
  const at = `0x${(offset + base).toString(16)}`;
  return kind === 'loop' ? `back to the loop at ${at}` : `out of the ${kind} at ${at}`;
}
