/**
 * `wasi:filesystem` on the disk and in memory: one table of calls for both, and what it leaves behind.
 */

import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { nodeTree } from '../../debug-adapter/hosts/node-tree.ts';
import { encodeUtf8 } from '../../engine/base/utf8.ts';
import type { CaseValue, ComponentValue } from '../../engine/component/values.ts';
import { ERROR_CODES } from '../../engine/wasi/errors.ts';
import { type FileTree, HostError } from '../../engine/wasi/host.ts';
import { MemoryTree } from '../../engine/wasi/memory-tree.ts';
import { bytes, FILE_ERRORS, FILE_TYPES, Guest2, none, some } from './wasi2-guest.ts';

const folder = mkdtempSync(path.join(tmpdir(), 'wasmscope wasi2 #'));
after(() => rmSync(folder, { recursive: true }));

const READ = 1;
const WRITE = 2;
const MUTATE = 32;
const FOLLOW = 1;
const OPEN = { create: 1, directory: 2, exclusive: 4, truncate: 8 };

let places = 0;

/** The same tree on the disk and in memory: a file, a directory with a file, links. */
function trees(): Record<string, FileTree> {
  const place = path.join(folder, String(places++));
  mkdirSync(path.join(place, 'dir'), { recursive: true });
  writeFileSync(path.join(place, 'hello.txt'), 'Hello, file!');
  writeFileSync(path.join(place, 'dir', 'inner'), 'inner');
  symlinkSync('hello.txt', path.join(place, 'link'));
  symlinkSync('loop', path.join(place, 'loop'));
  symlinkSync('../..', path.join(place, 'dir', 'up'));
  const memory = new MemoryTree({
    contents: { 'hello.txt': 'Hello, file!', dir: { inner: 'inner' } },
    encode: encodeUtf8,
    now: () => 1_700_000_000_000_000_000n,
  });
  memory.symlink('hello.txt', ['link']);
  memory.symlink('loop', ['loop']);
  memory.symlink('../..', ['dir', 'up']);
  return { disk: nodeTree(place), memory };
}

/** What a function answers, in words. */
async function answer(guest: Guest2, name: string, args: readonly ComponentValue[]): Promise<unknown> {
  const value = (await guest.call(`filesystem/types#[method]${name}`, ...args)) as CaseValue;
  return value.case === 0 ? value.payload : FILE_ERRORS[(value.payload as CaseValue).case];
}

function root(guest: Guest2, i = 0): ComponentValue {
  const list = guest.now('filesystem/preopens#get-directories') as readonly (readonly ComponentValue[])[];
  return list[i][0];
}

async function open(
  guest: Guest2,
  from: ComponentValue,
  name: string,
  { how = 0, flags = READ, follow = FOLLOW } = {},
): Promise<ComponentValue> {
  return guest.method('filesystem/types', 'descriptor.open-at', from, follow, name, how, flags);
}

/** Calls by path from the granted directory, in order, on the same tree: function, arguments, answer. */
const BY_PATH: readonly (readonly [string, readonly ComponentValue[], unknown])[] = [
  ['open-at', [FOLLOW, 'missing', 0, READ], 'no-entry'],
  ['open-at', [FOLLOW, '', 0, READ], 'no-entry'],
  ['open-at', [FOLLOW, '/hello.txt', 0, READ], 'not-permitted'],
  ['open-at', [FOLLOW, '../x', 0, READ], 'not-permitted'],
  ['open-at', [FOLLOW, 'dir/up/x', 0, READ], 'not-permitted'],
  ['open-at', [FOLLOW, 'loop', 0, READ], 'loop'],
  ['open-at', [0, 'link', 0, READ], 'loop'],
  ['open-at', [FOLLOW, 'a\0b', 0, READ], 'invalid'],
  ['open-at', [FOLLOW, 'hello.txt/x', 0, READ], 'not-directory'],
  ['open-at', [FOLLOW, 'hello.txt', OPEN.directory, READ], 'not-directory'],
  ['open-at', [FOLLOW, 'hello.txt', OPEN.create | OPEN.exclusive, WRITE], 'exist'],
  ['open-at', [FOLLOW, 'dir', 0, READ | WRITE], 'is-directory'],
  ['open-at', [FOLLOW, 'new', OPEN.create | OPEN.directory, READ], 'invalid'],
  ['open-at', [FOLLOW, 'x'.repeat(300), 0, READ], 'name-too-long'],
  ['create-directory-at', ['dir'], 'exist'],
  ['create-directory-at', ['made'], undefined],
  ['create-directory-at', ['missing/made'], 'no-entry'],
  ['remove-directory-at', ['dir'], 'not-empty'],
  ['remove-directory-at', ['hello.txt'], 'not-directory'],
  ['remove-directory-at', ['made'], undefined],
  ['remove-directory-at', ['.'], 'invalid'],
  ['unlink-file-at', ['dir'], 'is-directory'],
  ['unlink-file-at', ['missing'], 'no-entry'],
  ['readlink-at', ['link'], 'hello.txt'],
  ['readlink-at', ['hello.txt'], 'invalid'],
  ['symlink-at', ['/etc/passwd', 'bad'], 'not-permitted'],
  ['symlink-at', ['dir/inner', 'made-link'], undefined],
  ['symlink-at', ['dir/inner', 'made-link'], 'exist'],
  ['readlink-at', ['made-link'], 'dir/inner'],
  ['unlink-file-at', ['made-link'], undefined],
  ['set-times-at', [FOLLOW, 'hello.txt', some([1n, 0]), { case: 2, payload: [1000n, 5000] }], undefined],
  ['set-times-at', [FOLLOW, 'missing', none, none], 'no-entry'],
  ['stat-at', [FOLLOW, 'missing'], 'no-entry'],
  ['metadata-hash-at', [FOLLOW, 'missing'], 'no-entry'],
];

for (const kind of ['disk', 'memory']) {
  test(`by path, ${kind}`, async () => {
    const guest = new Guest2({ preopens: [{ guest: '/', tree: trees()[kind] }] });
    for (const [name, args, wanted] of BY_PATH) {
      const got = await answer(guest, `descriptor.${name}`, [root(guest), ...args]);
      assert.deepEqual(got, wanted, `${name} ${String(args)}`);
    }
  });

  test(`reading and writing, ${kind}`, async () => {
    const tree = trees()[kind];
    const guest = new Guest2({ preopens: [{ guest: '/', tree }] });
    const read = await open(guest, root(guest), 'link');
    assert.deepEqual(await answer(guest, 'descriptor.get-flags', [read]), READ);
    assert.deepEqual(await answer(guest, 'descriptor.get-type', [read]), {
      case: FILE_TYPES.indexOf('regular-file'),
    });
    const [piece, end] = (await answer(guest, 'descriptor.read', [read, 5n, 7n])) as [Uint8Array, boolean];
    assert.deepEqual([Buffer.from(piece).toString(), end], ['file!', false]);
    const [nothing, atEnd] = (await answer(guest, 'descriptor.read', [read, 5n, 100n])) as [
      Uint8Array,
      boolean,
    ];
    assert.deepEqual([nothing.length, atEnd], [0, true]);
    for (const [name, args, wanted] of [
      ['write', [bytes('x'), 0n], 'bad-descriptor'],
      ['set-size', [1n], 'bad-descriptor'],
      ['write-via-stream', [0n], 'bad-descriptor'],
      ['append-via-stream', [], 'bad-descriptor'],
      ['read', [1n, 1n << 63n], 'invalid'],
      ['advise', [0n, 1n << 63n, { case: 0 }], 'invalid'],
      ['advise', [0n, 10n, { case: 1 }], undefined],
      ['sync', [], undefined],
      ['sync-data', [], undefined],
      ['read-directory', [], 'not-directory'],
      ['stat-at', [0, 'x'], 'not-directory'],
    ] as const) {
      assert.deepEqual(await answer(guest, `descriptor.${name}`, [read, ...args]), wanted, name);
    }

    const file = await open(guest, root(guest), 'new', { how: OPEN.create, flags: READ | WRITE });
    assert.equal(await answer(guest, 'descriptor.write', [file, bytes('0123456789'), 0n]), 10n);
    const output = (await answer(guest, 'descriptor.write-via-stream', [file, 4n])) as ComponentValue;
    await guest.write(output, 'abc');
    await guest.write(output, 'd');
    const append = (await answer(guest, 'descriptor.append-via-stream', [file])) as ComponentValue;
    await guest.write(append, '!');
    assert.equal(await answer(guest, 'descriptor.set-size', [file, 10n]), undefined);
    assert.equal(await answer(guest, 'descriptor.sync', [file]), undefined);
    const input = (await answer(guest, 'descriptor.read-via-stream', [file, 2n])) as ComponentValue;
    // The streams have the file open still.
    await guest.drop(file);
    assert.equal(await guest.readAll(input), '23abcd89');
    for (const one of [output, append, input, read]) await guest.drop(one);
    assert.equal(Buffer.from(await contentOf(tree, 'new')).toString(), '0123abcd89');
  });

  test(`attributes and directories, ${kind}`, async () => {
    const guest = new Guest2({ preopens: [{ guest: '/', tree: trees()[kind] }] });
    const file = await open(guest, root(guest), 'hello.txt', { flags: READ | WRITE });
    await answer(guest, 'descriptor.set-times', [
      file,
      { case: 2, payload: [7n, 0] },
      { case: 2, payload: [8n, 500_000_000] },
    ]);
    const stat = (await answer(guest, 'descriptor.stat', [file])) as ComponentValue[];
    assert.deepEqual(stat.slice(0, 5), [
      { case: FILE_TYPES.indexOf('regular-file') },
      1n,
      12n,
      some([7n, 0]),
      some([8n, 500_000_000]),
    ]);
    assert.deepEqual(await answer(guest, 'descriptor.stat-at', [root(guest), FOLLOW, 'link']), stat);
    const link = (await answer(guest, 'descriptor.stat-at', [root(guest), 0, 'link'])) as CaseValue[];
    assert.equal(link[0].case, FILE_TYPES.indexOf('symbolic-link'));

    const hash = await answer(guest, 'descriptor.metadata-hash', [file]);
    assert.deepEqual(await answer(guest, 'descriptor.metadata-hash-at', [root(guest), FOLLOW, 'link']), hash);
    const again = await open(guest, root(guest), 'hello.txt');
    const other = await open(guest, root(guest), 'dir/inner');
    const same = (a: ComponentValue, b: ComponentValue) =>
      guest.call('filesystem/types#[method]descriptor.is-same-object', a, b);
    assert.deepEqual([await same(file, again), await same(file, other)], [true, false]);
    await answer(guest, 'descriptor.write', [file, bytes('longer than before'), 0n]);
    assert.notDeepEqual(await answer(guest, 'descriptor.metadata-hash', [file]), hash);

    const entries = (await answer(guest, 'descriptor.read-directory', [root(guest)])) as ComponentValue;
    const names: string[] = [];
    for (;;) {
      const next = (await answer(guest, 'directory-entry-stream.read-directory-entry', [
        entries,
      ])) as CaseValue;
      if (next.case === 0) break;
      const [type, name] = next.payload as unknown as [CaseValue, string];
      names.push(`${FILE_TYPES[type.case]} ${name}`);
    }
    assert.deepEqual(names, [
      'directory dir',
      'regular-file hello.txt',
      'symbolic-link link',
      'symbolic-link loop',
    ]);
  });

  test(`names move and descriptors stay, ${kind}`, async () => {
    const guest = new Guest2({ preopens: [{ guest: '/', tree: trees()[kind] }] });
    const dir = await open(guest, root(guest), 'dir', { how: OPEN.directory });
    const move = (from: string, to: string, target = root(guest)) =>
      answer(guest, 'descriptor.rename-at', [root(guest), from, target, to]);
    assert.equal(await move('dir', 'moved'), undefined);
    assert.equal(await move('missing', 'x'), 'no-entry');
    assert.equal(await move('moved', 'hello.txt'), 'not-directory');
    assert.equal(await move('hello.txt', 'moved'), 'is-directory');
    assert.equal(await move('moved', 'moved/below'), 'invalid');
    assert.equal(await move('.', 'x'), 'busy');
    assert.equal(await move('hello.txt', 'taken', dir), undefined);
    const inner = await open(guest, dir, 'inner');
    assert.equal(await move('hello.txt', 'x', inner), 'not-directory');
    const link = (from: string, to: string) =>
      answer(guest, 'descriptor.link-at', [dir, 0, from, root(guest), to]);
    assert.equal(await link('inner', 'second'), undefined);
    assert.equal(await link('inner', 'second'), 'exist');
    assert.equal(await link('.', 'third'), 'not-permitted');
    await answer(guest, 'descriptor.unlink-file-at', [dir, 'inner']);
    await answer(guest, 'descriptor.unlink-file-at', [dir, 'taken']);
    await answer(guest, 'descriptor.unlink-file-at', [dir, 'up']);
    assert.equal(await answer(guest, 'descriptor.remove-directory-at', [root(guest), 'moved']), undefined);
    assert.equal(await answer(guest, 'descriptor.create-directory-at', [dir, 'x']), 'no-entry');
    assert.equal(await answer(guest, 'descriptor.stat', [dir]), 'no-entry');
  });

  test(`read-only, ${kind}`, async () => {
    const tree = trees()[kind];
    const guest = new Guest2({ preopens: [{ guest: '/data', tree, readOnly: true }] });
    const list = guest.now('filesystem/preopens#get-directories') as readonly (readonly ComponentValue[])[];
    assert.deepEqual(
      list.map(([, name]) => name),
      ['/data'],
    );
    const file = await open(guest, root(guest), 'hello.txt');
    const dir = await open(guest, root(guest), 'dir');
    assert.deepEqual(await answer(guest, 'descriptor.get-flags', [dir]), READ);
    for (const [name, args] of [
      ['open-at', [root(guest), FOLLOW, 'hello.txt', 0, WRITE]],
      ['open-at', [root(guest), FOLLOW, 'hello.txt', OPEN.truncate, READ]],
      ['open-at', [root(guest), FOLLOW, 'new', OPEN.create, READ]],
      ['open-at', [dir, FOLLOW, 'inner', 0, READ | WRITE]],
      ['open-at', [root(guest), FOLLOW, 'dir', 0, READ | MUTATE]],
      ['create-directory-at', [root(guest), 'x']],
      ['remove-directory-at', [root(guest), 'dir']],
      ['unlink-file-at', [root(guest), 'hello.txt']],
      ['unlink-file-at', [dir, 'inner']],
      ['symlink-at', [root(guest), 'a', 'b']],
      ['rename-at', [root(guest), 'hello.txt', root(guest), 'x']],
      ['link-at', [root(guest), 0, 'hello.txt', root(guest), 'x']],
      ['set-times-at', [root(guest), 0, 'hello.txt', { case: 1 }, { case: 1 }]],
      ['set-times', [file, { case: 1 }, { case: 1 }]],
    ] as const) {
      assert.equal(await answer(guest, `descriptor.${name}`, args), 'read-only', name);
    }
    const input = (await answer(guest, 'descriptor.read-via-stream', [file, 0n])) as ComponentValue;
    assert.equal(await guest.readAll(input), 'Hello, file!');
  });
}

test('every error of a host has a case, and streams tell it', async () => {
  let error: HostError | undefined;
  const memory = new MemoryTree({ contents: { a: 'a' }, encode: encodeUtf8, now: () => 0n });
  const tree: FileTree = Object.create(memory);
  tree.stat = (at) => memory.stat(at);
  tree.open = (at, how) => ({
    ...memory.open(at, how),
    read: () => {
      throw error;
    },
  });
  const guest = new Guest2({ preopens: [{ guest: '/', tree }] });
  const seen = new Set<string>();
  for (const code of ERROR_CODES) {
    error = new HostError(code, `told of ${code}`);
    const file = await open(guest, root(guest), 'a');
    const told = await guest.error(FILE_ERRORS, 'filesystem/types#[method]descriptor.read', file, 1n, 0n);
    assert.ok(told !== 'ok' && told !== undefined, code);
    seen.add(told);
    const stream = await guest.method('filesystem/types', 'descriptor.read-via-stream', file, 0n);
    const failed = (await guest.call('io/streams#[method]input-stream.read', stream, 1n)) as CaseValue;
    const { case: chosen, payload } = failed.payload as CaseValue;
    assert.deepEqual([failed.case, chosen], [1, 0]);
    assert.equal(guest.now('io/error#[method]error.to-debug-string', payload!), `told of ${code}`);
    const of = guest.now('filesystem/types#filesystem-error-code', payload!) as CaseValue;
    assert.equal(FILE_ERRORS[(of.payload as CaseValue).case], told);
    assert.deepEqual(guest.now('sockets/network#network-error-code', payload!), none);
    assert.deepEqual(guest.now('http/types#http-error-code', payload!), none);
    // Then it is closed.
    const after = (await guest.call('io/streams#[method]input-stream.read', stream, 1n)) as CaseValue;
    assert.deepEqual(after, { case: 1, payload: { case: 1 } });
  }
  assert.deepEqual(
    FILE_ERRORS.filter((name) => !seen.has(name)),
    [],
  );
});

async function contentOf(tree: FileTree, name: string): Promise<Uint8Array> {
  const how = { read: true, write: false, create: false, exclusive: false, truncate: false };
  return await (await tree.open([name], how)).read(1000, 0n);
}

test('what was written is on the disk', async () => {
  const place = path.join(folder, 'plain');
  mkdirSync(place);
  const guest = new Guest2({ preopens: [{ guest: '.', tree: nodeTree(place) }] });
  const file = await open(guest, root(guest), 'out', { how: OPEN.create | OPEN.exclusive, flags: WRITE });
  const output = await guest.method('filesystem/types', 'descriptor.write-via-stream', file, 0n);
  await guest.write(output, 'written');
  assert.equal(readFileSync(path.join(place, 'out'), 'utf8'), 'written');
  assert.equal(
    await guest.error(FILE_ERRORS, 'filesystem/types#[method]descriptor.read', file, 1n, 0n),
    'bad-descriptor',
  );
});
