/**
 * Errors of WASI for people: `EBADF` and what it means, and which of them a condition names.
 *
 * Only WASI 0.1 has numbers: its functions answer with an `errno`, 0 for success.
 */

import type { FuncInst } from '../runtime/func.ts';
import { isRefValue, type Value } from '../runtime/values.ts';
import { ERROR_CODES, type ErrorCode } from '../wasi/errors.ts';
import { PREVIEW1 } from '../wasi/preview1/preview1.ts';

/** An error that a function of WASI has answered with. */
export interface WasiError {
  /** `EBADF`. */
  readonly name: string;
  readonly number: number;
  /** `bad file descriptor`. */
  readonly meaning: string;
  /** `wasi_snapshot_preview1.fd_read`. */
  readonly by: string;
}

/** The error that a host function has answered with; undefined for any other answer. */
export function wasiErrorOf({ host }: FuncInst, results: readonly Value[]): WasiError | undefined {
  const [result] = results;
  if (!host?.name?.startsWith(`${PREVIEW1}.`) || results.length !== 1 || isRefValue(result)) return undefined;
  const number = Number(result.bits);
  const code = ERROR_CODES[number];
  if (number === 0 || code === undefined) return undefined;
  return { name: `E${code.toUpperCase()}`, number, meaning: MEANINGS[code], by: host.name };
}

/** Whether a word of a condition names an error: `EBADF`, `badf`, `8`. */
export function isErrorNamed({ name, number }: WasiError, word: string): boolean {
  const wanted = word.toUpperCase();
  return wanted === name || `E${wanted}` === name || wanted === String(number);
}

/** Whether a word names an error at all. */
export function isErrorName(word: string): boolean {
  const wanted = word.toLowerCase();
  return ERROR_CODES.some(
    (code, number) => wanted === code || wanted === `e${code}` || wanted === String(number),
  );
}

const MEANINGS: Readonly<Record<ErrorCode, string>> = {
  success: 'no error',
  '2big': 'argument list too long',
  acces: 'permission denied',
  addrinuse: 'address in use',
  addrnotavail: 'address not available',
  afnosupport: 'address family not supported',
  again: 'try again',
  already: 'already in progress',
  badf: 'bad file descriptor',
  badmsg: 'bad message',
  busy: 'device or resource busy',
  canceled: 'canceled',
  child: 'no child processes',
  connaborted: 'connection aborted',
  connrefused: 'connection refused',
  connreset: 'connection reset',
  deadlk: 'a deadlock would occur',
  destaddrreq: 'destination address required',
  dom: 'argument out of domain',
  dquot: 'disk quota exceeded',
  exist: 'file exists',
  fault: 'bad address',
  fbig: 'file too large',
  hostunreach: 'host unreachable',
  idrm: 'identifier removed',
  ilseq: 'illegal byte sequence',
  inprogress: 'in progress',
  intr: 'interrupted',
  inval: 'invalid argument',
  io: 'input or output error',
  isconn: 'socket is connected',
  isdir: 'is a directory',
  loop: 'too many symbolic links',
  mfile: 'too many open files',
  mlink: 'too many links',
  msgsize: 'message too large',
  multihop: 'multihop',
  nametoolong: 'file name too long',
  netdown: 'network is down',
  netreset: 'connection reset by the network',
  netunreach: 'network unreachable',
  nfile: 'too many open files in the system',
  nobufs: 'no buffer space',
  nodev: 'no such device',
  noent: 'no such file or directory',
  noexec: 'not executable',
  nolck: 'no locks available',
  nolink: 'no link',
  nomem: 'not enough memory',
  nomsg: 'no message',
  noprotoopt: 'protocol option not available',
  nospc: 'no space left',
  nosys: 'function not supported',
  notconn: 'socket is not connected',
  notdir: 'not a directory',
  notempty: 'directory not empty',
  notrecoverable: 'state not recoverable',
  notsock: 'not a socket',
  notsup: 'not supported',
  notty: 'not a terminal',
  nxio: 'no such device or address',
  overflow: 'value too large',
  ownerdead: 'previous owner died',
  perm: 'not permitted',
  pipe: 'broken pipe',
  proto: 'protocol error',
  protonosupport: 'protocol not supported',
  prototype: 'wrong protocol type for the socket',
  range: 'result too large',
  rofs: 'read-only file system',
  spipe: 'invalid seek',
  srch: 'no such process',
  stale: 'stale handle',
  timedout: 'timed out',
  txtbsy: 'text file busy',
  xdev: 'link across devices',
  notcapable: 'not granted',
};
