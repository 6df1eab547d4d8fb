/**
 * The requests about breakpoints: on lines and columns, on functions, and where they can be.
 *
 * They may come before the program is loaded, as some clients do: then they are kept, answered as unverified, and
 * set as soon as there is a program; the client hears of it by `breakpoint` events.
 */

import type { DebugProtocol } from '@vscode/debugprotocol';
import type {
  Anchor,
  BreakpointParams,
  BreakpointRules,
  BreakpointState,
  Doc,
} from '../engine/debug/wire.ts';
import { addressOf, placeAt, unknownAddress } from './addresses.ts';
import { fromClientLine } from './client.ts';
import type { Context, Program } from './context.ts';
import { DataBreakpoints } from './data-breakpoints.ts';
import type { LineMap } from './line-diff.ts';

type SourceArguments = DebugProtocol.SetBreakpointsArguments;
type FunctionArguments = DebugProtocol.SetFunctionBreakpointsArguments;
type InstructionArguments = DebugProtocol.SetInstructionBreakpointsArguments;

/** How often breakpoints stop. The first one is what is meant without a mode. */
export const BREAKPOINT_MODES: DebugProtocol.BreakpointMode[] = [
  {
    mode: 'always',
    label: 'Always',
    description: 'Stops every time',
    appliesTo: ['source', 'instruction'],
  },
  {
    mode: 'once',
    label: 'Once',
    description: 'Stops the first time only',
    appliesTo: ['source', 'instruction'],
  },
];

/** The breakpoints of a session: what was asked for, by source. */
export class Breakpoints {
  /** Those on data, which are numbered with the others. */
  readonly data: DataBreakpoints;
  readonly #context: Context;
  /** By source. A program that is loaded later, or anew, gets them all. */
  readonly #wanted = new Map<string, { args: SourceArguments; ids: number[] }>();
  #wantedFunctions: { args: FunctionArguments; ids: number[] } | undefined;
  #wantedInstructions: { args: InstructionArguments; ids: number[] } | undefined;
  #nextId = 1;

  constructor(context: Context) {
    this.#context = context;
    this.data = new DataBreakpoints(context, (count) => this.#ids(count));
  }

  async setBreakpoints(args: SourceArguments): Promise<DebugProtocol.SetBreakpointsResponse['body']> {
    const ids = this.#ids(args.breakpoints?.length ?? 0);
    const { program } = this.#context;
    const key = args.source.path ?? String(args.source.sourceReference);
    if (ids.length > 0) this.#wanted.set(key, { args, ids });
    else this.#wanted.delete(key);
    if (!program) return { breakpoints: ids.map(pending) };
    return { breakpoints: await this.#set(program, args, ids) };
  }

  async setFunctionBreakpoints(
    args: FunctionArguments,
  ): Promise<DebugProtocol.SetFunctionBreakpointsResponse['body']> {
    const ids = this.#ids(args.breakpoints.length);
    const { program } = this.#context;
    this.#wantedFunctions = { args, ids };
    if (!program) return { breakpoints: ids.map(pending) };
    return { breakpoints: await this.#setFunctions(program, args, ids) };
  }

  /** On instructions, from the view of the machine's code. */
  async setInstructionBreakpoints(
    args: InstructionArguments,
  ): Promise<DebugProtocol.SetInstructionBreakpointsResponse['body']> {
    const ids = this.#ids(args.breakpoints.length);
    const { program } = this.#context;
    this.#wantedInstructions = { args, ids };
    if (!program) return { breakpoints: ids.map(pending) };
    return { breakpoints: await this.#setInstructions(program, args, ids) };
  }

  async #setInstructions(
    program: Program,
    args: InstructionArguments,
    ids: number[],
  ): Promise<DebugProtocol.Breakpoint[]> {
    const instructions = args.breakpoints.flatMap(({ instructionReference, offset, ...rules }, i) => {
      const at = placeAt(instructionReference, offset);
      return at ? [{ ...rulesOf(rules), id: ids[i], ...at }] : [];
    });
    const states = await program.engine.request('setInstructionBreakpoints', { instructions });
    const answers = new Map<number, DebugProtocol.Breakpoint>();
    for (const [i, answer] of (await this.#answers(program, states)).entries()) {
      const { id, place } = states[i];
      const instructionReference =
        place && 'offset' in place ? addressOf(place.module, place.offset) : undefined;
      answers.set(id, { ...answer, instructionReference });
    }
    return args.breakpoints.map(({ instructionReference }, i) => {
      const message = unknownAddress(instructionReference);
      return answers.get(ids[i]) ?? { id: ids[i], verified: false, reason: 'failed', message };
    });
  }

  async locations(
    args: DebugProtocol.BreakpointLocationsArguments,
  ): Promise<DebugProtocol.BreakpointLocationsResponse['body']> {
    const { program } = this.#context;
    const doc = program?.documents.docOf(args.source);
    if (!program || doc === undefined) return { breakpoints: [] };
    const { documents, engine } = program;
    const span = await documents.span(doc, args.line, args.column, args.endLine, args.endColumn);
    const places = await engine.request('breakpointLocations', { doc, span });
    const found = await Promise.all(places.map((place) => documents.location(place)));
    return { breakpoints: found.map(({ source: _, ...range }) => range) };
  }

  /** Sets what came before the program was there. */
  async programLoaded(program: Program): Promise<void> {
    const changed: DebugProtocol.Breakpoint[] = [];
    for (const { args, ids } of this.#wanted.values()) changed.push(...(await this.#set(program, args, ids)));
    if (this.#wantedFunctions) {
      const { args, ids } = this.#wantedFunctions;
      changed.push(...(await this.#setFunctions(program, args, ids)));
    }
    if (this.#wantedInstructions) {
      const { args, ids } = this.#wantedInstructions;
      changed.push(...(await this.#setInstructions(program, args, ids)));
    }
    await this.data.programLoaded(program);
    for (const breakpoint of changed) {
      this.#context.send<DebugProtocol.BreakpointEvent>('breakpoint', { reason: 'changed', breakpoint });
    }
  }

  async #set(program: Program, args: SourceArguments, ids: number[]): Promise<DebugProtocol.Breakpoint[]> {
    const { documents, engine } = program;
    const doc = documents.docOf(args.source);
    if (doc === undefined) {
      const message = 'this file is not a part of the program that is being debugged';
      return ids.map((id) => ({ id, verified: false, message }));
    }
    const since = await documents.linesSince(doc, args.source);
    if (since) return this.#setSince(program, args, ids, doc, since);
    const now = await documents.currentDoc(doc, args.source);
    const given: readonly AnchoredBreakpoint[] = args.breakpoints ?? [];
    const wanted = await Promise.all(
      given.map(async ({ line, column, anchor, ...rules }, i) => ({
        ...rulesOf(rules),
        id: ids[i],
        span: now === undefined ? NOWHERE : await documents.span(now, line, column),
        exact: column !== undefined,
        anchor,
      })),
    );
    if (now !== undefined || wanted.some(({ anchor }) => anchor)) {
      const states = await engine.request('setBreakpoints', { doc, now, breakpoints: wanted });
      const moved = now === doc ? undefined : 'the function has another index now';
      return this.#answers(program, states, moved);
    }
    const message = 'the function of this document is no longer in the module';
    return ids.map((id) => ({ id, verified: false, message }));
  }

  /** In a file that was edited since it was loaded: in those lines that are in the text that runs. */
  async #setSince(
    program: Program,
    args: SourceArguments,
    ids: number[],
    doc: Doc,
    map: LineMap,
  ): Promise<DebugProtocol.Breakpoint[]> {
    const { documents, engine } = program;
    const { client } = this.#context;
    const answers: DebugProtocol.Breakpoint[] = ids.map((id) => ({
      id,
      verified: false,
      message: NOT_RUNNING,
    }));
    const wanted: BreakpointParams[] = [];
    for (const [i, { line, column, ...rules }] of (args.breakpoints ?? []).entries()) {
      const old = map.toOld(fromClientLine(client, line));
      if (old === undefined) continue;
      const span = await documents.span(doc, old + client.linesFrom, column);
      wanted.push({ ...rulesOf(rules), id: ids[i], span, exact: column !== undefined });
    }
    for (const { id, place, message } of await engine.request('setBreakpoints', {
      doc,
      breakpoints: wanted,
    })) {
      const location = place && (await documents.locationSince(place, map));
      if (!place) answers[ids.indexOf(id)] = { id, verified: false, message };
      else if (location) answers[ids.indexOf(id)] = { id, verified: true, message, ...location };
    }
    return answers;
  }

  async #setFunctions(
    program: Program,
    args: FunctionArguments,
    ids: number[],
  ): Promise<DebugProtocol.Breakpoint[]> {
    const given: readonly (DebugProtocol.FunctionBreakpoint & Anchored)[] = args.breakpoints;
    const functions = given.map(({ name, anchor, ...rules }, i) => ({
      ...rulesOf(rules),
      id: ids[i],
      name,
      anchor,
    }));
    return this.#answers(program, await program.engine.request('setFunctionBreakpoints', { functions }));
  }

  /** `otherwise`: the message of those that the engine has nothing to say of. */
  #answers(
    program: Program,
    states: readonly BreakpointState[],
    otherwise?: string,
  ): Promise<DebugProtocol.Breakpoint[]> {
    return Promise.all(
      states.map(async ({ id, place, verified, message, anchor }) => {
        if (!place) return { id, verified: verified === true, message };
        const location = await program.documents.location(place);
        return { id, verified: true, message: message ?? otherwise, ...location, anchor };
      }),
    );
  }

  #ids(count: number): number[] {
    return Array.from({ length: count }, () => this.#nextId++);
  }
}

/** A client that keeps what answers say in `anchor` sends it back: breakpoints then survive rebuilds. */
interface Anchored {
  readonly anchor?: Anchor;
}

type AnchoredBreakpoint = DebugProtocol.SourceBreakpoint & Anchored;

const NOT_RUNNING = 'this line is not in the program that runs: restart to set it';

/** Where nothing is: the anchor says where. */
const NOWHERE = { start: 0, end: 0 } as const;

/** Clients send more than the protocol has; the engine gets what it knows. */
function rulesOf({
  condition,
  hitCondition,
  logMessage,
  mode,
}: Omit<BreakpointRules, 'once'> & { readonly mode?: string }): BreakpointRules {
  return { condition, hitCondition, logMessage, once: mode === 'once' || undefined };
}

function pending(id: number): DebugProtocol.Breakpoint {
  return { id, verified: false, reason: 'pending', message: 'set when the program is loaded' };
}
