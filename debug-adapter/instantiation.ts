/**
 * The request `wasmscope/instantiation`: what is instantiated when a component starts, in which order, what is linked to what, and
 * how far it has come (docs/protocol.md).
 */

import type { PlanLink } from '../engine/component/plan.ts';
import type { PlanState, Spot, WirePlanNode } from '../engine/debug/wire.ts';
import { type Context, type Program, programOf } from './context.ts';
import type { Location } from './documents.ts';

export interface InstantiationArguments {
  /** Of a server each request is a thread with instances of its own. */
  readonly threadId?: number;
}

interface Placed {
  readonly name: string;
  /** In the component's bytes. */
  readonly offset?: number;
  /** In its text, if it has one. */
  readonly location?: Location;
}

/** A node as clients get it. */
export interface InstantiationNode extends Placed {
  /** The same in every run; the component itself has the empty one. */
  readonly id: string;
  readonly kind: 'component' | 'core instance' | 'start';
  readonly of?: string;
  readonly number?: number;
  /** Absent: it is to come. */
  readonly state?: PlanState;
  /** The module or component that it is an instance of. */
  readonly source?: Omit<Placed, 'name'>;
  readonly start?: Placed;
  readonly links: readonly PlanLink[];
  readonly children: readonly InstantiationNode[];
  /** There is more in it than is known before it runs. */
  readonly isOpen?: boolean;
}

export async function instantiation(
  context: Context,
  { threadId }: InstantiationArguments,
): Promise<{ root: InstantiationNode | null }> {
  const program = programOf(context);
  const root = await program.engine.request('instantiation', { thread: threadId });
  return { root: root && (await shown(program, root)) };
}

async function shown(program: Program, node: WirePlanNode): Promise<InstantiationNode> {
  const { id, kind, name, of, number, state, range, place, source, sourcePlace, start, links, isOpen } = node;
  return {
    id,
    kind,
    name,
    of,
    number,
    state,
    offset: range.start,
    location: await locationOf(program, place),
    source:
      source === undefined ? undefined : { offset: source, location: await locationOf(program, sourcePlace) },
    start: start && {
      name: start.name,
      offset: start.offset,
      location: await locationOf(program, start.place),
    },
    links,
    children: await Promise.all(node.children.map((child) => shown(program, child))),
    isOpen,
  };
}

async function locationOf({ documents }: Program, place: Spot | undefined): Promise<Location | undefined> {
  return place && documents.location(place);
}
