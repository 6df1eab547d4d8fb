/**
 * The texts that places are shown in, as DAP sources: texts of the program's own, or one disassembled function each.
 *
 * Goes from the wire's (document, span) to (source, line, column) and back. Texts of disassembled functions are
 * fetched from the engine once and kept.
 */

import type { DebugProtocol } from '@vscode/debugprotocol';
import type { Span } from '../engine/base/errors.ts';
import { docOfModule, isTextDoc, splitDoc, textDoc } from '../engine/debug/docs.ts';
import type { DisassemblyOptions, Doc, Spot, TextDoc } from '../engine/debug/wire.ts';
import { disassemblyDoc, parseDoc } from '../engine/symbols/disassembly-doc.ts';
import {
  disassemblyUri,
  moduleDisassemblyUri,
  nameWord,
  parseDisassemblyUri,
} from '../engine/symbols/disassembly-uri.ts';
import { type ClientInfo, fromClientColumn, fromClientLine, toClient } from './client.ts';
import { RequestError } from './context.ts';
import type { EngineClient } from './engine-client.ts';
import { type LineMap, lineMap } from './line-diff.ts';
import { type LineTable, lineTable } from './lines.ts';
import { baseName, type Platform, toClientPath, toUri } from './paths.ts';

/** A place as DAP has it, in the client's numbers. */
export interface Location {
  readonly source: DebugProtocol.Source;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** Source references of texts that were edited since: this, plus the module's number. */
const TEXT_REFERENCES = 2 ** 31 - 2 ** 16;

/** Source references say which of several modules and the function. */
const FUNCS_PER_MODULE = 2 ** 20;

interface Text {
  readonly text: string;
  readonly lines: LineTable;
  readonly source: DebugProtocol.Source;
}

/** What a file has become since it was loaded. */
interface Edited {
  readonly text: string;
  map: LineMap | undefined;
}

/** A module's file, and its text if it is one. */
interface ModuleFile {
  readonly uri: string;
  readonly text?: string;
}

export class Documents {
  /** Of the program and of what is preloaded for it, by number. */
  readonly #uris: readonly string[];
  readonly #platform: Platform;
  readonly #client: ClientInfo;
  readonly #engine: EngineClient;
  readonly #disassembly: DisassemblyOptions;
  readonly #texts = new Map<Doc, Promise<Text>>();
  /** What became of the texts of files that were edited since they were loaded. */
  readonly #edited = new Map<Doc, Edited>();
  /** Hears of every text that is shown for the first time. */
  onSource: ((source: DebugProtocol.Source) => void) | undefined;

  /** `files`: the program's, then those that are preloaded. `disassembly` is how this session's documents are written. */
  constructor(
    files: readonly ModuleFile[],
    platform: Platform,
    client: ClientInfo,
    engine: EngineClient,
    disassembly: DisassemblyOptions,
  ) {
    this.#uris = files.map(({ uri }) => uri);
    this.#platform = platform;
    this.#client = client;
    this.#engine = engine;
    this.#disassembly = disassembly;
    for (const [i, { uri, text }] of files.entries()) {
      if (text === undefined) continue;
      const source = { name: baseName(uri), path: this.clientPath(uri) };
      this.#texts.set(textDoc(numberOf(i)), Promise.resolve({ text, lines: lineTable(text), source }));
    }
  }

  /** The file of a module by its number; undefined for a module inside of a script. */
  fileOf(module: number): string | undefined {
    return this.#uris[module];
  }

  /**
   * A file has another text now than the one that runs; undefined: the same again. Places are shown in the text that runs from
   * now on, which the client has to ask for.
   */
  setEdited(uri: string, text: string | undefined): void {
    const at = this.#uris.indexOf(uri);
    const doc = textDoc(numberOf(at));
    if (at < 0 || !this.#texts.has(doc)) return;
    if (text === undefined) this.#edited.delete(doc);
    else this.#edited.set(doc, { text, map: undefined });
  }

  /** Which lines of an edited file are which of the text that runs; undefined for one that is as it was. */
  async linesSince(doc: Doc, source: DebugProtocol.Source): Promise<LineMap | undefined> {
    const edited = this.#edited.get(doc);
    // The text that runs is asked for by its reference.
    if (!edited || source.sourceReference) return undefined;
    edited.map ??= lineMap(await this.text(doc), edited.text);
    return edited.map;
  }

  /** A place as the client shows it in the edited file. */
  async locationSince({ doc, span }: Spot, map: LineMap): Promise<Location | undefined> {
    const { lines, source } = await this.#text(doc);
    const from = lines.at(span.start);
    const to = lines.at(span.end);
    const line = map.toNew(from.line);
    const endLine = map.toNew(to.line);
    if (line === undefined) return undefined;
    const start = toClient(this.#client, { ...from, line });
    const end = toClient(this.#client, { ...to, line: endLine ?? line });
    return { source, line: start.line, column: start.column, endLine: end.line, endColumn: end.column };
  }

  /** Every text that was shown so far. */
  async sources(): Promise<DebugProtocol.Source[]> {
    const texts = await Promise.allSettled(this.#texts.values());
    return texts.flatMap((text) => (text.status === 'fulfilled' ? [text.value.source] : []));
  }

  /** The document that a client's source means; undefined if it is no text of this program. */
  docOf(source: DebugProtocol.Source): Doc | undefined {
    if (source.sourceReference) return this.#docOfReference(source.sourceReference - 1);
    if (!source.path) return undefined;
    const disassembly = parseDisassemblyUri(source.path);
    if (disassembly) {
      const at = this.#uris.indexOf(toUri(disassembly.program, this.#platform));
      const doc = disassemblyDoc(disassembly.part, disassembly.options);
      return at < 0 ? undefined : docOfModule(numberOf(at), doc);
    }
    const uri = toUri(source.path, this.#platform);
    const at = this.#uris.findIndex((own) => sameFile(uri, own, this.#platform));
    const doc = textDoc(numberOf(at));
    return at >= 0 && this.#texts.has(doc) ? doc : undefined;
  }

  /**
   * The document that a source of an earlier build is in this one: the function's, whatever its index is now.
   * Undefined if the function is gone.
   */
  async currentDoc(doc: Doc, source: DebugProtocol.Source): Promise<Doc | undefined> {
    if (isTextDoc(doc) || source.sourceReference || !source.path) return doc;
    const word = parseDisassemblyUri(source.path)?.word;
    return (await this.#engine.request('currentDocument', { doc, word })) ?? undefined;
  }

  async text(doc: Doc): Promise<string> {
    return (await this.#text(doc)).text;
  }

  async lines(doc: Doc): Promise<LineTable> {
    return (await this.#text(doc)).lines;
  }

  /** A place of the wire as the client shows it. */
  async location({ doc, span }: Spot): Promise<Location> {
    const { lines, source: file } = await this.#text(doc);
    const start = toClient(this.#client, lines.at(span.start));
    const end = toClient(this.#client, lines.at(span.end));
    const source = this.#edited.has(doc) ? this.#running(doc, file) : file;
    return { source, line: start.line, column: start.column, endLine: end.line, endColumn: end.column };
  }

  /** The range between two places of the client; a missing column is that end of its line. */
  async span(
    doc: Doc,
    line: number,
    column: number | undefined,
    endLine = line,
    endColumn?: number,
  ): Promise<Span> {
    const lines = await this.lines(doc);
    const first = fromClientLine(this.#client, line);
    const last = fromClientLine(this.#client, endLine);
    return {
      start: lines.position(first, column === undefined ? 0 : fromClientColumn(this.#client, column)),
      end:
        endColumn === undefined
          ? last < lines.count
            ? lines.line(last).end
            : lines.position(last, 0)
          : lines.position(last, fromClientColumn(this.#client, endColumn)),
    };
  }

  #text(doc: Doc): Promise<Text> {
    let text = this.#texts.get(doc);
    if (!text) {
      text = isTextDoc(doc) ? Promise.reject(new Error('a binary has no text of its own')) : this.#fetch(doc);
      this.#texts.set(doc, text);
      void text.then(
        ({ source }) => this.onSource?.(source),
        () => undefined,
      );
    }
    return text;
  }

  async #fetch(doc: Exclude<Doc, TextDoc>): Promise<Text> {
    const { text, name } = await this.#engine.request('functionText', { doc });
    const { module, doc: own } = splitDoc(doc);
    const { part, options } = parseDoc(own);
    const lines = lineTable(text);
    if (module !== undefined && this.#uris.length === 1) {
      return { text, lines, source: this.#moduleSource(module, part, name) };
    }
    const program = this.#uris[module ?? 0];
    if (typeof part !== 'number') {
      const path = moduleDisassemblyUri(program, options, part);
      return { text, lines, source: { name: `${part}.wat (${baseName(program)})`, path } };
    }
    const uri = disassemblyUri(program, part, name, options);
    const shown = `${name ?? `func[${part}]`} (${baseName(program)})`;
    // A client that cannot open our URIs asks for the text by reference.
    const source = this.#client.wasmscopeFiles
      ? { name: shown, path: uri }
      : { name: shown, path: uri, sourceReference: referenceOf(module, part) };
    return { text, lines, source };
  }

  /** A script's modules have no files, so the client asks for their texts by reference. */
  #moduleSource(module: number, part: unknown, name: string | undefined): DebugProtocol.Source {
    const file = baseName(this.#uris[0]);
    if (typeof part !== 'number') throw new RequestError('the modules of a script are shown by function');
    const shown = name ?? `func[${part}]`;
    const path = `/${file}/module-${module + 1}/func-${part}${name ? `-${nameWord(name)}` : ''}.wat`;
    return {
      name: `${shown} (module ${module + 1} of ${file})`,
      path,
      sourceReference: referenceOf(module, part),
    };
  }

  /** The text that runs, of a file that has another one now. */
  #running(doc: Doc, file: DebugProtocol.Source): DebugProtocol.Source {
    const module = splitDoc(doc as Exclude<Doc, 'program'>).module ?? 0;
    return {
      ...file,
      name: `${file.name} (running)`,
      origin: 'changed since it was loaded',
      sourceReference: TEXT_REFERENCES + module,
    };
  }

  #docOfReference(reference: number): Doc {
    const text = reference + 1 - TEXT_REFERENCES;
    if (text >= 0) return textDoc(text === 0 ? undefined : text);
    const doc = disassemblyDoc(reference % FUNCS_PER_MODULE, this.#disassembly);
    const module = Math.floor(reference / FUNCS_PER_MODULE) - 1;
    return docOfModule(module < 0 ? undefined : module, doc);
  }

  /** A file as the client names it. */
  clientPath(uri: string): string {
    return this.#client.pathsAreUris ? uri : toClientPath(uri, this.#platform);
  }
}

/** The program itself has none. */
function numberOf(file: number): number | undefined {
  return file === 0 ? undefined : file;
}

function referenceOf(module: number | undefined, part: number): number {
  return (module === undefined ? 0 : module + 1) * FUNCS_PER_MODULE + part + 1;
}

/** Windows file systems ignore case. */
function sameFile(a: string, b: string, platform: Platform): boolean {
  return a === b || (platform === 'win32' && a.startsWith('file:') && a.toLowerCase() === b.toLowerCase());
}
