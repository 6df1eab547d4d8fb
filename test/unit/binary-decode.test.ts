// Modules: every section there and back, what is malformed and where, cut off and damaged files, names.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WasmError } from '../../engine/base/errors.ts';
import { encodeUtf8 } from '../../engine/base/utf8.ts';
import { ByteWriter } from '../../engine/base/writer.ts';
import { decode, isComponent } from '../../engine/binary/decode.ts';
import * as enc from '../../engine/binary/encode.ts';
import { instrReader } from '../../engine/binary/instr.ts';
import { SECTION } from '../../engine/binary/sections.ts';
import * as types from '../../engine/binary/types.ts';
import {
  concreteHeap,
  EXTERNREF,
  F64,
  FUNCREF,
  HEAP,
  I8,
  I32,
  I64,
  refType,
  type TypeDef,
} from '../../engine/isa/types.ts';
import type { Module } from '../../engine/module/module.ts';

const fromHex = (hex: string) => Uint8Array.from(Buffer.from(hex.replace(/\s/g, ''), 'hex'));
const HEAD = '0061736d01000000';

function piece(write: (w: ByteWriter) => void): Uint8Array {
  const w = new ByteWriter();
  write(w);
  return w.toBytes();
}

const I32_0 = fromHex('41000b');
const REF_FUNC_1 = fromHex('d2010b');

/** A valid module with something of everything that Wasm 3.0 has. */
function everything(): Uint8Array<ArrayBuffer> {
  const single = (composite: TypeDef['composite'], final = true, supers: number[] = []) =>
    [{ composite, final, supers, groupStart: 0, groupSize: 1 }] as const;
  const w = new ByteWriter();
  enc.writeHeader(w);
  enc.writeCustom(w, 'first', encodeUtf8('payload'));
  const field = { storage: I8, mutable: true };
  enc.writeEntries(w, SECTION.type, [
    piece((p) => types.writeRecType(p, single({ kind: 'func', params: [], results: [] }))),
    piece((p) => types.writeRecType(p, single({ kind: 'func', params: [I32, I32], results: [I32, F64] }))),
    piece((p) => types.writeRecType(p, single({ kind: 'struct', fields: [field] }, false))),
    piece((p) =>
      types.writeRecType(p, [
        ...single(
          { kind: 'struct', fields: [field, { storage: refType(true, concreteHeap(4)), mutable: false }] },
          true,
          [2],
        ),
        ...single({ kind: 'array', field: { storage: refType(false, HEAP.i31), mutable: true } }),
      ]),
    ),
    piece((p) => types.writeRecType(p, single({ kind: 'func', params: [I64], results: [] }))),
  ]);
  const limits = { min: 1, max: 300 };
  const memory = { limits, is64: false, shared: false, pageSizeLog2: 16 };
  const table = { limits: { min: 0 }, is64: false, element: FUNCREF };
  const importEntry = (
    kind: 'func' | 'table' | 'memory' | 'global' | 'tag',
    name: string,
    type: (p: ByteWriter) => void,
  ) =>
    piece((p) => {
      enc.writeImportHead(p, 'env', name, kind);
      type(p);
    });
  enc.writeEntries(w, SECTION.import, [
    importEntry('func', 'f', (p) => p.u32(0)),
    importEntry('table', 't', (p) => types.writeTableType(p, table)),
    importEntry('memory', 'm', (p) => types.writeMemoryType(p, memory)),
    importEntry('global', 'g', (p) => types.writeGlobalType(p, { type: I32, mutable: true })),
    importEntry('tag', 'e', (p) => types.writeTagType(p, { typeIdx: 0 })),
  ]);
  enc.writeEntries(w, SECTION.function, [piece((p) => p.u32(0)), piece((p) => p.u32(1))]);
  enc.writeEntries(w, SECTION.table, [
    piece((p) => types.writeTableType(p, { ...table, limits })),
    piece((p) => {
      enc.writeTableInitHead(p);
      types.writeTableType(p, { limits, is64: false, element: refType(false, HEAP.func) });
      p.bytes(REF_FUNC_1);
    }),
    piece((p) => types.writeTableType(p, { ...table, element: EXTERNREF })),
  ]);
  enc.writeEntries(w, SECTION.memory, [
    piece((p) => types.writeMemoryType(p, { ...memory, is64: true, limits: { min: 2 } })),
  ]);
  enc.writeEntries(w, SECTION.tag, [piece((p) => types.writeTagType(p, { typeIdx: 5 }))]);
  enc.writeEntries(w, SECTION.global, [
    piece((p) => {
      types.writeGlobalType(p, { type: I32, mutable: false });
      p.bytes(I32_0);
    }),
  ]);
  enc.writeEntries(w, SECTION.export, [
    piece((p) => enc.writeExport(p, 'run', 'func', 1)),
    piece((p) => enc.writeExport(p, 'añ', 'global', 1)),
    piece((p) => enc.writeExport(p, 'run2', 'func', 1)),
  ]);
  enc.writeSection(w, SECTION.start, Uint8Array.of(0));
  const func = FUNCREF;
  const elem = (e: enc.EncodedElem) => piece((p) => enc.writeElem(p, e));
  enc.writeEntries(w, SECTION.element, [
    elem({
      type: refType(false, HEAP.func),
      mode: 'active',
      tableIdx: 0,
      at: I32_0,
      items: { funcs: [0, 1] },
    }),
    elem({ type: refType(false, HEAP.func), mode: 'passive', tableIdx: 0, items: { funcs: [1] } }),
    elem({ type: refType(false, HEAP.func), mode: 'active', tableIdx: 1, at: I32_0, items: { funcs: [2] } }),
    elem({ type: refType(false, HEAP.func), mode: 'declarative', tableIdx: 0, items: { funcs: [0] } }),
    elem({
      type: func,
      mode: 'active',
      tableIdx: 0,
      at: I32_0,
      items: { exprs: [REF_FUNC_1, fromHex('d0700b')] },
    }),
    elem({ type: func, mode: 'passive', tableIdx: 0, items: { exprs: [REF_FUNC_1] } }),
    elem({ type: EXTERNREF, mode: 'active', tableIdx: 3, at: I32_0, items: { exprs: [fromHex('d06f0b')] } }),
    elem({ type: func, mode: 'declarative', tableIdx: 0, items: { exprs: [] } }),
  ]);
  enc.writeSection(w, SECTION.dataCount, Uint8Array.of(3));
  const locals = piece((p) => enc.writeLocals(p, enc.localRuns([I32, I32, F64])));
  const body2 = piece((p) => {
    p.bytes(locals);
    p.bytes(fromHex('2000 0440 4100 4100 4100 fc080100 05 fc0902 0b 4100 44000000000000f03f 0b'));
  });
  enc.writeCode(w, [fromHex('000b'), body2]);
  enc.writeEntries(w, SECTION.data, [
    piece((p) => enc.writeData(p, 'active', 0, I32_0, encodeUtf8('hello'))),
    piece((p) => enc.writeData(p, 'passive', 0, undefined, encodeUtf8('there'))),
    piece((p) => enc.writeData(p, 'active', 1, fromHex('42000b'), new Uint8Array())),
  ]);
  enc.writeNames(w, {
    module: 'all',
    names: {
      func: [
        [1, 'main'],
        [2, 'add'],
      ],
      type: [[3, 'node']],
      tag: [[1, 'oops']],
      data: [[0, 'greeting']],
      elem: [[2, 'el']],
    },
    locals: [
      [
        2,
        [
          [0, 'x'],
          [3, 'y'],
        ],
      ],
    ],
    labels: [[2, [[0, 'outer']]]],
    fields: [[3, [[1, 'next']]]],
  });
  return w.toBytes();
}

/** Decodes, and reads every body, as validation would. */
function read(bytes: Uint8Array): Module {
  const module = decode(bytes);
  const r = instrReader(module);
  for (const { body } of module.funcs) {
    if (!body) continue;
    r.startBody(body.codeStart, body.range.end);
    while (r.next());
  }
  return module;
}

/** The fault's message and offset, or undefined; anything but a WasmError gets out. */
function faultOf(bytes: Uint8Array): string | undefined {
  try {
    read(bytes);
    return undefined;
  } catch (error) {
    if (!(error instanceof WasmError)) throw error;
    assert.ok(error.offset !== undefined && error.offset >= 0 && error.offset <= bytes.length, error.message);
    return `${error.message} @${error.offset}`;
  }
}

test('every section is decoded', () => {
  const bytes = everything();
  assert.ok(WebAssembly.validate(bytes), 'the host takes it');
  const m = read(bytes);
  const text = (range: { start: number; end: number }) =>
    Buffer.from(bytes.subarray(range.start, range.end)).toString('hex');
  assert.deepEqual(
    m.sections.map(({ id }) => id),
    [0, 1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11, 0],
  );
  for (const { id, offset, range } of m.sections)
    assert.equal(bytes[offset], id, `section at ${range.start}`);
  assert.equal(m.sections.at(-1)!.range.end, bytes.length);
  assert.deepEqual(
    m.types.map((t) => [t.composite.kind, t.final, t.supers, t.groupStart, t.groupSize]),
    [
      ['func', true, [], 0, 1],
      ['func', true, [], 1, 1],
      ['struct', false, [], 2, 1],
      ['struct', true, [2], 3, 2],
      ['array', true, [], 3, 2],
      ['func', true, [], 5, 1],
    ],
  );
  assert.deepEqual(m.types[1].composite, { kind: 'func', params: [I32, I32], results: [I32, F64] });
  assert.deepEqual(m.types[4].composite, {
    kind: 'array',
    field: { storage: refType(false, HEAP.i31), mutable: true },
  });
  assert.deepEqual(
    m.imports.map(({ module, name, kind, idx }) => `${module}.${name} ${kind} ${idx}`),
    ['env.f func 0', 'env.t table 0', 'env.m memory 0', 'env.g global 0', 'env.e tag 0'],
  );
  assert.deepEqual(
    m.funcs.map(({ typeIdx }) => typeIdx),
    [0, 0, 1],
  );
  assert.deepEqual(m.funcs[0].import, { module: 'env', name: 'f' });
  assert.deepEqual(m.funcs[1].body!.locals, []);
  assert.deepEqual(m.funcs[2].body!.locals, [2, I32, 1, F64]);
  assert.equal(bytes[m.funcs[2].body!.codeStart], 0x20);
  assert.equal(bytes[m.funcs[2].offset], m.funcs[2].body!.range.end - m.funcs[2].body!.range.start);
  assert.equal(text(m.tables[2].init!), 'd2010b');
  assert.deepEqual(m.tables[1].type, { limits: { min: 1, max: 300 }, is64: false, element: FUNCREF });
  assert.deepEqual(m.memories[1].type, { limits: { min: 2 }, is64: true, shared: false, pageSizeLog2: 16 });
  assert.deepEqual(
    m.tags.map(({ type }) => type.typeIdx),
    [0, 5],
  );
  assert.deepEqual(
    m.globals.map(({ type }) => type),
    [
      { type: I32, mutable: true },
      { type: I32, mutable: false },
    ],
  );
  assert.equal(text(m.globals[1].init!), '41000b');
  assert.deepEqual(
    m.exports.map(({ name, kind, idx }) => `${name} ${kind} ${idx}`),
    ['run func 1', 'añ global 1', 'run2 func 1'],
  );
  assert.equal(m.start!.funcIdx, 0);
  assert.equal(bytes[m.start!.offset], 0);
  assert.equal(bytes[m.start!.offset - 2], SECTION.start);
  assert.deepEqual(
    m.elems.map((e) => [
      e.mode,
      e.tableIdx,
      e.at && text(e.at),
      'funcs' in e.items ? e.items.funcs : e.items.exprs.map(text),
    ]),
    [
      ['active', 0, '41000b', [0, 1]],
      ['passive', 0, undefined, [1]],
      ['active', 1, '41000b', [2]],
      ['declarative', 0, undefined, [0]],
      ['active', 0, '41000b', ['d2010b', 'd0700b']],
      ['passive', 0, undefined, ['d2010b']],
      ['active', 3, '41000b', ['d06f0b']],
      ['declarative', 0, undefined, []],
    ],
  );
  assert.deepEqual(
    m.elems.map(({ offset }) => bytes[offset]),
    [0, 1, 2, 3, 4, 5, 6, 7],
  );
  assert.deepEqual(
    m.datas.map((d) => [d.mode, d.memIdx, text(d.bytes)]),
    [
      ['active', 0, '68656c6c6f'],
      ['passive', 0, '7468657265'],
      ['active', 1, ''],
    ],
  );
  assert.equal(m.dataCount, 3);
  assert.deepEqual(
    m.customs.map(({ name }) => name),
    ['first', 'name'],
  );
  assert.equal(text(m.customs[0].range), Buffer.from('payload').toString('hex'));
  for (const value of [m, ...Object.values(m)]) {
    if (Array.isArray(value) || value === m) assert.ok(Object.isFrozen(value));
  }
});

test('encoding what was decoded gives the same bytes', () => {
  const bytes = everything();
  assert.deepEqual(enc.encode(decode(bytes)), bytes);
  // Lengths and indices in long forms come out short.
  const long = fromHex(`${HEAD} 018800 8180808000 600000`);
  assert.deepEqual(enc.encode(decode(long)), fromHex(`${HEAD} 0104016000 00`));
});

test('section writers say where their entries are', () => {
  const w = new ByteWriter();
  enc.writeHeader(w);
  const entries = [Uint8Array.of(0xa1), new Uint8Array(200).fill(0xa2), Uint8Array.of(0xa3)];
  for (const [i, offset] of enc.writeEntries(w, SECTION.global, entries).entries()) {
    assert.equal(w.view()[offset], 0xa1 + i);
    assert.notEqual(w.view()[offset - 1], 0xa1 + i);
  }
  const sizes = [1, 0xc8, 1];
  for (const [i, offset] of enc.writeCode(w, entries).entries()) {
    assert.equal(w.view()[offset], 0xa1 + i);
    assert.equal(w.view()[offset - (i === 1 ? 2 : 1)], sizes[i]);
  }
  const custom = enc.writeCustom(w, 'x', Uint8Array.of(0xcc));
  const start = enc.writeSection(w, SECTION.start, Uint8Array.of(7));
  assert.equal(w.view()[custom], 0xcc);
  assert.equal(w.view()[start], 7);
});

const MALFORMED: [hex: string, fault: string][] = [
  ['', 'unexpected end @0'],
  ['0061', 'unexpected end @2'],
  ['0161736d01000000', 'magic header not detected @0'],
  ['0061736d', 'unexpected end @4'],
  ['0061736d02000000', 'unknown binary version @4'],
  ['0061736d0d000100', 'unknown binary version: this is a component, not a core module @4'],
  [`${HEAD} 0e0100`, 'malformed section id @8'],
  [`${HEAD} 01`, 'unexpected end of section or function @9'],
  [`${HEAD} 0105016000`, 'length out of bounds @9'],
  [`${HEAD} 0105 0160 0000 00`, 'section size mismatch @14'],
  [`${HEAD} 0104 0261 0000`, 'malformed definition type @11'],
  [`${HEAD} 0105 0160 0161 00`, 'malformed value type @13'],
  [`${HEAD} 0104 015e 7802`, 'malformed mutability @13'],
  [`${HEAD} 0205 0100 0005 00`, 'malformed import kind @13'],
  [`${HEAD} 0708 0100 0500 00000000`, 'malformed export kind @12'],
  [`${HEAD} 0404 0170 0800`, 'malformed limits flags @12'],
  [`${HEAD} 0404 0170 0200`, 'malformed limits flags @12'],
  [`${HEAD} 0403 017f 0000`, 'malformed reference type @11'],
  [`${HEAD} 0502 0110`, 'malformed limits flags @11'],
  [`${HEAD} 0506 01 40 00`, 'length out of bounds @9'],
  [`${HEAD} 0503 0108 00`, 'malformed limits flags @11'],
  [`${HEAD} 0504 0108 0040`, 'invalid custom page size @13'],
  [`${HEAD} 0d03 0101 00`, 'zero byte expected @11'],
  [`${HEAD} 0405 0140 01700000`, 'zero byte expected @12'],
  [`${HEAD} 0904 0108 0000`, 'malformed elements segment kind @11'],
  [`${HEAD} 0904 0101 0100`, 'malformed element kind @12'],
  [`${HEAD} 0b04 0103 0000`, 'malformed data segment kind @11'],
  [`${HEAD} 0101 00 0101 00`, 'unexpected content after last section @11'],
  [`${HEAD} 0701 00 0601 00`, 'unexpected content after last section @11'],
  [`${HEAD} 0d01 00 0501 00`, 'unexpected content after last section @11'],
  [`${HEAD} 0a01 00 0c01 00`, 'unexpected content after last section @11'],
  [`${HEAD} 0302 0100`, 'function and code section have inconsistent lengths @12'],
  [`${HEAD} 0a04 0102 000b`, 'function and code section have inconsistent lengths @14'],
  [`${HEAD} 0c01 01`, 'data count and data section have inconsistent lengths @11'],
  [`${HEAD} 0c01 00 0b03 0101 00`, 'data count and data section have inconsistent lengths @16'],
  [`${HEAD} 0302 0100 0a08 0106 02 ffffffff0f`, 'unexpected end of section or function @22'],
  [`${HEAD} 0302 0100 0a0b 0109 02 ffffffff0f7f 027e 0b`, 'too many locals @23'],
  [`${HEAD} 0302 0100 0a08 0106 01 d186037f 0b`, 'too many locals: 50001, the limit is 50000 @16'],
  [`${HEAD} 0302 0100 0a07 0105 00 fc0900 0b`, 'data count section required @17'],
  [`${HEAD} 0302 0100 0a05 0103 00 0b 0b`, 'section size mismatch @18'],
  [`${HEAD} 0005 02ff41 0000`, 'malformed UTF-8 encoding @11'],
  [`${HEAD} 0001 05`, 'length out of bounds @10'],
  [`${HEAD} 0605 017f 0041 00`, 'unexpected end of section or function @15'],
];

test('malformed modules: what and where', () => {
  for (const [hex, fault] of MALFORMED) assert.equal(faultOf(fromHex(hex)), fault, hex);
});

test('a fault behind the end of its section says where that was', () => {
  assert.throws(
    () => decode(fromHex(`${HEAD} 0703 0200 00 0a01 00 0a01 00 0a01 00`)),
    (error: WasmError) => error.fault.notes.some(({ offset }) => offset === 13),
  );
});

test('components are told from modules', () => {
  assert.ok(isComponent(fromHex('0061736d0d000100')));
  assert.ok(!isComponent(fromHex(HEAD)));
  assert.ok(!isComponent(new Uint8Array()));
});

test('a module that is cut off is malformed, or ends where a section ends', () => {
  const bytes = everything();
  const ends = decode(bytes).sections.map(({ range }) => range.end);
  for (let n = 0; n < bytes.length; n++) {
    const fault = faultOf(bytes.subarray(0, n));
    if (fault === undefined) assert.ok(n === 8 || ends.includes(n), `cut at ${n}`);
  }
});

test('a damaged module never does worse than be malformed, and then the host refuses it too', () => {
  const bytes = everything();
  let seed = 12345;
  const random = (n: number) => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor((seed / 2 ** 32) * n);
  };
  let malformed = 0;
  for (let i = 0; i < 20_000; i++) {
    const damaged = bytes.slice();
    for (let n = 1 + random(3); n > 0; n--) damaged[8 + random(bytes.length - 8)] = random(256);
    if (faultOf(damaged) === undefined) continue;
    malformed++;
    assert.ok(!WebAssembly.validate(damaged), `${faultOf(damaged)}: ${Buffer.from(damaged).toString('hex')}`);
  }
  assert.ok(malformed > 1000);
});

test('names: given, exported, imported, found', () => {
  const { names } = decode(everything());
  assert.equal(names.module, 'all');
  assert.equal(names.given('func', 0), undefined);
  assert.deepEqual(
    [0, 1, 2, 3].map((i) => names.of('func', i)),
    ['env.f', 'main', 'add', undefined],
  );
  assert.deepEqual([names.of('global', 0), names.of('global', 1)], ['env.g', 'añ']);
  assert.equal(names.of('type', 3), 'node');
  assert.equal(names.of('tag', 1), 'oops');
  assert.equal(names.of('data', 0), 'greeting');
  assert.equal(names.of('elem', 2), 'el');
  assert.equal(names.local(2, 3), 'y');
  assert.equal(names.local(1, 0), undefined);
  assert.equal(names.label(2, 0), 'outer');
  assert.equal(names.field(3, 1), 'next');
  assert.deepEqual(names.find('func', 'main'), [1]);
  assert.deepEqual(names.find('func', 'run2'), [1]);
  assert.deepEqual(names.find('func', 'env.f'), [0]);
  assert.deepEqual(names.find('func', 'f'), [0]);
  assert.deepEqual(names.find('func', 'nobody'), []);
});

test('names: a malformed name section gives what stands before the fault, subsection by subsection', () => {
  const section = (content: string) => {
    const w = new ByteWriter();
    enc.writeHeader(w);
    enc.writeCustom(w, 'name', fromHex(content));
    return decode(w.toBytes()).names;
  };
  // Functions 0 "a", 1 (no UTF-8); then globals 5 "b".
  const cut = section('01 07 02 0001 61 0101 ff 07 04 01 0501 62');
  assert.equal(cut.given('func', 0), 'a');
  assert.equal(cut.given('func', 1), undefined);
  assert.equal(cut.given('global', 5), 'b');
  // A count and a size that promise more than there is.
  const short = section('01 ff01 05 0001 61');
  assert.equal(short.given('func', 0), 'a');
  assert.equal(short.given('func', 1), undefined);
  assert.equal(section('01').given('func', 0), undefined);
  assert.equal(section('00 05 0461').module, undefined);
  assert.equal(section('').local(0, 0), undefined);
});
