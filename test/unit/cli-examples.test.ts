/**
 * The programs of examples/ on the command line, from every compiler: what they are given, what they print, how they end.
 * Go's is not committed: it is built here where there is a Go compiler (`GO` names it).
 */

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { builtGo } from '../toolchains.ts';

const CLI = path.resolve('dist/wasmscope.mjs');
const folder = mkdtempSync(path.join(tmpdir(), 'wasmscope examples #'));
after(() => rmSync(folder, { recursive: true }));
writeFileSync(path.join(folder, 'text.txt'), 'One two; TWO three, three – three!\n');

interface Case {
  /** Options of `run` before the program. */
  readonly options?: readonly string[];
  readonly args?: readonly string[];
  readonly input?: string;
  readonly stdout?: string;
  readonly stderr?: string | RegExp;
  readonly status?: number;
}

const GREETINGS: readonly Case[] = [
  { args: ['Ada', 'Zoë'], stdout: 'Hello, Ada!\nHello, Zoë!\n' },
  { options: ['--env', 'GREETING=Hi'], input: 'one\ntwo', stdout: 'Hi, one!\nHi, two!\n' },
  { status: 3, stderr: 'nobody to greet\n' },
];

const PROGRAMS: Readonly<Record<string, readonly Case[]>> = {
  'c-hello/hello.wasm': GREETINGS,
  'c-hello/hello-O2.wasm': GREETINGS,
  'cpp-shapes/shapes.wasm': [
    {
      args: ['2', '3x4', '1.5x1.5'],
      stdout: 'circle, roughly: 12\nrectangle: 12\nsquare: 2.25\ntotal: 26.25\n',
    },
    { status: 2, stderr: 'no shapes\n' },
  ],
  'rust-words/words.wasm': [
    { input: 'The cat and the dog, and the Cat', stdout: '   3 the\n   2 and\n   2 cat\n' },
    {
      options: ['--dir', `${folder}::/texts`, '--env', 'MOST=2'],
      args: ['/texts/text.txt'],
      stdout: '   3 three\n   2 two\n',
    },
    {
      options: ['--dir', `${folder}::/texts`],
      args: ['/texts/none'],
      status: 4,
      stderr: /^words: .*\(os error 44\)\n$/,
    },
    { args: ['/texts/text.txt'], status: 4, stderr: /^words: failed to find a pre-opened file descriptor/ },
  ],
  'as-primes/primes.wasm': [
    { stdout: '2 3 5 7 11 13 17 19 23 29\n10 primes\n' },
    { args: ['7'], stdout: '2 3 5 7\n4 primes\n' },
    { args: ['1'], status: 5, stderr: 'nothing below 2\n' },
  ],
  'reactor/main.wasm': [
    {
      options: ['--preload', `counter=${path.resolve('examples/reactor/counter.wasm')}`],
      stdout: 'first: 41\nready: 0\nsecond: 42\n',
    },
  ],
  'c-guess/guess.wasm': [
    { args: ['7'], input: '5\n9\n7\n', stdout: asked('more', 'less', 'yes', '3 tries') },
    { args: ['7'], input: '1\n', status: 1, stdout: asked('more', '\nYou give up.') },
  ],
  'c-poll/wait.wasm': [
    { args: ['60000'], input: 'abc', stdout: '3 bytes\nend of input\n' },
    { args: ['60000'], stdout: 'end of input\n' },
  ],
};

/** What the guessing game prints: a question before each answer. */
function asked(...answers: string[]): string {
  const question = 'Your guess, from 1 to 10? ';
  return answers.map((answer) => (/tries/.test(answer) ? `${answer}\n` : `${question}${answer}\n`)).join('');
}

function check(program: string, { options = [], args = [], input = '', ...expected }: Case): void {
  const { status, stdout, stderr } = spawnSync(process.execPath, [CLI, 'run', ...options, program, ...args], {
    encoding: 'utf8',
    input,
  });
  const { stderr: complaint = '' } = expected;
  if (complaint instanceof RegExp) assert.match(stderr, complaint);
  else assert.equal(stderr, complaint);
  assert.deepEqual({ status, stdout }, { status: expected.status ?? 0, stdout: expected.stdout ?? '' });
}

for (const [program, cases] of Object.entries(PROGRAMS)) {
  test(program, () => {
    for (const one of cases) check(path.resolve('examples', program), one);
  });
}

const go = builtGo(folder);
test('go-greet/greet.go', { skip: 'why' in go ? go.why : false }, () => {
  if ('why' in go) return;
  for (const one of GREETINGS) check(go.file, one);
});

/** A program whose standard input stays open; `until` waits for what it prints. */
function talk(program: string, ...args: string[]) {
  const child = spawn(process.execPath, [CLI, 'run', path.resolve('examples', program), ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  let said = '';
  let wake = () => {};
  child.stdout.on('data', (piece) => {
    said += piece;
    wake();
  });
  let isOver = false;
  const ended = new Promise<number | null>((done) =>
    child.on('close', (code) => {
      isOver = true;
      wake();
      done(code);
    }),
  );
  return {
    stdin: child.stdin,
    ended,
    said: () => said,
    async until(text: string): Promise<void> {
      while (!said.endsWith(text)) {
        assert.ok(!isOver, `the program ended with ${JSON.stringify(said)}`);
        await new Promise<void>((done) => {
          wake = done;
        });
      }
    },
  };
}

test('a conversation: each question comes before its answer is typed', async () => {
  const { stdin, ended, until } = talk('c-guess/guess.wasm', '4');
  for (const [guess, answer] of [
    ['9', 'less'],
    ['2', 'more'],
    ['4', 'yes'],
  ]) {
    await until('? ');
    stdin.write(`${guess}\n`);
    await until(answer === 'yes' ? 'yes\n3 tries\n' : `${answer}\nYour guess, from 1 to 10? `);
  }
  assert.equal(await ended, 0);
});

test('poll comes back when the time is over, and when something is typed', async () => {
  const impatient = talk('c-poll/wait.wasm', '10', '2');
  assert.equal(await impatient.ended, 1);
  assert.equal(impatient.said(), 'nothing yet\nnothing yet\nout of patience\n');
  const { stdin, ended, until } = talk('c-poll/wait.wasm', '10', '1000000');
  await until('nothing yet\n');
  stdin.write('typed');
  await until('5 bytes\nnothing yet\n');
  stdin.end();
  assert.equal(await ended, 0);
});
