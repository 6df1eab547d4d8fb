/**
 * What is watched (watch.ts), as compiled code has to look for it: ranges of memories and tables and globals by store
 * address, for reads and for writes, and the functions that stay in the interpreter because a local of theirs is watched.
 *
 * Made when the watches change, and frozen: code is emitted a second time to learn its sites, and must come out the same.
 */

import type { FuncInst } from '../../runtime/func.ts';
import type { ModuleInst } from '../../runtime/module-inst.ts';
import type { Watch, Watches } from '../watch.ts';

/** Bytes or elements from `from` to `to - 1`. */
export interface Range {
  readonly from: number;
  readonly to: number;
}

type Indexed = 'memory' | 'table';

/** More ranges than this are looked at as fewer, larger ones: the interpreter knows what is between them. */
const MAX_RANGES = 8;

const NONE: readonly Range[] = [];

export class WatchPlan {
  /** Functions of which a local is watched. */
  readonly locals: ReadonlySet<FuncInst>;
  /** Equal for plans that want the same code. */
  readonly key: string;
  /** By what is watched and how it is accessed. */
  readonly #ranges = new Map<string, readonly Range[]>();
  readonly #globals = new Set<string>();
  /** Memories and tables that are watched behind their ends. */
  readonly #mayCome = new Set<string>();

  private constructor(all: readonly Watch[]) {
    const found = new Map<string, Range[]>();
    const locals = new Set<FuncInst>();
    for (const watch of all) {
      const { target } = watch;
      if (target.kind === 'local') locals.add(target.frame.func);
      else if (target.kind === 'global') {
        for (const how of accesses(watch)) this.#globals.add(`${how} ${target.global.addr}`);
      } else {
        const { inst, range, size } = indexed(target);
        const what = `${target.kind} ${inst.addr}`;
        for (const how of [...accesses(watch), 'any']) {
          const key = `${how} ${what}`;
          found.set(key, [...(found.get(key) ?? []), range]);
        }
        if (watch.writes && range.to > size) this.#mayCome.add(what);
      }
    }
    for (const [key, ranges] of found) this.#ranges.set(key, merged(ranges));
    this.locals = locals;
    const ranges = [...this.#ranges].map(([key, list]) => `${key} ${JSON.stringify(list)}`);
    this.key = [...ranges, ...this.#globals, ...this.#mayCome].sort().join();
  }

  /** Undefined if nothing is watched. */
  static of(watches: Watches | undefined): WatchPlan | undefined {
    return watches && watches.all.length > 0 ? new WatchPlan(watches.all) : undefined;
  }

  /** The ranges that an access of a memory or a table has to be compared with. */
  ranges(kind: Indexed, addr: number, reads: boolean, writes: boolean): readonly Range[] {
    const how = reads && writes ? 'any' : writes ? 'write' : 'read';
    return this.#ranges.get(`${how} ${kind} ${addr}`) ?? NONE;
  }

  /** Whether reading, or writing, a global is watched. */
  global(addr: number, write: boolean): boolean {
    return this.#globals.has(`${write ? 'write' : 'read'} ${addr}`);
  }

  /** Whether growing a memory or a table may make something that is watched. */
  mayCome(kind: Indexed, addr: number): boolean {
    return this.#mayCome.has(`${kind} ${addr}`);
  }

  /** Whether code of an instance has to look for anything. */
  concerns({ mems, tables, globals }: ModuleInst): boolean {
    return (
      mems.some(({ addr }) => this.#ranges.has(`any memory ${addr}`)) ||
      tables.some(({ addr }) => this.#ranges.has(`any table ${addr}`)) ||
      globals.some(({ addr }) => this.global(addr, false) || this.global(addr, true))
    );
  }
}

function accesses({ reads, writes }: Watch): readonly string[] {
  return [...(reads ? ['read'] : []), ...(writes ? ['write'] : [])];
}

function indexed(target: Extract<Watch['target'], { kind: Indexed }>) {
  if (target.kind === 'memory') {
    const { memory, from, count } = target;
    return { inst: memory, range: { from, to: from + count }, size: memory.bytes.length };
  }
  const { table, index } = target;
  return { inst: table, range: { from: index, to: index + 1 }, size: table.elems.length };
}

/** The same ranges, ascending and apart from each other; where these are too many, those with the smallest gaps as one. */
function merged(ranges: readonly Range[]): readonly Range[] {
  const apart: Range[] = [];
  for (const range of ranges.toSorted((a, b) => a.from - b.from)) {
    const last = apart.at(-1);
    if (last && range.from <= last.to) apart.splice(-1, 1, join(last, range));
    else apart.push(range);
  }
  while (apart.length > MAX_RANGES) {
    let at = 1;
    const gap = (i: number) => apart[i].from - apart[i - 1].to;
    for (let i = 2; i < apart.length; i++) if (gap(i) < gap(at)) at = i;
    apart.splice(at - 1, 2, join(apart[at - 1], apart[at]));
  }
  return apart;
}

function join(a: Range, b: Range): Range {
  return { from: a.from, to: Math.max(a.to, b.to) };
}
