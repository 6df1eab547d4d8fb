/**
 * Every use of an item in a whole binary: instructions in all of its functions, and what stands in its other fields.
 *
 * Functions are read, not printed, until one has a use: only then its text is made, to say where. A large module takes
 * a second, so it goes in turns, and ends when nobody wants to know any more.
 */

import type { CancellationToken, Location } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { WasmError } from '../../engine/base/errors.ts';
import { type InstrReader, instrReader } from '../../engine/binary/instr.ts';
import { instrByCode } from '../../engine/isa/isa.ts';
import type { Shape } from '../../engine/isa/row.ts';
import type { Space } from '../../engine/text/symbols.ts';
import type { Item } from '../facts/item.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';
import { DisassembledModule } from './analysis.ts';
import { fieldsDocument } from './targets.ts';
import { funcUri, printed } from './texts.ts';

/** More places help nobody. */
const MOST = 5000;
/** How long one turn takes, in milliseconds. */
const TURN = 8;

/** Which field of the reader is an index of which space, by the shape of immediates. */
const INDICES: Partial<Record<Shape, readonly (readonly ['a' | 'b' | 'blockTypeIdx', Space])[]>> = {
  func: [['a', 'func']],
  global: [['a', 'global']],
  tag: [['a', 'tag']],
  type: [['a', 'type']],
  elem: [['a', 'elem']],
  data: [['a', 'data']],
  table: [['a', 'table']],
  memory: [['a', 'memory']],
  memarg: [['a', 'memory']],
  memargLane: [['a', 'memory']],
  tableType: [
    ['a', 'type'],
    ['b', 'table'],
  ],
  elemTable: [
    ['a', 'elem'],
    ['b', 'table'],
  ],
  dataMemory: [
    ['a', 'data'],
    ['b', 'memory'],
  ],
  tables: [
    ['a', 'table'],
    ['b', 'table'],
  ],
  memories: [
    ['a', 'memory'],
    ['b', 'memory'],
  ],
  typeField: [['a', 'type']],
  typeSize: [['a', 'type']],
  typeData: [
    ['a', 'type'],
    ['b', 'data'],
  ],
  typeElem: [
    ['a', 'type'],
    ['b', 'elem'],
  ],
  typeType: [
    ['a', 'type'],
    ['b', 'type'],
  ],
  block: [['blockTypeIdx', 'type']],
  catches: [['blockTypeIdx', 'type']],
};

/** Undefined if the item is not the module's own (a local, a label), or `from` is not a part of a binary. */
export async function usesInModule(
  from: ModuleAnalysis,
  item: Item,
  token: CancellationToken,
): Promise<Location[] | undefined> {
  const isLocal = item.space === 'local' || item.space === 'label' || item.space === 'field';
  if (!(from instanceof DisassembledModule) || isLocal || item.idx < 0) return undefined;
  const { module } = from;
  const reader = instrReader(module);
  const found = fieldUses(from, item);
  let turn = Date.now();
  for (let idx = 0; idx < module.funcs.length && found.length < MOST; idx++) {
    const body = module.funcs[idx].body;
    if (!body) continue;
    const offsets: number[] = [];
    try {
      reader.startBody(body.codeStart, body.range.end);
      while (reader.next()) if (uses(reader, item)) offsets.push(reader.offset);
    } catch (error) {
      if (!(error instanceof WasmError)) throw error;
    }
    if (offsets.length > 0) found.push(...placesIn(from, idx, offsets));
    if (Date.now() - turn < TURN) continue;
    await new Promise((resolve) => setTimeout(resolve, 0));
    if (token.isCancellationRequested) return [];
    turn = Date.now();
  }
  return found.slice(0, MOST);
}

function uses(reader: InstrReader, { space, idx }: Item): boolean {
  const indices = INDICES[instrByCode(reader.code)!.shape];
  return indices?.some(([field, of]) => of === space && reader[field] === idx) ?? false;
}

/** The instructions at offsets of a function, in its document. */
export function placesIn(
  { origin, module }: DisassembledModule,
  idx: number,
  offsets: readonly number[],
): Location[] {
  const { text, map } = printed(module, { ...origin, part: idx })!;
  const uri = funcUri(origin.program, module, idx, origin);
  const document = TextDocument.create(uri, 'wat', 0, text);
  return offsets.flatMap((offset) => {
    const span = map.exactSpan(offset);
    if (!span) return [];
    return [{ uri, range: { start: document.positionAt(span.start), end: document.positionAt(span.end) } }];
  });
}

function fieldUses(from: DisassembledModule, { space, idx }: Item): Location[] {
  const { document, modules } = fieldsDocument(from, true);
  return modules[0].assembly.symbols.usesOf(space, idx).map(({ span }) => ({
    uri: document.uri,
    range: { start: document.positionAt(span.start), end: document.positionAt(span.end) },
  }));
}
