/** Tags and exceptions between JavaScript imports and a program; string constants that are imported. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decode } from '../../engine/binary/decode.ts';
import { type InvokeFromJs, readJsImports } from '../../engine/debug/imports.ts';
import { Machine } from '../../engine/exec/machine.ts';
import { instantiate } from '../../engine/runtime/instantiate.ts';
import { builtinImports } from '../../engine/runtime/js-string.ts';
import { Store } from '../../engine/runtime/store.ts';
import { validate } from '../../engine/valid/validate.ts';
import { bytesOf, FEATURES } from './exec-load.ts';

/** What this host has of the JavaScript API, which not every version of its types knows. */
interface HostException extends Error {
  is(tag: object): boolean;
  getArg(tag: object, index: number): unknown;
}
const Host = WebAssembly as unknown as {
  Tag: new (type: { parameters: string[] }) => object;
  Exception: new (tag: object, payload: unknown[]) => HostException;
  JSTag?: object;
};

type Exports = Record<string, (...args: unknown[]) => unknown>;

interface Tools {
  readonly instance: { readonly exports: Exports };
  tag(descriptor: { parameters: string[] }): object;
}

async function linked(text: string, make: (tools: Tools) => unknown, extra = {}): Promise<Exports> {
  const store = new Store();
  const machine = new Machine(store);
  const invoke: InvokeFromJs = (func, args) => {
    machine.begin(func, args);
    const outcome = machine.run();
    if (outcome.kind === 'done') return outcome.results;
    throw outcome.kind === 'trap'
      ? (outcome.cause ?? new Error(outcome.fault.message))
      : new Error(outcome.kind);
  };
  let tools: Tools | undefined;
  const namespace = {
    ...extra,
    default: (given: Tools) => {
      tools = given;
      return make(given);
    },
  };
  const imports = await readJsImports(store, namespace, invoke);
  const builtins = builtinImports(store, { stringConstants: imports.stringConstants });
  const module = decode(bytesOf(text));
  validate(module, FEATURES);
  const lookup = (wanted: Parameters<typeof builtins>[0]) => imports.lookup(wanted) ?? builtins(wanted);
  imports.attach(instantiate(store, module, lookup, FEATURES));
  return tools!.instance.exports;
}

const PROGRAM = `(module
  (import "env" "tag" (tag $e (param i32 externref)))
  (import "env" "f" (func $f (param i32)))
  (export "tag" (tag $e))
  (func (export "throw") (param i32 externref) (throw $e (local.get 0) (local.get 1)))
  (func (export "call") (param i32) (call $f (local.get 0)))
  (func (export "catch") (param i32) (result i32)
    (block $h (result i32 externref)
      (try_table (catch $e $h) (call $f (local.get 0)))
      (return (i32.const -1)))
    (drop)))`;

for (const [how, make] of [
  ['of the tool', (tools: Tools) => tools.tag({ parameters: ['i32', 'externref'] })],
  ['of the host', () => new Host.Tag({ parameters: ['i32', 'externref'] })],
] as const) {
  test(`a tag ${how}: JavaScript throws what the program catches, and the other way`, async () => {
    let tag: object = {};
    let f: (n: number) => void = () => {};
    const exports = await linked(PROGRAM, (tools) => {
      tag = make(tools);
      return { env: { tag, f: (n: number) => f(n) } };
    });
    assert.equal(exports.tag, tag);
    f = (n) => {
      throw new Host.Exception(tag, [n + 1, 'payload']);
    };
    assert.equal(exports.catch(6), 7);

    const object = {};
    const caught = (run: () => unknown): HostException => {
      try {
        run();
      } catch (error) {
        return error as HostException;
      }
      return assert.fail('nothing was thrown');
    };
    const thrown = caught(() => exports.throw(5, object));
    assert.ok(thrown instanceof Host.Exception);
    assert.ok(thrown.is(tag));
    assert.equal(thrown.getArg(tag, 0), 5);
    assert.equal(thrown.getArg(tag, 1), object);

    // What is thrown on is the same exception.
    f = () => {
      throw thrown;
    };
    assert.equal(
      caught(() => exports.call(0)),
      thrown,
    );
    assert.equal(exports.catch(0), 5);

    // Exceptions of other tags and other errors come through as they are.
    const other = new Host.Exception(new Host.Tag({ parameters: [] }), []);
    for (const error of [other, new RangeError('mine')]) {
      f = () => {
        throw error;
      };
      assert.equal(
        caught(() => exports.catch(0)),
        error,
      );
    }
  });
}

test('an export called inside of an import throws what the import can catch', async () => {
  const exports = await linked(PROGRAM, (tools) => {
    const tag = tools.tag({ parameters: ['i32', 'externref'] });
    const f = (n: number) => {
      try {
        tools.instance.exports.throw(n, null);
      } catch (error) {
        const got = (error as HostException).getArg(tag, 0) as number;
        throw new Host.Exception(tag, [got * 2, null]);
      }
    };
    return { env: { tag, f } };
  });
  assert.equal(exports.catch(21), 42);
});

test('a tag of the program itself is a tag of the host; one that the host cannot have is opaque', async () => {
  const text = `(module (tag $e (export "e") (param i64)) (tag (export "v") (param v128))
    (func (export "throw") (throw $e (i64.const 9))))`;
  const exports = await linked(text, () => ({}));
  assert.ok((exports.e as unknown) instanceof Host.Tag);
  assert.ok(!((exports.v as unknown) instanceof Host.Tag));
  assert.throws(
    () => exports.throw(),
    (error: HostException) => error.getArg(exports.e as unknown as object, 0) === 9n,
  );
});

test('the tag of JavaScript errors catches them', {
  skip: Host.JSTag ? false : 'this host has no JSTag',
}, async () => {
  const text = `(module (import "env" "js" (tag $js (param externref))) (import "env" "f" (func $f))
    (func (export "catch") (result externref)
      (block $h (result externref) (try_table (catch $js $h) (call $f)) (unreachable))))`;
  const error = new Error('mine');
  const f = () => {
    throw error;
  };
  const exports = await linked(text, () => ({ env: { js: Host.JSTag, f } }));
  assert.equal(exports.catch(), error);
});

test('what is no tag is refused', async () => {
  const env = { tag: {}, f: () => {} };
  await assert.rejects(
    linked(PROGRAM, () => ({ env })),
    /give what tag\(\{parameters\}\) makes/,
  );
  await assert.rejects(
    linked(PROGRAM, ({ tag }) => ({ env: { ...env, tag: tag({ parameters: ['i64'] }) } })),
    /incompatible import type/,
  );
  await assert.rejects(
    linked(PROGRAM, ({ tag }) => ({ env: { tag: tag({ parameters: ['v128'] }) } })),
    /tag: unknown type "v128"/,
  );
});

test('imported string constants', async () => {
  const text = `(module (import "'" "hello" (global $s (ref extern)))
    (import "wasm:js-string" "length" (func $length (param externref) (result i32)))
    (func (export "length") (result i32) (call $length (global.get $s))))`;
  const exports = await linked(text, () => ({}), { importedStringConstants: "'" });
  assert.equal(exports.length(), 5);
  await assert.rejects(
    linked(text, () => ({})),
    /unknown import/,
  );
  await assert.rejects(
    linked(text, () => ({}), { importedStringConstants: 5 }),
    /must be a string/,
  );
});
