// Every row of the instruction table: written, read back, cut off; and what the binary grammar says about blocks.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { WasmError } from '../../engine/base/errors.ts';
import { ByteWriter } from '../../engine/base/writer.ts';
import { InstrReader, skipExpr } from '../../engine/binary/instr.ts';
import * as write from '../../engine/binary/instr-write.ts';
import { writeHeapType, writeResultType } from '../../engine/binary/types.ts';
import { INSTRS, type Instr } from '../../engine/isa/isa.ts';
import type { Shape } from '../../engine/isa/row.ts';
import { concreteHeap, EXTERNREF, FUNCREF, HEAP, I32, refType, V128 } from '../../engine/isa/types.ts';

const BIG = 0xffff_fff0;
const SIXTEEN = Array.from({ length: 16 }, (_, i) => i * 16 + 1);
const WORDS = [0x31211101, 0x71615141, 0xb1a19181 | 0, 0xf1e1d1c1 | 0];

interface Sample {
  write(w: ByteWriter): void;
  fields: Partial<InstrReader>;
}

const index: Sample = { write: (w) => w.u32(BIG), fields: { a: BIG } };
const index2: Sample = {
  write: (w) => {
    w.u32(BIG);
    w.u32(300);
  },
  fields: { a: BIG, b: 300 },
};
const bytes16: Sample = {
  write: (w) => w.bytes(SIXTEEN),
  fields: { lanes: Uint8Array.from(SIXTEEN), v: Int32Array.from(WORDS) },
};

const SAMPLES: Readonly<Record<Shape, readonly Sample[]>> = {
  none: [{ write: () => {}, fields: {} }],
  block: [
    { write: (w) => write.writeBlockType(w, -1), fields: { blockTypeIdx: -1, blockType: 0 } },
    { write: (w) => write.writeBlockType(w, -1, I32), fields: { blockTypeIdx: -1, blockType: I32 } },
    { write: (w) => write.writeBlockType(w, -1, FUNCREF), fields: { blockTypeIdx: -1, blockType: FUNCREF } },
    {
      write: (w) => write.writeBlockType(w, -1, refType(false, concreteHeap(70))),
      fields: { blockTypeIdx: -1, blockType: refType(false, concreteHeap(70)) },
    },
    { write: (w) => write.writeBlockType(w, 63), fields: { blockTypeIdx: 63, blockType: 0 } },
    { write: (w) => write.writeBlockType(w, 64), fields: { blockTypeIdx: 64, blockType: 0 } },
    { write: (w) => write.writeBlockType(w, BIG), fields: { blockTypeIdx: BIG, blockType: 0 } },
  ],
  label: [index],
  labels: [
    { write: (w) => write.writeLabels(w, [3]), fields: { list: [3] } },
    { write: (w) => write.writeLabels(w, [1, BIG, 0]), fields: { list: [1, BIG, 0] } },
  ],
  func: [index],
  local: [index],
  global: [index],
  table: [index],
  memory: [index],
  tag: [index],
  type: [index],
  elem: [index],
  data: [index],
  tableType: [index2],
  elemTable: [index2],
  dataMemory: [index2],
  tables: [index2],
  memories: [index2],
  typeField: [index2],
  typeSize: [index2],
  typeData: [index2],
  typeElem: [index2],
  typeType: [index2],
  types: [
    { write: (w) => writeResultType(w, [V128]), fields: { list: [V128] } },
    { write: (w) => writeResultType(w, []), fields: { list: [] } },
  ],
  heap: [
    { write: (w) => writeHeapType(w, HEAP.extern), fields: { a: HEAP.extern } },
    { write: (w) => writeHeapType(w, concreteHeap(9000)), fields: { a: concreteHeap(9000) } },
  ],
  // The nullability comes from the code: filled in by the test.
  refType: [{ write: (w) => writeHeapType(w, HEAP.i31), fields: { a: HEAP.i31 } }],
  castBranch: [
    {
      write: (w) => write.writeCastBranch(w, 5, refType(true, HEAP.any), refType(false, concreteHeap(2))),
      fields: { a: 5, b: refType(true, HEAP.any), c: refType(false, concreteHeap(2)) },
    },
  ],
  catches: [
    {
      write: (w) => {
        write.writeBlockType(w, -1, I32);
        write.writeCatches(w, [0, 7, 1, 3, -1, 2, 1, 8, 0, 2, -1, 4]);
      },
      fields: { blockType: I32, list: [0, 7, 1, 3, -1, 2, 1, 8, 0, 2, -1, 4] },
    },
  ],
  memarg: [
    { write: (w) => write.writeMemarg(w, 0, 2, 4), fields: { a: 0, b: 2, lo: 4, hi: 0, memOffset: 4 } },
    {
      write: (w) => write.writeMemarg(w, 3, 0, -1, 1),
      fields: { a: 3, b: 0, lo: -1, hi: 1, memOffset: 0x1_ffff_ffff },
    },
    {
      write: (w) => write.writeMemarg(w, 0, 63, -1, -1),
      fields: { a: 0, b: 63, lo: -1, hi: -1, memOffset: 2 ** 64 },
    },
  ],
  memargLane: [
    {
      write: (w) => {
        write.writeMemarg(w, 1, 1, 300);
        w.u8(7);
      },
      fields: { a: 1, b: 1, memOffset: 300, c: 7 },
    },
  ],
  lane: [{ write: (w) => w.u8(200), fields: { a: 200 } }],
  lanes: [bytes16],
  v128: [bytes16],
  i32: [
    { write: (w) => w.s32(-5), fields: { lo: -5 } },
    { write: (w) => w.s32(0x7fffffff), fields: { lo: 0x7fffffff } },
  ],
  i64: [
    { write: (w) => w.s64(-5n), fields: { lo: -5, hi: -1 } },
    { write: (w) => w.s64(0x123456789abcdef0n), fields: { lo: 0x9abcdef0 | 0, hi: 0x12345678 } },
  ],
  f32: [{ write: (w) => w.f32(0xffa00001 | 0), fields: { lo: 0xffa00001 | 0 } }],
  f64: [{ write: (w) => w.f64Halves(1, 0x7ff00000), fields: { lo: 1, hi: 0x7ff00000 } }],
  zero: [{ write: (w) => w.u8(0), fields: {} }],
};

/** The bytes of one instruction, at offset 3 so that offsets show. */
function encoded(instr: Instr, sample: Sample): Uint8Array {
  const w = new ByteWriter();
  w.bytes([0, 0, 0]);
  write.writeOp(w, instr.code);
  sample.write(w);
  return w.toBytes();
}

function faultOf(run: () => void): string {
  try {
    run();
  } catch (error) {
    if (error instanceof WasmError) return `${error.message} @${error.offset}`;
    throw error;
  }
  return 'no fault';
}

test('every instruction is read as it was written, and written as it was read', () => {
  for (const instr of INSTRS) {
    for (const sample of SAMPLES[instr.shape]) {
      const bytes = encoded(instr, sample);
      const r = new InstrReader(bytes);
      r.readAt(3, bytes.length);
      const fields = { ...sample.fields };
      if (instr.shape === 'refType') fields.a = refType(instr.op.endsWith('_null'), fields.a!);
      assert.equal(r.code, instr.code, instr.op);
      assert.equal(r.offset, 3);
      assert.equal(r.pos, bytes.length, `${instr.op} ends`);
      for (const [name, value] of Object.entries(fields)) {
        assert.deepEqual(r[name as keyof InstrReader], value, `${instr.op} ${name}`);
      }
      const w = new ByteWriter();
      w.bytes([0, 0, 0]);
      write.writeInstr(w, r);
      assert.deepEqual(w.toBytes(), bytes, `${instr.op} written again`);
    }
  }
});

test('an instruction that is cut off anywhere has an unexpected end', () => {
  for (const instr of INSTRS) {
    for (const sample of SAMPLES[instr.shape]) {
      const bytes = encoded(instr, sample);
      for (let n = 4; n < bytes.length; n++) {
        const fault = faultOf(() => new InstrReader(bytes.subarray(0, n)).readAt(3, n));
        assert.match(fault, /^(unexpected end|length out of bounds)/, `${instr.op} at ${n}`);
      }
    }
  }
});

test('codes that no row has are illegal', () => {
  const known = new Set(INSTRS.map(({ code }) => code));
  for (let byte = 0; byte < 256; byte++) {
    if (known.has(byte) || (byte >= 0xfb && byte <= 0xfe)) continue;
    const hex = byte.toString(16).padStart(2, '0');
    assert.equal(
      faultOf(() => new InstrReader(Uint8Array.of(byte, 0, 0, 0, 0, 0x0b)).readAt(0, 6)),
      `illegal opcode ${hex} @0`,
    );
  }
  for (let prefix = 0xfb; prefix <= 0xfe; prefix++) {
    for (let sub = 0; sub < 0x400; sub++) {
      if (known.has((prefix << 12) | sub)) continue;
      const bytes = Uint8Array.of(prefix, (sub & 0x7f) | 0x80, sub >> 7, 0, 0, 0, 0, 0x0b);
      assert.match(
        faultOf(() => new InstrReader(bytes).readAt(0, 8)),
        /^illegal opcode f[bcde] [0-9a-f]+ @0$/,
      );
    }
  }
  // 0x1008 is not memory.init with its upper bits lost.
  assert.equal(
    faultOf(() => new InstrReader(Uint8Array.of(0xfc, 0x88, 0x20, 0, 0)).readAt(0, 5)),
    'illegal opcode fc 1008 @0',
  );
});

/** `code` stands between two zero bytes and `after`. */
const BODIES: [code: string, after: string, result: string][] = [
  ['0b', '', '0b'],
  ['010b', 'ff', '01 0b'],
  ['02400b0b', '', '02 0b 0b'],
  ['4100044005010b0b', '', '41 04 05 01 0b 0b'],
  ['0640010700190b0b', '', '06 01 07 19 0b 0b'],
  ['06400640010700070119180018000b', '', 'END opcode expected @12'],
  ['064006401800070018000b', '', 'END opcode expected @10'],
  ['0640064018000700190b0b', '', '06 06 18 07 19 0b 0b'],
  ['', '', 'unexpected end of section or function @2'],
  ['41011a', '', 'unexpected end of section or function @5'],
  ['41011a', '05', 'END opcode expected @5'],
  ['41011a', '0b03', 'section size mismatch @5'],
  ['02400b', '', 'unexpected end of section or function @5'],
  ['0b0b', '', 'section size mismatch @3'],
  ['050b', '', 'END opcode expected @2'],
  ['0240050b0b', '', 'END opcode expected @4'],
  ['41000440050501', '', 'END opcode expected @7'],
  ['07000b', '', 'END opcode expected @2'],
  ['190b', '', 'END opcode expected @2'],
  ['0640191900', '', 'END opcode expected @5'],
  ['4180', '000b', 'unexpected end of section or function @4'],
  ['288001000b', '', 'malformed memop flags @3'],
  ['02600b', '', 'malformed value type @3'],
  ['02bf7f0b', '', 'malformed value type @3'],
  ['fe03010b', '', 'zero byte expected @4'],
  ['fb1804006e6e0b', '', 'malformed br_on_cast flags @4'],
  ['1f400104000b', '', 'malformed catch clause @5'],
  ['d0bf7f0b', '', 'malformed heap type @3'],
  ['1c014000', '', 'malformed value type @4'],
  ['0eff7f0b', '', 'length out of bounds @3'],
];

test('bodies: blocks nest, and the last end fills the body', () => {
  for (const [code, after, result] of BODIES) {
    const bytes = Uint8Array.from(Buffer.from(`0000${code}${after}`, 'hex'));
    const r = new InstrReader(bytes);
    const end = 2 + code.length / 2;
    const codes: string[] = [];
    const fault = faultOf(() => {
      r.startBody(2, end);
      while (r.next()) codes.push(r.code.toString(16).padStart(2, '0'));
      assert.equal(r.pos, end);
      assert.equal(r.next(), false);
    });
    assert.equal(fault === 'no fault' ? codes.join(' ') : fault, result, code);
  }
});

test('expressions end at their own end', () => {
  const bytes = Uint8Array.from(Buffer.from('41000b0b', 'hex'));
  assert.equal(skipExpr(new InstrReader(bytes), 0, 4), 3);
  assert.equal(
    faultOf(() => skipExpr(new InstrReader(bytes), 0, 2)),
    'unexpected end of section or function @2',
  );
});

test('instructions that name data segments want a data count section', () => {
  for (const instr of INSTRS) {
    const named = ['data', 'dataMemory', 'typeData'].includes(instr.shape);
    const bytes = encoded(instr, SAMPLES[instr.shape][0]);
    const fault = faultOf(() => new InstrReader(bytes, false).readAt(3, bytes.length));
    assert.equal(fault, named ? 'data count section required @3' : 'no fault', instr.op);
  }
});

test('deep nesting', () => {
  const n = 100_000;
  const bytes = new Uint8Array(3 * n + 1).fill(0x0b);
  for (let i = 0; i < n; i++) bytes.set([0x02, 0x40], 2 * i);
  const r = new InstrReader(bytes);
  r.startBody(0, bytes.length);
  let deepest = 0;
  while (r.next()) deepest = Math.max(deepest, r.depth);
  assert.equal(deepest, n + 1);
});

test('the list belongs to the instruction just read', () => {
  const bytes = Uint8Array.from(Buffer.from('1c016f0e020102000b', 'hex'));
  const r = new InstrReader(bytes);
  r.startBody(0, bytes.length);
  assert.ok(r.next());
  assert.deepEqual(r.list, [EXTERNREF]);
  assert.ok(r.next());
  assert.deepEqual(r.list, [1, 2, 0]);
});
