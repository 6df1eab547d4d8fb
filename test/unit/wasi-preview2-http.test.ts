/**
 * `wasi:http`: fields, requests and responses as a guest makes them, bodies in both directions, errors; a guest that answers
 * and one that asks, over Node's HTTP on this machine.
 */

import assert from 'node:assert/strict';
import { createServer, request as nodeRequest } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { test } from 'node:test';
import { nodeHttpClient, serveAt } from '../../debug-adapter/hosts/node-http.ts';
import { type Fetch, webHttpClient } from '../../debug-adapter/hosts/web-http.ts';
import { WasmError } from '../../engine/base/errors.ts';
import type { CaseValue, ComponentValue } from '../../engine/component/values.ts';
import { NetworkGrants } from '../../engine/wasi/grants.ts';
import {
  HTTP_ERRORS,
  type HttpClient,
  HttpError,
  type HttpField,
  type HttpServed,
} from '../../engine/wasi/http.ts';
import { errorCase, errorOf } from '../../engine/wasi/preview2/http/errors.ts';
import { handlerArguments } from '../../engine/wasi/preview2/http/incoming.ts';
import { bytes, Guest2, none, some } from './wasi2-guest.ts';

const T = 'http/types#';
const HEADER_ERRORS = ['invalid-syntax', 'forbidden', 'immutable'];

const field = (name: string, value: string): [string, Uint8Array] => [name, bytes(value)];
const textOf = (entries: ComponentValue) =>
  (entries as unknown as HttpField[]).map(
    ([name, value]) => `${name}: ${Buffer.from(value).toString('latin1')}`,
  );
const headers = (guest: Guest2, ...list: [string, string][]) =>
  guest.ok(
    `${T}[static]fields.from-list`,
    list.map(([name, value]) => field(name, value)),
  );

function isTrap(message: RegExp): (error: unknown) => boolean {
  return (error) =>
    error instanceof WasmError && error.fault.phase === 'trap' && message.test(error.fault.message);
}

test('fields', async () => {
  const guest = new Guest2();
  const fields = guest.now(`${T}[constructor]fields`);
  const call = (name: string, ...args: ComponentValue[]) =>
    guest.now(`${T}[method]fields.${name}`, fields, ...args);
  const error = (name: string, ...args: ComponentValue[]) =>
    guest.error(HEADER_ERRORS, `${T}[method]fields.${name}`, fields, ...args);
  const values = (name: string) =>
    (call('get', name) as Uint8Array[]).map((value) => Buffer.from(value).toString());
  assert.equal(await error('append', 'Accept', bytes('a')), 'ok');
  assert.equal(await error('append', 'ACCEPT', bytes('b')), 'ok');
  assert.equal(await error('append', 'x-empty', bytes('')), 'ok');
  assert.deepEqual(
    [values('accept'), values('x-empty'), values('none'), values('bad name')],
    [['a', 'b'], [''], [], []],
  );
  assert.deepEqual([call('has', 'aCCEPT'), call('has', 'none')], [true, false]);
  assert.deepEqual(textOf(call('entries')), ['Accept: a', 'ACCEPT: b', 'x-empty: ']);
  assert.equal(await error('set', 'accept', [bytes('c'), bytes('d')]), 'ok');
  assert.deepEqual(textOf(call('entries')), ['x-empty: ', 'accept: c', 'accept: d']);
  const copy = call('clone');
  assert.equal(await error('delete', 'Accept'), 'ok');
  assert.equal(await error('delete', 'none'), 'ok');
  assert.deepEqual(textOf(call('entries')), ['x-empty: ']);
  assert.equal((guest.now(`${T}[method]fields.entries`, copy) as unknown[]).length, 3);
  for (const [name, value, wanted] of [
    ['', 'x', 'invalid-syntax'],
    ['a b', 'x', 'invalid-syntax'],
    ['näme', 'x', 'invalid-syntax'],
    ['x', 'a\r\nb', 'invalid-syntax'],
    ['x', 'a\0', 'invalid-syntax'],
    ['Host', 'x', 'forbidden'],
    ['transfer-encoding', 'chunked', 'forbidden'],
    ['x', 'tab\tand \u00e9', 'ok'],
  ] as const) {
    assert.equal(await error('append', name, bytes(value)), wanted, name);
    assert.equal(await error('set', name, [bytes(value)]), wanted, name);
    const list = guest.error(HEADER_ERRORS, `${T}[static]fields.from-list`, [field(name, value)]);
    assert.equal(await list, wanted, name);
  }
  assert.equal(await error('delete', 'a b'), 'invalid-syntax');
  const response = guest.now(`${T}[constructor]outgoing-response`, copy);
  const fixed = guest.now(`${T}[method]outgoing-response.headers`, response);
  for (const [name, args] of [
    ['append', [fixed, 'a', bytes('b')]],
    ['set', [fixed, 'a', [bytes('b')]]],
    ['delete', [fixed, 'accept']],
  ] as const) {
    assert.equal(await guest.error(HEADER_ERRORS, `${T}[method]fields.${name}`, ...args), 'immutable');
  }
});

test('requests as a guest makes them', async () => {
  const guest = new Guest2();
  const request = guest.now(`${T}[constructor]outgoing-request`, await headers(guest, ['accept', '*/*']));
  const get = (name: string) => guest.now(`${T}[method]outgoing-request.${name}`, request);
  const set = (name: string, value: ComponentValue) =>
    (guest.now(`${T}[method]outgoing-request.set-${name}`, request, value) as CaseValue).case === 0;
  assert.deepEqual(
    [get('method'), get('path-with-query'), get('scheme'), get('authority')],
    [{ case: 0 }, none, none, none],
  );
  for (const [name, value, fine] of [
    ['method', { case: 2 }, true],
    ['method', { case: 9, payload: 'PURGE' }, true],
    ['method', { case: 9, payload: 'NO SPACE' }, false],
    ['path-with-query', some('/a?b=c%20d'), true],
    ['path-with-query', some('a'), false],
    ['path-with-query', some('/a b'), false],
    ['path-with-query', some('/a#b'), false],
    ['scheme', some({ case: 0 }), true],
    ['scheme', some({ case: 2, payload: 'ftp' }), true],
    ['scheme', some({ case: 2, payload: '1 2' }), false],
    ['authority', some('example.com:8080'), true],
    ['authority', some('[::1]:80'), true],
    ['authority', some('a b'), false],
    ['authority', some('a/b'), false],
  ] as const) {
    const before = get(name);
    assert.equal(set(name, value), fine, JSON.stringify(value));
    assert.deepEqual(get(name), fine ? value : before);
  }
  for (const name of ['path-with-query', 'scheme', 'authority']) {
    assert.equal(set(name, none), true);
    assert.deepEqual(get(name), none);
  }
  assert.equal((get('body') as CaseValue).case, 0);
  assert.equal((get('body') as CaseValue).case, 1);
  const options = guest.now(`${T}[constructor]request-options`);
  for (const name of ['connect-timeout', 'first-byte-timeout', 'between-bytes-timeout']) {
    assert.deepEqual(guest.now(`${T}[method]request-options.${name}`, options), none);
    guest.now(`${T}[method]request-options.set-${name}`, options, some(5n));
    assert.deepEqual(guest.now(`${T}[method]request-options.${name}`, options), some(5n));
  }
});

test('every error code, there and back', () => {
  for (const code of HTTP_ERRORS) {
    const lowered = errorCase(new HttpError(code, code, 7n));
    assert.equal(lowered.case, HTTP_ERRORS.indexOf(code));
    assert.equal(errorOf(lowered).http, code);
  }
  assert.deepEqual(
    errorCase(new HttpError('HTTP-request-body-size', 'x', 1n << 40n)).payload,
    some(1n << 40n),
  );
  assert.deepEqual(errorCase(new HttpError('HTTP-response-header-section-size', 'x', 9n)).payload, some(9));
  assert.deepEqual(errorCase(new HttpError('internal-error', 'why')).payload, some('why'));
});

/** Answers requests with what a guest does for each; gives the address. */
async function serving(
  handle: (guest: Guest2, request: ComponentValue, out: ComponentValue, served: HttpServed) => Promise<void>,
) {
  const failures: unknown[] = [];
  const server = await serveAt('127.0.0.1:0', async (served) => {
    const guest = new Guest2();
    const { args, outcome } = handlerArguments(served);
    try {
      await handle(guest, args[0], args[1], served);
    } catch (error) {
      failures.push(error);
      return { status: 500, message: 'failed' };
    }
    const end = await outcome();
    return end === 'answered' ? end : { status: 500, message: end ? end.http : 'no answer' };
  });
  return { ...server, failures };
}

/** Answers with a head and gives the stream of the body, and what finishes it. */
async function respond(guest: Guest2, out: ComponentValue, status = 200, ...list: [string, string][]) {
  const response = guest.now(`${T}[constructor]outgoing-response`, await headers(guest, ...list));
  const set = guest.now(`${T}[method]outgoing-response.set-status-code`, response, status) as CaseValue;
  assert.equal(set.case, 0);
  assert.equal(guest.now(`${T}[method]outgoing-response.status-code`, response), status);
  const body = await guest.ok(`${T}[method]outgoing-response.body`, response);
  assert.equal((guest.now(`${T}[method]outgoing-response.body`, response) as CaseValue).case, 1);
  const send = () => guest.now(`${T}[static]response-outparam.set`, out, { case: 0, payload: response });
  const stream = await guest.ok(`${T}[method]outgoing-body.write`, body);
  assert.equal((guest.now(`${T}[method]outgoing-body.write`, body) as CaseValue).case, 1);
  const finish = async (trailers: ComponentValue = none) => {
    await guest.drop(stream);
    return (await guest.call(`${T}[static]outgoing-body.finish`, body, trailers)) as CaseValue;
  };
  return { body, stream, send, finish };
}

test('a request as its handler sees it, and a body that goes back', async () => {
  const server = await serving(async (guest, request, out) => {
    const get = (name: string) => guest.now(`${T}[method]incoming-request.${name}`, request);
    const seen = get('headers');
    assert.equal(await guest.error(HEADER_ERRORS, `${T}[method]fields.delete`, seen, 'x-a'), 'immutable');
    const entries = textOf(guest.now(`${T}[method]fields.entries`, seen));
    const body = (get('consume') as CaseValue).payload!;
    assert.equal((get('consume') as CaseValue).case, 1);
    const input = await guest.ok(`${T}[method]incoming-body.stream`, body);
    assert.equal((guest.now(`${T}[method]incoming-body.stream`, body) as CaseValue).case, 1);
    await assert.rejects(
      async () => guest.now(`${T}[static]incoming-body.finish`, body),
      isTrap(/incoming-body\.finish/),
    );
    const text = await guest.readAll(input);
    await guest.drop(input);
    const trailers = guest.now(`${T}[static]incoming-body.finish`, body);
    await guest.block(guest.now(`${T}[method]future-trailers.subscribe`, trailers));
    const came = guest.now(`${T}[method]future-trailers.get`, trailers);
    const fields = ((((came as CaseValue).payload as CaseValue).payload as CaseValue).payload as CaseValue)
      .payload!;
    assert.deepEqual(textOf(guest.now(`${T}[method]fields.entries`, fields)), ['x-end: 1']);
    assert.deepEqual(guest.now(`${T}[method]future-trailers.get`, trailers), some({ case: 1 }));
    const told = {
      method: get('method'),
      path: get('path-with-query'),
      scheme: get('scheme'),
      entries,
      text,
    };

    const { stream, send, finish, body: outgoing } = await respond(guest, out, 201, ['x-answer', 'yes']);
    // Before the head is sent, and behind it.
    await guest.write(stream, JSON.stringify(told).slice(0, 20));
    send();
    await guest.write(stream, JSON.stringify(told).slice(20));
    await assert.rejects(async () => guest.drop(outgoing), isTrap(/outgoing-body/));
    const end = some(await headers(guest, ['x-after', 'all']));
    assert.deepEqual(await finish(end), { case: 0 });
  });
  const port = Number(server.address.split(':')[1]);
  const got = await new Promise<{ status?: number; text: string; trailers: unknown; headers: unknown }>(
    (done) => {
      const request = nodeRequest(
        { port, method: 'PUT', path: '/a?b=c', headers: { 'X-A': 'b', Trailer: 'x-end' } },
        (response) => {
          let text = '';
          response.on('data', (piece) => {
            text += piece;
          });
          response.on('end', () =>
            done({
              status: response.statusCode,
              text,
              trailers: response.trailers,
              headers: response.headers,
            }),
          );
        },
      );
      request.write('sent ');
      request.addTrailers({ 'x-end': '1' });
      request.end('body');
    },
  );
  server.close();
  assert.deepEqual(server.failures, []);
  const told = JSON.parse(got.text);
  assert.deepEqual(
    [told.method, told.path, told.scheme, told.text],
    [{ case: 3 }, some('/a?b=c'), some({ case: 0 }), 'sent body'],
  );
  assert.ok(told.entries.includes('X-A: b'));
  assert.ok(told.entries.every((line: string) => !/^(host|connection|transfer-encoding):/i.test(line)));
  assert.equal(got.status, 201);
  assert.equal((got.headers as Record<string, string>)['x-answer'], 'yes');
});

for (const [what, handle, wanted] of [
  ['no answer', async () => {}, /^HTTP\/1\.1 500 .*no answer/s],
  [
    'an error for an answer',
    async (guest: Guest2, _request: ComponentValue, out: ComponentValue) => {
      guest.now(`${T}[static]response-outparam.set`, out, {
        case: 1,
        payload: errorCase(new HttpError('loop-detected')),
      });
    },
    /^HTTP\/1\.1 500 .*loop-detected/s,
  ],
  [
    'an answer without a body',
    async (guest: Guest2, _request: ComponentValue, out: ComponentValue) => {
      const response = guest.now(`${T}[constructor]outgoing-response`, await headers(guest, ['x', 'y']));
      assert.equal(
        (guest.now(`${T}[method]outgoing-response.set-status-code`, response, 99) as CaseValue).case,
        1,
      );
      guest.now(`${T}[method]outgoing-response.set-status-code`, response, 204);
      guest.now(`${T}[static]response-outparam.set`, out, { case: 0, payload: response });
    },
    /^HTTP\/1\.1 204 No Content\r\nx: y\r\n/,
  ],
  [
    'a body that is finished before its head is sent',
    async (guest: Guest2, _request: ComponentValue, out: ComponentValue) => {
      const { stream, send, finish } = await respond(guest, out);
      await guest.write(stream, 'early');
      assert.deepEqual(await finish(), { case: 0 });
      send();
    },
    /\r\n5\r\nearly\r\n0\r\n/,
  ],
  [
    'a body that is dropped is cut off',
    async (guest: Guest2, _request: ComponentValue, out: ComponentValue) => {
      const { stream, send, body } = await respond(guest, out);
      send();
      await guest.write(stream, 'begun');
      await guest.drop(stream);
      await guest.drop(body);
    },
    /\r\n5\r\nbegun\r\n$/,
  ],
  [
    'a body that is shorter than its head says',
    async (guest: Guest2, _request: ComponentValue, out: ComponentValue) => {
      const { stream, send, finish } = await respond(guest, out, 200, ['content-length', '10']);
      send();
      await guest.write(stream, 'short');
      const { case: chosen, payload } = await finish();
      assert.deepEqual([chosen, payload], [1, errorCase(new HttpError('HTTP-response-body-size', '', 5n))]);
    },
    /content-length: 10\r\n.*\r\n\r\nshort$/s,
  ],
  [
    'a body that is longer than its head says',
    async (guest: Guest2, _request: ComponentValue, out: ComponentValue) => {
      const { stream, send } = await respond(guest, out, 200, ['content-length', '3']);
      send();
      await guest.write(stream, 'abc');
      const more = guest.call(
        'io/streams#[method]output-stream.blocking-write-and-flush',
        stream,
        bytes('d'),
      );
      const { case: chosen, payload } = ((await more) as CaseValue).payload as CaseValue;
      assert.equal(chosen, 0);
      const code = guest.now(`${T}http-error-code`, payload!) as CaseValue;
      assert.equal((code.payload as CaseValue).case, HTTP_ERRORS.indexOf('HTTP-response-body-size'));
    },
    /content-length: 3\r\n.*\r\n\r\nabc$/s,
  ],
  [
    'an informational answer before',
    async (guest: Guest2, _request: ComponentValue, out: ComponentValue) => {
      const inform = (status: number, list: ComponentValue) =>
        guest.error(HTTP_ERRORS, `${T}[method]response-outparam.send-informational`, out, status, list);
      assert.equal(await inform(200, await headers(guest)), 'HTTP-protocol-error');
      assert.equal(await inform(199, await headers(guest)), 'internal-error');
      assert.equal(
        await inform(103, await headers(guest, ['link', '</a.css>; rel=preload; as=style'])),
        'ok',
      );
      const { send, finish } = await respond(guest, out);
      send();
      await finish();
    },
    /^HTTP\/1\.1 103 .*link: <\/a\.css>.*HTTP\/1\.1 200 OK/is,
  ],
] as const) {
  test(what, async () => {
    const server = await serving(handle);
    const port = Number(server.address.split(':')[1]);
    const text = await new Promise<string>((done) => {
      let all = '';
      const socket = connect(port, '127.0.0.1', () =>
        socket.write('GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n'),
      );
      socket.on('data', (piece) => {
        all += piece;
      });
      socket.on('close', () => done(all));
      socket.on('error', () => {});
    });
    server.close();
    assert.deepEqual(server.failures, []);
    assert.match(text, wanted);
  });
}

/** A request of a guest's: the answer, or the name of the error. */
async function ask(
  guest: Guest2,
  address: string,
  {
    path = '/',
    method = { case: 0 } as CaseValue,
    body = '',
    list = [] as [string, string][],
    options = none as CaseValue,
  } = {},
): Promise<{ status: unknown; text: string; names: string[] } | string> {
  const request = guest.now(`${T}[constructor]outgoing-request`, await headers(guest, ...list));
  const set = (name: string, value: ComponentValue) =>
    guest.now(`${T}[method]outgoing-request.set-${name}`, request, value);
  set('scheme', some({ case: 0 }));
  set('authority', some(address));
  set('path-with-query', some(path));
  set('method', method);
  const outgoing = await guest.ok(`${T}[method]outgoing-request.body`, request);
  const begun = (await guest.call('http/outgoing-handler#handle', request, options)) as CaseValue;
  if (begun.case === 1) return HTTP_ERRORS[(begun.payload as CaseValue).case];
  const stream = await guest.ok(`${T}[method]outgoing-body.write`, outgoing);
  if (body !== '') await guest.write(stream, body);
  await guest.drop(stream);
  await guest.call(`${T}[static]outgoing-body.finish`, outgoing, none);
  const future = begun.payload!;
  await guest.block(guest.now(`${T}[method]future-incoming-response.subscribe`, future));
  const came = guest.now(`${T}[method]future-incoming-response.get`, future) as CaseValue;
  const inner = (came.payload as CaseValue).payload as CaseValue;
  assert.deepEqual(guest.now(`${T}[method]future-incoming-response.get`, future), some({ case: 1 }));
  await guest.drop(future);
  if (inner.case === 1) return HTTP_ERRORS[(inner.payload as CaseValue).case];
  const response = inner.payload!;
  const incoming = (guest.now(`${T}[method]incoming-response.consume`, response) as CaseValue).payload!;
  const input = await guest.ok(`${T}[method]incoming-body.stream`, incoming);
  const names = textOf(
    guest.now(`${T}[method]fields.entries`, guest.now(`${T}[method]incoming-response.headers`, response)),
  );
  return {
    status: guest.now(`${T}[method]incoming-response.status`, response),
    text: await guest.readAll(input),
    names,
  };
}

const CLIENTS = {
  Node: nodeHttpClient,
  Web: (grants: NetworkGrants) => webHttpClient(grants, fetch as unknown as Fetch),
};

for (const [kind, clientOf] of Object.entries(CLIENTS)) {
  test(`a guest that asks, ${kind}`, () => asks(kind, clientOf));
}

async function asks(kind: string, clientOf: (grants: NetworkGrants) => HttpClient): Promise<void> {
  // Pages learn little of why they got nothing.
  const unreached = (code: string) => (kind === 'Web' ? 'destination-unavailable' : code);
  const server = createServer((request, response) => {
    if (request.url === '/slow') return;
    if (request.url === '/cut') {
      response.writeHead(200, { 'content-length': 10 });
      response.write('abc', () => response.destroy());
      return;
    }
    if (request.url === '/gone') return void request.socket.destroy();
    let text = '';
    request.on('data', (piece) => {
      text += piece;
    });
    request.on('end', () => {
      response.setHeader('X-Seen', `${request.method} ${request.headers.host} ${request.headers['x-mine']}`);
      response.end(`got ${text}`);
    });
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  const address = `127.0.0.1:${port}`;
  const guest = new Guest2({ http: clientOf(new NetworkGrants([address, '127.0.0.1:2'])) });

  const posted = await ask(guest, address, { method: { case: 2 }, body: 'a body', list: [['x-mine', 'v']] });
  assert.ok(typeof posted === 'object');
  assert.deepEqual([posted.status, posted.text], [200, 'got a body']);
  assert.ok(
    posted.names.some((one) => /^x-seen: POST /i.test(one) && one.endsWith(`${address} v`)),
    posted.names.join(),
  );
  assert.equal(await ask(guest, '127.0.0.1:3'), 'HTTP-request-denied');
  assert.equal(await ask(new Guest2(), address), 'HTTP-request-denied');
  assert.equal(await ask(guest, '127.0.0.1:2'), unreached('connection-refused'));
  assert.equal(await ask(guest, address, { path: '/gone' }), unreached('connection-terminated'));
  const soon = guest.now(`${T}[constructor]request-options`);
  guest.now(`${T}[method]request-options.set-first-byte-timeout`, soon, some(20_000_000n));
  assert.equal(await ask(guest, address, { path: '/slow', options: some(soon) }), 'connection-read-timeout');
  await assert.rejects(ask(guest, address, { path: '/cut' }), /last operation failed/);
  const nowhere = guest.now(`${T}[constructor]outgoing-request`, await headers(guest));
  assert.equal(
    await guest.error(HTTP_ERRORS, 'http/outgoing-handler#handle', nowhere, none),
    'HTTP-request-URI-invalid',
  );
  server.close();
  server.closeAllConnections();
}
