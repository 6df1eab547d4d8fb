/**
 * The type section of a compiled piece: the guest's function types with references erased to externref and what the
 * host tier threads through every call (parameters `room` and `fuel`, result `fuel`).
 *
 * The host checks the type of an indirect call by itself, so types that differ in the guest must differ here though they
 * erase to the same: the first of them that the tier meets keeps the plain form, every other one stands in a
 * recursion group with a struct that spells its canonical number. That choice is the tier's (`Shapes`), so that
 * all pieces of a store agree. Subtypes are declared as the guest declares them.
 */

import { ByteWriter } from '../../base/writer.ts';
import { I32, isRef, type ValType } from '../../isa/types.ts';
import type { TypeCanon } from '../../valid/canon.ts';

const EXTERN_BYTE = 0x6f;
const EMPTY_BYTE = 0x40;
const FUNC = 0x60;
const STRUCT = 0x5f;
const REC = 0x4e;
const SUB = 0x50;
const SUB_FINAL = 0x4f;
const I64_BYTE = 0x7e;

/** The byte of a value type in a piece. */
export function erased(type: ValType): number {
  return isRef(type) ? EXTERN_BYTE : type;
}

/** Which canonical type has the plain form of a shape: the same in all pieces of a store. */
export class Shapes {
  private readonly owners = new Map<string, number>();

  /** True if `typeId` may be written as nothing but its shape. */
  isPlain(shape: string, typeId: number): boolean {
    const owner = this.owners.get(shape);
    if (owner === undefined) this.owners.set(shape, typeId);
    return owner === undefined || owner === typeId;
  }
}

export class PieceTypes {
  private readonly shapes: Shapes;
  private readonly canon: TypeCanon;
  private readonly out = new ByteWriter(1024);
  private readonly indices = new Map<string, number>();
  private readonly byId = new Map<number, number>();
  private groups = 0;
  private count = 0;

  constructor(shapes: Shapes, canon: TypeCanon) {
    this.shapes = shapes;
    this.canon = canon;
  }

  /** Index of a function type exactly as given, but erased. */
  plain(params: readonly ValType[], results: readonly ValType[]): number {
    const key = shapeOf(params, results);
    let idx = this.indices.get(key);
    if (idx === undefined) {
      idx = this.count++;
      this.groups++;
      this.indices.set(key, idx);
      this.func(params, results);
    }
    return idx;
  }

  /** Index of what a guest's function of canonical type `typeId` has in a piece. */
  guest(typeId: number): number {
    let idx = this.byId.get(typeId);
    if (idx !== undefined) return idx;
    const type = this.canon.typeAt(typeId);
    if (type?.composite.kind !== 'func') throw new TypeError(`type ${typeId} is no function type`);
    const params = [...type.composite.params, I32, I32];
    const results = [...type.composite.results, I32];
    const isSub = type.superId >= 0 || !type.final;
    if (!isSub && this.shapes.isPlain(shapeOf(params, results), typeId)) {
      idx = this.plain(params, results);
    } else {
      const above = type.superId >= 0 ? this.guest(type.superId) : -1;
      idx = this.count;
      this.count += 2;
      this.groups++;
      const { out } = this;
      out.u8(REC);
      out.u8(2);
      if (isSub) {
        out.u8(type.final ? SUB_FINAL : SUB);
        out.u32(above < 0 ? 0 : 1);
        if (above >= 0) out.u32(above);
      }
      this.func(params, results);
      this.marker(typeId);
    }
    this.byId.set(typeId, idx);
    return idx;
  }

  /** Writes a block type. */
  block(out: ByteWriter, params: readonly ValType[], results: readonly ValType[]): void {
    if (params.length === 0 && results.length <= 1)
      out.u8(results.length === 0 ? EMPTY_BYTE : erased(results[0]));
    else out.s33(this.plain(params, results));
  }

  /** The content of the type section. */
  writeTo(out: ByteWriter): void {
    out.u32(this.groups);
    out.bytes(this.out.view());
  }

  private func(params: readonly ValType[], results: readonly ValType[]): void {
    const { out } = this;
    out.u8(FUNC);
    out.u32(params.length);
    for (const type of params) out.u8(erased(type));
    out.u32(results.length);
    for (const type of results) out.u8(erased(type));
  }

  /** A struct that no other number has: a field for each of its binary digits. */
  private marker(typeId: number): void {
    const digits = typeId.toString(2);
    this.out.u8(STRUCT);
    this.out.u32(digits.length);
    for (const digit of digits) {
      this.out.u8(digit === '1' ? I32 : I64_BYTE);
      this.out.u8(0);
    }
  }
}

function shapeOf(params: readonly ValType[], results: readonly ValType[]): string {
  return `${params.map(erased).join()}>${results.map(erased).join()}`;
}
