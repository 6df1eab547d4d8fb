/**
 * The sandbox of WASI 0.1: random calls with hostile paths and links, on the disk and in memory at once. Nothing outside
 * of the granted directory is ever seen or changed, and both trees answer the same and end up the same.
 */

import assert from 'node:assert/strict';
import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { nodeTree } from '../../debug-adapter/hosts/node-tree.ts';
import { encodeUtf8 } from '../../engine/base/utf8.ts';
import type { FileTree } from '../../engine/wasi/host.ts';
import { MemoryTree } from '../../engine/wasi/memory-tree.ts';
import { type Random, randomFrom } from '../fuzz/random.ts';
import { Guest, OUT } from './wasi-guest.ts';

const SEED = Number(process.env.WASMSCOPE_SEED ?? 1) >>> 0;
const SECRET = 'the secret';
const RUNS = 25;
const STEPS = 120;
const NAMES = ['a', 'b', 'c', 'd', 'second'];
/** The first descriptor behind that of the granted directory, and how many of them steps use as directories. */
const FIRST_OPENED = 4;
const OPENED = 4;
const ODD = ['..', '.', '', '...', 'a ', '\u00e9'];

/** A path of a few names, with everything that could lead out. */
function somePath(random: Random): string {
  const names = Array.from({ length: 1 + random.below(4) }, () =>
    random.below(3) === 0 ? random.pick(ODD) : random.pick(NAMES),
  );
  const joined = names.join('/');
  const around = random.below(12);
  // Where mischief begins: a name that is there, a place that should not be reached.
  if (random.below(4) === 0) return random.pick(NAMES);
  if (random.below(12) === 0) return random.pick(['../outside', '../../outside', '../../../outside']);
  if (around === 0) return `/${joined}`;
  if (around === 1) return `${joined}/`;
  if (around === 2) return `../outside/${joined}`;
  return around === 3 ? `../../${joined}` : joined;
}

/** Everything but writing, which no directory may be opened for. */
const DIRECTORY_RIGHTS = ~(1n << 6n);

type Step = (guest: Guest) => string;

/** One random call; its answer in words, the same for every tree. */
function someStep(random: Random): Step {
  const [one, two] = [somePath(random), somePath(random)];
  const fd = someDirectory(random);
  const other = someDirectory(random);
  const lookup = random.below(2);
  switch (random.below(13)) {
    case 0:
      return (g) => `mkdir ${one}: ${g.call('path_create_directory', fd, one)}`;
    case 1:
      return (g) => `symlink ${one} ${two}: ${g.call('path_symlink', one, fd, two)}`;
    case 2:
      return (g) => `rename ${one} ${two}: ${g.call('path_rename', fd, one, other, two)}`;
    case 3:
      return (g) => `link ${one} ${two}: ${g.call('path_link', fd, lookup, one, other, two)}`;
    case 4:
      return (g) => `unlink ${one}: ${g.call('path_unlink_file', fd, one)}`;
    case 5:
      return (g) => `rmdir ${one}: ${g.call('path_remove_directory', fd, one)}`;
    case 6:
      return (g) => {
        const errno = g.call('path_readlink', fd, one, 1024, 100, OUT);
        return `readlink ${one}: ${errno} ${errno === 'success' ? g.text(1024, g.u32(OUT)) : ''}`;
      };
    case 7:
      return (g) => {
        const errno = g.call('path_filestat_get', fd, 1, one, OUT);
        return `stat ${one}: ${errno} ${errno === 'success' ? g.u8(OUT + 16) : ''}`;
      };
    case 8: {
      // It stays open, whatever becomes of its name.
      const old = FIRST_OPENED + random.below(OPENED);
      return (g) => {
        g.call('fd_close', old);
        return `directory ${one}: ${g.open(one, { dir: fd, oflags: 2, rights: DIRECTORY_RIGHTS, lookup })}`;
      };
    }
    case 9:
      return (g) => `times ${one}: ${g.call('path_filestat_set_times', fd, lookup, one, 0n, 5n, 4)}`;
    case 10:
      return (g) => {
        const errno = g.call('fd_readdir', fd, 1024, 2000, 0n, OUT);
        return `readdir ${fd}: ${errno} ${errno === 'success' ? entries(g) : ''}`;
      };
    default: {
      const oflags = random.pick([0, 1, 1, 5, 8, 9]);
      return (g) => {
        const opened = g.open(one, { dir: fd, oflags, lookup });
        if (typeof opened !== 'number') return `open ${one} ${oflags}: ${opened}`;
        const read = g.read(opened);
        const written = g.write(opened, 'w');
        g.ok('fd_close', opened);
        return `open ${one} ${oflags}: read ${read}, write ${written}`;
      };
    }
  }
}

function someDirectory(random: Random): number {
  return random.below(2) === 0 ? FIRST_OPENED + random.below(OPENED) : 3;
}

/** The names and types that fd_readdir has written. */
function entries(g: Guest): string {
  const found: string[] = [];
  const end = 1024 + g.u32(OUT);
  for (let at = 1024; at + 24 <= end; at += 24 + g.u32(at + 16)) {
    found.push(`${g.text(at + 24, g.u32(at + 16))} ${g.u8(at + 20)}`);
  }
  return found.join(', ');
}

/** Everything below a folder but its `root`: names, kinds, contents. Links are not followed. */
function look(folder: string, below = ''): string[] {
  return readdirSync(path.join(folder, below), { withFileTypes: true }).flatMap((entry) => {
    const name = path.join(below, entry.name);
    if (name === 'root') return [];
    if (entry.isFile()) return [`${name} file ${readFileSync(path.join(folder, name), 'utf8')}`];
    return entry.isDirectory() ? [`${name} directory`, ...look(folder, name)] : [`${name} link`];
  });
}

test('nothing outside is seen or changed, whatever a guest does; both trees agree', () => {
  for (let run = 0; run < RUNS; run++) {
    const seed = (SEED + run) >>> 0;
    const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'wasmscope-sandbox-')));
    try {
      mkdirSync(path.join(folder, 'outside/a'), { recursive: true });
      mkdirSync(path.join(folder, 'root/second'), { recursive: true });
      for (const name of ['outside/a/b', 'outside/b', 'a', 'b'])
        writeFileSync(path.join(folder, name), SECRET);
      const before = look(folder);
      const memory = new MemoryTree({ encode: encodeUtf8, now: () => 0n, contents: { second: {} } });
      const disk = nodeTree(path.join(folder, 'root'));
      const guests = [disk, memory].map((tree) => {
        const guest = new Guest({ preopens: [{ guest: '/', tree }] });
        for (let i = 0; i < OPENED; i++) guest.opened('second', { rights: DIRECTORY_RIGHTS });
        return guest;
      });
      const random = randomFrom(seed);
      const log: string[] = [];
      for (let step = 0; step < STEPS; step++) {
        const [onDisk, inMemory] = guests.map(someStep(random));
        log.push(onDisk);
        const story = () => `seed ${seed}:\n${log.join('\n')}`;
        assert.equal(onDisk, inMemory, story());
        assert.ok(!onDisk.includes(SECRET), story());
      }
      assert.deepEqual(look(folder), before, `seed ${seed}`);
    } finally {
      rmSync(folder, { recursive: true });
    }
  }
});

/** A folder with something outside of `root` that nobody may see: contents, names and inodes of it. */
function farm(): { folder: string; inodes: ReadonlySet<bigint>; done(): void } {
  const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'wasmscope-farm-')));
  for (const name of ['root/a/b/c', 'root/second/a', 'outside/a', 'outside/b/c', 'outside/second'])
    mkdirSync(path.join(folder, name), { recursive: true });
  for (const name of ['outside/d', `outside/${SECRET}`, 'outside/a/b', `outside/b/${SECRET}`])
    writeFileSync(path.join(folder, name), SECRET);
  const inodes = new Set<bigint>();
  const collect = (at: string) => {
    inodes.add(lstatSync(at, { bigint: true }).ino);
    if (lstatSync(at).isDirectory()) for (const name of readdirSync(at)) collect(path.join(at, name));
  };
  collect(path.join(folder, 'outside'));
  return { folder, inodes, done: () => rmSync(folder, { recursive: true }) };
}

/** Random steps of a guest of the disk, with something before each call of the tree; nothing outside may come of it. */
function attack(
  seed: number,
  preopens: (folder: string) => FileTree[],
  before: (folder: string) => void,
): void {
  const { folder, inodes, done } = farm();
  try {
    const outside = look(path.join(folder, 'outside'));
    const trees = preopens(folder).map((tree) => watched(tree, () => before(folder)));
    const guest = new Guest({ preopens: trees.map((tree, i) => ({ guest: `/${i}`, tree })) });
    for (let i = trees.length; i < 1 + OPENED; i++) guest.open('second', { rights: DIRECTORY_RIGHTS });
    const random = randomFrom(seed);
    const log: string[] = [];
    for (let step = 0; step < STEPS; step++) {
      const said = someStep(random)(guest);
      log.push(said);
      const seen = said.startsWith('stat') && said.includes('success') && inodes.has(guest.u64(OUT + 8));
      if (seen || said.includes(SECRET)) assert.fail(`seed ${seed}:\n${log.join('\n')}`);
    }
    assert.deepEqual(look(path.join(folder, 'outside')), outside, `seed ${seed}:\n${log.join('\n')}`);
  } finally {
    done();
  }
}

/** A tree that lets somebody else act before each of its calls. The tree itself: others know it by its class. */
function watched(tree: FileTree, before: () => void): FileTree {
  const methods = Object.getOwnPropertyNames(Object.getPrototypeOf(tree));
  const own = tree as unknown as Record<string, unknown>;
  for (const name of methods) {
    const method = own[name];
    // `entry` is what the others are made of.
    if (typeof method !== 'function' || name === 'constructor' || name === 'entry') continue;
    own[name] = (...args: unknown[]) => {
      before();
      return Reflect.apply(method, tree, args);
    };
  }
  return tree;
}

test('directories that another process swaps for links, between check and use', () => {
  for (let run = 0; run < RUNS; run++) {
    const random = randomFrom(SEED + run + 1000);
    let kept: string | undefined;
    const swap = (folder: string) => {
      if (random.below(3) !== 0) return;
      const place = path.join(folder, 'root', random.pick(NAMES));
      const away = path.join(folder, 'away');
      if (kept !== undefined) {
        rmSync(kept, { recursive: true, force: true });
        // What the guest made there meanwhile is gone, and so may be what it was in.
        if (existsSync(away)) rmSync(away, { recursive: true });
        kept = undefined;
        return;
      }
      if (!lstatSync(place, { throwIfNoEntry: false })?.isDirectory()) return;
      renameSync(place, away);
      symlinkSync(path.join(folder, random.pick(['outside', 'outside/b', '.'])), place);
      kept = place;
    };
    attack(SEED + run, (folder) => [nodeTree(path.join(folder, 'root'))], swap);
  }
});

test('a granted directory inside of another one: the guest may move it away and put links in its place', () => {
  for (let run = 0; run < RUNS; run++) {
    const grant = (folder: string) =>
      ['root', 'root/second', 'root/a/b'].map((name) => nodeTree(path.join(folder, name)));
    attack(SEED + run, grant, () => {});
  }
});

test('links in the place of a granted directory, by name', () => {
  const { folder, done } = farm();
  try {
    const trees = ['root', 'root/second', 'root/a/b'].map((name) => nodeTree(path.join(folder, name)));
    const g = new Guest({ preopens: trees.map((tree, i) => ({ guest: `/${i}`, tree })) });
    for (const [name, fd] of [
      ['second', 4],
      ['a', 5],
    ] as const) {
      g.ok('path_rename', 3, name, 3, `${name}-moved`);
      g.ok('path_symlink', '../outside', 3, name);
      // Linux keeps the directory open; elsewhere it is not found again.
      const isKept = process.platform === 'linux';
      for (const inside of ['d', 'a', 'second']) {
        const stat = g.call('path_filestat_get', fd, 0, inside, OUT);
        assert.equal(stat, isKept && inside === 'a' && fd === 4 ? 'success' : 'noent');
      }
      assert.equal(g.call('path_create_directory', fd, 'made'), isKept ? 'success' : 'noent');
    }
    assert.ok(!existsSync(path.join(folder, 'outside/made')));
  } finally {
    done();
  }
});

test('an open directory keeps its descriptor when it is renamed; one that was removed has nothing in it', () => {
  const { folder, done } = farm();
  try {
    const contents = { a: { b: { c: {} } }, second: { a: {} } };
    for (const tree of [
      nodeTree(path.join(folder, 'root')),
      new MemoryTree({ encode: encodeUtf8, now: () => 0n, contents }),
    ]) {
      const g = new Guest({ preopens: [{ guest: '/', tree }] });
      const fd = g.opened('a/b', { rights: DIRECTORY_RIGHTS });
      g.ok('path_rename', 3, 'a', 3, 'second/moved');
      g.ok('path_symlink', '../outside', 3, 'a');
      g.ok('path_filestat_get', fd, 1, 'c', OUT);
      g.ok('path_create_directory', fd, 'made');
      g.ok('path_remove_directory', 3, 'second/moved/b/made');
      g.ok('path_remove_directory', fd, 'c');
      g.ok('path_remove_directory', 3, 'second/moved/b');
      g.ok('path_create_directory', 3, 'second/moved/b');
      assert.equal(g.call('path_create_directory', fd, 'x'), 'noent');
      assert.equal(g.call('fd_readdir', fd, 1024, 1000, 0n, OUT), 'noent');
      assert.equal(g.call('fd_filestat_get', fd, OUT), 'noent');
      g.ok('fd_close', fd);
      const replaced = g.opened('second/moved/b', { rights: DIRECTORY_RIGHTS });
      g.ok('path_rename', 3, 'second/a', 3, 'second/moved/b');
      assert.equal(g.open('.', { dir: replaced, rights: DIRECTORY_RIGHTS }), 'noent');
    }
  } finally {
    done();
  }
});

test('links that others put there do not lead out, whatever they look like', () => {
  const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'wasmscope-links-')));
  try {
    const at = (...names: string[]) => path.join(folder, ...names);
    mkdirSync(at('root/inner'), { recursive: true });
    mkdirSync(at('outside'));
    writeFileSync(at('outside/file'), SECRET);
    symlinkSync(at('outside/file'), at('root/absolute'));
    symlinkSync('../outside/file', at('root/relative'));
    symlinkSync('inner/../../outside', at('root/through'));
    symlinkSync('relative', at('root/chained'));
    symlinkSync('../../outside/nothing', at('root/inner/dangling'));
    symlinkSync(folder, at('root/up'));
    const g = new Guest({ preopens: [{ guest: '/', tree: nodeTree(at('root')) }] });
    for (const name of [
      'absolute',
      'relative',
      'chained',
      'through/file',
      'up/outside/file',
      'inner/dangling',
    ]) {
      assert.equal(g.open(name), 'perm', name);
      assert.equal(g.open(name, { oflags: 1 }), 'perm', name);
      assert.equal(g.call('path_filestat_get', 3, 1, name, OUT), 'perm', name);
    }
    assert.equal(g.call('path_readlink', 3, 'absolute', 1024, 100, OUT), 'perm');
    assert.equal(g.call('path_rename', 3, 'up', 3, 'moved'), 'success');
    assert.deepEqual(readdirSync(at('outside')), ['file']);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test('two directories: names do not cross over, renames between them follow the host', () => {
  const folder = realpathSync(mkdtempSync(path.join(os.tmpdir(), 'wasmscope-two-')));
  try {
    mkdirSync(path.join(folder, 'one'));
    mkdirSync(path.join(folder, 'two'));
    const trees = ['one', 'two'].map((name) => nodeTree(path.join(folder, name)));
    const g = new Guest({
      preopens: [
        { guest: '/one', tree: trees[0] },
        { guest: '/two', tree: trees[1], readOnly: true },
      ],
    });
    assert.equal(g.write(g.opened('x', { oflags: 1 }), 'x'), 'success');
    assert.equal(g.call('path_rename', 3, 'x', 4, 'x'), 'notcapable');
    assert.equal(g.call('path_rename', 3, 'x', 4, '../one/y'), 'notcapable');
    const both = new Guest({ preopens: trees.map((tree, i) => ({ guest: `/${i}`, tree })) });
    assert.equal(both.call('path_rename', 3, 'x', 4, 'x'), 'success');
    assert.deepEqual(readdirSync(path.join(folder, 'two')), ['x']);
    const mixed = new Guest({
      preopens: [
        { guest: '/disk', tree: trees[1] },
        { guest: '/memory', tree: new MemoryTree({ encode: encodeUtf8, now: () => 0n }) },
      ],
    });
    assert.equal(mixed.call('path_rename', 3, 'x', 4, 'x'), 'xdev');
    assert.equal(mixed.call('path_link', 3, 0, 'x', 4, 'x'), 'xdev');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
