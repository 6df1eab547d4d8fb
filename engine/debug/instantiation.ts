/**
 * How far the instances of a component have come (component/plan.ts): for each thread that instantiates the node that it is at, so
 * that its call stack ends in what is being made, and the plan can be shown with what is done and what is to come.
 *
 * A program has one such thread, a server one a request. Where a node stands in the text is known here, too.
 */

import type { Span } from '../base/errors.ts';
import type { LoadedComponent } from '../component/load.ts';
import { type Plan, type PlanNode, planOf } from '../component/plan.ts';
import type { Thread } from '../exec/threads.ts';
import type { Caller } from './run.ts';
import type { PlanState, Spot, WirePlanNode } from './wire.ts';

/** Where a thread is: at a node, or behind all of them. */
type At = { readonly node: PlanNode } | 'made';

/** The plan of a component that is loaded, and where its nodes stand. */
export class LoadedPlan {
  readonly plan: Plan;
  readonly #assembly: LoadedComponent['assembly'];
  readonly #text: string;

  /** `text`: what the component is written in, if it is a text. */
  constructor({ component, assembly }: Pick<LoadedComponent, 'component' | 'assembly'>, text: string) {
    this.plan = planOf(component);
    this.#assembly = assembly;
    this.#text = text;
  }

  /** The first line of what stands at an offset, 0 is the component itself; undefined for a binary. */
  spanAt(offset: number): Span | undefined {
    const span = offset === 0 ? this.#assembly?.span : this.#assembly?.map.spanAt(offset);
    if (!span) return undefined;
    const length = this.#text.slice(span.start, span.end).search(/[\r\n]/);
    return length < 0 ? span : { start: span.start, end: span.start + length };
  }

  /** The nodes whose definition begins at an offset: as many as there are instances of what is around it. */
  nodesAt(offset: number): PlanNode[] {
    return [...this.plan.nodes.values()].filter(({ range }) => range.start === offset);
  }

  /** The nodes that a name stands for: `$a` or `a`, `#2` for the second core instance. Without a name: all core instances. */
  nodesNamed(name: string | undefined): PlanNode[] {
    const nodes = [...this.plan.nodes.values()];
    if (name === undefined) return nodes.filter(({ kind }) => kind === 'core instance');
    const [, number] = /^#(\d+)$/.exec(name) ?? [];
    if (number !== undefined) return nodes.filter((node) => node.number === Number(number));
    const bare = name.replace(/^\$/, '');
    return nodes.filter((node) => node.id !== '' && [node.name, node.name.replace(/^\$/, '')].includes(bare));
  }

  /** The names that `nodesNamed` takes, for people. */
  get names(): string[] {
    const named = [...this.plan.nodes.values()].filter(({ id }) => id !== '');
    return [...new Set(named.map((node) => (node.name.startsWith('$') ? node.name : `#${node.number}`)))];
  }
}

export class Instantiation {
  readonly #loaded: LoadedPlan;
  readonly #at = new Map<Thread, At>();

  constructor(loaded: LoadedPlan) {
    this.#loaded = loaded;
  }

  /** A thread has come to a node; undefined for one that is in no plan. */
  come(thread: Thread, id: string): PlanNode | undefined {
    const node = this.#loaded.plan.nodes.get(id);
    if (node) this.#at.set(thread, { node });
    return node;
  }

  /** Everything is made in a thread. */
  made(thread: Thread): void {
    this.#at.set(thread, 'made');
  }

  ended(thread: Thread): void {
    this.#at.delete(thread);
  }

  /** What is being made in a thread, innermost first; `call`: what comes behind that, as long as it is not begun. */
  callersOf(thread: Thread, call: Caller): Caller[] {
    const at = this.#at.get(thread);
    if (!at) return [];
    if (at === 'made') return thread.marked && !thread.machine.active ? [call] : [];
    return this.#around(at.node).map((node) => ({
      label: node.kind === 'start' ? 'start' : `instantiate ${node.name}`,
      span: this.#loaded.spanAt(node.range.start),
    }));
  }

  /** The plan as it stands in a thread; without one nothing has begun. */
  shown(thread: Thread | undefined): WirePlanNode {
    const at = thread && this.#at.get(thread);
    const around = new Set(at && at !== 'made' ? this.#around(at.node) : []);
    let isBehind = at === 'made';
    const stateOf = (node: PlanNode): PlanState | undefined => {
      if (at === undefined) return undefined;
      if (around.has(node)) return 'current';
      return isBehind ? undefined : 'done';
    };
    const spot = (offset: number): Spot | undefined => {
      const span = this.#loaded.spanAt(offset);
      return span && { doc: 'program', span };
    };
    // Nodes stand in the order in which they come to be.
    const show = (node: PlanNode): WirePlanNode => {
      const state = at === 'made' ? 'done' : stateOf(node);
      if (at && at !== 'made' && node === at.node) isBehind = true;
      const { start, source } = node;
      return {
        ...node,
        state,
        place: spot(node.range.start),
        sourcePlace: source === undefined ? undefined : spot(source),
        start: start && { ...start, place: start.offset === undefined ? undefined : spot(start.offset) },
        children: node.children.map(show),
      };
    };
    return show(this.#loaded.plan.root);
  }

  /** A node and those that it is in. */
  #around(node: PlanNode): PlanNode[] {
    const { nodes } = this.#loaded.plan;
    const all = [node];
    for (let { id } = node; id !== ''; ) {
      id = id.slice(0, Math.max(...['/', ':', '!'].map((mark) => id.lastIndexOf(mark))));
      all.push(nodes.get(id)!);
    }
    return all;
  }
}
