/**
 * The errors of WASI by POSIX's names, in the order of their numbers in WASI 0.1 (`errno` of
 * wasi_snapshot_preview1); WASI 0.2 has the same under longer names.
 */

export const ERROR_CODES = [
  'success',
  '2big',
  'acces',
  'addrinuse',
  'addrnotavail',
  'afnosupport',
  'again',
  'already',
  'badf',
  'badmsg',
  'busy',
  'canceled',
  'child',
  'connaborted',
  'connrefused',
  'connreset',
  'deadlk',
  'destaddrreq',
  'dom',
  'dquot',
  'exist',
  'fault',
  'fbig',
  'hostunreach',
  'idrm',
  'ilseq',
  'inprogress',
  'intr',
  'inval',
  'io',
  'isconn',
  'isdir',
  'loop',
  'mfile',
  'mlink',
  'msgsize',
  'multihop',
  'nametoolong',
  'netdown',
  'netreset',
  'netunreach',
  'nfile',
  'nobufs',
  'nodev',
  'noent',
  'noexec',
  'nolck',
  'nolink',
  'nomem',
  'nomsg',
  'noprotoopt',
  'nospc',
  'nosys',
  'notconn',
  'notdir',
  'notempty',
  'notrecoverable',
  'notsock',
  'notsup',
  'notty',
  'nxio',
  'overflow',
  'ownerdead',
  'perm',
  'pipe',
  'proto',
  'protonosupport',
  'prototype',
  'range',
  'rofs',
  'spipe',
  'srch',
  'stale',
  'timedout',
  'txtbsy',
  'xdev',
  'notcapable',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

const NUMBERS = new Map<string, number>(ERROR_CODES.map((code, number) => [code, number]));

/** The `errno` of WASI 0.1. */
export function errnoOf(code: ErrorCode): number {
  return NUMBERS.get(code)!;
}

/** The error that the host's operating system calls `ENOENT` and so on; `io` for one that WASI has no name for. */
export function errorOfSystem(code: string | undefined): ErrorCode {
  const name = (code ?? '').replace(/^E/, '').toLowerCase();
  return NUMBERS.has(name) ? (name as ErrorCode) : 'io';
}
