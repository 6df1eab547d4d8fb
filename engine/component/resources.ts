/**
 * Resources while a program runs: their types, and the table of handles that each component instance has
 * (CanonicalABI.md, Table State and Resource State).
 *
 * Knows no memory and no calls: who calls destructors is canon/resource-builtins.ts.
 */

import type { FuncInst } from '../runtime/func.ts';
import { trap } from './canon/traps.ts';
import type { HostResource, ResourceValue } from './host.ts';
import type { ComponentInst } from './instance.ts';
import type { Task } from './task.ts';

/** A resource type that a component instance defines: another one in each instance. */
export interface GuestResource {
  readonly kind: 'guest resource';
  /** As people see it; it is known when the resource is exported. */
  name: string;
  /** Where representations mean something, and the destructor runs. */
  readonly impl: ComponentInst;
  readonly dtor: FuncInst | undefined;
  /** Whether representations are 64 bits wide. */
  readonly is64: boolean;
}

export type RuntimeResource = GuestResource | HostResource;

/** One entry of a table: something that belongs to the instance, or is lent to it. */
export interface ResourceHandle {
  readonly kind: 'handle';
  readonly resource: RuntimeResource;
  /** A bigint for resources of components, an object for those of the host. */
  readonly rep: unknown;
  readonly own: boolean;
  /** The call that it is lent for. */
  readonly scope: Task | undefined;
  /** How many calls it is lent to. */
  lends: number;
}

/** A message for people, with a place of its own. */
export interface ErrorContext {
  readonly kind: 'error context';
  readonly message: string;
}

export type TableEntry = ResourceHandle | ErrorContext;

/** As many as the specification allows. */
const MAX_LENGTH = 2 ** 28 - 1;

/** The handles of an instance by index. Index 0 is none; freed indices are used again, the last one first. */
export class HandleTable {
  private readonly entries: (TableEntry | undefined)[] = [undefined];
  private readonly free: number[] = [];

  /** Index and entry of all there are. */
  *[Symbol.iterator](): Generator<readonly [number, TableEntry]> {
    for (const [i, entry] of this.entries.entries()) if (entry) yield [i, entry];
  }

  add(entry: TableEntry): number {
    const i = this.free.pop() ?? this.entries.length;
    if (i > MAX_LENGTH) trap('resource table has no free keys');
    this.entries[i] = entry;
    return i;
  }

  /** Traps if there is none. */
  get(i: number): TableEntry {
    return this.entries[i] ?? trap(`unknown handle index ${i}`);
  }

  /** The entry of a handle of this resource. Traps if there is none, or of another one. */
  handle(i: number, resource: RuntimeResource): ResourceHandle {
    const entry = this.get(i);
    if (entry.kind === 'handle' && entry.resource === resource) return entry;
    const wanted = definedBy(resource);
    const found = entry.kind !== 'handle' ? 'an error context' : definedBy(entry.resource);
    trap(
      `handle index ${i} used with the wrong type, expected ${wanted} but found ${found === wanted ? `a different ${found}` : found}`,
      `${resource.name} was expected${entry.kind === 'handle' ? `, ${entry.resource.name} found` : ''}`,
    );
  }

  remove(i: number): TableEntry {
    const entry = this.get(i);
    this.entries[i] = undefined;
    this.free.push(i);
    return entry;
  }
}

function definedBy({ kind }: RuntimeResource): string {
  return kind === 'resource' ? 'host-defined resource' : 'guest-defined resource';
}

/** A handle on its way from one component to another, or to the host. */
export function resourceValue(resource: RuntimeResource, rep: unknown): ResourceValue {
  const label = resource.kind === 'resource' ? resource.name : `${resource.name}#${String(rep)}`;
  return { resource, rep, label };
}
