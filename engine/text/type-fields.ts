/**
 * The module's type fields, alone and in groups, and its type section (spec 6.6.2).
 *
 * Types that nobody wrote stand behind those that were written; types.ts appends them while the other fields are read.
 */

import type { Span } from '../base/errors.ts';
import { SECTION } from '../binary/sections.ts';
import { TYPE_BYTE, writeRecType } from '../binary/types.ts';
import type { TypeDef } from '../isa/types.ts';
import type { Cursor } from './cursor.ts';
import type { Field } from './fields.ts';
import { Entry } from './map.ts';
import type { Output } from './output.ts';
import { formEnd } from './tree.ts';
import { EMPTY_FUNC, type Types } from './types.ts';
import { word } from './words.ts';

const TYPE = word('type');

export class TypeFields {
  /** Where each type stands in the text. */
  private readonly spans = new Map<number, Span>();
  /** Where groups without types stand among the types. */
  private readonly emptyGroups: number[] = [];
  private readonly cursor: Cursor;
  private readonly types: Types;
  private readonly output: Output;

  constructor(cursor: Cursor, types: Types, output: Output) {
    this.cursor = cursor;
    this.types = types;
    this.output = output;
  }

  /** Reads one field; a type with a fault is a function type without parameters and results. */
  read(field: Field): void {
    const { cursor, types } = this;
    const groupStart = types.defs.length;
    const opens: number[] = [];
    if (field.kind === 'type') opens.push(field.open);
    else {
      cursor.within(field.open, () => {
        cursor.seek(field.at);
        while (cursor.isForm(TYPE)) {
          opens.push(cursor.at);
          cursor.seek(formEnd(cursor.tree, cursor.at));
        }
        cursor.close();
      });
    }
    for (const open of opens) {
      const idx = types.defs.length;
      let def: TypeDef = {
        composite: EMPTY_FUNC,
        final: true,
        supers: [],
        groupStart,
        groupSize: opens.length,
      };
      cursor.within(open, () => {
        const keyword = cursor.take();
        const id = cursor.tryId();
        this.spans.set(idx, cursor.spanOf(keyword, id >= 0 ? id : keyword));
        def = { ...types.subType(idx), groupStart, groupSize: opens.length };
        cursor.close();
      });
      types.add(def);
    }
    // An empty group is a group still: it takes an entry of the section.
    if (field.kind === 'rec' && opens.length === 0) this.emptyGroups.push(groupStart);
  }

  /** Writes the section, when all types are known. */
  write(): void {
    const { defs, origins } = this.types;
    const empty = new Set(this.emptyGroups);
    for (let i = 0; i <= defs.length; ) {
      if (empty.delete(i)) {
        const start = this.output.out.length;
        this.output.out.u8(TYPE_BYTE.rec);
        this.output.out.u32(0);
        this.output.item(SECTION.type, start, this.output.map.length);
        continue;
      }
      if (i === defs.length) return;
      const { groupSize } = defs[i];
      const start = this.output.out.length;
      const entry = this.output.map.length;
      if (groupSize > 1) {
        this.output.out.u8(TYPE_BYTE.rec);
        this.output.out.u32(groupSize);
      }
      for (const end = i + groupSize; i < end; i++) {
        const span = this.spans.get(i) ?? origins.get(i);
        if (span) this.output.map.add(Entry.Item, this.output.out.length, span.start, span.end);
        writeRecType(this.output.out, [defs[i]], false);
      }
      this.output.item(SECTION.type, start, entry);
    }
  }
}
