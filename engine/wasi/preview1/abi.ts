/**
 * The numbers and layouts of wasi_snapshot_preview1 (its witx files): flags, rights, file types, and structures as
 * they lie in the guest's memory.
 *
 *   fdstat (24)    filetype u8 @0, flags u16 @2, rights u64 @8, inheriting u64 @16
 *   filestat (64)  dev u64 @0, ino u64 @8, filetype u8 @16, nlink u64 @24, size u64 @32, atim @40, mtim @48, ctim @56
 *   dirent (24)    next u64 @0, ino u64 @8, namlen u32 @16, type u8 @20; the name follows
 *   subscription (48)  userdata u64 @0, tag u8 @8; clock: id u32 @16, timeout u64 @24, flags u16 @40; fd: u32 @16
 *   event (32)     userdata u64 @0, error u16 @8, type u8 @10, nbytes u64 @16, flags u16 @24
 *   iovec (8)      pointer u32 @0, length u32 @4
 */

import type { FileStat, FileType } from '../host.ts';
import type { GuestMemory } from './guest-memory.ts';

export const FILE_TYPE: Readonly<Record<FileType, number>> = {
  unknown: 0,
  block: 1,
  character: 2,
  directory: 3,
  file: 4,
  socket: 6,
  symlink: 7,
};

export const FDFLAG = { append: 1, dsync: 2, nonblock: 4, rsync: 8, sync: 16 } as const;
export const OFLAG = { creat: 1, directory: 2, excl: 4, trunc: 8 } as const;
export const SYMLINK_FOLLOW = 1;
export const FSTFLAG = { atim: 1, atimNow: 2, mtim: 4, mtimNow: 8 } as const;
export const CLOCK = { realtime: 0, monotonic: 1, process: 2, thread: 3 } as const;
export const EVENT = { clock: 0, fdRead: 1, fdWrite: 2 } as const;
export const SUBCLOCK_ABSTIME = 1;
export const HANGUP = 1;
export const RIFLAG = { peek: 1, waitall: 2 } as const;
export const SDFLAG = { read: 1, write: 2 } as const;

/** Every bit that a flags type has: others are refused with `inval`. */
export const KNOWN = { fdflags: 31, oflags: 15, lookup: 1, fstflags: 15, riflags: 3, sdflags: 3 } as const;

/** What a descriptor may be used for, one bit a function or group of them. */
export const RIGHT = {
  fdDatasync: 1n << 0n,
  fdRead: 1n << 1n,
  fdSeek: 1n << 2n,
  fdFdstatSetFlags: 1n << 3n,
  fdSync: 1n << 4n,
  fdTell: 1n << 5n,
  fdWrite: 1n << 6n,
  fdAdvise: 1n << 7n,
  fdAllocate: 1n << 8n,
  pathCreateDirectory: 1n << 9n,
  pathCreateFile: 1n << 10n,
  pathLinkSource: 1n << 11n,
  pathLinkTarget: 1n << 12n,
  pathOpen: 1n << 13n,
  fdReaddir: 1n << 14n,
  pathReadlink: 1n << 15n,
  pathRenameSource: 1n << 16n,
  pathRenameTarget: 1n << 17n,
  pathFilestatGet: 1n << 18n,
  pathFilestatSetSize: 1n << 19n,
  pathFilestatSetTimes: 1n << 20n,
  fdFilestatGet: 1n << 21n,
  fdFilestatSetSize: 1n << 22n,
  fdFilestatSetTimes: 1n << 23n,
  pathSymlink: 1n << 24n,
  pathRemoveDirectory: 1n << 25n,
  pathUnlinkFile: 1n << 26n,
  pollFdReadwrite: 1n << 27n,
  sockShutdown: 1n << 28n,
  sockAccept: 1n << 29n,
} as const;

const ALL_RIGHTS = (1n << 30n) - 1n;

/** Rights that change something: a read-only directory has none of them, and hands none on. */
export const CHANGING =
  RIGHT.fdDatasync |
  RIGHT.fdSync |
  RIGHT.fdWrite |
  RIGHT.fdAllocate |
  RIGHT.pathCreateDirectory |
  RIGHT.pathCreateFile |
  RIGHT.pathLinkSource |
  RIGHT.pathLinkTarget |
  RIGHT.pathRenameSource |
  RIGHT.pathRenameTarget |
  RIGHT.pathFilestatSetSize |
  RIGHT.pathFilestatSetTimes |
  RIGHT.fdFilestatSetSize |
  RIGHT.fdFilestatSetTimes |
  RIGHT.pathSymlink |
  RIGHT.pathRemoveDirectory |
  RIGHT.pathUnlinkFile;

const FILE_ONLY =
  RIGHT.fdDatasync |
  RIGHT.fdRead |
  RIGHT.fdSeek |
  RIGHT.fdTell |
  RIGHT.fdWrite |
  RIGHT.fdAdvise |
  RIGHT.fdAllocate |
  RIGHT.fdFilestatSetSize;

const DIRECTORY_ONLY =
  RIGHT.pathCreateDirectory |
  RIGHT.pathCreateFile |
  RIGHT.pathLinkSource |
  RIGHT.pathLinkTarget |
  RIGHT.pathOpen |
  RIGHT.fdReaddir |
  RIGHT.pathReadlink |
  RIGHT.pathRenameSource |
  RIGHT.pathRenameTarget |
  RIGHT.pathFilestatGet |
  RIGHT.pathFilestatSetSize |
  RIGHT.pathFilestatSetTimes |
  RIGHT.pathSymlink |
  RIGHT.pathRemoveDirectory |
  RIGHT.pathUnlinkFile;

const SOCKET_ONLY = RIGHT.sockShutdown | RIGHT.sockAccept;

/** What each kind of descriptor can have. */
export const RIGHTS = {
  file: ALL_RIGHTS & ~DIRECTORY_ONLY & ~SOCKET_ONLY,
  directory: ALL_RIGHTS & ~FILE_ONLY & ~SOCKET_ONLY,
  /** A stream has no positions: that is how a C library tells a terminal from a file. */
  stream: RIGHT.fdRead | RIGHT.fdWrite | RIGHT.fdFilestatGet | RIGHT.fdFdstatSetFlags | RIGHT.pollFdReadwrite,
  socket:
    RIGHT.fdRead |
    RIGHT.fdWrite |
    RIGHT.fdFilestatGet |
    RIGHT.fdFdstatSetFlags |
    RIGHT.pollFdReadwrite |
    RIGHT.sockShutdown,
  listener: RIGHT.sockAccept | RIGHT.fdFilestatGet | RIGHT.fdFdstatSetFlags | RIGHT.pollFdReadwrite,
  /** What may be handed on by a directory. */
  inherited: ALL_RIGHTS & ~SOCKET_ONLY,
} as const;

export const SIZE = {
  fdstat: 24,
  filestat: 64,
  dirent: 24,
  subscription: 48,
  event: 32,
  prestat: 8,
} as const;

/** Writes a `filestat`. */
export function writeFilestat(memory: GuestMemory, at: number, stat: FileStat): void {
  memory.need(at, SIZE.filestat, 8);
  memory.fill(at, SIZE.filestat);
  memory.setU64(at, stat.dev);
  memory.setU64(at + 8, stat.ino);
  memory.setU8(at + 16, FILE_TYPE[stat.type]);
  memory.setU64(at + 24, stat.nlink);
  memory.setU64(at + 32, stat.size);
  memory.setU64(at + 40, stat.accessed);
  memory.setU64(at + 48, stat.modified);
  memory.setU64(at + 56, stat.changed);
}
