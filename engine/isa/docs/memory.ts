/** One sentence for every memory and atomic instruction (spec 4.6.5, threads proposal). */

import { family } from './family.ts';

const OOB = 'traps with "out of bounds memory access" if';
const PAST = `${OOB} they reach past the end`;
const BEFORE = 'before it writes anything';
export const MEMORY_DOCS = {
  ...family(
    {
      i32: { bytes: '4' },
      f32: { bytes: '4' },
      i64: { bytes: '8' },
      f64: { bytes: '8' },
      v128: { bytes: '16' },
    },
    {
      load: `Reads {bytes} bytes of memory, little-endian, as a value of type {shape}; ${PAST}.`,
      store: `Writes a value of type {shape} as {bytes} bytes, little-endian, to memory; ${PAST}.`,
    },
  ),
  ...family(
    { i32: {}, i64: {} },
    {
      load8_s: `Reads a byte of memory as a signed number and extends it to {shape}; ${OOB} it lies past the end.`,
      load8_u: `Reads a byte of memory as an unsigned number and extends it to {shape}; ${OOB} it lies past the end.`,
      load16_s: `Reads 2 bytes of memory, little-endian, as a signed number and extends it to {shape}; ${PAST}.`,
      load16_u: `Reads 2 bytes of memory, little-endian, as an unsigned number and extends it to {shape}; ${PAST}.`,
      store8: `Writes the low 8 bits of an {shape} to memory; ${OOB} the byte lies past the end.`,
      store16: `Writes the low 16 bits of an {shape} as 2 bytes, little-endian, to memory; ${PAST}.`,
    },
  ),
  'i64.load32_s': `Reads 4 bytes of memory, little-endian, as a signed number and extends it to i64; ${PAST}.`,
  'i64.load32_u': `Reads 4 bytes of memory, little-endian, as an unsigned number and extends it to i64; ${PAST}.`,
  'i64.store32': `Writes the low 32 bits of an i64 as 4 bytes, little-endian, to memory; ${PAST}.`,

  'memory.size': 'Pushes the size of a memory in pages (of 64 KiB, unless the memory says otherwise).',
  'memory.grow':
    'Grows a memory by a popped number of pages filled with zeros; pushes the old size in pages, or -1 if it cannot grow.',
  'memory.fill': `Fills a range of memory with the low 8 bits of a value; ${OOB} the range does not fit, ${BEFORE}.`,
  'memory.copy': `Copies a range of bytes from one memory to another or within one, correctly if they overlap; ${OOB} a range does not fit, ${BEFORE}.`,
  'memory.init': `Copies a range of a data segment into memory; ${OOB} a range does not fit the segment or the memory, ${BEFORE}.`,
  'data.drop': 'Discards the contents of a data segment: from now on it counts as empty.',

  'memory.atomic.notify':
    'Wakes at most a popped number of threads that wait at an address, and pushes how many it woke; traps with "unaligned atomic" if the address is no multiple of 4, and with "out of bounds memory access" past the end.',
  'memory.atomic.wait32':
    'Sleeps until another thread notifies the address; pushes 0 when woken, 1 at once if the i32 there is not the expected one, 2 after the timeout in nanoseconds (none if negative); traps with "expected shared memory" on a memory that is not shared, "unaligned atomic" if the address is no multiple of 4, and "out of bounds memory access" past the end.',
  'memory.atomic.wait64':
    'Sleeps until another thread notifies the address; pushes 0 when woken, 1 at once if the i64 there is not the expected one, 2 after the timeout in nanoseconds (none if negative); traps with "expected shared memory" on a memory that is not shared, "unaligned atomic" if the address is no multiple of 8, and "out of bounds memory access" past the end.',
  'atomic.fence':
    'Orders the memory accesses before it and after it for all threads; touches no memory itself.',
  ...atomic(['i32'], '', 4, ''),
  ...atomic(['i64'], '', 8, ''),
  ...atomic(['i32', 'i64'], '8', 1, '_u'),
  ...atomic(['i32', 'i64'], '16', 2, '_u'),
  ...atomic(['i64'], '32', 4, '_u'),
};

type Rmw = 'add' | 'sub' | 'and' | 'or' | 'xor' | 'xchg' | 'cmpxchg';

/** `i32.atomic.rmw8.add_u`: the type on the stack, the bits in memory if fewer, the sign of the extension. */
function atomic<T extends string, N extends string, U extends '' | '_u'>(
  types: readonly T[],
  narrow: N,
  bytes: number,
  u: U,
) {
  const place = bytes === 1 ? 'a byte of memory' : `${bytes} bytes of memory`;
  const [it, its] = bytes === 1 ? ['it', 'its'] : ['them', 'their'];
  const low = narrow && `the low ${narrow} bits of `;
  const aligned = bytes > 1 ? `"unaligned atomic" if the address is no multiple of ${bytes}, and with ` : '';
  const traps = `traps with ${aligned}"out of bounds memory access" past the end.`;
  const sentences: Record<string, string> = {};
  for (const type of types) {
    const value = `${low}an ${type}`;
    const old = `pushes the old value${narrow && `, extended with zeros to ${type}`}`;
    const rmw: Record<Rmw, string> = {
      add: `adds ${value} to ${place}, wrapping around`,
      sub: `subtracts ${value} from ${place}, wrapping around`,
      and: `replaces ${place} by ${its} bitwise and with ${value}`,
      or: `replaces ${place} by ${its} bitwise or with ${value}`,
      xor: `replaces ${place} by ${its} bitwise exclusive or with ${value}`,
      xchg: `replaces ${place} by ${value}`,
      cmpxchg: `compares ${place} with the expected ${type} and, if they are equal, replaces ${it} by ${low}another`,
    };
    const extended = narrow && `, extended with zeros to ${type}`;
    sentences[`${type}.atomic.load${narrow}${u}`] =
      `Reads ${place} atomically as an ${narrow ? 'integer' : type}${extended}; ${traps}`;
    sentences[`${type}.atomic.store${narrow}`] = `Writes ${value} atomically to memory; ${traps}`;
    for (const [op, does] of Object.entries(rmw)) {
      sentences[`${type}.atomic.rmw${narrow}.${op}${u}`] = `Atomically ${does}, and ${old}; ${traps}`;
    }
  }
  return sentences as Record<
    `${T}.atomic.load${N}${U}` | `${T}.atomic.store${N}` | `${T}.atomic.rmw${N}.${Rmw}${U}`,
    string
  >;
}
