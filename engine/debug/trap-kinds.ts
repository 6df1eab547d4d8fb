/**
 * Kinds of traps: which group each belongs to, by which it can be stopped at, and what it means, in a sentence or two.
 *
 * Told by the beginning of the message, which is the specification's. Knows no program.
 */

export const TRAP_GROUPS = [
  'unreachable',
  'arithmetic',
  'memory',
  'table',
  'reference',
  'resources',
  'other',
] as const;

export type TrapGroup = (typeof TRAP_GROUPS)[number];

interface TrapKind {
  readonly message: string;
  readonly group: TrapGroup;
  readonly explanation: string;
}

const KINDS: readonly TrapKind[] = [
  {
    message: 'unreachable',
    group: 'unreachable',
    explanation:
      'The instruction unreachable was executed. Compilers put it where code is never meant to come: behind a failed check, a panic, or undefined behaviour.',
  },
  {
    message: 'integer divide by zero',
    group: 'arithmetic',
    explanation: 'An integer was divided by zero. Only floats have inf and nan for that.',
  },
  {
    message: 'integer overflow',
    group: 'arithmetic',
    explanation:
      'The result does not fit into its type: the least integer divided by -1, or a float that is too large for an integer. The trunc_sat instructions give the nearest integer instead.',
  },
  {
    message: 'invalid conversion to integer',
    group: 'arithmetic',
    explanation: 'A NaN was converted to an integer. The trunc_sat instructions give 0 instead.',
  },
  {
    message: 'out of bounds memory access',
    group: 'memory',
    explanation:
      'Some of the bytes are behind the end of the memory (or of the data segment that is copied from). A pointer that is not valid, or an index that is too large, is the usual reason.',
  },
  {
    message: 'unaligned atomic',
    group: 'memory',
    explanation: 'The address of an atomic access has to be a multiple of its width.',
  },
  {
    message: 'expected shared memory',
    group: 'memory',
    explanation: 'Only at an address of a shared memory can a thread wait.',
  },
  {
    message: 'out of bounds table access',
    group: 'table',
    explanation:
      'Some of the slots are behind the end of the table, or of the element segment that is copied from.',
  },
  {
    message: 'undefined element',
    group: 'table',
    explanation:
      'An indirect call was given an index behind the end of the table: a function pointer that is not valid.',
  },
  {
    message: 'uninitialized element',
    group: 'table',
    explanation:
      'An indirect call found no function in its slot of the table: often a null function pointer.',
  },
  {
    message: 'indirect call type mismatch',
    group: 'table',
    explanation:
      'The function in that slot of the table has other parameters or results than the call says: a function pointer of another type.',
  },
  {
    message: 'null',
    group: 'reference',
    explanation: 'A reference was used that refers to nothing.',
  },
  {
    message: 'cast failure',
    group: 'reference',
    explanation:
      'A reference was cast to a type that its object does not have. ref.test and br_on_cast look first.',
  },
  {
    message: 'out of bounds array access',
    group: 'reference',
    explanation: 'The index is behind the end of the array.',
  },
  {
    message: 'requested new array is too large',
    group: 'resources',
    explanation: 'An array of that many elements cannot be made.',
  },
  {
    message: 'call stack exhausted',
    group: 'resources',
    explanation: 'Too many calls are active at once. Look for a recursion that does not end.',
  },
  {
    message: 'heap exhausted',
    group: 'resources',
    explanation: 'The objects that can still be reached take more room than is allowed.',
  },
  {
    message: 'deadlock',
    group: 'resources',
    explanation: 'Every thread waits for another one, so none will ever go on.',
  },
];

/** The group of a trap, by its message. */
export function trapGroupOf(message: string): TrapGroup {
  return kindOf(message)?.group ?? 'other';
}

/** What a trap means; undefined for messages that say it themselves. */
export function trapExplanation(message: string): string | undefined {
  return kindOf(message)?.explanation;
}

function kindOf(message: string): TrapKind | undefined {
  return KINDS.find((kind) => message.startsWith(kind.message));
}
