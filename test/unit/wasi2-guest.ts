/**
 * A guest of WASI 0.2 without code: calls the functions of its interfaces by name with component values, and reads what they
 * answer by the names of cases.
 */

import assert from 'node:assert/strict';
import type { HostCallContext, HostFunction, HostImports } from '../../engine/component/host.ts';
import type { CaseValue, ComponentValue } from '../../engine/component/values.ts';
import { type Preview2Options, preview2Imports, VERSION } from '../../engine/wasi/preview2/preview2.ts';
import { TestClocks, TestInput, TestOutput } from './wasi-guest.ts';

/** Cases of `wasi:filesystem/types.error-code`, as its WIT has them. */
export const FILE_ERRORS =
  'access would-block already bad-descriptor busy deadlock quota exist file-too-large illegal-byte-sequence in-progress interrupted invalid io is-directory loop too-many-links message-size name-too-long no-device no-entry no-lock insufficient-memory insufficient-space not-directory not-empty not-recoverable unsupported no-tty no-such-device overflow not-permitted pipe read-only invalid-seek text-file-busy cross-device'.split(
    ' ',
  );

/** Cases of `wasi:sockets/network.error-code`. */
export const NETWORK_ERRORS =
  'unknown access-denied not-supported invalid-argument out-of-memory timeout concurrency-conflict not-in-progress would-block invalid-state new-socket-limit address-not-bindable address-in-use remote-unreachable connection-refused connection-reset connection-aborted datagram-too-large name-unresolvable temporary-resolver-failure permanent-resolver-failure'.split(
    ' ',
  );

export const FILE_TYPES =
  'unknown block-device character-device directory fifo symbolic-link regular-file socket'.split(' ');

type Value = ComponentValue | undefined;

export class Guest2 {
  readonly clocks = new TestClocks();
  readonly stdin = new TestInput();
  readonly stdout = new TestOutput();
  readonly stderr = new TestOutput();
  readonly imports: HostImports;

  constructor(options: Partial<Preview2Options> = {}) {
    const { clocks, stdin, stdout, stderr } = this;
    let seed = 0;
    const random = (bytes: Uint8Array) => {
      for (let i = 0; i < bytes.length; i++) bytes[i] = seed++;
    };
    this.imports = preview2Imports({ clocks, stdin, stdout, stderr, random, ...options });
  }

  /** Calls `io/poll#poll`. Answers as the host does, at once or later. */
  call(name: string, ...args: readonly ComponentValue[]): Value | Promise<Value> {
    const [of, func] = name.split('#');
    const instance = this.imports.get(`wasi:${of}@${VERSION}`);
    assert.equal(instance?.kind, 'instance', name);
    const found = instance.exports.get(func);
    assert.equal(found?.kind, 'func', name);
    return (found as HostFunction).call(args, {} as HostCallContext);
  }

  /** A call that must answer at once. */
  now(name: string, ...args: readonly ComponentValue[]): ComponentValue {
    const answer = this.call(name, ...args);
    assert.ok(!(answer instanceof Promise), `${name} has to wait`);
    return answer as ComponentValue;
  }

  /** What is in `ok`. */
  async ok(name: string, ...args: readonly ComponentValue[]): Promise<ComponentValue> {
    const answer = (await this.call(name, ...args)) as CaseValue;
    assert.equal(
      answer.case,
      0,
      `${name}: ${JSON.stringify(answer, (_, v) => (typeof v === 'bigint' ? String(v) : v))}`,
    );
    return answer.payload as ComponentValue;
  }

  /** The name of the error; `ok` if there is none. */
  async error(names: readonly string[], name: string, ...args: readonly ComponentValue[]): Promise<string> {
    const answer = (await this.call(name, ...args)) as CaseValue;
    return answer.case === 0 ? 'ok' : names[(answer.payload as CaseValue).case];
  }

  /** A method of a resource: `stream(…, 'input-stream.read', …)` of the interface `of`. */
  method(of: string, name: string, self: ComponentValue, ...args: readonly ComponentValue[]) {
    return this.ok(`${of}#[method]${name}`, self, ...args);
  }

  /** Lets go of a handle. */
  async drop(handle: ComponentValue): Promise<void> {
    const { resource, rep } = handle as unknown as {
      resource: { drop?(rep: unknown): unknown };
      rep: unknown;
    };
    await resource.drop?.(rep);
  }

  /** Reads a stream to its end. */
  async readAll(stream: ComponentValue): Promise<string> {
    let text = '';
    for (;;) {
      const answer = (await this.call(
        'io/streams#[method]input-stream.blocking-read',
        stream,
        5n,
      )) as CaseValue;
      if (answer.case === 0) text += Buffer.from(answer.payload as Uint8Array).toString();
      else if ((answer.payload as CaseValue).case === 1) return text;
      else throw new Error('last operation failed');
    }
  }

  /** Writes everything, and waits until it is written. */
  async write(stream: ComponentValue, text: string): Promise<void> {
    await this.ok('io/streams#[method]output-stream.blocking-write-and-flush', stream, bytes(text));
  }

  /** Waits for a pollable. */
  async block(pollable: ComponentValue): Promise<void> {
    await this.call('io/poll#[method]pollable.block', pollable);
  }
}

export function bytes(text: string): Uint8Array {
  return Uint8Array.from(Buffer.from(text));
}

export const none: CaseValue = { case: 0 };

export function some(payload: ComponentValue): CaseValue {
  return { case: 1, payload };
}
