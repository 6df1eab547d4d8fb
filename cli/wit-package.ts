/**
 * WIT on a disk: a document, or a package, which is a folder of documents with the packages that it uses in `deps/` (WIT.md,
 * Package Format). Each of those is a document or a folder.
 */

import { existsSync, readdirSync, statSync } from 'node:fs';
import path from 'node:path';
import { packageKey, type TopItem, type WitDocument } from '../engine/component/wit/ast.ts';
import { parseWit } from '../engine/component/wit/parse.ts';
import { printWit } from '../engine/component/wit/print.ts';
import { resolveWit } from '../engine/component/wit/resolve.ts';
import { EXIT, Failure } from './failure.ts';
import { isWitFile, readText } from './read.ts';
import { faultReport, printable } from './report.ts';

interface WitFile {
  readonly path: string;
  readonly text: string;
  readonly document: WitDocument;
  readonly isOwn: boolean;
}

/** True for a document and for a folder. */
export function isWit(given: string): boolean {
  return isWitFile(given) || isFolder(given);
}

/** The WIT of a document or of a package, laid out, as one text. Throws a Failure that says all that is wrong with it. */
export function readWit(given: string): string {
  const files = isFolder(given) ? filesOf(given) : [readFile(given, true)];
  const { faults, elsewhere } = resolveWit(files.map(({ document }) => document));
  const reports = faults.map(({ document, fault }) => faultReport(files[document], fault));
  // A document alone may name what stands in others.
  if (isFolder(given)) {
    for (const { document, span, key } of elsewhere) {
      const message = `\`${key}\` is in none of the documents here`;
      reports.push(faultReport(files[document], { phase: 'invalid', message, span, notes: [] }));
    }
  }
  if (reports.length > 0) throw new Failure(reports.join(''), EXIT.badInput);
  return printWit(merged(files.filter(({ isOwn }) => isOwn)));
}

function isFolder(given: string): boolean {
  return statSync(given, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

function filesOf(folder: string): WitFile[] {
  const own = ofOnePackage(folder, true);
  if (own.length === 0) refuse(folder, 'there are no .wit files in this folder');
  const deps = path.join(folder, 'deps');
  if (!isFolder(deps)) return own;
  const others = readdirSync(deps)
    .toSorted()
    .map((name) => path.join(deps, name))
    .flatMap((entry) => {
      if (isFolder(entry)) return ofOnePackage(entry, false);
      return isWitFile(entry) ? [readFile(entry, false)] : [];
    });
  return [...own, ...others];
}

/** The documents of a folder; those that do not say so are of the package that the others are of. */
function ofOnePackage(folder: string, isOwn: boolean): WitFile[] {
  const files = documentsIn(folder).map((file) => readFile(file, isOwn));
  const named = files.flatMap(({ document }) => (document.package ? [document.package] : []));
  const names = new Set(named.map(packageKey));
  if (files.length > 0 && names.size === 0) refuse(folder, 'none of these documents names the package');
  if (names.size > 1) refuse(folder, `these documents are of several packages: ${[...names].join(', ')}`);
  return files.map((file) => ({
    ...file,
    document: { ...file.document, package: file.document.package ?? named[0] },
  }));
}

function documentsIn(folder: string): string[] {
  return readdirSync(folder)
    .filter((name) => isWitFile(name) && existsSync(path.join(folder, name)))
    .toSorted()
    .map((name) => path.join(folder, name));
}

function readFile(file: string, isOwn: boolean): WitFile {
  const text = readText(file);
  const { document, faults } = parseWit(text);
  if (faults.length === 0) return { path: file, text, document, isOwn };
  throw new Failure(faults.map((fault) => faultReport({ path: file, text }, fault)).join(''), EXIT.badInput);
}

/** The documents of one package as one; what several of them use at their top is used once. */
function merged(files: readonly WitFile[]): WitDocument {
  const [first] = files;
  if (files.length === 1) return first.document;
  const named = files.find(({ document }) => document.package) ?? first;
  const uses = new Set<string>();
  const isNew = (item: TopItem): boolean => {
    if (item.kind !== 'top use') return true;
    const text = printWit({ items: [item] });
    return !uses.has(text) && uses.add(text) !== undefined;
  };
  return { ...named.document, items: files.flatMap(({ document }) => document.items.filter(isNew)) };
}

function refuse(folder: string, why: string): never {
  throw new Failure(`${printable(folder)}: ${why}\n`, EXIT.badInput);
}
