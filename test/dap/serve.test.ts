/** Components that answer HTTP requests: each request is a thread with a fresh instance, and stops as any other. */

import assert from 'node:assert/strict';
import path from 'node:path';
import { test } from 'node:test';
import { PATIENCE_MS } from '../bounded.ts';
import { type Conversation, converse } from './harness.ts';

const HANDLER = path.resolve('examples/components/http-c/handler.wasm');

/** Waits for where it serves. */
async function address(c: Conversation): Promise<string> {
  return (await c.says('stderr', /serving on (\S+)\//))[1];
}

const fetched = (url: string): Promise<Response> => fetch(url, { signal: AbortSignal.timeout(PATIENCE_MS) });

/** Waits until no request has a thread any more: that ends a little behind the answer. */
async function onlyServer(c: Conversation): Promise<void> {
  while ((await names(c)).join() !== 'handler.wasm: waits for the host') {
    await new Promise((done) => setTimeout(done, 5));
  }
}

const names = async (c: Conversation): Promise<string[]> =>
  (await c.request('threads')).threads.map(({ name }: { name: string }) => name);

test('requests are threads: a breakpoint stops all, one goes on alone, all are answered', () =>
  converse(async (c) => {
    await c.initialize();
    await c.request('launch', { program: HANDLER, serve: { port: 0 } });
    const { breakpoints } = await c.request('setFunctionBreakpoints', {
      breakpoints: [{ name: 'count_primes' }],
    });
    assert.equal(breakpoints[0].verified, true);
    await c.request('configurationDone');
    const url = await address(c);
    assert.match(
      await (await fetched(`${url}/`)).text(),
      /^Hello from C!\nGET \/\nrequest 1 of this instance\n/,
    );
    assert.match(await (await fetched(`${url}/`)).text(), /\nrequest 1 of this instance\n/);
    await onlyServer(c);

    const ask = async (at: string) => (await fetched(url + at)).text();
    const slow = ask('/primes/100');
    slow.catch(() => {});
    const { reason, stack, body } = await c.stopped();
    const { threadId } = body;
    assert.equal(reason, 'function breakpoint');
    assert.match(stack[0], /^(\$?count_primes|count_primes)/);
    assert.match(stack.at(-1) ?? '', /incoming-handler/);
    assert.deepEqual(await names(c), ['handler.wasm: waits for the host', 'GET /primes/100']);
    let isAnswered = false;
    const other = ask('/').then((text) => {
      isAnswered = true;
      return text;
    });
    await c.request('stackTrace', { threadId });
    assert.equal(isAnswered, false);
    await c.request('continue', { threadId });
    assert.equal(await slow, '25 primes below 100\n');
    assert.match(await other, /^Hello/);
    await c.says('console', /GET \/primes\/100: answered\n/);
  }));

test('one request is stepped and continued alone', () =>
  converse(async (c) => {
    await c.initialize();
    await c.request('launch', { program: HANDLER, serve: { port: 0 } });
    await c.request('setFunctionBreakpoints', { breakpoints: [{ name: 'count_primes' }] });
    await c.request('configurationDone');
    const url = await address(c);
    const ask = async (at: string) => (await fetched(url + at)).text();
    const first = ask('/primes/10');
    const { threadId } = (await c.stopped()).body;
    const second = ask('/primes/20');
    await c.request('next', { threadId, singleThread: true });
    const stepped = await c.stopped();
    assert.deepEqual([stepped.reason, stepped.body.threadId], ['step', threadId]);
    await c.request('continue', { threadId, singleThread: true });
    assert.equal(await first, '4 primes below 10\n');
    const { body, stack } = await c.stopped();
    assert.notEqual(body.threadId, threadId);
    assert.match(stack[0], /count_primes/);
    await c.request('continue', { threadId: body.threadId });
    assert.equal(await second, '8 primes below 20\n');
  }));

test('a handler that traps: the stop, the answer, and the next request', () =>
  converse(async (c) => {
    await c.launch({ program: HANDLER, serve: { port: 0 } });
    const url = await address(c);
    const trapped = fetched(`${url}/trap`);
    const { reason, body } = await c.stopped();
    assert.equal(reason, 'exception');
    await c.request('continue', { threadId: body.threadId });
    const answer = await trapped;
    assert.deepEqual([answer.status, await answer.text()], [500, 'the handler has trapped\n']);
    assert.match(await (await fetched(`${url}/`)).text(), /^Hello/);
  }));

test('what cannot be served, and what the attribute may be', () =>
  converse(async (c) => {
    await c.initialize();
    const refused = (args: object): Promise<string> => c.refusal('launch', args);
    for (const serve of [5, { port: 'x' }, { port: -1 }, { port: 80.5 }, { port: 99999 }, { host: 5 }]) {
      assert.match(await refused({ program: HANDLER, serve }), /"serve" must be an object: \{"port": 8080\}/);
    }
    assert.match(await refused({ program: HANDLER, network: 'x' }), /"network" must be a list of strings/);
    const command = path.resolve('examples/components/commands/guess.wasm');
    assert.match(await refused({ program: command, serve: { port: 0 } }), /wasi:http\/incoming-handler/);
    assert.match(await refused({ program: HANDLER, serve: { host: '256.1.1.1', port: 1 } }), /256\.1\.1\.1/);
  }));

test('stopOnEntry: the first request stops where its instance begins, and steps lead through what is made', () =>
  converse(async (c) => {
    await c.launch({ program: HANDLER, serve: { port: 0 }, stopOnEntry: true });
    const url = await address(c);
    const asked = fetch(`${url}/`);
    const entry = await c.stopped();
    const { threadId } = entry.body;
    assert.deepEqual([entry.reason, entry.stack], ['entry', ['instantiate component']]);
    await c.request('next', { threadId });
    assert.equal((await c.stopped()).stack[0], 'instantiate $wit-component-shim-instance');
    const { root } = await c.request('wasmscope/instantiation', { threadId });
    assert.deepEqual(
      root.children.map(({ name, state }: { name: string; state?: string }) => [name, state]).slice(0, 2),
      [
        ['$wit-component-shim-instance', 'current'],
        ['$main', undefined],
      ],
    );
    await c.request('continue', { threadId });
    assert.match(await (await asked).text(), /^Hello/);
    // Others do not stop.
    assert.match(await (await fetch(`${url}/`)).text(), /^Hello/);
  }));

test('stopOnEntry "main": the first request stops in the handler', () =>
  converse(async (c) => {
    await c.launch({ program: HANDLER, serve: { port: 0 }, stopOnEntry: 'main' });
    const asked = fetch(`${await address(c)}/`);
    const { reason, frames, body } = await c.stopped();
    assert.equal(reason, 'entry');
    assert.match(frames.at(-1)!.name, /incoming-handler/);
    assert.equal(frames.length, 2);
    await c.request('continue', { threadId: body.threadId });
    assert.match(await (await asked).text(), /^Hello/);
  }));

test('what is left of requests is given up: instances are counted anew, breakpoints and stops stay', () =>
  converse(async (c) => {
    await c.initialize();
    await c.request('launch', { program: HANDLER, serve: { port: 0 } });
    await c.request('setFunctionBreakpoints', {
      breakpoints: [{ name: 'count_primes', hitCondition: '%10' }],
    });
    await c.request('configurationDone');
    const url = await address(c);
    const instances: number[] = [];
    for (let i = 1; i <= 60; i++) {
      const asked = fetch(`${url}/primes/${i}`);
      if (i % 10 === 0) {
        const { frames, body } = await c.stopped();
        const { scopes } = await c.request('scopes', { frameId: frames[0].id });
        const memory = scopes.find(({ name }: { name: string }) => name === 'Memory');
        const { variables } = await c.request('variables', { variablesReference: memory.variablesReference });
        instances.push(Number(/@(\d+)/.exec(variables[0].memoryReference)?.[1] ?? 0));
        await c.request('continue', { threadId: body.threadId });
      }
      assert.match(await (await asked).text(), /primes below/);
    }
    // Three core instances a request: all of them together would be 180. A thread may end a little behind its answer.
    assert.ok(
      instances.every((instance) => instance < 90),
      instances.join(),
    );
    assert.ok(instances.some((instance) => instance > 0));
    await onlyServer(c);
  }));
