/**
 * Values of `wasi:filesystem/types`: kinds of files, error codes, attributes and times, from what hosts say and to what they
 * are asked.
 */

import type { CaseValue, ComponentValue } from '../../component/values.ts';
import type { ErrorCode } from '../errors.ts';
import type { Clocks, FileStat, FileTimes, FileType, HostError, Time } from '../host.ts';
import { datetime, timeOf } from './clocks.ts';
import { caseNamed, some } from './values.ts';

export const TYPES = [
  'unknown',
  'block-device',
  'character-device',
  'directory',
  'fifo',
  'symbolic-link',
  'regular-file',
  'socket',
] as const;

const TYPE_OF: Readonly<Record<FileType, (typeof TYPES)[number]>> = {
  unknown: 'unknown',
  block: 'block-device',
  character: 'character-device',
  directory: 'directory',
  symlink: 'symbolic-link',
  file: 'regular-file',
  socket: 'socket',
};

/** `error-code`: its cases in order, by POSIX's names. */
const ERRORS: readonly ErrorCode[] = [
  'acces',
  'again',
  'already',
  'badf',
  'busy',
  'deadlk',
  'dquot',
  'exist',
  'fbig',
  'ilseq',
  'inprogress',
  'intr',
  'inval',
  'io',
  'isdir',
  'loop',
  'mlink',
  'msgsize',
  'nametoolong',
  'nodev',
  'noent',
  'nolck',
  'nomem',
  'nospc',
  'notdir',
  'notempty',
  'notrecoverable',
  'notsup',
  'notty',
  'nxio',
  'overflow',
  'perm',
  'pipe',
  'rofs',
  'spipe',
  'txtbsy',
  'xdev',
];

/** Errors without a case of their own. */
const ALIKE: Partial<Record<ErrorCode, ErrorCode>> = {
  nosys: 'notsup',
  notcapable: 'perm',
  nobufs: 'nomem',
  canceled: 'intr',
};

/** What two `new-timestamp`s ask for. */
export function newTimes(clocks: Clocks, accessed: ComponentValue, modified: ComponentValue): FileTimes {
  const time = ({ case: chosen, payload }: CaseValue): Time | undefined => {
    if (chosen === 0) return undefined;
    return chosen === 1 ? clocks.realtime() : timeOf(payload as unknown as [bigint, number]);
  };
  return { accessed: time(accessed as CaseValue), modified: time(modified as CaseValue) };
}

export function statRecord({ type, nlink, size, accessed, modified, changed }: FileStat): ComponentValue {
  return [
    typeCase(type),
    nlink,
    size,
    some(datetime(accessed)),
    some(datetime(modified)),
    some(datetime(changed)),
  ];
}

export function typeCase(type: FileType): CaseValue {
  return caseNamed(TYPES, TYPE_OF[type]);
}

export function errorCase({ code }: HostError): CaseValue {
  const known = ERRORS.indexOf(ALIKE[code] ?? code);
  return { case: known < 0 ? ERRORS.indexOf('io') : known };
}

/** Two words of what changes when a file does (FNV-1a over 64 bits, from two beginnings). */
export function hashOf({ dev, ino, size, modified }: FileStat): ComponentValue {
  const hash = (seed: bigint) =>
    [dev, ino, size, modified].reduce(
      (sum, part) => BigInt.asUintN(64, (sum ^ BigInt.asUintN(64, part)) * 0x100_0000_01b3n),
      seed,
    );
  return [hash(0xcbf2_9ce4_8422_2325n), hash(0x9e37_79b9_7f4a_7c15n)];
}
