/**
 * The beginnings of functions and tags: their types, and the parameters and locals of functions (spec 6.6.3, 6.6.4).
 *
 * They are read before any code, because a signature without an index may append a type, in the order of the fields.
 */

import type { ValType } from '../isa/types.ts';
import type { Cursor } from './cursor.ts';
import type { Part } from './emitted.ts';
import type { Field } from './fields.ts';
import { Tok } from './lexer.ts';
import type { Names, NameTable } from './names.ts';
import type { Parts } from './parts.ts';
import { Sp } from './symbols.ts';
import { EMPTY_FUNC, type Types } from './types.ts';
import { word } from './words.ts';

const LOCAL = word('local');

/** What is known of a function before its body is read. */
export interface Header {
  typeIdx: number;
  /** Names of parameters and locals. */
  locals: NameTable;
  /** Types of the declared locals, without parameters. */
  localTypes: ValType[];
  /** The token where instructions begin; -1 if the header could not be read. */
  bodyAt: number;
  /** Some fault was in it: the types may be others than the text says. */
  faulty: boolean;
  /** What reading it found. */
  part: Part;
}

const NO_PART: Part = { faults: [], unknowns: [], log: [], firstDef: 0, endDef: 0, firstUse: 0, endUse: 0 };

export class Headers {
  private readonly headers = new Map<number, Header>();
  /** The index of the next local of the function that is being read. */
  private nextLocal = 0;
  private readonly cursor: Cursor;
  private readonly names: Names;
  private readonly types: Types;
  private readonly parts: Parts;

  constructor(cursor: Cursor, names: Names, types: Types, parts: Parts) {
    this.cursor = cursor;
    this.names = names;
    this.types = types;
    this.parts = parts;
  }

  /** The header of a function or tag that was read; other fields have none. */
  of(field: Field): Header | undefined {
    const hasOne = field.space === Sp.Func || field.space === Sp.Tag;
    return hasOne ? this.headers.get(headerKey(field)) : undefined;
  }

  /** Reads the header of a function or tag. */
  read(field: Field): Header {
    const { cursor, types } = this;
    const header: Header = {
      typeIdx: -1,
      locals: new Map(),
      localTypes: [],
      bodyAt: -1,
      faulty: true,
      part: NO_PART,
    };
    this.headers.set(headerKey(field), header);
    beginField(cursor, field);
    header.part = this.parts.recorded(() => {
      const ok =
        field.ok &&
        cursor.within(field.open, () => {
          cursor.seek(field.at);
          const use = types.typeUse(true);
          header.typeIdx = use.typeIdx;
          if (field.space === Sp.Func) this.params(field, header, use.paramTokens);
          if (field.space === Sp.Func && !field.import) this.locals(field, header);
          header.bodyAt = cursor.at;
          if (field.import || field.space === Sp.Tag) closeDescription(cursor, field);
        });
      if (!ok && header.typeIdx < 0) header.typeIdx = types.intern(EMPTY_FUNC);
    });
    header.faulty = header.part.faults.length > 0;
    return header;
  }

  private params(field: Field, header: Header, tokens: readonly number[]): void {
    let idx = 0;
    for (const token of tokens) this.local(field, header, idx++, token);
    if (tokens.length === 0) idx = this.types.funcType(header.typeIdx)?.params.length ?? 0;
    this.nextLocal = idx;
  }

  private locals(field: Field, header: Header): void {
    const { cursor, types } = this;
    while (cursor.isForm(LOCAL)) {
      cursor.open();
      if (cursor.kind === Tok.Id) {
        this.local(field, header, this.nextLocal++, cursor.take());
        header.localTypes.push(types.valType());
      } else {
        while (!cursor.isClose()) {
          const token = cursor.kind === Tok.Open ? cursor.significant(cursor.at + 1) : cursor.at;
          this.local(field, header, this.nextLocal++, ~token);
          header.localTypes.push(types.valType());
        }
      }
      cursor.close();
    }
  }

  /** Defines a parameter or local; `token` is its name, or the complement of what stands for it. */
  private local(field: Field, header: Header, idx: number, token: number): void {
    const { names, cursor } = this;
    const at = token >= 0 ? token : ~token;
    const name = token >= 0 ? names.bind(Sp.Local, idx, token, header.locals, field.idx) : undefined;
    const open = cursor.tree.parent[at];
    names.add(Sp.Local, idx, at, name, open >= 0 ? cursor.formSpan(open) : cursor.span(at), field.idx);
  }
}

/** What is read next of the field stands behind its head, not behind what was read last. */
export function beginField(cursor: Cursor, { open, id }: Field): void {
  cursor.last = id >= 0 ? id : cursor.significant(open + 1);
}

/** Behind an import's description comes its `)`, and the field's own where it stands inside of one. */
export function closeDescription(cursor: Cursor, { kind }: Field): void {
  cursor.close();
  if (kind === 'import') cursor.close();
}

/** Functions and tags have headers; their indices overlap. */
function headerKey(field: Field): number {
  return field.idx * 2 + (field.space === Sp.Tag ? 1 : 0);
}
