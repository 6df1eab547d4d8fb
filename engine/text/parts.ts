/**
 * What reading each field found beside bytes: faults, names, and what they depend on; and all of that of a module.
 *
 * A field is read in parts: a function's signature and locals before anything else's code. What was read for an earlier
 * assembly counts as if it were read now, moved to where the field stands.
 */

import type { Fault } from '../base/errors.ts';
import { movedFault } from './change.ts';
import type { Cursor } from './cursor.ts';
import { DependencyLog } from './dependencies.ts';
import type { Emitted, Part } from './emitted.ts';
import type { Field } from './fields.ts';
import type { Names, Unknown } from './names.ts';
import type { Recording } from './output.ts';
import { detached } from './strings.ts';
import { SymbolIndex, SymbolList, type SymbolRange } from './symbols.ts';
import { MAX_FAULTS } from './tree.ts';
import type { Types } from './types.ts';

/** What a field came to, and how much further its text stands now than when it was read. */
interface FieldParts {
  readonly recording: Recording;
  readonly movedTokens: number;
  readonly moved: number;
  /** Its index when it was read. */
  readonly idx: number;
  readonly header?: Part;
  readonly content?: Part;
}

/** How many faults about unknown names get a suggestion: each costs a walk over the names. */
const SUGGESTIONS = 20;

/** How many uses are gathered between two points where the work can be interrupted. */
const CHUNK = 100_000;

/** A part that is being read. */
interface OpenPart {
  /** It is read: says what was found. */
  end(): Part;
}

export class Parts {
  private readonly found = new Map<Field, FieldParts>();
  private readonly cursor: Cursor;
  private readonly names: Names;
  private readonly types: Types;
  private readonly recording: Recording;
  private readonly logs: boolean;

  /** `logs`: what parts depend on is asked for. */
  constructor(cursor: Cursor, names: Names, types: Types, recording: Recording, logs: boolean) {
    this.cursor = cursor;
    this.names = names;
    this.types = types;
    this.recording = recording;
    this.logs = logs;
  }

  /** Does something and says what it noted: faults, names and what it depends on. */
  recorded(read: () => void): Part {
    const open = this.begin();
    read();
    return open.end();
  }

  /** The same for what is read in steps. Parts do not nest. */
  begin(): OpenPart {
    const { cursor, names, types } = this;
    const { symbols } = this.recording;
    const { faults: faultsBefore } = cursor;
    const { unknowns: unknownsBefore } = names;
    const faults: Fault[] = [];
    const unknowns: Unknown[] = [];
    const log = this.logs ? new DependencyLog() : undefined;
    const { defCount: firstDef, useCount: firstUse } = symbols;
    cursor.faults = faults;
    names.unknowns = unknowns;
    names.log = log;
    types.log = log;
    const end = () => {
      cursor.faults = faultsBefore;
      names.unknowns = unknownsBefore;
      names.log = undefined;
      types.log = undefined;
      const { defCount: endDef, useCount: endUse } = symbols;
      return { faults, unknowns, log: log?.list ?? [], firstDef, endDef, firstUse, endUse };
    };
    return { end };
  }

  /** Notes what a field came to just now; `header` if that was read apart. */
  note(field: Field, content: Part, header?: Part): void {
    this.found.set(field, {
      recording: this.recording,
      movedTokens: 0,
      moved: 0,
      idx: field.idx,
      header,
      content,
    });
  }

  /** Notes what a field came to earlier. */
  noteAgain(
    field: Field,
    { recording, idx, header, content }: Emitted,
    moved: number,
    movedTokens: number,
  ): void {
    this.found.set(field, { recording, movedTokens, moved, idx, header, content });
  }

  /** All faults of the fields: of types and headers, then of what is in them. */
  faults(fields: readonly Field[]): Fault[] {
    const faults: Fault[] = [];
    let suggestions = SUGGESTIONS;
    const add = (part: Part, moved: number) => {
      const first = faults.length;
      for (const fault of part.faults) faults.push(movedFault(fault, moved));
      for (const unknown of part.unknowns) {
        if (--suggestions < 0) break;
        const at = first + unknown.fault;
        faults[at] = { ...faults[at], notes: this.names.suggestion(unknown) };
      }
    };
    for (const inContent of [false, true]) {
      for (const field of fields) {
        const found = this.found.get(field);
        if (!found) continue;
        const { moved, header, content } = found;
        const part = inContent ? content : header;
        if (part && part.faults.length > 0) add(part, moved);
        if (faults.length > MAX_FAULTS) {
          faults.length = MAX_FAULTS;
          return faults;
        }
      }
    }
    return faults;
  }

  /** All definitions and uses, by field, in steps. */
  *symbols(fields: readonly Field[]): Generator<void, SymbolIndex> {
    let uses = 0;
    let defs = 0;
    const count = (part: SymbolRange | undefined) => {
      uses += part ? part.endUse - part.firstUse : 0;
      defs += part ? part.endDef - part.firstDef : 0;
    };
    for (const field of fields) {
      count(field.found);
      count(this.found.get(field)?.header);
      count(this.found.get(field)?.content);
    }
    const list = new SymbolList(uses, defs);
    let pause = CHUNK;
    for (const field of fields) {
      list.append(this.recording.symbols, field.found, 0, 0, field.idx, field.idx);
      const found = this.found.get(field);
      if (!found) continue;
      const { recording, movedTokens, moved, idx, header, content } = found;
      if (header) list.append(recording.symbols, header, movedTokens, moved, field.idx, idx);
      if (content) list.append(recording.symbols, content, movedTokens, moved, field.idx, idx);
      if (list.useCount > pause) {
        pause += CHUNK;
        yield;
      }
    }
    return new SymbolIndex(this.cursor.tokens, list);
  }
}

/** The part without strings that keep the text alive which they were cut from. */
export function withoutText(part: Part): Part {
  if (part.faults.length === 0) return part;
  const faults = part.faults.map((fault) => ({
    ...fault,
    message: detached(fault.message),
    notes: fault.notes.map((note) => ({ ...note, message: detached(note.message) })),
  }));
  return { ...part, faults };
}
