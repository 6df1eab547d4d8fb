/**
 * The sandbox of WASI 0.1: random calls with hostile paths and links, on the disk and in memory at once. Nothing outside
 * of the granted directory is ever seen or changed, and both trees answer the same and end up the same.
 */

import assert from 'node:assert/strict';
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { nodeTree } from '../../debug-adapter/hosts/node-tree.ts';
import { encodeUtf8 } from '../../engine/base/utf8.ts';
import { MemoryTree } from '../../engine/wasi/memory-tree.ts';
import { type Random, randomFrom } from '../fuzz/random.ts';
import { Guest, OUT } from './wasi-guest.ts';

const SEED = Number(process.env.WASMSCOPE_SEED ?? 1) >>> 0;
const SECRET = 'the secret';
const RUNS = 25;
const STEPS = 120;
const NAMES = ['a', 'b', 'c', 'd'];
const ODD = ['..', '.', '', '...', 'a ', '\u00e9'];

/** A path of a few names, with everything that could lead out. */
function somePath(random: Random): string {
  const names = Array.from({ length: 1 + random.below(4) }, () =>
    random.below(3) === 0 ? random.pick(ODD) : random.pick(NAMES),
  );
  const joined = names.join('/');
  const around = random.below(12);
  if (around === 0) return `/${joined}`;
  if (around === 1) return `${joined}/`;
  if (around === 2) return `../outside/${joined}`;
  return around === 3 ? `../../${joined}` : joined;
}

type Step = (guest: Guest) => string;

/** One random call; its answer in words, the same for every tree. */
function someStep(random: Random): Step {
  const [one, two] = [somePath(random), somePath(random)];
  const fd = random.below(8) === 0 ? 4 : 3;
  const lookup = random.below(2);
  switch (random.below(10)) {
    case 0:
      return (g) => `mkdir ${one}: ${g.call('path_create_directory', fd, one)}`;
    case 1:
      return (g) => `symlink ${one} ${two}: ${g.call('path_symlink', one, fd, two)}`;
    case 2:
      return (g) => `rename ${one} ${two}: ${g.call('path_rename', fd, one, 3, two)}`;
    case 3:
      return (g) => `link ${one} ${two}: ${g.call('path_link', fd, lookup, one, 3, two)}`;
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
        guest.opened('second', { rights: ~(1n << 6n) });
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
