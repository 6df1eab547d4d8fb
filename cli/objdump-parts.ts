/**
 * `wasmscope objdump -h | -x | -d`: headers, details, disassembly; as text, or with --json as one object.
 */

import type { ByteNode } from '../engine/binary/structure/node.ts';
import { type Detail, entriesOf, headersOf, linesOf } from '../engine/symbols/binary-listing.ts';
import { codeOf } from '../engine/symbols/byte-code.ts';
import type { ByteInspector } from '../engine/symbols/byte-info.ts';
import { titleOf } from '../engine/symbols/byte-meaning.ts';
import { printable } from './report.ts';

/** Which parts are asked for. */
export interface Parts {
  readonly headers: boolean;
  readonly details: boolean;
  readonly disassembly: boolean;
}

type Write = (text: string) => void;

/** How many bytes of an instruction are shown in its line. */
const SHOWN = 10;

export function writeParts(path: string, inspector: ByteInspector, parts: Parts, write: Write): void {
  const { tree, bytes } = inspector;
  write(`${printable(path)}: ${tree.root.label}, ${bytes.length} bytes\n`);
  if (parts.headers) writeHeaders(inspector, write);
  if (parts.details) writeDetails(inspector, write);
  if (parts.disassembly) writeDisassembly(inspector, write);
}

function writeHeaders(inspector: ByteInspector, write: Write): void {
  const headers = headersOf(inspector);
  const width = widthOf(inspector);
  const names = Math.max(0, ...headers.map(({ name }) => printable(name).length));
  write('\nsections\n');
  for (const { name, content, end, count, fault } of headers) {
    const size = `${end - content} bytes`.padStart(14);
    const items = count === undefined ? '' : `  ${count} item${count === 1 ? '' : 's'}`;
    const wrong = fault === undefined ? '' : `  ! ${printable(fault)}`;
    const range = `${hex(content, width)} … ${hex(end, width)}`;
    write(`  ${printable(name).padEnd(names)}  ${range} ${size}${items}${wrong}\n`);
  }
}

function writeDetails(inspector: ByteInspector, write: Write): void {
  for (const section of sectionsOf(inspector)) {
    write(`\n${printable(section.label)}\n`);
    for (const entry of entriesOf(inspector, section)) writeDetail(entry, 1, widthOf(inspector), write);
  }
}

/** Elements of a segment have lines of their own. */
const LISTED: ReadonlySet<string> = new Set(['function index', 'element']);

/** Longer entries have a line for each field. */
const LINE = 110;

function writeDetail(detail: Detail, depth: number, width: number, write: Write): void {
  const head = `${hex(detail.start, width)} ${'  '.repeat(depth)}`;
  const line = `${head}${oneLine(detail)}`;
  const { fields, meaning } = detail;
  if (fields && meaning !== undefined) {
    write(`${head}${printable(detail.title)}: ${printable(meaning)}\n`);
    const many = detail.title.startsWith('element segment') ? fields : [];
    for (const field of many) if (LISTED.has(field.title)) writeDetail(field, depth + 1, width, write);
    return;
  }
  if (!fields || (line.length <= LINE && fields.every((field) => !field.fields))) {
    write(`${line}\n`);
    return;
  }
  write(`${head}${printable(detail.title)}\n`);
  for (const field of fields) if (!HEADS.has(field.title)) writeDetail(field, depth + 1, width, write);
}

/** Fields that only say how the bytes go on. */
const HEADS: ReadonlySet<string> = new Set([
  'section id',
  'subsection id',
  'section name',
  'size',
  'count',
  'opcode',
]);

function oneLine({ title, value, meaning, fault, fields, start, end }: Detail): string {
  const inside = fields
    ?.filter((field) => !HEADS.has(field.title))
    .map(oneLine)
    .join(', ');
  const what = inside ?? value ?? (fault === undefined ? `${end - start} bytes` : '');
  const means = meaning === undefined ? '' : ` (${printable(meaning)})`;
  const wrong = fault === undefined || fields ? '' : ` ! ${printable(fault)}`;
  return `${printable(title)}${what === '' ? '' : `: ${fields ? what : printable(what)}`}${means}${wrong}`;
}

function writeDisassembly(inspector: ByteInspector, write: Write): void {
  const { bytes } = inspector;
  const width = widthOf(inspector);
  write('\ndisassembly\n');
  for (const { file, func } of functionsOf(inspector)) {
    write(`\n${hex(func.start, width)} ${printable(titleOf(func, inspector.moduleOf(file)))}\n`);
    for (const { start, end, depth, text } of linesOf(inspector, file, func)) {
      const shown = hexBytes(bytes, start, Math.min(end, start + SHOWN)) + (end - start > SHOWN ? '…' : '');
      write(`${hex(start, width)}  ${shown.padEnd(SHOWN * 3)} ${'  '.repeat(depth)}${printable(text)}\n`);
    }
  }
}

/** The same as one object of JSON. Numbers of 64 bits, and bits of floats, are texts. */
export function writePartsAsJson(path: string, inspector: ByteInspector, parts: Parts, write: Write): void {
  const { tree, bytes } = inspector;
  write(`{"file":${JSON.stringify(path)},"kind":${JSON.stringify(tree.root.value)},"size":${bytes.length}`);
  if (parts.headers) write(`,\n"sections":${JSON.stringify(headersOf(inspector))}`);
  if (parts.details) {
    write(',\n"details":[');
    writeList(sectionsOf(inspector), write, (section) => {
      write(`{"section":${JSON.stringify(section.label)},"entries":[`);
      writeList(entriesOf(inspector, section), write, (entry) => write(JSON.stringify(entry)));
      write(']}');
    });
    write(']');
  }
  if (parts.disassembly) {
    write(',\n"functions":[');
    writeList(functionsOf(inspector), write, ({ file, func }) => {
      const title = titleOf(func, inspector.moduleOf(file));
      const { index, start, end } = func;
      write(`{"idx":${index},"title":${JSON.stringify(title)},"start":${start},"end":${end},"lines":[`);
      writeList(linesOf(inspector, file, func), write, (line) =>
        write(JSON.stringify({ ...line, bytes: hexBytes(bytes, line.start, line.end) })),
      );
      write(']}');
    });
    write(']');
  }
  write('}\n');
}

function writeList<T>(items: Iterable<T>, write: Write, one: (item: T) => void): void {
  let first = true;
  for (const item of items) {
    write(first ? '\n' : ',\n');
    first = false;
    one(item);
  }
}

function sectionsOf({ tree }: ByteInspector): readonly ByteNode[] {
  return tree.root.children.filter(({ kind }) => kind === 'section');
}

/** The functions of the file and of all modules in it. */
function* functionsOf({ bytes, tree }: ByteInspector): Generator<{ file: ByteNode; func: ByteNode }> {
  for (const { file, node } of codeOf(bytes, tree.root)) if (node.kind === 'func') yield { file, func: node };
}

/** As many digits as the last offset has, four at least. */
export function widthOf({ bytes }: ByteInspector): number {
  return Math.max(4, Math.max(0, bytes.length - 1).toString(16).length);
}

function hex(offset: number, width: number): string {
  return `0x${offset.toString(16).padStart(width, '0')}`;
}

function hexBytes(bytes: Uint8Array, start: number, end: number): string {
  return Array.from(bytes.subarray(start, end), (byte) => byte.toString(16).padStart(2, '0')).join(' ');
}

/** The structure of a section or a function, or the card of a byte, as JSON. */
export function writeAsJson(value: unknown, write: Write): void {
  write(
    `${JSON.stringify(value, (_, part: unknown) => (typeof part === 'bigint' ? String(part) : part), 1)}\n`,
  );
}
