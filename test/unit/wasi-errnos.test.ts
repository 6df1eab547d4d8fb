/**
 * Every function of WASI 0.1 with every errno that it gives, from one table, on a tree in memory and on the disk. What functions do
 * when all is well is looked at more closely in wasi-preview1.test.ts; bad pointers trap and are there, too.
 */

import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { nodeTree } from '../../debug-adapter/hosts/node-tree.ts';
import { encodeUtf8 } from '../../engine/base/utf8.ts';
import type { ErrorCode } from '../../engine/wasi/errors.ts';
import { ProgramExit } from '../../engine/wasi/exit.ts';
import { type FileTree, fail, type Listener, type Socket } from '../../engine/wasi/host.ts';
import { MemoryTree } from '../../engine/wasi/memory-tree.ts';
import { FUNCTIONS } from '../../engine/wasi/preview1/preview1.ts';
import { Guest, OUT } from './wasi-guest.ts';

/** Descriptors that every guest of these tests has. */
const DIR = 3;
const OTHER_TREE = 4;
const LISTENER = 5;
const FILE = 6;
const SOCKET = 7;
/** A directory and a file without any right. */
const WEAK_DIR = 8;
const WEAK_FILE = 9;
const REMOVED = 10;
const NONE = 99;
const STDOUT = 1;

const NONBLOCK = 4;
/** A name that is no UTF-8, in memory. */
const BAD_NAME = [60_000, 2] as const;
const HUGE = 2n ** 63n;

type Args = readonly (number | bigint | string)[];
/** The arguments of a call, or a whole test that gives the errno. */
type Case = Args | ((g: Guest) => string);
type Row = Partial<Record<ErrorCode, Case | readonly Case[]>>;

/** A function of one path: how it is called with a directory and a path. */
type Call = (fd: number, path: string | readonly [number, number]) => Args;
const spread = (name: string | readonly [number, number]): Args => (typeof name === 'string' ? [name] : name);

/** What any path can be told of, and `more` that this function says of some. */
function paths(call: Call, more: Row = {}): Row {
  const all: Row = {
    badf: [call(NONE, 'x')],
    notdir: [call(FILE, 'x'), call(STDOUT, 'x'), call(DIR, 'file/x')],
    notcapable: [call(WEAK_DIR, 'x')],
    noent: [call(DIR, ''), call(DIR, 'none/x'), call(REMOVED, 'x')],
    perm: [call(DIR, '..'), call(DIR, '../x'), call(DIR, '/x'), call(DIR, 'dir/../../x'), call(DIR, 'out/x')],
    loop: [call(DIR, 'loop/x')],
    nametoolong: [call(DIR, 'x'.repeat(256)), call(DIR, 'x/'.repeat(2100))],
    inval: [call(DIR, 'a\0b')],
    ilseq: [call(DIR, BAD_NAME)],
  };
  const both: Record<string, unknown> = { ...all };
  for (const [errno, cases] of Object.entries(more)) {
    both[errno] = [...list(all[errno as ErrorCode]), ...list(cases)];
  }
  return both;
}

function list(cases: Case | readonly Case[] | undefined): readonly Case[] {
  if (cases === undefined) return [];
  const isList =
    Array.isArray(cases) && cases.every((one) => Array.isArray(one) || typeof one === 'function');
  return isList && cases.length > 0 ? (cases as readonly Case[]) : [cases as Case];
}

const ALL = BigInt.asUintN(64, ~0n);
const NO_WRITE = BigInt.asUintN(64, ~(1n << 6n));
const open =
  (oflags = 0, rights = ALL, flags = 0, lookup = 1): Call =>
  (fd, name) => [fd, lookup, ...spread(name), oflags, rights, rights, flags, OUT];
const one: Call = (fd, name) => [fd, ...spread(name)];
const iovec = (g: Guest) => g.iovec(1024, 8);

/** Sets a flag of a descriptor, then calls. */
const nonblocking =
  (fd: number, name: string, args: (g: Guest) => Args): Case =>
  (g) => {
    g.ok('fd_fdstat_set_flags', fd, NONBLOCK);
    return g.call(name, fd, ...args(g)) as string;
  };

const reading = (name: string, ...more: Args): Row => ({
  success: (g) => g.call(name, FILE, iovec(g), 1, ...more, OUT) as string,
  badf: [
    (g) => g.call(name, NONE, iovec(g), 1, ...more, OUT) as string,
    (g) => g.call(name, WEAK_FILE, iovec(g), 1, ...more, OUT) as string,
  ],
  inval: (g) => {
    // Together more than a result can say: only a memory of 4 GiB has such buffers; here they overlap.
    const count = 20_000;
    for (let i = 0; i < count; i++) {
      g.memory.view.setUint32(65_536 + 8 * i, 0, true);
      g.memory.view.setUint32(65_540 + 8 * i, 4 * 65_536, true);
    }
    return g.call(name, FILE, 65_536, count, ...more, OUT) as string;
  },
});

const at = (name: string): Row => {
  const row = reading(name, 0n);
  return {
    ...row,
    inval: [...list(row.inval), (g) => g.call(name, FILE, iovec(g), 1, HUGE, OUT) as string],
    spipe: (g) => g.call(name, STDOUT, iovec(g), 1, 0n, OUT) as string,
    isdir: (g) => g.call(name, DIR, iovec(g), 1, 0n, OUT) as string,
  };
};

/** What a full disk says; the tree in memory has room for so much. */
const ROOM = 1_000_000;
const full: Case = (g) => {
  const { at: place } = g.put(new Uint8Array(0));
  for (;;) {
    const errno = g.call('fd_write', FILE, g.iovec(place, 100_000), 1, OUT) as string;
    if (errno !== 'success') return errno;
  }
};

const TABLE: Readonly<Record<string, Row>> = {
  args_get: { success: [1024, 2048] },
  args_sizes_get: { success: [OUT, OUT + 4] },
  environ_get: { success: [1024, 2048] },
  environ_sizes_get: { success: [OUT, OUT + 4] },
  clock_res_get: { success: [1, OUT], inval: [4, OUT] },
  clock_time_get: { success: [1, 0n, OUT], inval: [4, 0n, OUT] },
  fd_advise: {
    success: [FILE, 0n, 5n, 0],
    badf: [
      [NONE, 0n, 5n, 0],
      [DIR, 0n, 5n, 0],
    ],
    spipe: [STDOUT, 0n, 5n, 0],
    notcapable: [WEAK_FILE, 0n, 5n, 0],
    inval: [
      [FILE, 0n, 5n, 6],
      [FILE, HUGE, 5n, 0],
      [FILE, 0n, HUGE, 0],
    ],
  },
  fd_allocate: {
    success: [FILE, 0n, 50n],
    badf: [
      [NONE, 0n, 5n],
      [DIR, 0n, 5n],
    ],
    spipe: [STDOUT, 0n, 5n],
    notcapable: [WEAK_FILE, 0n, 5n],
    inval: [FILE, 0n, 0n],
    fbig: [
      [FILE, HUGE - 1n, HUGE - 1n],
      [FILE, 2n ** 60n, 1n],
    ],
  },
  fd_close: { success: [FILE], badf: [NONE] },
  fd_datasync: { success: [FILE], badf: [[NONE], [DIR]], spipe: [STDOUT], notcapable: [WEAK_FILE] },
  fd_fdstat_get: { success: [FILE, OUT], badf: [NONE, OUT], noent: [REMOVED, OUT] },
  fd_fdstat_set_flags: {
    success: [FILE, 1],
    badf: [NONE, 1],
    notcapable: [WEAK_FILE, 1],
    inval: [
      [FILE, 32],
      [FILE, 2],
      [FILE, 16],
    ],
  },
  fd_fdstat_set_rights: { success: [FILE, 0n, 0n], badf: [NONE, 0n, 0n], notcapable: [WEAK_FILE, 1n, 0n] },
  fd_filestat_get: {
    success: [FILE, OUT],
    badf: [NONE, OUT],
    notcapable: [WEAK_FILE, OUT],
    noent: [REMOVED, OUT],
  },
  fd_filestat_set_size: {
    success: [FILE, 2n],
    badf: [
      [NONE, 2n],
      [DIR, 2n],
    ],
    spipe: [STDOUT, 2n],
    notcapable: [WEAK_FILE, 2n],
    inval: [FILE, HUGE],
    fbig: [FILE, 2n ** 60n],
  },
  fd_filestat_set_times: {
    success: [FILE, 0n, 0n, 4],
    badf: [NONE, 0n, 0n, 4],
    notcapable: [
      [WEAK_FILE, 0n, 0n, 4],
      [STDOUT, 0n, 0n, 4],
    ],
    inval: [
      [FILE, 0n, 0n, 16],
      [FILE, 0n, 0n, 3],
      [FILE, 0n, 0n, 12],
    ],
    noent: [REMOVED, 0n, 0n, 4],
  },
  fd_pread: at('fd_pread'),
  fd_prestat_get: {
    success: [DIR, OUT],
    badf: [
      [NONE, OUT],
      [FILE, OUT],
      [WEAK_DIR, OUT],
    ],
  },
  fd_prestat_dir_name: { success: [DIR, 1024, 5], badf: [FILE, 1024, 5], nametoolong: [DIR, 1024, 4] },
  fd_pwrite: at('fd_pwrite'),
  fd_read: { ...reading('fd_read'), again: nonblocking(0, 'fd_read', (g) => [iovec(g), 1, OUT]) },
  fd_readdir: {
    success: [DIR, 1024, 100, 0n, OUT],
    badf: [NONE, 1024, 100, 0n, OUT],
    notdir: [FILE, 1024, 100, 0n, OUT],
    notcapable: [WEAK_DIR, 1024, 100, 0n, OUT],
    noent: [REMOVED, 1024, 100, 0n, OUT],
  },
  fd_renumber: {
    success: [FILE, DIR],
    badf: [
      [NONE, FILE],
      [FILE, NONE],
    ],
  },
  fd_seek: {
    success: [FILE, 1n, 0, OUT],
    badf: [
      [NONE, 0n, 0, OUT],
      [DIR, 0n, 0, OUT],
    ],
    spipe: [STDOUT, 0n, 0, OUT],
    notcapable: [WEAK_FILE, 1n, 0, OUT],
    inval: [
      [FILE, -1n, 0, OUT],
      [FILE, 0n, 3, OUT],
    ],
    overflow: [FILE, HUGE - 1n, 2, OUT],
  },
  fd_sync: { success: [FILE], badf: [NONE], notcapable: [WEAK_FILE] },
  fd_tell: {
    success: [FILE, OUT],
    badf: [
      [NONE, OUT],
      [DIR, OUT],
    ],
    spipe: [STDOUT, OUT],
    notcapable: [WEAK_FILE, OUT],
  },
  fd_write: {
    ...reading('fd_write'),
    again: nonblocking(SOCKET, 'fd_write', (g) => [iovec(g), 1, OUT]),
    connreset: (g) => g.call('fd_write', SOCKET, iovec(g), 1, OUT) as string,
  },
  path_create_directory: paths(one, {
    success: [[DIR, 'new']],
    exist: [
      [DIR, 'file'],
      [DIR, 'dir/'],
      [DIR, 'dangling'],
    ],
  }),
  path_filestat_get: paths((fd, name) => [fd, 1, ...spread(name), OUT], {
    success: [[DIR, 1, 'file', OUT]],
    inval: [[DIR, 2, 'file', OUT]],
    noent: [[DIR, 1, 'dangling', OUT]],
    loop: [[DIR, 1, 'loop', OUT]],
    notdir: [[DIR, 1, 'file/', OUT]],
  }),
  path_filestat_set_times: paths((fd, name) => [fd, 1, ...spread(name), 0n, 0n, 4], {
    success: [[DIR, 1, 'file', 0n, 0n, 4]],
    inval: [
      [DIR, 2, 'file', 0n, 0n, 4],
      [DIR, 1, 'file', 0n, 0n, 16],
      [DIR, 1, 'file', 0n, 0n, 12],
    ],
    noent: [[DIR, 1, 'none', 0n, 0n, 4]],
  }),
  path_link: paths((fd, name) => [fd, 0, ...spread(name), DIR, 'new'], {
    success: [[DIR, 0, 'file', DIR, 'new']],
    badf: [[DIR, 0, 'file', NONE, 'new']],
    notcapable: [[DIR, 0, 'file', WEAK_DIR, 'new']],
    notdir: [[DIR, 0, 'file', FILE, 'new']],
    exist: [[DIR, 0, 'file', DIR, 'dir']],
    perm: [
      [DIR, 0, 'dir', DIR, 'new'],
      [DIR, 0, 'file', DIR, '../new'],
    ],
    noent: [
      [DIR, 0, 'none', DIR, 'new'],
      [DIR, 0, 'file', DIR, 'new/'],
      [DIR, 0, 'file', DIR, 'none/new'],
    ],
    inval: [[DIR, 2, 'file', DIR, 'new']],
    xdev: [[DIR, 0, 'file', OTHER_TREE, 'new']],
  }),
  path_open: paths(open(), {
    success: [
      open()(DIR, 'file'),
      open(1)(DIR, 'new'),
      open(2, NO_WRITE)(DIR, 'dir'),
      open(1)(DIR, 'dangling'),
    ],
    exist: [open(5)(DIR, 'file'), open(5)(DIR, 'dangling')],
    noent: [open()(DIR, 'none'), open(2, NO_WRITE)(DIR, 'none'), open()(DIR, 'dangling')],
    isdir: [open()(DIR, 'dir'), open(8, NO_WRITE)(DIR, 'dir'), open(1)(DIR, 'new/')],
    notdir: [open(2, NO_WRITE)(DIR, 'file'), open()(DIR, 'file/')],
    loop: [open()(DIR, 'loop'), open(0, NO_WRITE, 0, 0)(DIR, 'link')],
    inval: [
      open(16)(DIR, 'file'),
      open(3, NO_WRITE)(DIR, 'x'),
      open(0, 0n, 32)(DIR, 'file'),
      open(0, 0n, 0, 2)(DIR, 'file'),
    ],
    notsup: [open(0, 0n, 2)(DIR, 'file'), open(0, 0n, 8)(DIR, 'file'), open(0, 0n, 16)(DIR, 'file')],
    nfile: [
      (g) => {
        for (;;) {
          const opened = g.open('dir', { rights: NO_WRITE });
          if (typeof opened === 'string') return opened;
        }
      },
    ],
  }),
  path_readlink: paths((fd, name) => [fd, ...spread(name), 1024, 100, OUT], {
    success: [[DIR, 'link', 1024, 100, OUT]],
    inval: [[DIR, 'file', 1024, 100, OUT]],
    noent: [[DIR, 'none', 1024, 100, OUT]],
  }),
  path_remove_directory: paths(one, {
    success: [[DIR, 'dir/empty']],
    notdir: [
      [DIR, 'file'],
      [DIR, 'link'],
    ],
    notempty: [[DIR, 'dir']],
    inval: [
      [DIR, '.'],
      [DIR, 'dir/..'],
    ],
    noent: [[DIR, 'none']],
  }),
  path_rename: paths((fd, name) => [fd, ...spread(name), DIR, 'new'], {
    success: [
      [DIR, 'file', DIR, 'new'],
      [DIR, 'dir', DIR, 'dir'],
    ],
    badf: [[DIR, 'file', NONE, 'new']],
    notcapable: [[DIR, 'file', WEAK_DIR, 'new']],
    notdir: [
      [DIR, 'file', FILE, 'new'],
      [DIR, 'dir', DIR, 'file'],
      [DIR, 'file', DIR, 'new/'],
    ],
    noent: [
      [DIR, 'none', DIR, 'new'],
      [DIR, 'file', DIR, 'none/new'],
    ],
    isdir: [[DIR, 'file', DIR, 'dir']],
    notempty: [[DIR, 'dir/empty', DIR, 'dir2']],
    inval: [[DIR, 'dir', DIR, 'dir/empty/x']],
    busy: [
      [DIR, '.', DIR, 'x'],
      [DIR, 'dir', DIR, '.'],
    ],
    perm: [[DIR, 'file', DIR, '../new']],
    xdev: [[DIR, 'file', OTHER_TREE, 'new']],
  }),
  path_symlink: paths((fd, name) => ['target', fd, ...spread(name)], {
    success: [['target', DIR, 'new']],
    exist: [['target', DIR, 'file']],
    noent: [
      ['', DIR, 'new'],
      ['target', DIR, 'new/'],
    ],
    inval: [['a\0b', DIR, 'new']],
    perm: [['/etc', DIR, 'new']],
    ilseq: [[...BAD_NAME, DIR, 'new']],
  }),
  path_unlink_file: paths(one, {
    success: [
      [DIR, 'file'],
      [DIR, 'loop'],
      [DIR, 'dangling'],
    ],
    isdir: [[DIR, 'dir']],
    notdir: [[DIR, 'file/']],
    noent: [[DIR, 'none']],
  }),
  poll_oneoff: { success: (g) => poll(g, 0), inval: [[512, 1024, 0, OUT], (g) => poll(g, 3)] },
  proc_exit: {
    success: () => {
      assert.throws(() => new Guest().call('proc_exit', 3), ProgramExit);
      return 'success';
    },
  },
  proc_raise: { notsup: [6] },
  random_get: { success: [1024, 8] },
  sched_yield: { success: [] },
  sock_accept: {
    success: [LISTENER, 0, OUT],
    badf: [NONE, 0, OUT],
    notsock: [
      [FILE, 0, OUT],
      [SOCKET, 0, OUT],
      [STDOUT, 0, OUT],
    ],
    inval: [LISTENER, 1, OUT],
    notcapable: (g) => {
      g.ok('fd_fdstat_set_rights', LISTENER, 0n, 0n);
      return g.call('sock_accept', LISTENER, 0, OUT) as string;
    },
    again: (g) => {
      g.ok('sock_accept', LISTENER, 0, OUT);
      g.ok('fd_fdstat_set_flags', LISTENER, NONBLOCK);
      return g.call('sock_accept', LISTENER, 0, OUT) as string;
    },
  },
  sock_recv: {
    success: (g) => g.call('sock_recv', SOCKET, iovec(g), 1, 0, OUT, OUT + 4) as string,
    badf: (g) => g.call('sock_recv', NONE, iovec(g), 1, 0, OUT, OUT + 4) as string,
    notsock: (g) => g.call('sock_recv', FILE, iovec(g), 1, 0, OUT, OUT + 4) as string,
    inval: (g) => g.call('sock_recv', SOCKET, iovec(g), 1, 4, OUT, OUT + 4) as string,
    again: (g) => {
      g.ok('sock_recv', SOCKET, iovec(g), 1, 0, OUT, OUT + 4);
      g.ok('fd_fdstat_set_flags', SOCKET, NONBLOCK);
      return g.call('sock_recv', SOCKET, iovec(g), 1, 0, OUT, OUT + 4) as string;
    },
  },
  sock_send: {
    success: (g) => g.call('sock_send', SOCKET, g.iovec(1024, 0), 1, 0, OUT) as string,
    badf: (g) => g.call('sock_send', NONE, iovec(g), 1, 0, OUT) as string,
    notsock: (g) => g.call('sock_send', FILE, iovec(g), 1, 0, OUT) as string,
    inval: (g) => g.call('sock_send', SOCKET, iovec(g), 1, 1, OUT) as string,
    again: (g) => {
      g.ok('fd_fdstat_set_flags', SOCKET, NONBLOCK);
      return g.call('sock_send', SOCKET, iovec(g), 1, 0, OUT) as string;
    },
    connreset: (g) => g.call('sock_send', SOCKET, iovec(g), 1, 0, OUT) as string,
  },
  sock_shutdown: {
    success: [SOCKET, 3],
    badf: [NONE, 1],
    notsock: [FILE, 1],
    inval: [
      [SOCKET, 0],
      [SOCKET, 4],
    ],
  },
};

/** One subscription of a type, to a time that is over. */
function poll(g: Guest, type: number): string {
  g.memory.bytes.fill(0, 512, 560);
  g.memory.view.setUint8(520, type);
  g.memory.view.setUint32(528, 1, true);
  return g.call('poll_oneoff', 512, 1024, 1, OUT) as string;
}

const NEVER = { promise: new Promise<void>(() => undefined), cancel: () => undefined };

/** A connection that has one piece to read, and that the other side has reset. */
function socket(): Socket {
  let pieces = 1;
  return {
    isTerminal: false,
    read: () => (pieces-- > 0 ? Uint8Array.of(1) : new Uint8Array(0)),
    peek: () => Uint8Array.of(1),
    readable: () => (pieces > 0 ? undefined : NEVER),
    write: () => fail('connreset'),
    writable: () => NEVER,
    shutdown: () => undefined,
    close: () => undefined,
  };
}

function listener(): Listener {
  let waiting = 2;
  return {
    accept: () => {
      waiting--;
      return socket();
    },
    acceptable: () => (waiting > 0 ? undefined : NEVER),
  };
}

/** A guest with the descriptors and files that the table is about. */
function guestOf(tree: FileTree): Guest {
  const other = new MemoryTree({ encode: encodeUtf8, now: () => 0n });
  const preopens = [
    { guest: '/data', tree },
    { guest: '/other', tree: other },
  ];
  const g = new Guest({ args: ['p'], env: { A: 'b' }, preopens, listeners: [listener()] });
  assert.equal(g.opened('file', { oflags: 1 }), FILE);
  assert.equal(g.write(FILE, 'hello'), 'success');
  g.ok('sock_accept', LISTENER, 0, OUT);
  assert.equal(g.u32(OUT), SOCKET);
  for (const name of ['dir', 'dir/empty', 'dir2', 'dir2/inner', 'gone'])
    g.ok('path_create_directory', DIR, name);
  for (const [target, name] of [
    ['file', 'link'],
    ['loop', 'loop'],
    ['nothing', 'dangling'],
    ['../outside', 'out'],
  ]) {
    g.ok('path_symlink', target, DIR, name);
  }
  assert.equal(g.opened('dir', { rights: 0n }), WEAK_DIR);
  assert.equal(g.opened('file', { rights: 0n }), WEAK_FILE);
  assert.equal(g.opened('gone', { rights: NO_WRITE }), REMOVED);
  g.ok('path_remove_directory', DIR, 'gone');
  g.memory.bytes.set([0xff, 0xfe], BAD_NAME[0]);
  return g;
}

function checks(backend: string, tree: () => { tree: FileTree; done(): void }): void {
  for (const [name, row] of Object.entries(TABLE)) {
    test(`${backend}: ${name}`, () => {
      for (const [errno, cases] of Object.entries(row)) {
        for (const one of list(cases)) {
          const made = tree();
          try {
            const g = guestOf(made.tree);
            const answer = typeof one === 'function' ? one(g) : g.call(name, ...(one as Args));
            assert.equal(answer, errno, `${name}(${typeof one === 'function' ? '…' : one.join(', ')})`);
          } finally {
            made.done();
          }
        }
      }
    });
  }
}

const memory = () => new MemoryTree({ encode: encodeUtf8, now: () => 0n, capacity: ROOM });
checks('memory', () => ({ tree: memory(), done: () => undefined }));
checks('disk', () => {
  const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'wasmscope-errno-')));
  return { tree: nodeTree(folder), done: () => rmSync(folder, { recursive: true }) };
});

test('a full disk', () => {
  for (const act of [
    full,
    (g: Guest) => g.call('fd_allocate', FILE, 0n, BigInt(ROOM + 1)) as string,
    (g: Guest) => g.call('fd_filestat_set_size', FILE, BigInt(ROOM + 1)) as string,
    (g: Guest) => g.call('fd_pwrite', FILE, g.iovec(0, 1000), 1, BigInt(ROOM), OUT) as string,
  ]) {
    assert.equal((act as (g: Guest) => string)(guestOf(memory())), 'nospc');
  }
});

test('the table has all functions', () => {
  assert.deepEqual(Object.keys(TABLE).sort(), Object.keys(FUNCTIONS).sort());
  assert.equal(Object.keys(TABLE).length, 46);
});
