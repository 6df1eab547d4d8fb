/**
 * `wasmscope format`: lays texts out, as the editor does. To standard output, in place, or only to say which files are
 * not laid out.
 */

import { readFileSync, writeFileSync } from 'node:fs';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { Analysis } from '../language-server/analysis.ts';
import { atOnce } from '../language-server/facts/turns.ts';
import { type Closing, DEFAULT_FORMAT, type FormatOptions } from '../language-server/format/options.ts';
import { type Folding, refoldEdits } from '../language-server/format/refold.ts';
import { witFormat } from '../language-server/wit/format.ts';
import { witText } from '../language-server/wit/view.ts';
import { parseArguments } from './arguments.ts';
import { EXIT, Failure, UsageError } from './failure.ts';
import { readText } from './read.ts';
import { faultReport, printable } from './report.ts';

export function format(args: readonly string[]): number {
  const { operands, options } = parseArguments(args, {
    '--check': 'flag',
    '--write': 'flag',
    '--fold': 'flag',
    '--unfold': 'flag',
    '--tabs': 'flag',
    '--width': 'value',
    '--indent': 'value',
    '--closing': 'value',
  });
  if (operands.length === 0) throw new UsageError('format what?');
  const [checks, writes] = [options.has('--check'), options.has('--write')];
  if (checks && writes) throw new UsageError('--check and --write exclude each other');
  if (operands.length > 1 && !checks && !writes)
    throw new UsageError('several files need --check or --write');
  if (options.has('--fold') && options.has('--unfold'))
    throw new UsageError('--fold and --unfold exclude each other');
  const folding: Folding = options.has('--fold') ? 'fold' : options.has('--unfold') ? 'unfold' : 'keep';
  const layout: FormatOptions = {
    ...DEFAULT_FORMAT,
    width: numberOf('--width', options.get('--width')?.[0], DEFAULT_FORMAT.width, 20, 10_000),
    tabSize: numberOf('--indent', options.get('--indent')?.[0], DEFAULT_FORMAT.tabSize, 1, 16),
    insertSpaces: !options.has('--tabs'),
    closing: closingOf(options.get('--closing')?.[0]),
  };
  let differ = 0;
  for (const path of operands) {
    const text = readText(path);
    const out = formatted(path, text, layout, folding);
    if (!checks && !writes) process.stdout.write(out);
    if (out === text) continue;
    differ++;
    if (checks) process.stdout.write(`${printable(path)}\n`);
    if (writes) write(path, out);
  }
  return checks && differ > 0 ? EXIT.failed : EXIT.ok;
}

function formatted(path: string, text: string, layout: FormatOptions, folding: Folding): string {
  if (/\.wit$/i.test(path)) return formattedWit(path, text, layout);
  const isScript = /\.wast$/i.test(path);
  const document = TextDocument.create(isScript ? 'file:///a.wast' : 'file:///a.wat', 'wat', 1, text);
  const { tree, modules } = new Analysis(document);
  let out = '';
  let at = 0;
  for (const edit of atOnce(refoldEdits(tree, modules, layout, folding))) {
    out += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return out + text.slice(at);
}

function formattedWit(path: string, text: string, layout: FormatOptions): string {
  const of = witText(TextDocument.create('file:///a.wit', 'wit', 1, text));
  const { faults } = of.parsed;
  if (faults.length === 0) return TextDocument.applyEdits(of.document, witFormat(of, layout));
  throw new Failure(faults.map((fault) => faultReport({ path, text }, fault)).join(''), EXIT.badInput);
}

/** A byte order mark stays. */
function write(path: string, text: string): void {
  const bytes = readFileSync(path);
  const mark = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? '\ufeff' : '';
  try {
    writeFileSync(path, mark + text);
  } catch (error) {
    const { message } = error as Error;
    throw new Failure(`${printable(path)}: ${message}\n`, EXIT.badInput);
  }
}

function numberOf(
  name: string,
  given: string | undefined,
  usual: number,
  least: number,
  most: number,
): number {
  if (given === undefined) return usual;
  const value = Number(given);
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new UsageError(`${name} takes a number from ${least} to ${most}`);
}

function closingOf(given = DEFAULT_FORMAT.closing as string): Closing {
  if (given === 'keep' || given === 'hug' || given === 'line') return given;
  throw new UsageError('--closing takes keep, hug or line');
}
