/**
 * WASI 0.1, function by function with its errors, on a tree in memory and on the disk: one table for both.
 */

import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { nodeTree } from '../../debug-adapter/hosts/node-tree.ts';
import { WasmError } from '../../engine/base/errors.ts';
import { encodeUtf8 } from '../../engine/base/utf8.ts';
import { ClientFiles } from '../../engine/wasi/client-tree.ts';
import { ProgramExit } from '../../engine/wasi/exit.ts';
import type { FileTree } from '../../engine/wasi/host.ts';
import { MemoryTree } from '../../engine/wasi/memory-tree.ts';
import { FUNCTIONS } from '../../engine/wasi/preview1/preview1.ts';
import { ClientDisk } from './wasi-client.ts';
import { Guest, OUT, TestClocks } from './wasi-guest.ts';

const CREAT = 1;
const DIRECTORY = 2;
const EXCL = 4;
const TRUNC = 8;
const APPEND = 1;
const NONBLOCK = 4;
const READ = 1n << 1n;
const WRITE = 1n << 6n;

/** `expected` of a call: the name of its errno. */
type Check = (
  guest: Guest,
  errno: (expected: string, name: string, ...args: (number | bigint | string)[]) => void,
) => void;

const CASES: Readonly<Record<string, Check>> = {
  'path_open, fd_write, fd_read': (g) => {
    const out = g.opened('new.txt', { oflags: CREAT });
    assert.equal(g.write(out, 'some text'), 'success');
    assert.equal(g.u32(OUT), 9);
    const back = g.opened('new.txt', { rights: READ });
    assert.equal(g.read(back, 4), 'some');
    assert.equal(g.read(back), ' text');
    assert.equal(g.read(back), '');
  },
  'path_open: what can be wrong': (g) => {
    assert.equal(g.open('none'), 'noent');
    assert.equal(g.open(''), 'noent');
    assert.equal(g.open('none/x', { oflags: CREAT }), 'noent');
    assert.equal(g.open('hello.txt/x'), 'notdir');
    assert.equal(g.open('hello.txt/'), 'notdir');
    assert.equal(g.open('hello.txt', { oflags: DIRECTORY, rights: READ }), 'notdir');
    assert.equal(g.open('hello.txt', { oflags: CREAT | EXCL }), 'exist');
    assert.equal(g.open('dir', { rights: WRITE }), 'isdir');
    assert.equal(g.open('dir', { oflags: TRUNC, rights: READ }), 'isdir');
    assert.equal(g.open('x', { oflags: CREAT | DIRECTORY }), 'inval');
    assert.equal(g.open('x', { oflags: 16 }), 'inval');
    assert.equal(g.open('x', { lookup: 2 }), 'inval');
    assert.equal(g.open('x', { flags: 32 }), 'inval');
    assert.equal(g.open('x', { dir: 99 }), 'badf');
    assert.equal(g.open('x', { dir: 0 }), 'notdir');
    assert.equal(g.open('a\0b'), 'inval');
    assert.equal(g.open('x'.repeat(300)), 'nametoolong');
    assert.equal(g.open('x/'.repeat(3000)), 'nametoolong');
    assert.equal(g.open('new/', { oflags: CREAT }), 'isdir');
  },
  'path_open: directories, and what is below them': (g) => {
    const dir = g.opened('dir', { rights: READ | (1n << 13n) | (1n << 18n) });
    assert.equal(g.read(g.opened('a', { dir, rights: READ })), 'A');
    assert.equal(g.open('../hello.txt', { dir }), 'perm');
    assert.ok(g.opened('sub/../a', { dir, rights: READ }) > 3);
    assert.equal(g.open('b', { dir, oflags: CREAT }), 'perm');
    assert.equal(typeof g.opened('.', { rights: READ }), 'number');
    assert.equal(typeof g.opened('dir/sub/..', { rights: READ }), 'number');
    assert.equal(typeof g.opened('dir/', { rights: READ }), 'number');
  },
  'path_open: truncating': (g) => {
    assert.equal(g.read(g.opened('hello.txt', { oflags: TRUNC })), '');
    assert.equal(g.open('none.txt', { oflags: TRUNC }), 'noent');
  },
  'outside of the directory': (g) => {
    for (const out of ['..', '../x', 'dir/../..', '/', '/etc/passwd', 'dir/sub/../../../x', './..']) {
      assert.equal(g.open(out), 'perm', out);
      assert.equal(g.call('path_create_directory', 3, out), 'perm', out);
      assert.equal(g.call('path_unlink_file', 3, out), 'perm', out);
      assert.equal(g.call('path_rename', 3, 'hello.txt', 3, out), 'perm', out);
      assert.equal(g.call('path_rename', 3, out, 3, 'x'), 'perm', out);
      assert.equal(g.call('path_filestat_get', 3, 1, out, OUT), 'perm', out);
    }
  },
  'symbolic links': (g, errno) => {
    g.ok('path_symlink', 'hello.txt', 3, 'link');
    g.ok('path_symlink', '../hello.txt', 3, 'dir/up');
    g.ok('path_symlink', '../../outside', 3, 'dir/out');
    g.ok('path_symlink', 'loop2', 3, 'loop1');
    g.ok('path_symlink', 'loop1', 3, 'loop2');
    g.ok('path_symlink', 'dir', 3, 'dirlink');
    assert.equal(g.read(g.opened('link', { rights: READ })), 'hello');
    assert.equal(g.read(g.opened('dir/up', { rights: READ })), 'hello');
    assert.equal(g.read(g.opened('dirlink/a', { rights: READ })), 'A');
    assert.equal(g.open('link', { lookup: 0 }), 'loop');
    assert.equal(g.open('dir/out'), 'perm');
    assert.equal(g.open('dir/out/x'), 'perm');
    assert.equal(g.open('loop1'), 'loop');
    assert.ok(g.opened('dirlink/../hello.txt', { rights: READ }) > 3);
    errno('perm', 'path_symlink', '/etc/passwd', 3, 'abs');
    errno('exist', 'path_symlink', 'x', 3, 'link');
    errno('noent', 'path_symlink', '', 3, 'empty');
    g.ok('path_readlink', 3, 'link', 1024, 100, OUT);
    assert.equal(g.text(1024, g.u32(OUT)), 'hello.txt');
    g.ok('path_readlink', 3, 'link', 1024, 3, OUT);
    assert.equal(g.text(1024, g.u32(OUT)), 'hel');
    errno('inval', 'path_readlink', 3, 'hello.txt', 1024, 100, OUT);
    errno('noent', 'path_readlink', 3, 'none', 1024, 100, OUT);
    g.ok('path_unlink_file', 3, 'link');
    assert.equal(g.read(g.opened('hello.txt', { rights: READ })), 'hello');
  },
  'creating through a dangling link stays inside': (g) => {
    g.ok('path_symlink', 'made.txt', 3, 'dangling');
    assert.equal(g.write(g.opened('dangling', { oflags: CREAT }), 'x'), 'success');
    assert.equal(g.read(g.opened('made.txt', { rights: READ })), 'x');
    assert.equal(g.open('dangling', { oflags: CREAT | EXCL }), 'exist');
    g.ok('path_symlink', '../evil', 3, 'dangling2');
    assert.equal(g.open('dangling2', { oflags: CREAT }), 'perm');
  },
  'fd_seek, fd_tell': (g, errno) => {
    const fd = g.opened('hello.txt');
    g.ok('fd_seek', fd, 2n, 0, OUT);
    assert.equal(g.u64(OUT), 2n);
    assert.equal(g.read(fd, 1), 'l');
    g.ok('fd_seek', fd, -1n, 1, OUT);
    g.ok('fd_tell', fd, OUT);
    assert.equal(g.u64(OUT), 2n);
    g.ok('fd_seek', fd, -1n, 2, OUT);
    assert.equal(g.read(fd), 'o');
    errno('inval', 'fd_seek', fd, -99n, 0, OUT);
    errno('inval', 'fd_seek', fd, 0n, 3, OUT);
    errno('overflow', 'fd_seek', fd, 2n ** 63n - 1n, 1, OUT);
    errno('spipe', 'fd_seek', 1, 0n, 0, OUT);
    errno('badf', 'fd_seek', 3, 0n, 0, OUT);
    errno('badf', 'fd_tell', 77, OUT);
  },
  'fd_pread, fd_pwrite': (g, errno) => {
    const fd = g.opened('hello.txt');
    const { at, length } = g.put('JELL');
    g.ok('fd_pwrite', fd, g.iovec(at, length), 1, 0n, OUT);
    g.ok('fd_pread', fd, g.iovec(1024, 10), 1, 1n, OUT);
    assert.equal(g.text(1024, g.u32(OUT)), 'ELLo');
    g.ok('fd_tell', fd, OUT);
    assert.equal(g.u64(OUT), 0n);
    errno('inval', 'fd_pread', fd, g.iovec(1024, 10), 1, 2n ** 63n, OUT);
    errno('spipe', 'fd_pread', 0, g.iovec(1024, 10), 1, 0n, OUT);
  },
  appending: (g) => {
    const fd = g.opened('hello.txt', { flags: APPEND });
    assert.equal(g.write(fd, '!'), 'success');
    g.ok('fd_seek', fd, 0n, 0, OUT);
    assert.equal(g.write(fd, '?'), 'success');
    g.ok('fd_seek', fd, 0n, 0, OUT);
    assert.equal(g.read(fd), 'hello!?');
  },
  'several buffers': (g) => {
    const fd = g.opened('hello.txt');
    for (const [i, [at, length]] of [
      [1024, 2],
      [2048, 0],
      [3072, 10],
    ].entries()) {
      g.memory.view.setUint32(256 + 8 * i, at, true);
      g.memory.view.setUint32(260 + 8 * i, length, true);
    }
    g.ok('fd_read', fd, 256, 3, OUT);
    assert.equal(g.u32(OUT), 5);
    assert.equal(g.text(1024, 2) + g.text(3072, 3), 'hello');
    g.ok('fd_write', fd, 256, 3, OUT);
    assert.equal(g.u32(OUT), 12);
  },
  'descriptors: close, renumber, lowest number first': (g, errno) => {
    const a = g.opened('hello.txt', { rights: READ });
    const b = g.opened('dir/a', { rights: READ });
    assert.deepEqual([a, b], [4, 5]);
    g.ok('fd_close', a);
    errno('badf', 'fd_close', a);
    assert.equal(g.opened('hello.txt', { rights: READ }), 4);
    g.ok('fd_renumber', b, 4);
    assert.equal(g.read(4), 'A');
    errno('badf', 'fd_renumber', b, 4);
    g.ok('fd_renumber', 4, 4);
    errno('badf', 'fd_tell', 9999, OUT);
  },
  'reading and writing without the right': (g) => {
    assert.equal(g.read(g.opened('hello.txt', { rights: WRITE })), 'errno badf');
    assert.equal(g.write(g.opened('hello.txt', { rights: READ }), 'x'), 'badf');
    assert.equal(g.write(0, 'x'), 'badf');
    assert.equal(g.read(1), 'errno badf');
    assert.equal(g.read(3), 'errno badf');
  },
  'rights only shrink': (g, errno) => {
    const fd = g.opened('hello.txt');
    g.ok('fd_fdstat_get', fd, OUT);
    assert.equal(g.u8(OUT), 4);
    const rights = g.u64(OUT + 8);
    assert.ok(rights & READ && rights & WRITE);
    g.ok('fd_fdstat_set_rights', fd, READ, 0n);
    errno('notcapable', 'fd_fdstat_set_rights', fd, READ | WRITE, 0n);
    errno('notcapable', 'fd_filestat_set_size', fd, 1n);
    assert.equal(g.write(fd, 'x'), 'badf');
  },
  'fd_fdstat_get and flags': (g, errno) => {
    const fd = g.opened('hello.txt', { flags: APPEND });
    g.ok('fd_fdstat_get', fd, OUT);
    assert.equal(g.u16(OUT + 2), APPEND);
    g.ok('fd_fdstat_set_flags', fd, NONBLOCK);
    g.ok('fd_fdstat_get', fd, OUT);
    assert.equal(g.u16(OUT + 2), NONBLOCK);
    errno('inval', 'fd_fdstat_set_flags', fd, 64);
    g.ok('fd_fdstat_get', 3, OUT);
    assert.equal(g.u8(OUT), 3);
    g.ok('fd_fdstat_get', 1, OUT);
    assert.equal(g.u8(OUT), 2);
    g.ok('fd_fdstat_get', 0, OUT);
    assert.equal(g.u8(OUT), 0);
  },
  'fd_filestat_get, sizes': (g, errno) => {
    const fd = g.opened('hello.txt');
    g.ok('fd_filestat_get', fd, OUT);
    assert.equal(g.u8(OUT + 16), 4);
    assert.equal(g.u64(OUT + 32), 5n);
    assert.equal(g.u64(OUT + 24), 1n);
    g.ok('fd_filestat_set_size', fd, 2n);
    assert.equal(g.read(fd), 'he');
    g.ok('fd_filestat_set_size', fd, 4n);
    g.ok('fd_seek', fd, 0n, 0, OUT);
    assert.equal(g.read(fd), 'he\0\0');
    g.ok('fd_allocate', fd, 0n, 10n);
    g.ok('fd_filestat_get', fd, OUT);
    assert.equal(g.u64(OUT + 32), 10n);
    g.ok('fd_allocate', fd, 0n, 5n);
    errno('inval', 'fd_allocate', fd, 0n, 0n);
    errno('inval', 'fd_filestat_set_size', fd, 2n ** 63n);
    errno('badf', 'fd_filestat_set_size', 3, 1n);
  },
  times: (g, errno) => {
    const fd = g.opened('hello.txt');
    const [A, ANOW, M] = [1, 2, 4];
    g.ok('fd_filestat_set_times', fd, 1_000_000_000n, 2_000_000_000n, A | M);
    g.ok('path_filestat_get', 3, 1, 'hello.txt', OUT);
    assert.deepEqual([g.u64(OUT + 40), g.u64(OUT + 48)], [1_000_000_000n, 2_000_000_000n]);
    g.ok('path_filestat_set_times', 3, 1, 'hello.txt', 0n, 3_000_000_000n, M);
    g.ok('fd_filestat_get', fd, OUT);
    assert.deepEqual([g.u64(OUT + 40), g.u64(OUT + 48)], [1_000_000_000n, 3_000_000_000n]);
    g.ok('path_filestat_set_times', 3, 1, 'dir', 0n, 4_000_000_000n, M);
    g.ok('path_filestat_get', 3, 1, 'dir', OUT);
    assert.equal(g.u64(OUT + 48), 4_000_000_000n);
    errno('inval', 'fd_filestat_set_times', fd, 0n, 0n, A | ANOW);
    errno('inval', 'fd_filestat_set_times', fd, 0n, 0n, 16);
    errno('noent', 'path_filestat_set_times', 3, 1, 'none', 0n, 0n, M);
  },
  'path_filestat_get follows links when asked': (g) => {
    g.ok('path_symlink', 'hello.txt', 3, 'link');
    g.ok('path_filestat_get', 3, 0, 'link', OUT);
    assert.equal(g.u8(OUT + 16), 7);
    g.ok('path_filestat_get', 3, 1, 'link', OUT);
    assert.equal(g.u8(OUT + 16), 4);
  },
  'directories: make, remove': (g, errno) => {
    g.ok('path_create_directory', 3, 'made');
    errno('exist', 'path_create_directory', 3, 'made');
    errno('noent', 'path_create_directory', 3, 'none/made');
    g.ok('path_create_directory', 3, 'made/inner/');
    errno('notempty', 'path_remove_directory', 3, 'made');
    g.ok('path_remove_directory', 3, 'made/inner');
    g.ok('path_remove_directory', 3, 'made');
    errno('noent', 'path_remove_directory', 3, 'made');
    errno('notdir', 'path_remove_directory', 3, 'hello.txt');
    errno('isdir', 'path_unlink_file', 3, 'dir');
    errno('notdir', 'path_unlink_file', 3, 'hello.txt/');
    g.ok('path_unlink_file', 3, 'hello.txt');
    errno('noent', 'path_unlink_file', 3, 'hello.txt');
  },
  path_rename: (g, errno) => {
    g.ok('path_rename', 3, 'hello.txt', 3, 'dir/moved');
    assert.equal(g.read(g.opened('dir/moved', { rights: READ })), 'hello');
    g.ok('path_rename', 3, 'dir/moved', 3, 'dir/a');
    assert.equal(g.read(g.opened('dir/a', { rights: READ })), 'hello');
    errno('noent', 'path_rename', 3, 'none', 3, 'x');
    errno('isdir', 'path_rename', 3, 'dir/a', 3, 'dir/sub');
    errno('notdir', 'path_rename', 3, 'dir/sub', 3, 'dir/a');
    errno('inval', 'path_rename', 3, 'dir', 3, 'dir/sub/x');
    errno('busy', 'path_rename', 3, '.', 3, 'x');
    errno('notdir', 'path_rename', 3, 'dir/a', 3, 'x/');
    g.ok('path_rename', 3, 'dir', 3, 'dir2');
    assert.equal(g.open('dir/a'), 'noent');
    assert.equal(g.read(g.opened('dir2/a', { rights: READ })), 'hello');
  },
  path_link: (g, errno) => {
    g.ok('path_link', 3, 0, 'hello.txt', 3, 'dir/second');
    assert.equal(g.write(g.opened('dir/second'), 'J'), 'success');
    assert.equal(g.read(g.opened('hello.txt', { rights: READ })), 'Jello');
    g.ok('path_filestat_get', 3, 0, 'hello.txt', OUT);
    assert.equal(g.u64(OUT + 24), 2n);
    errno('exist', 'path_link', 3, 0, 'hello.txt', 3, 'dir/a');
    errno('perm', 'path_link', 3, 0, 'dir', 3, 'dir3');
    errno('noent', 'path_link', 3, 0, 'none', 3, 'x');
  },
  'an open file outlives its name': (g) => {
    const fd = g.opened('hello.txt', { rights: READ });
    g.ok('path_unlink_file', 3, 'hello.txt');
    assert.equal(g.read(fd), 'hello');
  },
  fd_readdir: (g) => {
    const names = (fd: number, room: number): string[] => {
      const found: string[] = [];
      for (let cookie = 0n; ; ) {
        g.ok('fd_readdir', fd, 1024, room, cookie, OUT);
        const used = g.u32(OUT);
        let at = 1024;
        while (at + 24 <= 1024 + used) {
          const length = g.u32(at + 16);
          if (at + 24 + length > 1024 + used) break;
          found.push(`${g.text(at + 24, length)} ${g.u8(at + 20)}`);
          cookie = g.u64(at);
          at += 24 + length;
        }
        if (used < room) return found;
      }
    };
    const expected = ['. 3', '.. 3', 'a 4', 'sub 3'];
    const fd = g.opened('dir', { rights: (1n << 14n) | READ });
    assert.deepEqual(names(fd, 1000), expected);
    assert.deepEqual(names(fd, 40), expected);
    assert.equal(g.call('fd_readdir', 4, 1024, 0, 0n, OUT), 'success');
    assert.equal(g.u32(OUT), 0);
    assert.equal(g.call('fd_readdir', 1, 1024, 10, 0n, OUT), 'notdir');
  },
  'preopened directories': (g, errno) => {
    g.ok('fd_prestat_get', 3, OUT);
    assert.deepEqual([g.u32(OUT), g.u32(OUT + 4)], [0, 5]);
    g.ok('fd_prestat_dir_name', 3, 1024, 5);
    assert.equal(g.text(1024, 5), '/data');
    errno('nametoolong', 'fd_prestat_dir_name', 3, 1024, 4);
    errno('badf', 'fd_prestat_get', 1, OUT);
    errno('badf', 'fd_prestat_get', 4, OUT);
  },
  'syncing and advice': (g, errno) => {
    const fd = g.opened('hello.txt');
    g.ok('fd_sync', fd);
    g.ok('fd_datasync', fd);
    g.ok('fd_advise', fd, 0n, 5n, 3);
    errno('inval', 'fd_advise', fd, 0n, 5n, 6);
    errno('spipe', 'fd_advise', 1, 0n, 5n, 3);
  },
  'names that are no ASCII, and no UTF-8': (g) => {
    assert.equal(g.write(g.opened('ü😀.txt', { oflags: CREAT }), 'x'), 'success');
    assert.equal(g.read(g.opened('ü😀.txt', { rights: READ })), 'x');
    const { at, length } = g.put(Uint8Array.from([0xff, 0xfe]));
    assert.equal(g.call('path_unlink_file', 3, at, length), 'ilseq');
  },
};

/** `without`: cases about what a backend has not. */
function checks(
  backend: string,
  tree: () => { tree: FileTree; done(): void },
  without: readonly string[] = [],
): void {
  for (const name of without) assert.ok(Object.hasOwn(CASES, name), name);
  for (const [name, check] of Object.entries(CASES)) {
    if (without.includes(name)) continue;
    test(`${backend}: ${name}`, () => {
      const made = tree();
      const guest = new Guest({ preopens: [{ guest: '/data', tree: made.tree }] });
      seed(guest);
      const errno = (expected: string, call: string, ...args: (number | bigint | string)[]) =>
        assert.equal(guest.call(call, ...args), expected, `${call}(${args.join(', ')})`);
      try {
        check(guest, errno);
      } finally {
        made.done();
      }
    });
  }

  test(`${backend}: a read-only directory stays as it is`, () => {
    const made = tree();
    seed(new Guest({ preopens: [{ guest: '/data', tree: made.tree }] }));
    const g = new Guest({ preopens: [{ guest: '/data', tree: made.tree, readOnly: true }] });
    try {
      assert.equal(g.read(g.opened('hello.txt', { rights: READ })), 'hello');
      assert.equal(g.open('hello.txt', { rights: READ | WRITE }), 'perm');
      assert.equal(g.open('new', { oflags: CREAT, rights: READ }), 'perm');
      assert.equal(g.open('hello.txt', { oflags: TRUNC, rights: READ }), 'perm');
      for (const [name, ...args] of [
        ['path_create_directory', 3, 'x'],
        ['path_unlink_file', 3, 'hello.txt'],
        ['path_remove_directory', 3, 'dir/sub'],
        ['path_symlink', 'hello.txt', 3, 'x'],
        ['path_rename', 3, 'hello.txt', 3, 'x'],
        ['path_link', 3, 0, 'hello.txt', 3, 'x'],
        ['path_filestat_set_times', 3, 1, 'hello.txt', 0n, 0n, 4],
      ] as const) {
        assert.equal(g.call(name, ...args), 'notcapable', name);
      }
      const dir = g.opened('dir', { rights: ~0n & ~WRITE });
      assert.equal(g.open('a', { dir, rights: WRITE }), 'perm');
    } finally {
      made.done();
    }
  });
}

/** The same files everywhere, made by a guest. */
function seed(guest: Guest): void {
  const file = (name: string, text: string) => {
    const fd = guest.opened(name, { oflags: CREAT });
    assert.equal(guest.write(fd, text), 'success');
    guest.ok('fd_close', fd);
  };
  file('hello.txt', 'hello');
  guest.ok('path_create_directory', 3, 'dir');
  guest.ok('path_create_directory', 3, 'dir/sub');
  file('dir/a', 'A');
}

const memoryTree = (capacity?: number) =>
  new MemoryTree({ encode: encodeUtf8, now: () => 1_700_000_000_000_000_000n, capacity });

checks('memory', () => ({ tree: memoryTree(), done: () => {} }));
checks('disk', () => {
  const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'wasmscope-wasi-')));
  return { tree: nodeTree(folder), done: () => rmSync(folder, { recursive: true }) };
});

checks('client', () => {
  const files = new ClientFiles(new ClientDisk('memfs:/w').ask, new TestClocks());
  return { tree: files.directory('memfs:/w') as FileTree, done: () => {} };
}, [
  'symbolic links',
  'creating through a dangling link stays inside',
  'times',
  'path_filestat_get follows links when asked',
  'path_link',
]);

test('all 46 functions are there', () => {
  assert.equal(Object.keys(FUNCTIONS).length, 46);
});

test('arguments and environment', () => {
  const g = new Guest({ args: ['prog', 'ä'], env: { HOME: '/', EMPTY: '' } });
  g.ok('args_sizes_get', OUT, OUT + 4);
  assert.deepEqual([g.u32(OUT), g.u32(OUT + 4)], [2, 8]);
  g.ok('args_get', 1024, 2048);
  assert.equal(g.text(g.u32(1024), 8), 'prog\0ä\0');
  assert.equal(g.text(g.u32(1028), 3), 'ä\0');
  g.ok('environ_sizes_get', OUT, OUT + 4);
  assert.deepEqual([g.u32(OUT), g.u32(OUT + 4)], [2, 14]);
  g.ok('environ_get', 1024, 2048);
  assert.equal(g.text(g.u32(1028), 7), 'EMPTY=\0');
});

test('clocks and random numbers', () => {
  const g = new Guest();
  g.ok('clock_time_get', 1, 0n, OUT);
  assert.equal(g.u64(OUT), 1_000_000_000n);
  g.ok('clock_time_get', 0, 0n, OUT);
  assert.equal(g.u64(OUT), 1_700_000_001_000_000_000n);
  g.ok('clock_time_get', 2, 0n, OUT);
  assert.equal(g.u64(OUT), 5n);
  g.ok('clock_res_get', 1, OUT);
  assert.equal(g.u64(OUT), 1n);
  assert.equal(g.call('clock_time_get', 4, 0n, OUT), 'inval');
  g.ok('random_get', 1024, 4);
  assert.deepEqual([...g.memory.bytes.slice(1024, 1029)], [0, 1, 2, 3, 0]);
  g.ok('random_get', 0, 4 * 65536);
  assert.equal(g.u8(4 * 65536 - 1), 3);
});

test('proc_exit ends the program with its code; signals are not supported', () => {
  const g = new Guest();
  assert.throws(
    () => g.call('proc_exit', 7),
    (error) => error instanceof ProgramExit && error.code === 7 && error instanceof WasmError,
  );
  assert.equal(g.call('proc_raise', 6), 'notsup');
  g.ok('sched_yield');
});

test('bad pointers trap', () => {
  const g = new Guest({ preopens: [{ guest: '/', tree: memoryTree() }] });
  const size = g.memory.bytes.length;
  const traps = (message: RegExp, name: string, ...args: (number | bigint)[]) =>
    assert.throws(
      () => g.call(name, ...args),
      (error) => error instanceof WasmError && error.phase === 'trap' && message.test(error.message),
    );
  traps(/^out of bounds memory access/, 'args_sizes_get', size, OUT);
  traps(/^out of bounds memory access/, 'clock_time_get', 0, 0n, size - 4);
  traps(/^unaligned pointer/, 'clock_time_get', 0, 0n, 12);
  traps(/^out of bounds memory access/, 'fd_write', 1, size - 4, 1, OUT);
  traps(/^out of bounds memory access/, 'fd_write', 1, g.iovec(size - 1, 2), 1, OUT);
  traps(/^out of bounds memory access/, 'fd_read', 0, 0, 0x2000_0000, OUT);
  traps(/^out of bounds memory access/, 'random_get', size - 1, 2);
  traps(/^out of bounds memory access/, 'path_open', 3, 0, 0xffff_fff0, 0xff, 0, 0n, 0n, 0, OUT);
});

test('a full disk and a full table of descriptors', () => {
  const g = new Guest({ preopens: [{ guest: '/', tree: memoryTree(10) }] });
  const fd = g.opened('f', { oflags: CREAT });
  assert.equal(g.write(fd, '0123456789'), 'success');
  assert.equal(g.write(fd, 'x'), 'nospc');
  for (let open = 5; open <= 10_000; open++) assert.equal(typeof g.open('f'), 'number');
});

test('an instance that exports no memory cannot be answered', () => {
  const g = new Guest();
  const func = g.imports({ module: 'wasi_snapshot_preview1', name: 'args_get', kind: 'func' } as never);
  assert.throws(
    () =>
      (func as { host: { call: (...args: unknown[]) => unknown } }).host.call(
        [
          { type: 0x7f, bits: 0n },
          { type: 0x7f, bits: 0n },
        ],
        { caller: undefined },
      ),
    /missing required memory export/,
  );
});
