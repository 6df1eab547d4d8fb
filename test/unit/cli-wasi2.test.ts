/**
 * Components of WASI 0.2 on the command line: commands, which do what the modules do that they are made of, and a server whose
 * requests are answered each by an instance of its own.
 */

import assert from 'node:assert/strict';
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { Failure, UsageError } from '../../cli/failure.ts';
import { serve as startServing } from '../../cli/serve.ts';

const CLI = path.resolve('dist/wasmscope.mjs');
const HANDLER = path.resolve('examples/components/http-c/handler.wasm');
const folder = mkdtempSync(path.join(tmpdir(), 'wasmscope wasi2 #'));
const children: ChildProcess[] = [];
after(() => {
  for (const child of children) child.kill();
  rmSync(folder, { recursive: true });
});
writeFileSync(path.join(folder, 'text.txt'), 'One two; TWO three, three – three!\n');

function run(args: readonly string[], input = '') {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, ...args], {
    encoding: 'utf8',
    input,
    timeout: 30_000,
  });
  return { status, stdout, stderr };
}

interface Case {
  readonly options?: readonly string[];
  readonly args: readonly string[];
  readonly input?: string;
}

const COMMANDS: readonly (readonly [string, readonly Case[]])[] = [
  [
    'rust-words/words',
    [
      { options: ['--dir', `${folder}::/texts`, '--env', 'MOST=2'], args: ['/texts/text.txt'] },
      { args: ['/texts/text.txt'] },
    ],
  ],
  [
    'c-guess/guess',
    [
      { args: ['7'], input: '5\n9\n7\n' },
      { args: ['7'], input: '1\n' },
    ],
  ],
  ['c-poll/wait', [{ args: ['60000'], input: 'abc' }]],
];

for (const [program, cases] of COMMANDS) {
  test(`the command ${path.basename(program)} does what its module does`, () => {
    const component = path.resolve('examples/components/commands', `${path.basename(program)}.wasm`);
    for (const { options = [], args, input = '' } of cases) {
      const of = (file: string) => run(['run', ...options, file, ...args], input);
      const wanted = of(path.resolve('examples', `${program}.wasm`));
      assert.notEqual(wanted.stdout + wanted.stderr, '');
      // `exit` of wasi:cli knows only whether all was well.
      assert.deepEqual(of(component), { ...wanted, status: Math.min(wanted.status ?? 0, 1) });
    }
  });
}

/** Starts a server; gives its address and what it says. */
async function serve(...options: string[]): Promise<{ url: string; said(): string; child: ChildProcess }> {
  const child = spawn(process.execPath, [CLI, 'serve', '--port', '0', ...options, HANDLER]);
  children.push(child);
  let said = '';
  const url = await new Promise<string>((done, failed) => {
    child.stderr.setEncoding('utf8').on('data', (piece: string) => {
      said += piece;
      const [, found] = /^serving on (\S+)\/$/m.exec(said) ?? [];
      if (found) done(found);
    });
    child.on('exit', () => failed(new Error(said)));
  });
  return { url, said: () => said, child };
}

const text = async (url: string, init?: RequestInit) => (await fetch(url, init)).text();

test('a server: each request has an instance of its own, several run at once, one that traps harms nobody', async () => {
  const { url, said, child } = await serve();
  const hello = await fetch(`${url}/`, { headers: { 'x-mine': 'value' } });
  assert.equal(hello.headers.get('content-type'), 'text/plain; charset=utf-8');
  for (const answer of [await hello.text(), await text(`${url}/`, { headers: { 'x-mine': 'value' } })]) {
    assert.match(answer, /^Hello from C!\nGET \/\nrequest 1 of this instance\n(.*\n)*x-mine: value\n/);
  }
  assert.equal((await fetch(`${url}/none`)).status, 404);
  const body = readFileSync(HANDLER).toString('base64').repeat(5);
  assert.equal(await text(`${url}/echo`, { method: 'POST', body }), body);

  const order: string[] = [];
  const note = async (answer: Promise<string>) => void order.push(await answer);
  const waiting = note(text(`${url}/wait/60000`).catch(() => 'cut off'));
  const counting = note(text(`${url}/primes/300000`));
  await note(text(`${url}/primes/100`));
  await counting;
  assert.deepEqual(order, ['25 primes below 100\n', '25997 primes below 300000\n']);

  const trapped = await fetch(`${url}/trap`);
  assert.deepEqual([trapped.status, await trapped.text()], [500, 'the handler has trapped\n']);
  assert.match(
    said(),
    /^GET \/trap: .*handler\.wasm: offset 0x[0-9a-f]+: unreachable\n {2}in \$handle_request /m,
  );
  assert.match(await text(`${url}/`), /^Hello/);
  const over = new Promise((done) => child.on('exit', done));
  child.kill('SIGINT');
  assert.equal(await over, 0);
  await waiting;
  assert.equal(order.at(-1), 'cut off');
});

test('what cannot be served', async () => {
  const module = path.resolve('examples/c-guess/guess.wasm');
  const taken = createServer();
  after(() => taken.close());
  await new Promise<void>((done) => taken.listen(0, '127.0.0.1', done));
  const { port } = taken.address() as { port: number };
  for (const [args, message] of [
    [[], /serve what\?/],
    [[module], /this is no component/],
    [[path.resolve('examples/components/commands/guess.wasm')], /has no `wasi:http\/incoming-handler`/],
    [['--port', 'x', HANDLER], /--port: 'x' is no port/],
    [['--addr', 'nowhere', HANDLER], /nowhere is no address/],
    [['--port', '1', '--addr', 'a:1', HANDLER], /the address is given twice/],
    [['--port', String(port), HANDLER], /the address is in use/],
    [['--network', 'http://x', HANDLER], /http:\/\/x is no grant/],
    [['--invoke', 'f', HANDLER], /--invoke is for run/],
    [['--imports', 'x', HANDLER], /--imports is for core modules/],
    [['-S', 'http', HANDLER], /unknown option -S http/],
  ] as const) {
    const told = (error: unknown) =>
      (error instanceof UsageError || (error instanceof Failure && error.exitCode === 2)) &&
      message.test(error.message);
    await assert.rejects(startServing(args), told, args.join(' '));
  }
});
