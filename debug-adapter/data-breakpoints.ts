/**
 * The requests about data breakpoints: what can be watched, and the two lists of what is: the client's (`setDataBreakpoints`)
 * and that of its own view of watchpoints (`wasmscope/setWatchpoints`), which the first does not touch.
 *
 * As other breakpoints they may come before the program is loaded, and are set again when it is loaded anew.
 */

import type { DebugProtocol } from '@vscode/debugprotocol';
import type {
  DataAccess,
  DataBreakpointParams,
  DataBreakpointState,
  DataQuery,
} from '../engine/debug/wire.ts';
import { type Context, type Program, programOf, RequestError } from './context.ts';

type ListName = 'client' | 'own';

/** Watchpoints know one more access than DAP has: `change`. */
export interface SetWatchpointsArguments {
  readonly breakpoints: readonly (Omit<DebugProtocol.DataBreakpoint, 'accessType'> & {
    readonly accessType?: DataAccess;
  })[];
}

const ACCESSES: readonly string[] = ['read', 'write', 'readWrite', 'change'];

/** The data breakpoints of a session. */
export class DataBreakpoints {
  readonly #context: Context;
  readonly #newIds: (count: number) => number[];
  readonly #wanted = new Map<ListName, readonly DataBreakpointParams[]>();

  /** `newIds` gives numbers that no other breakpoint has. */
  constructor(context: Context, newIds: (count: number) => number[]) {
    this.#context = context;
    this.#newIds = newIds;
  }

  async info(
    args: DebugProtocol.DataBreakpointInfoArguments,
  ): Promise<DebugProtocol.DataBreakpointInfoResponse['body']> {
    const { dataId, description, accesses, persists } = await programOf(this.#context).engine.request(
      'dataBreakpointInfo',
      this.#query(args),
    );
    return {
      dataId,
      description,
      ...(dataId !== null && {
        accessTypes: accesses.filter(
          (access): access is Exclude<DataAccess, 'change'> => access !== 'change',
        ),
        canPersist: persists,
      }),
    };
  }

  /** VS Code's menu says "Break on Value Change" for what DAP calls a write. */
  set({
    breakpoints,
  }: DebugProtocol.SetDataBreakpointsArguments): Promise<DebugProtocol.SetDataBreakpointsResponse['body']> {
    const write = this.#context.client.writeMeansChange ? 'change' : 'write';
    return this.#setList(
      'client',
      breakpoints.map((given) => ({
        ...given,
        accessType: (given.accessType ?? 'write') === 'write' ? write : given.accessType,
      })),
    );
  }

  setWatchpoints({
    breakpoints,
  }: SetWatchpointsArguments): Promise<DebugProtocol.SetDataBreakpointsResponse['body']> {
    return this.#setList('own', breakpoints);
  }

  /** Sets what came before the program was there. Calls of an earlier run are gone, and their locals with them. */
  async programLoaded(program: Program): Promise<void> {
    for (const [list, wanted] of this.#wanted) {
      const breakpoints = wanted.filter(({ dataId }) => !dataId.startsWith('local['));
      const states = await program.engine.request('setDataBreakpoints', { list, breakpoints });
      this.#wanted.set(list, breakpoints);
      const gone = wanted.filter((one) => !breakpoints.includes(one));
      for (const { id } of gone) dataBreakpointChanged(this.#context, { id, verified: false, removed: true });
      for (const state of states) dataBreakpointChanged(this.#context, state);
    }
  }

  async #setList(
    list: ListName,
    wanted: SetWatchpointsArguments['breakpoints'],
  ): Promise<DebugProtocol.SetDataBreakpointsResponse['body']> {
    const ids = this.#newIds(wanted.length);
    const breakpoints = wanted.map(
      ({ dataId, accessType = 'write', condition, hitCondition }, i): DataBreakpointParams => {
        if (!ACCESSES.includes(accessType)) throw new RequestError(`unknown access: ${accessType}`);
        return { id: ids[i], dataId, access: accessType, condition, hitCondition };
      },
    );
    this.#wanted.set(list, breakpoints);
    const { program } = this.#context;
    if (!program) {
      const message = 'set when the program is loaded';
      return { breakpoints: ids.map((id) => ({ id, verified: false, reason: 'pending', message })) };
    }
    const states = await program.engine.request('setDataBreakpoints', { list, breakpoints });
    return { breakpoints: states.map(breakpointOf) };
  }

  #query({
    variablesReference,
    name,
    frameId,
    bytes,
    asAddress,
  }: DebugProtocol.DataBreakpointInfoArguments): DataQuery {
    const { handles } = this.#context;
    const frame = frameId === undefined ? undefined : handles.frameOf(frameId);
    if (asAddress) return { address: name, bytes, frame };
    if (variablesReference) return { container: handles.containerOf(variablesReference), name };
    return { expression: name, frame, bytes };
  }
}

/** A data breakpoint is not what it was. */
export function dataBreakpointChanged(context: Context, state: DataBreakpointState): void {
  context.send<DebugProtocol.BreakpointEvent>('breakpoint', {
    reason: state.removed ? 'removed' : 'changed',
    breakpoint: breakpointOf(state),
  });
}

function breakpointOf({ id, verified, message }: DataBreakpointState): DebugProtocol.Breakpoint {
  return { id, verified, message };
}
