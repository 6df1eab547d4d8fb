/**
 * A client that sends legal requests in random order and timing: several at once, with cancels, restarts, and ends in the middle
 * of everything. Every request must get one answer that the protocol's schema allows, nothing may be a fault of ours, and
 * the process must end and say nothing on standard error.
 *
 * WASMSCOPE_SEED repeats a run; WASMSCOPE_DAP_REQUESTS says how many requests there are, WASMSCOPE_DAP_LOG a file for all messages.
 */

import assert from 'node:assert/strict';
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { endsHere } from '../bounded.ts';
import { type Random, randomFrom } from '../fuzz/random.ts';
import { CLI } from './harness.ts';
import { FIB, FIB_BYTES, LOOPS } from './programs.ts';
import { DapSchema } from './schema.ts';

const SEED = Number(process.env.WASMSCOPE_SEED ?? 1) >>> 0;
const REQUESTS = Number(process.env.WASMSCOPE_DAP_REQUESTS ?? 300);
const SCHEMA = new DapSchema();
/** What takes longer hangs. */
const PATIENCE_MS = 30_000;

const TRAPS = `(module (memory 1) (table 3 funcref) (global $g (mut i64) (i64.const 1))
  (func $divide (param $a i32) (param $b i32) (result i32) (i32.div_s (local.get $a) (local.get $b)))
  (func (export "main") (result i32) (i32.add (call $divide (i32.const 7) (i32.const 0)) (i32.const 100))))`;
const GC = `(module (type $p (struct (field $x (mut i32)) (field $next (mut (ref null $p))))) (type $a (array (mut i8)))
  (tag $oops (param i32))
  (func $f (param $n i32) (local $p (ref null $p)) (local $v v128) (local $l (ref null $a))
    (local.set $l (array.new_default $a (i32.const 1000)))
    (loop $again
      (local.set $p (struct.new $p (local.get $n) (local.get $p)))
      (local.set $n (i32.sub (local.get $n) (i32.const 1)))
      (br_if $again (local.get $n)))
    (throw $oops (i32.const 3)))
  (func (export "main") (block $h (result i32) (try_table (catch $oops $h) (call $f (i32.const 20))) (i32.const 0)) (drop)))`;
const DEEP = `(module (func $deep (param $n i32) (result i32) (i32.add (call $deep (i32.add (local.get $n) (i32.const 1))) (i32.const 1)))
  (func (export "main") (result i32) (call $deep (i32.const 0))))`;
const SCRIPT = `(module (func (export "f") (param i32) (result i32) (i32.add (local.get 0) (i32.const 1))))
(assert_return (invoke "f" (i32.const 1)) (i32.const 2))
(assert_return (invoke "f" (i32.const 2)) (i32.const 2))
(module (func (export "t") (unreachable)))
(assert_trap (invoke "t") "unreachable")`;
const PRINTS = `(module (import "wasi_snapshot_preview1" "fd_write" (func $w (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1) (data (i32.const 8) "hello \\1b[1mthere\\n")
  (func (export "_start") (local $i i32)
    (i32.store (i32.const 0) (i32.const 8)) (i32.store (i32.const 4) (i32.const 15))
    (loop $l (drop (call $w (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 100)))
      (local.set $i (i32.add (local.get $i) (i32.const 1)))
      (br_if $l (i32.lt_u (local.get $i) (i32.const 200))))))`;

const THREADS = `(module $Mem (memory (export "shared") 1 1 shared))
(thread $T1 (shared (module $Mem)) (register "mem" $Mem)
  (module (memory (import "mem" "shared") 1 10 shared)
    (func (export "run") (i32.atomic.store (i32.const 0) (i32.const 1))
      (drop (memory.atomic.notify (i32.const 0) (i32.const 1)))))
  (invoke "run"))
(register "mem" $Mem)
(module (memory (import "mem" "shared") 1 10 shared)
  (func (export "wait") (drop (memory.atomic.wait32 (i32.const 0) (i32.const 0) (i64.const -1)))))
(invoke "wait") (wait $T1)`;

/** A core dump of fib in small.wasm: two frames, the inner one with its local and an operand. */
const DUMP = ((): Uint8Array => {
  const text = (word: string): number[] => [word.length, ...Buffer.from(word)];
  const custom = (name: string, ...content: number[]): number[] => {
    const all = [...text(name), ...content];
    return [0, all.length, ...all];
  };
  const memory = [5, 3, 1, 0, 1];
  const frames = [2, 0, 0, 0, 3, 1, 0x7f, 5, 0, 0, 0, 0, 15, 1, 0x01, 0];
  return Uint8Array.from([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...custom('core', 0, ...text('small.wasm')),
    ...memory,
    ...custom('coremodules', 1, 0, ...text('small')),
    ...custom('coreinstances', 1, 0, 0, 1, 0, 0),
    ...custom('corestack', 0, ...text('main'), ...frames),
  ]);
})();

const PROGRAMS: readonly {
  readonly file: string;
  readonly text: string | Uint8Array;
  readonly args?: object;
}[] = [
  { file: 'fib.wat', text: FIB, args: { invoke: { function: 'fib', args: [12] } } },
  {
    file: 'loops.wat',
    text: LOOPS,
    args: { imports: './host.mjs', invoke: { function: 'sum', args: [50] } },
  },
  { file: 'spin.wat', text: LOOPS, args: { imports: './host.mjs', invoke: { function: 'spin' } } },
  { file: 'traps.wat', text: TRAPS, args: { coreDump: 'traps.coredump' } },
  { file: 'gc.wat', text: GC },
  { file: 'deep.wat', text: DEEP },
  { file: 'script.wast', text: SCRIPT },
  { file: 'prints.wat', text: PRINTS },
  { file: 'threads.wast', text: THREADS },
  { file: 'fib.wasm', text: FIB_BYTES, args: { invoke: { function: 'fib', args: [9] }, stepBy: 'line' } },
  { file: 'dump.coredump', text: DUMP, args: { modules: { small: './small.wasm' } } },
];

const EXPRESSIONS = [
  '1 + 1',
  'local[0] + 1',
  'local[0]',
  'mem[8].u8',
  '$n',
  'local[0]',
  'stack[0]',
  'mem[16].u8',
  'mem[70000].i32',
  '$g',
  '$p.x',
  '$p',
  '$v',
  'table[0][1]',
  '$x +',
  '(i32.add (i32.const 1) (local.get 0))',
  '$n = 3',
  '',
  'x'.repeat(300),
  'mem[0..+32]',
  '$count',
  '"',
  '$l[5]',
];

// biome-ignore lint/suspicious/noExplicitAny: what it holds is checked by the schema
type Message = Record<string, any>;

/** What the client has seen, for requests that name it. */
class Known {
  readonly frames: number[] = [0];
  readonly references: number[] = [0];
  readonly locations: number[] = [1];
  readonly memories: string[] = ['memory[0]'];
  readonly addresses: string[] = ['0x100000020'];
  readonly targets: number[] = [1];
  readonly sources: object[] = [];
  readonly data: string[] = [];
  threads: number[] = [1];
  /** Stopped, and nothing was looked at since. */
  isFresh = false;

  /** The program has stopped: what was seen at the last stop is gone, and now and then asked for all the same. */
  stopped(): void {
    for (const list of [this.frames, this.references, this.locations, this.targets])
      list.splice(0, list.length - 1);
    this.isFresh = true;
  }

  see(command: string, body: Message | undefined): void {
    const add = <T>(to: T[], item: T | undefined): void => {
      if (item === undefined) return;
      to.push(item);
      if (to.length > 60) to.shift();
    };
    for (const frame of body?.stackFrames ?? []) {
      add(this.frames, frame.id);
      add(this.addresses, frame.instructionPointerReference);
      if (frame.source) add(this.sources, frame.source);
    }
    for (const one of [
      ...(body?.scopes ?? []),
      ...(body?.variables ?? []),
      ...(command === 'evaluate' && body ? [body] : []),
    ]) {
      if (one.variablesReference) add(this.references, one.variablesReference);
      add(this.locations, one.valueLocationReference ?? one.declarationLocationReference);
      add(this.memories, one.memoryReference);
    }
    for (const target of body?.targets ?? []) if (target.id) add(this.targets, target.id);
    if (command === 'dataBreakpointInfo' && body?.dataId) add(this.data, body.dataId);
    if (body?.threads?.length > 0) this.threads = body!.threads.map(({ id }: Message) => id);
  }
}

class Session {
  readonly faults: string[] = [];
  readonly known = new Known();
  readonly log: string[] = [];
  readonly process: ChildProcessWithoutNullStreams;
  readonly ended: Promise<number | null>;
  terminated = false;
  readonly #open = new Map<
    number,
    { command: string; args: Message; resolve: () => void; timer: NodeJS.Timeout }
  >();
  #seq = 1;
  #buffer = Buffer.alloc(0);

  constructor() {
    this.process = endsHere(spawn(process.execPath, [CLI, 'dap'], { stdio: 'pipe' }));
    this.ended = new Promise((resolve) => this.process.on('exit', resolve));
    this.process.stdout.on('data', (data: Buffer) => this.#read(data));
    this.process.stderr.on('data', (data: Buffer) => this.faults.push(`standard error: ${data}`));
    this.process.stdin.on('error', () => undefined);
  }

  get openCount(): number {
    return this.#open.size;
  }

  get lastSeq(): number {
    return this.#seq - 1;
  }

  /** Resolves with the answer, or at the process's end. */
  readonly send = (command: string, args: Message = {}): Promise<void> => {
    const message = { seq: this.#seq++, type: 'request', command, arguments: args };
    this.faults.push(
      ...SCHEMA.faultsOf(JSON.parse(JSON.stringify(message))).map((fault) => `request ${fault}`),
    );
    this.log.push(`${message.seq} ${command} ${JSON.stringify(args)}`);
    const json = JSON.stringify(message);
    this.process.stdin.write(`Content-Length: ${Buffer.byteLength(json)}\r\n\r\n${json}`);
    return new Promise((resolve) => {
      const timer = setTimeout(
        () => this.#fail(`no answer to ${command} ${JSON.stringify(args)}`),
        PATIENCE_MS,
      );
      this.#open.set(message.seq, { command, args, resolve, timer });
    });
  };

  /** Nothing more is waited for. */
  forget(): void {
    for (const { timer, resolve } of this.#open.values()) {
      clearTimeout(timer);
      resolve();
    }
    this.#open.clear();
  }

  #fail(fault: string): void {
    this.faults.push(fault);
    this.process.kill('SIGKILL');
    this.forget();
  }

  #read(data: Buffer): void {
    this.#buffer = Buffer.concat([this.#buffer, data]);
    for (;;) {
      const end = this.#buffer.indexOf('\r\n\r\n');
      if (end < 0) return;
      const length = Number(/Content-Length: (\d+)/.exec(this.#buffer.toString('latin1', 0, end))![1]);
      if (this.#buffer.length < end + 4 + length) return;
      const text = this.#buffer.toString('utf8', end + 4, end + 4 + length);
      this.#buffer = this.#buffer.subarray(end + 4 + length);
      this.#take(JSON.parse(text) as Message, text);
    }
  }

  #take(message: Message, text: string): void {
    this.log.push(`<- ${text.slice(0, 300)}`);
    this.faults.push(...SCHEMA.faultsOf(message).map((fault) => `${message.type} ${fault}`));
    if (/internal error|the engine ended unexpectedly/.test(text)) this.faults.push(text.slice(0, 1000));
    if (message.type === 'event') {
      if (message.event === 'terminated') this.terminated = true;
      if (message.event === 'stopped') this.known.stopped();
      return;
    }
    const open = this.#open.get(message.request_seq);
    if (!open || open.command !== message.command) {
      this.faults.push(`an answer that nobody waits for: ${text.slice(0, 300)}`);
      return;
    }
    this.#open.delete(message.request_seq);
    clearTimeout(open.timer);
    if (message.success) {
      this.known.see(open.command, message.body);
      this.faults.push(...wrong(open.command, open.args, message.body));
    }
    open.resolve();
  }
}

/** What is wrong with an answer beside its types. */
function wrong(command: string, args: Message, body: Message): string[] {
  const told = (fault: string): string[] => [`${command} ${JSON.stringify(args)}: ${fault}`];
  if (command === 'disassemble' && body.instructions.length !== args.instructionCount) {
    return told(`${body.instructions.length} rows`);
  }
  if (command === 'variables' && args.count > 0 && body.variables.length > args.count + 1)
    return told('too many');
  if (command === 'stackTrace' && args.levels > 0 && body.stackFrames.length > args.levels)
    return told('too many');
  if (command === 'readMemory') {
    const length = Buffer.from(body.data, 'base64').length;
    if (length + (body.unreadableBytes ?? 0) > args.count) return told('too many bytes');
  }
  return [];
}

/** One request that a client may send now. */
function requestFor(random: Random, known: Known, program: string): [string, Message] {
  const { below, chance, pick } = random;
  const threadId = chance(0.95) ? pick(known.threads) : below(5);
  // The first of each list is of an earlier stop.
  const pickNew = <T>(list: readonly T[]): T => pick(list.length > 1 && chance(0.95) ? list.slice(1) : list);
  const frameId = pickNew(known.frames);
  const format = chance(0.3) ? { hex: chance(0.5) } : undefined;
  const source = known.sources.length > 0 && chance(0.3) ? pick(known.sources) : { path: program };
  const line = 1 + below(30);
  const column = chance(0.3) ? 1 + below(60) : undefined;
  const rules: { condition?: string; hitCondition?: string; logMessage?: string } = {
    ...(chance(0.2) && { condition: pick(EXPRESSIONS) }),
    ...(chance(0.2) && { hitCondition: pick(['3', '>=2', '%2', 'x']) }),
    ...(chance(0.1) && { logMessage: 'at {$n} {1 +}' }),
  };
  const looks: (() => [string, Message])[] = [
    () => ['threads', {}],
    () => [
      'stackTrace',
      {
        threadId,
        startFrame: below(8),
        levels: below(30),
        ...(chance(0.2) && { format: { parameters: true, parameterValues: true, module: true } }),
      },
    ],
    () => ['scopes', { frameId }],
    () => ['scopes', { frameId }],
    () => [
      'variables',
      {
        variablesReference: pickNew(known.references),
        ...(chance(0.5) && { start: below(50), count: below(100) }),
        format,
        ...(chance(0.2) && { filter: pick(['indexed', 'named']) }),
      },
    ],
    () => ['variables', { variablesReference: pickNew(known.references) }],
    () => [
      'evaluate',
      {
        expression: pick(EXPRESSIONS),
        ...(chance(0.9) && { frameId }),
        context: pick(['watch', 'repl', 'hover', 'clipboard', 'variables']),
        format,
      },
    ],
    () => [
      'setVariable',
      {
        variablesReference: pickNew(known.references),
        name: pick(['$n', '$x', '[0]', 'stack[0]', '$count']),
        value: pick(['1', '0x10', '$n', 'nonsense', '-1']),
      },
    ],
    () => ['setExpression', { expression: pick(EXPRESSIONS), value: pick(['5', '$n', '']), frameId }],
    () => ['pause', { threadId }],
    () => [
      'setBreakpoints',
      { source, breakpoints: Array.from({ length: below(4) }, () => ({ line, column, ...rules })) },
    ],
    () => [
      'setFunctionBreakpoints',
      {
        breakpoints: Array.from({ length: below(3) }, () => ({
          name: pick(['$fib', 'func[0]', '/./', 'nope', '0x30', '$deep']),
          condition: rules.condition,
        })),
      },
    ],
    () => [
      'setInstructionBreakpoints',
      {
        breakpoints: chance(0.5)
          ? []
          : [{ instructionReference: pick(known.addresses), offset: below(20) - 5 }],
      },
    ],
    () => [
      'setExceptionBreakpoints',
      { filters: ['traps', 'uncaught', 'all', 'assertions'].filter(() => chance(0.5)) },
    ],
    () => ['breakpointLocations', { source, line, ...(chance(0.5) && { endLine: line + below(5) }) }],
    () => ['gotoTargets', { source, line, column }],
    () => ['stepInTargets', { frameId }],
    () => [
      'disassemble',
      {
        memoryReference: pick(known.addresses),
        offset: below(40) - 20,
        instructionOffset: below(400) - 200,
        instructionCount: below(300),
      },
    ],
    () => [
      'readMemory',
      { memoryReference: pick(known.memories), offset: below(200_000) - 1000, count: below(5000) },
    ],
    () => [
      'writeMemory',
      {
        memoryReference: pick(known.memories),
        offset: below(66_000),
        data: 'AAECAw==',
        allowPartial: chance(0.5),
      },
    ],
    () => ['exceptionInfo', { threadId }],
    () => ['source', { source, sourceReference: (source as Message).sourceReference ?? 0 }],
    () => ['loadedSources', {}],
    () => ['modules', { startModule: below(2), moduleCount: below(3) }],
    () => ['locations', { locationReference: pickNew(known.locations) }],
    () => ['dataBreakpointInfo', { name: pick(EXPRESSIONS), frameId }],
    () => [
      'setDataBreakpoints',
      {
        breakpoints: known.data
          .filter(() => chance(0.3))
          .map((dataId) => ({ dataId, accessType: pick(['read', 'write', 'readWrite']) })),
      },
    ],
    () => ['dataBreakpointInfo', { name: String(below(100)), asAddress: true, bytes: 1 + below(16) }],
    () => ['completions', { text: pick(EXPRESSIONS), column: 1 + below(6), frameId }],
    () => ['wasmscope/fileChanged', { uri: program }],
    () => ['wasmscope/coreDump', {}],
    () => ['wasmscope/input', { text: 'x', end: chance(0.5) }],
  ];
  const moves: (() => [string, Message])[] = [
    () => ['continue', { threadId, ...(chance(0.2) && { singleThread: true }) }],
    () => [
      'next',
      { threadId, ...(chance(0.3) && { granularity: pick(['statement', 'line', 'instruction']) }) },
    ],
    () => ['stepIn', { threadId, ...(chance(0.2) && { targetId: pickNew(known.targets) }) }],
    () => ['stepOut', { threadId }],
    () => ['goto', { threadId, targetId: pickNew(known.targets) }],
    () => ['restartFrame', { frameId }],
    () => ['terminateThreads', { threadIds: [pick(known.threads) + 1] }],
    () => ['wasmscope/forceReturn', { frameId, values: chance(0.5) ? [] : [pick(['1', '$n', 'x'])] }],
    () => ['wasmscope/ignoreTrap', { threadId, values: chance(0.5) ? [] : ['5'] }],
  ];
  return pick(chance(0.08) ? moves : looks)();
}

/** What makes the program run, or puts it elsewhere. */
const MOVES: ReadonlySet<string> = new Set([
  'continue',
  'next',
  'stepIn',
  'stepOut',
  'pause',
  'goto',
  'restartFrame',
  'wasmscope/forceReturn',
  'wasmscope/ignoreTrap',
]);

/** What every client does at a stop. */
async function lookAround({ known, send }: Session): Promise<void> {
  known.isFresh = false;
  await send('stackTrace', { threadId: known.threads[0], startFrame: 0, levels: 20 });
  await send('scopes', { frameId: known.frames.at(known.frames.length > 1 ? 1 : 0) });
  for (const variablesReference of known.references.slice(1, 4))
    await send('variables', { variablesReference });
}

async function converseAtRandom(seed: number, count: number, folder: string): Promise<Session> {
  const random = randomFrom(seed);
  const { below, chance, pick } = random;
  const session = new Session();
  const { file, text, args } = pick(PROGRAMS);
  const program = path.join(folder, file);
  writeFileSync(program, text);
  const wait = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));
  await session.send('initialize', {
    adapterID: 'wasmscope',
    ...(chance(0.3) && { linesStartAt1: false }),
    ...(chance(0.5) && {
      supportsInvalidatedEvent: true,
      supportsMemoryEvent: true,
      supportsProgressReporting: true,
    }),
    ...(chance(0.5) && { supportsANSIStyling: true }),
  });
  const launch = { program, ...args, stopOnEntry: chance(0.7), ...(chance(0.3) && { stepBy: 'line' }) };
  const launched = session.send('launch', launch);
  if (chance(0.8)) await launched;
  void session.send('configurationDone');
  while (session.lastSeq < count && !session.process.killed) {
    if (chance(0.08)) await session.send('cancel', { requestId: Math.max(1, session.lastSeq - below(3)) });
    if (session.known.isFresh) await lookAround(session);
    const [command, sent] = requestFor(random, session.known, program);
    const answered = session.send(command, sent);
    // Mostly as clients do: what makes the program run is waited for, and a stop is looked at.
    if (session.openCount > 6 || chance(MOVES.has(command) ? 0.9 : 0.6)) await answered;
    if (MOVES.has(command) && chance(0.9)) await wait(5);
    if (typeof text === 'string' && chance(0.01)) {
      const edited = chance(0.5) ? text : `;; edited\n${text}`;
      writeFileSync(program, edited);
    }
    if (chance(0.05)) await wait(below(20));
    if (session.terminated && chance(0.5)) {
      session.terminated = false;
      await session.send('restart', { arguments: launch });
    }
  }
  // The end comes whatever else is going on, and in several ways.
  const end = below(4);
  if (end === 0) session.process.stdin.end();
  else {
    if (end === 1) void session.send('terminate');
    await session.send('disconnect', { terminateDebuggee: chance(0.5) });
  }
  const timer = setTimeout(() => {
    session.faults.push(`the process does not end (way ${end})`);
    session.process.kill('SIGKILL');
  }, PATIENCE_MS);
  const code = await session.ended;
  clearTimeout(timer);
  session.forget();
  if (code !== 0) session.faults.push(`exit code ${code}`);
  return session;
}

test(`a client that sends ${REQUESTS} requests at random finds no fault (seed ${SEED})`, {
  timeout: 3_600_000,
}, async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'wasmscope random '));
  writeFileSync(path.join(folder, 'small.wasm'), FIB_BYTES);
  writeFileSync(path.join(folder, 'host.mjs'), 'export default { env: { log() {} } };');
  try {
    let sent = 0;
    for (let i = 0; sent < REQUESTS; i++) {
      const seed = (SEED + Math.imul(i, 0x9e3779b1)) >>> 0;
      const session = await converseAtRandom(seed, Math.min(150, REQUESTS - sent + 10), folder);
      sent += session.lastSeq;
      const log = process.env.WASMSCOPE_DAP_LOG;
      if (log) appendFileSync(log, `session ${i}, seed ${seed}\n${session.log.join('\n')}\n`);
      assert.deepEqual(session.faults, [], `session ${i}: WASMSCOPE_SEED=${seed} begins with it`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
