/**
 * The request `setExceptionBreakpoints`, and the filters that the adapter declares: what the program stops for besides
 * breakpoints. Clients may send it before the program is loaded; then it is kept.
 */

import type { DebugProtocol } from '@vscode/debugprotocol';
import type { TrapGroup } from '../engine/debug/trap-kinds.ts';
import type { ExceptionBreakpointParams, ExceptionFilter } from '../engine/debug/wire.ts';
import type { ClientInfo } from './client.ts';
import { type Context, type Program, RequestError } from './context.ts';

const TAGS =
  'names of tags, as in $oops tag[2], and a condition: $oops if thrown[0] > 5; js is what JavaScript throws';

/** Some kinds of traps, for those who do not want all. */
const TRAPS: readonly (readonly [group: TrapGroup, label: string, description: string])[] = [
  ['unreachable', 'Unreachable', 'the instruction unreachable'],
  ['arithmetic', 'Integer Arithmetic', 'divisions by zero, overflows, conversions of floats'],
  ['memory', 'Memory Accesses', 'accesses out of bounds, unaligned atomics'],
  ['table', 'Tables and Indirect Calls', 'tables out of bounds, empty slots, functions of another type'],
  ['reference', 'References', 'null references, casts, arrays out of bounds'],
  ['resources', 'Exhaustion', 'the call stack, the heap, threads that wait for each other'],
  ['other', 'From the Host', 'traps of host functions, and all other kinds'],
];

const TRAP_CONDITION = `kinds (${TRAPS.map(([group]) => group).join(', ')}), or a part of the message, as in out of bounds`;

/** The filters that a client is told of. Where few are wanted, the kinds of traps are conditions of the first one only. */
export function filtersFor({ fewFilters }: ClientInfo): DebugProtocol.ExceptionBreakpointsFilter[] {
  return EXCEPTION_FILTERS.filter(({ filter }) => !fewFilters || !filter.startsWith('traps.'));
}

/** All of them, in the order in which clients offer them. */
const EXCEPTION_FILTERS: (DebugProtocol.ExceptionBreakpointsFilter & { filter: ExceptionFilter })[] = [
  {
    filter: 'traps',
    label: 'Traps',
    description: 'Stops where the program traps, exhausts the call stack, or waits for ever',
    default: true,
    supportsCondition: true,
    conditionDescription: TRAP_CONDITION,
  },
  {
    filter: 'uncaught',
    label: 'Uncaught Exceptions',
    description: 'Stops at a throw that nothing catches',
    default: true,
    supportsCondition: true,
    conditionDescription: TAGS,
  },
  {
    filter: 'all',
    label: 'All Exceptions',
    description: 'Stops at every throw',
    default: false,
    supportsCondition: true,
    conditionDescription: TAGS,
  },
  {
    filter: 'wasi',
    label: 'WASI Errors',
    description: 'Stops behind a call of WASI that answers with an error',
    default: false,
    supportsCondition: true,
    conditionDescription: 'names of errors, as in EBADF ENOENT',
  },
  {
    filter: 'exits',
    label: 'Exit Codes',
    description: 'Stops where the program exits with a code that is not 0',
    default: false,
    supportsCondition: true,
    conditionDescription: 'exit codes, as in 1 134',
  },
  {
    filter: 'assertions',
    label: 'Failed Assertions',
    description: 'Stops at an assertion of a .wast script that does not hold',
    default: false,
  },
  // Last: the list is long, and most people want all traps.
  ...TRAPS.map(([group, label, description]) => ({
    filter: `traps.${group}` as const,
    label: `Traps: ${label}`,
    description: `Stops at ${description}`,
    default: false,
    supportsCondition: true,
    conditionDescription: TRAP_CONDITION,
  })),
];

export async function setExceptionBreakpoints(
  context: Context,
  { filters, filterOptions = [] }: DebugProtocol.SetExceptionBreakpointsArguments,
): Promise<DebugProtocol.SetExceptionBreakpointsResponse['body']> {
  const wanted = [
    ...filters.map((filter) => ({ filter: known(filter) })),
    ...filterOptions.map(({ filterId, condition }) => ({ filter: known(filterId), condition })),
  ];
  context.exceptionFilters = wanted;
  const { program } = context;
  if (!program) return { breakpoints: wanted.map(() => ({ verified: true })) };
  return { breakpoints: await set(program, wanted) };
}

/** Sets what came before the program was there. What does not fit it is said in the console. */
export async function exceptionFiltersLoaded(context: Context, program: Program): Promise<void> {
  if (!context.exceptionFilters) return;
  for (const { message } of await set(program, context.exceptionFilters)) {
    if (message) context.send('output', { category: 'stderr', output: `exception breakpoint: ${message}\n` });
  }
}

async function set(
  { engine }: Program,
  filters: readonly ExceptionBreakpointParams[],
): Promise<DebugProtocol.Breakpoint[]> {
  const answers = await engine.request('setExceptionBreakpoints', { filters });
  return answers.map((message) => (message === null ? { verified: true } : { verified: false, message }));
}

function known(filter: string): ExceptionFilter {
  const found = EXCEPTION_FILTERS.find((one) => one.filter === filter);
  if (!found) throw new RequestError(`unknown exception filter: ${filter}`);
  return found.filter;
}
