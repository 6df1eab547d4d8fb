/**
 * `wasmscope objdump`: what a binary is made of, section by section, field by field; or all about one byte. Malformed files
 * too. A text is assembled first.
 */

import { lebOf } from '../engine/binary/structure/leb.ts';
import type { ByteNode } from '../engine/binary/structure/node.ts';
import { assembleComponent, isComponentText } from '../engine/component/text/assemble.ts';
import { detailOf } from '../engine/symbols/binary-listing.ts';
import { type ByteInfo, ByteInspector } from '../engine/symbols/byte-info.ts';
import { instructionLine, type Row, rowsIn } from '../engine/symbols/byte-rows.ts';
import { assemble } from '../engine/text/assemble.ts';
import { parseTree } from '../engine/text/tree.ts';
import { parseArguments } from './arguments.ts';
import { EXIT, Failure, UsageError } from './failure.ts';
import { type Parts, writeAsJson, writeParts, writePartsAsJson } from './objdump-parts.ts';
import { writeText } from './output.ts';
import { readProgram } from './read.ts';
import { faultReport, printable } from './report.ts';

/** How many bytes of a field are shown in its line. */
const SHOWN = 8;

export function objdump(args: readonly string[]): number {
  const { operands, options } = parseArguments(args, {
    '-o': 'value',
    '--at': 'value',
    '--section': 'value',
    '--func': 'value',
    '--bytes': 'flag',
    '-h': 'flag',
    '--headers': 'flag',
    '-x': 'flag',
    '--details': 'flag',
    '-d': 'flag',
    '--disassemble': 'flag',
    '--json': 'flag',
  });
  if (operands.length !== 1) {
    throw new UsageError(operands.length === 0 ? 'objdump of what?' : 'objdump takes one file');
  }
  const [path] = operands;
  const at = options.get('--at')?.[0];
  const section = options.get('--section')?.[0];
  const func = options.get('--func')?.[0];
  if ([at, section, func].filter((option) => option !== undefined).length > 1) {
    throw new UsageError('--at, --section and --func exclude each other');
  }
  const inspector = inspectorOf(path);
  const offset = at === undefined ? undefined : byteOffset(inspector, at);
  const listed = section === undefined ? undefined : sectionNamed(inspector, section);
  const entry = func === undefined ? undefined : funcNamed(inspector, func);
  const everyByte = options.has('--bytes');
  const isJson = options.has('--json');
  const chosen = {
    headers: options.has('-h') || options.has('--headers'),
    details: options.has('-x') || options.has('--details'),
    disassembly: options.has('-d') || options.has('--disassemble'),
  };
  const isOne = offset !== undefined || listed !== undefined || entry !== undefined;
  const parts = Object.values(chosen).some((is) => is) ? chosen : undefined;
  if (parts && (isOne || everyByte)) throw new UsageError('-h, -x and -d are about the whole file');
  writeText(options.get('-o')?.[0], (write) => {
    if (isJson && isOne) writeAsJson(jsonOf(inspector, offset, entry ?? listed), write);
    else if (isJson) writePartsAsJson(path, inspector, parts ?? EVERYTHING, write);
    else if (parts) writeParts(path, inspector, parts, write);
    else if (offset !== undefined) write(cardText(path, inspector.bytes, inspector.at(offset)!));
    else if (entry) list(inspector, entry, 'instructions', everyByte, write);
    else if (listed) list(inspector, listed, listed.label === 'code' ? 'functions' : 'all', everyByte, write);
    else overview(path, inspector, everyByte, write);
  });
  const fault = inspector.firstFault();
  if (!fault) return EXIT.ok;
  process.stderr.write(faultReport({ path, text: undefined }, fault));
  return EXIT.badInput;
}

const EVERYTHING: Parts = { headers: true, details: true, disassembly: true };

function jsonOf(inspector: ByteInspector, offset: number | undefined, node: ByteNode | undefined): unknown {
  return offset === undefined
    ? detailOf(inspector, [inspector.tree.root], node!, 'all')
    : inspector.at(offset);
}

function inspectorOf(path: string): ByteInspector {
  const program = readProgram(path);
  if ('bytes' in program) return new ByteInspector(program.bytes);
  const tree = parseTree(program.text);
  const { bytes, faults } = isComponentText(tree) ? assembleComponent(tree) : assemble(tree, undefined, {});
  if (faults.length === 0) return new ByteInspector(bytes);
  const reports = faults.map((fault) => faultReport({ path, text: program.text }, fault));
  throw new Failure(reports.join(''), EXIT.badInput);
}

function byteOffset({ bytes }: ByteInspector, text: string): number {
  const offset = /^(0x[\da-f]+|\d+)$/i.test(text) ? Number(text) : Number.NaN;
  if (Number.isNaN(offset)) throw new UsageError(`--at: '${text}' is no offset`);
  if (offset < bytes.length) return offset;
  throw new UsageError(`--at: offset ${text} is behind the end: the file has ${bytes.length} bytes`);
}

function sectionNamed({ tree }: ByteInspector, wanted: string): ByteNode {
  const sections = tree.root.children.filter(({ kind }) => kind === 'section');
  const found = sections.find(({ label, value }) => label === wanted || value === wanted);
  if (found) return found;
  const names = sections.map(({ label, value }) => String(value ?? label)).join(', ');
  throw new UsageError(`no section ${wanted}: there are ${names}`);
}

/** A function with code of the outermost module, by index or by name. */
function funcNamed(inspector: ByteInspector, wanted: string): ByteNode {
  const { tree, bytes } = inspector;
  const names = inspector.moduleOf(tree.root)?.names;
  const idx = /^\d+$/.test(wanted) ? Number(wanted) : names?.find('func', wanted.replace(/^\$/, ''))[0];
  let found: ByteNode | undefined;
  tree.visit(0, bytes.length, (node) => {
    if (node.kind === 'func' && node.index === idx) found = node;
    const isWay =
      node === tree.root || node.kind === 'part' || (node.kind === 'section' && node.label === 'code');
    return isWay && found === undefined;
  });
  if (!found) throw new UsageError(`no function ${wanted} with code`);
  return found;
}

function overview(
  path: string,
  inspector: ByteInspector,
  everyByte: boolean,
  write: (text: string) => void,
): void {
  const { bytes, tree } = inspector;
  write(`${printable(path)}: ${tree.root.label}, ${sizeText(bytes.length)}\n\nsections\n`);
  const width = offsetWidth(bytes.length);
  for (const node of tree.root.children) {
    const share = ((node.end - node.start) / bytes.length) * 100;
    const size = sizeText(node.end - node.start).padStart(16);
    write(`  ${hexOffset(node.start, width)} ${size} ${share.toFixed(1).padStart(5)} %  ${nodeText(node)}\n`);
  }
  for (const node of tree.root.children) {
    write('\n');
    list(inspector, node, 'functions', everyByte, write);
  }
}

/** How deep a listing goes: functions one line each, or with their instructions. */
type Detail = 'functions' | 'instructions' | 'all';

function list(
  inspector: ByteInspector,
  root: ByteNode,
  detail: Detail,
  everyByte: boolean,
  write: (text: string) => void,
): void {
  const { bytes } = inspector;
  const width = offsetWidth(bytes.length);
  let base = -1;
  const line = ({ node, depth }: Row, text: string, withBytes: boolean) => {
    const shown = withBytes ? bytesText(bytes, node) : '';
    const indent = '  '.repeat(depth - base);
    write(
      `${hexOffset(node.start, width)}  ${shown.padEnd(SHOWN * 3 + 1)} ${indent}${text}\n`.replace(
        / +\n$/,
        '\n',
      ),
    );
  };
  rowsIn(inspector, root.start, root.end, (row) => {
    const { node } = row;
    if (node.start < root.start || node.end > root.end) return true;
    if (base < 0) base = row.depth;
    if (node.isLeaf) {
      line(row, fieldText(bytes, row), true);
      return false;
    }
    if (node.kind === 'instruction' && !everyByte) {
      const rows: Row[] = [];
      rowsIn(inspector, node.start, node.end, (inner) => {
        if (inner.node.start >= node.start && inner.node.end <= node.end) rows.push(inner);
        return true;
      });
      line(
        row,
        instructionLine(rows.slice(rows.findIndex((inner) => inner.node.kind === 'instruction'))),
        true,
      );
      return false;
    }
    if (node.kind === 'name' && !everyByte) {
      line(row, printable(`${row.title}: ${row.value}`), true);
      return node.fault !== undefined;
    }
    const isClosed = node.kind === 'func' && detail === 'functions' && !everyByte;
    const value = node.kind === 'type' && row.value !== undefined ? `: ${row.value}` : '';
    const size = isClosed ? `, ${sizeText(node.end - node.start)}` : '';
    line(row, printable(`${row.title}${value}${size}`), isClosed);
    return !isClosed;
  });
}

function fieldText(bytes: Uint8Array, row: Row): string {
  const text = wellFormedText(bytes, row);
  const { fault, node, title } = row;
  if (!fault) return text;
  const told = `! ${printable(fault.message)}`;
  if (node.kind !== 'malformed') return `${text} ${told}`;
  return node.form === 'bytes' ? told : `${printable(title)} ${told}`;
}

function wellFormedText(bytes: Uint8Array, { node, title, value, meaning }: Row): string {
  const text = value === undefined ? title : `${title}: ${value}`;
  const says = node.kind === 'field' ? `${text}${longText(bytes, node)}` : text;
  return printable(node.role !== 'size' && meaning.length > 0 ? `${says} (${meaning[0]})` : says);
}

/** A remark on a number with more bytes than it needs. */
function longText(bytes: Uint8Array, { start, end, form }: ByteNode): string {
  const leb = lebOf(bytes, start, end, form);
  if (!leb || leb.needed === leb.groups.length) return '';
  return `, in ${leb.groups.length} bytes where ${leb.needed} would do`;
}

function nodeText({ label, fault }: ByteNode): string {
  return fault ? `${printable(label)} ! ${printable(fault.message)}` : printable(label);
}

/** Everything about one byte. */
function cardText(path: string, bytes: Uint8Array, card: ByteInfo): string {
  const { offset, start, end, leb, meaning, instruction, clause, share, sectionShare, fault, value } = card;
  const rows: [string, string][] = [
    ['path', card.path.map(({ title }) => title).join(' › ')],
    ['bytes', `${bytesText(bytes, card)} (0x${start.toString(16)}, ${sizeText(end - start)})`],
  ];
  if (value !== undefined) rows.push(['value', value]);
  if (leb && leb.groups.length > 1) {
    const groups = leb.groups.map(
      ({ bits, shift }) => `${bits.toString(2).padStart(7, '0')}${shift ? ` << ${shift}` : ''}`,
    );
    const long =
      leb.needed < leb.groups.length ? `; longer than it must be, ${sizeText(leb.needed)} would do` : '';
    rows.push(['LEB128', `${groups.join(' + ')}${long}`]);
  }
  for (const line of meaning) rows.push(['means', line]);
  if (instruction) {
    const { name, stack, wat, sentence } = instruction;
    rows.push(['in', `${name} at 0x${instruction.start.toString(16)}`]);
    if (stack) {
      const after = stack.after === undefined ? 'nothing comes behind it' : stack.after;
      rows.push(['stack', `${stack.before} → ${after}${stack.reachable ? '' : ' (never reached)'}`]);
    }
    if (wat) rows.push(['WAT', `${wat.text} (line ${wat.line + 1} of the function)`]);
    rows.push(['about', sentence]);
  }
  rows.push(['defined', `${clause.title}, ${clause.url}`]);
  const section = sectionShare === undefined ? '' : `, its section ${percent(sectionShare)}`;
  rows.push(['share', `${percent(share)} of the file${section}`]);
  if (fault)
    rows.push(['fault', fault.message], ...fault.notes.map((n): [string, string] => ['', n.message]));
  const body = rows.map(([name, text]) => `  ${name.padEnd(8)}${printable(text)}\n`).join('');
  return `${printable(path)}: byte 0x${offset.toString(16)}\n${body}`;
}

function percent(share: number): string {
  const value = share * 100;
  return `${value >= 0.1 || value === 0 ? value.toFixed(1) : '< 0.1'} %`;
}

function bytesText(bytes: Uint8Array, { start, end }: { start: number; end: number }): string {
  const shown = [...bytes.subarray(start, Math.min(end, start + SHOWN))];
  return `${shown.map((byte) => byte.toString(16).padStart(2, '0')).join(' ')}${end - start > SHOWN ? '…' : ''}`;
}

function sizeText(n: number): string {
  return `${n} byte${n === 1 ? '' : 's'}`;
}

function offsetWidth(size: number): number {
  return Math.max(4, (size - 1).toString(16).length);
}

function hexOffset(offset: number, width: number): string {
  return `0x${offset.toString(16).padStart(width, '0')}`;
}
