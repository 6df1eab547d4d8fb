/**
 * Two programs that import nothing, run in the engine and in the host: gofmt (TinyGo) and zig fmt (Zig) format the same
 * sources to the same text, and leave the same memory behind.
 */

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { i32 } from '../../engine/runtime/values.ts';
import { installed } from '../packages.ts';
import { call, load } from '../unit/exec-load.ts';

/** An instance of either engine; arguments and results are i32. */
interface Running {
  call(name: string, ...args: number[]): number[];
  memory(): Uint8Array;
}

function ours(bytes: Uint8Array): Running {
  const loaded = load(bytes);
  return {
    call: (name, ...args) => call(loaded, name, ...args.map((n) => i32(n))).map(Number),
    memory: () => loaded.inst.mems[0].bytes,
  };
}

function theirs(bytes: Uint8Array<ArrayBuffer>): Running {
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes));
  return {
    call: (name, ...args) =>
      [(exports[name] as (...args: number[]) => unknown)(...args)]
        .flat()
        .filter((n) => n !== undefined) as number[],
    memory: () => new Uint8Array((exports.memory as WebAssembly.Memory).buffer),
  };
}

function write(running: Running, source: string): [at: number, length: number] {
  const bytes = new TextEncoder().encode(source);
  const [at] = running.call('alloc', bytes.length);
  running.memory().set(bytes, at >>> 0);
  return [at, bytes.length];
}

function read(running: Running, at: number, length: number): string {
  return new TextDecoder().decode(running.memory().subarray(at >>> 0, (at >>> 0) + length));
}

function gofmt(running: Running, source: string): string {
  write(running, source);
  const [code] = running.call('format');
  const [at] = running.call('output_ptr');
  const [length] = running.call('output_len');
  const text = read(running, at, length);
  running.call('dispose');
  return `${code}: ${text}`;
}

function zigFmt(running: Running, source: string): string {
  const [at, length] = running.call('format', ...write(running, source));
  const text = at === 0 ? 'refused' : read(running, at, length);
  running.call('free_all');
  return text;
}

const GO = [
  'package main\nfunc  main( ){\nprintln( "hi" )}\n',
  'package p\nimport ("b";"a")\ntype T struct{a int;bb string `json:"x"`}\nvar x=map[string][]int{"a":{1,2},"b":nil}\n',
  `package p\n${Array.from({ length: 40 }, (_, k) => `func  f${k}(a,b int)(c int){for i:=0;i<a;i++{c+=b*i}\nreturn}`).join('\n')}\n`,
  'package p\nfunc (',
  '',
];

const ZIG = [
  'const  std=@import("std");\npub fn main()void{std.debug.print("hi",.{});}\n',
  'const T=struct{a:u32=1,b:[]const u8,fn f(self:T)u32{return if(self.a>1)self.a else 2;}};\n',
  `${Array.from({ length: 40 }, (_, k) => `fn f${k}(a:u32,b:u32)u32{var c:u32=0;while(c<a):(c+=1){_=b;}return c;}`).join('\n')}\n`,
  'fn (',
];

const PROGRAMS = [
  { name: '@wasm-fmt/gofmt', file: 'gofmt.wasm', init: '_initialize', run: gofmt, sources: GO },
  { name: '@wasm-fmt/zig_fmt', file: 'zig_fmt.wasm', init: undefined, run: zigFmt, sources: ZIG },
] as const;

for (const { name, file, init, run, sources } of PROGRAMS) {
  const found = installed(name);
  test(`${name} does what it does in the host`, { skip: 'why' in found ? found.why : false }, () => {
    if ('why' in found) return;
    const bytes = new Uint8Array(readFileSync(path.join(found.folder, file)));
    const [mine, host] = [ours(bytes), theirs(bytes)];
    if (init) for (const running of [mine, host]) running.call(init);
    for (const source of sources) {
      const expected = run(host, source);
      assert.equal(run(mine, source), expected);
      assert.equal(hash(mine), hash(host), `memory behind ${JSON.stringify(source.slice(0, 40))}`);
    }
    assert.match(run(mine, sources[0]), /main\(\) ?(void )?\{\n/);
  });
}

function hash(running: Running): string {
  return createHash('sha256').update(running.memory()).digest('hex');
}
