/**
 * Directories of the client's: what is asked of it and when, files that are open, names as parts of URIs, links, failures. What
 * they have in common with other trees is in wasi-preview1.test.ts.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeUtf8 } from '../../engine/base/utf8.ts';
import { ClientFiles } from '../../engine/wasi/client-tree.ts';
import { type FileTree, HostError, type OpenHow } from '../../engine/wasi/host.ts';
import { ClientDisk } from './wasi-client.ts';
import { TestClocks } from './wasi-guest.ts';

const ROOT = 'memfs:/w';
const HOW: OpenHow = { read: true, write: true, create: false, exclusive: false, truncate: false };
const CREATE: OpenHow = { ...HOW, create: true };

/** A disk and a granted directory of it, whose client answers later. */
async function granted(files: Record<string, string> = {}) {
  const disk = new ClientDisk(ROOT);
  for (const [name, text] of Object.entries(files)) disk.files.set(`${ROOT}/${name}`, encodeUtf8(text));
  const all = new ClientFiles(disk.askLater, new TestClocks());
  const tree = await all.directory(ROOT);
  disk.asked.length = 0;
  return { disk, all, tree };
}

async function write(tree: FileTree, name: string, text: string): Promise<void> {
  const file = await tree.open([name], CREATE);
  await file.write(encodeUtf8(text), 'end');
  await file.close();
}

test('a file is read once, and written once when it is closed', async () => {
  const { disk, tree } = await granted({ f: 'hello' });
  const file = await tree.open(['f'], HOW);
  for (let i = 0; i < 5; i++) {
    assert.equal((await file.read(1, BigInt(i))).length, 1);
    await file.write(encodeUtf8('!'), 'end');
  }
  assert.equal((await file.stat()).size, 10n);
  assert.equal((await tree.stat(['f'])).size, 10n);
  await file.close();
  await file.close();
  assert.deepEqual(disk.asked, ['stat memfs:/w/f', 'readFile memfs:/w/f', 'writeFile memfs:/w/f']);
  assert.equal(disk.text('memfs:/w/f'), 'hello!!!!!');
});

test('what is only read is not written; what is truncated is not read', async () => {
  const { disk, tree } = await granted({ f: 'hello' });
  await (await tree.open(['f'], HOW)).close();
  await (await tree.open(['f'], { ...HOW, truncate: true })).close();
  assert.deepEqual(disk.asked, [
    'stat memfs:/w/f',
    'readFile memfs:/w/f',
    'stat memfs:/w/f',
    'writeFile memfs:/w/f',
  ]);
  assert.equal(disk.text('memfs:/w/f'), '');
});

test('two that have a file open see the same; the last one to close it writes it', async () => {
  const { disk, tree } = await granted({ f: 'ab' });
  const one = await tree.open(['f'], HOW);
  const other = await tree.open(['f'], HOW);
  await one.write(encodeUtf8('X'), 0n);
  assert.deepEqual(await other.read(9, 0n), encodeUtf8('Xb'));
  await one.close();
  assert.equal(disk.text('memfs:/w/f'), 'ab');
  await other.close();
  assert.equal(disk.text('memfs:/w/f'), 'Xb');
});

test('sync, flush, and a while write back', async () => {
  const { disk, all, tree } = await granted();
  const file = await tree.open(['f'], CREATE);
  await file.write(encodeUtf8('1'), 'end');
  await file.sync(true);
  assert.equal(disk.text('memfs:/w/f'), '1');
  await file.write(encodeUtf8('2'), 'end');
  await all.flush();
  assert.equal(disk.text('memfs:/w/f'), '12');
  await file.write(encodeUtf8('3'), 'end');
  while (disk.text('memfs:/w/f') !== '123') await new Promise((resolve) => setImmediate(resolve));
});

test('an open file that is removed is written nowhere; one that is renamed, to its new name', async () => {
  const { disk, tree } = await granted({ gone: 'x', old: 'y' });
  await tree.mkdir(['d']);
  const gone = await tree.open(['gone'], HOW);
  const old = await tree.open(['old'], HOW);
  await gone.write(encodeUtf8('!'), 'end');
  await old.write(encodeUtf8('!'), 'end');
  await tree.unlink(['gone']);
  await tree.rename(['old'], ['d', 'new'], tree);
  await tree.rename(['d'], ['e'], tree);
  await gone.close();
  await old.close();
  assert.deepEqual([...disk.files.keys()], ['memfs:/w/e/new']);
  assert.equal(disk.text('memfs:/w/e/new'), 'y!');
});

test('a file that one thread renames while another one closes it is written to its new name', async () => {
  const { disk, tree } = await granted({ old: 'y' });
  const old = await tree.open(['old'], HOW);
  await old.write(encodeUtf8('!'), 'end');
  await Promise.all([tree.rename(['old'], ['new'], tree), old.close()]);
  assert.deepEqual([...disk.files.keys()], ['memfs:/w/new']);
  assert.equal(disk.text('memfs:/w/new'), 'y!');
});

test('names are parts of URIs, whatever they are', async () => {
  const { disk, tree } = await granted();
  const names = ['a b', 'ü😀', '100%', 'a?b', '#', '..%2f..', 'x:y', '&'];
  for (const name of names) await write(tree, name, name);
  for (const uri of disk.files.keys()) assert.match(uri, /^memfs:\/w\/[^/?#]+$/);
  const listed = await tree.list([]);
  assert.deepEqual(
    listed.map(({ name }) => name),
    names,
  );
  assert.equal(new Set(listed.map(({ ino }) => ino)).size, names.length);
  await assert.rejects(async () => tree.open(['a\\..\\b'], CREATE), { code: 'inval' });
});

test('a root, an authority, a query', async () => {
  for (const [uri, expected] of [
    ['vscode-vfs://github/o/r/', 'vscode-vfs://github/o/r/f'],
    ['memfs:/', 'memfs:/f'],
    ['memfs:/w?ref=1', 'memfs:/w/f?ref=1'],
  ]) {
    const disk = new ClientDisk(uri);
    const tree = await new ClientFiles(disk.ask, new TestClocks()).directory(uri);
    await write(tree, 'f', 'x');
    assert.deepEqual([...disk.files.keys()], [expected]);
  }
});

test('links are seen and not followed', async () => {
  const { disk, tree } = await granted();
  disk.links.set('memfs:/w/l', 'file');
  assert.equal((await tree.stat(['l'])).type, 'symlink');
  await assert.rejects(async () => tree.open(['l'], HOW), { code: 'loop' });
  assert.throws(() => tree.readlink(['l']), { code: 'notsup' });
  assert.throws(() => tree.symlink('f', ['m']), { code: 'perm' });
});

test('what the client cannot do is told, and what was not written stays to be written', async () => {
  const { disk, all, tree } = await granted({ f: '' });
  const file = await tree.open(['f'], HOW);
  await file.write(encodeUtf8('x'), 'end');
  disk.failing.set('writeFile', new HostError('nospc'));
  await assert.rejects(async () => file.sync(false), { code: 'nospc' });
  await assert.rejects(async () => all.flush(), /memfs:\/w\/f could not be written: nospc/);
  disk.failing.clear();
  await file.close();
  assert.equal(disk.text('memfs:/w/f'), 'x');
  disk.failing.set('stat', new HostError('acces'));
  await assert.rejects(async () => tree.stat(['f']), { code: 'acces' });
});

test('a directory that is none is not granted', async () => {
  const { all } = await granted({ f: '' });
  await assert.rejects(
    async () => all.directory('memfs:/nowhere'),
    /^Error: there is no directory memfs:\/nowhere$/,
  );
  await assert.rejects(async () => all.directory('memfs:/w/f'), /^Error: memfs:\/w\/f is no directory$/);
});
