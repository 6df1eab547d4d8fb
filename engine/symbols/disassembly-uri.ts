/**
 * URIs of disassembled functions: `wasmscope:/dir/m.wasm/func-12-name.wat`, one document a function, `fields.wat` for
 * what else is in the module, `module.wat` for all of it.
 *
 * Made and parsed here, for the debugger and the language server alike, so that breakpoints, frames and hovers
 * mean the same document. They end in `.wat`, never in `.wasm`. The path is the binary's; when the binary is not a
 * plain local `file:`, its whole URI stands in the query (`?uri=…`). Only the index counts, the name is for people.
 * How the text is written stands in the query too, where it is not as usual: `?folded.offsets`, `?mangled&uri=…`. So
 * a document's URI says all about its text, and breakpoints in it stay right whatever is set since.
 * Spelled as VS Code spells URIs (lower-case drive letter, everything but unreserved characters encoded), so
 * that strings can be compared. Reads no files and knows no module.
 */

import type { DisassemblyOptions } from './disassembly.ts';
import { optionsOf, optionWords, type Part } from './disassembly-doc.ts';

export const DISASSEMBLY_SCHEME = 'wasmscope';

export interface DisassemblyDocument {
  /** URI of the binary. */
  readonly program: string;
  readonly part: Part;
  /** The function's name as URIs write it (`nameWord`), if it has one. */
  readonly word: string | undefined;
  /** How its text is written. */
  readonly options: DisassemblyOptions;
}

/** The URI of the document of function `funcIdx` of the binary at the URI `program`. */
export function disassemblyUri(
  program: string,
  funcIdx: number,
  name?: string,
  options: DisassemblyOptions = {},
): string {
  const word = nameWord(name ?? '');
  return documentUri(program, `func-${funcIdx}${word ? `-${word}` : ''}.wat`, options);
}

/** A name as URIs write it. */
export function nameWord(name: string): string {
  return name.replace(/[^A-Za-z0-9_.-]+/g, '_').slice(0, 60);
}

/** The URI of the document of the whole module at the URI `program`, or of its fields without the functions. */
export function moduleDisassemblyUri(
  program: string,
  options: DisassemblyOptions = {},
  part: 'module' | 'fields' = 'module',
): string {
  return documentUri(program, `${part}.wat`, options);
}

const PARTS: Readonly<Record<string, Part | undefined>> = { 'module.wat': 'module', 'fields.wat': 'fields' };

/** What a `wasmscope:` URI names; undefined for any other string. */
export function parseDisassemblyUri(uri: string): DisassemblyDocument | undefined {
  const parts = /^wasmscope:(?:\/\/([^/?#]*))?(\/[^?#]*)\/([^/?#]+)(?:\?([^#]*))?(?:#.*)?$/.exec(uri);
  if (!parts) return undefined;
  const [, authority = '', path, document, query = ''] = parts;
  const func = /^func-(\d+)(?:-([^/]*))?\.wat$/.exec(decode(document));
  const part = func ? Number(func[1]) : PARTS[document];
  if (part === undefined) return undefined;
  const fields = fieldsOfQuery(query);
  const program = fields.program ?? `file://${authority}${encodePath(decode(path))}`;
  return { program, part, word: func?.[2], options: fields.options };
}

function documentUri(program: string, document: string, options: DisassemblyOptions): string {
  const how = optionWords(options);
  const file = /^file:\/\/(\/[^?#]*)$/.exec(program);
  if (file) return `${DISASSEMBLY_SCHEME}:${encodePath(decode(file[1]))}/${document}${how && `?${how}`}`;
  const path = /^[a-z][a-z0-9+.-]*:(?:\/\/[^/?#]*)?([^?#]*)/i.exec(program)?.[1] ?? program;
  const absolute = decode(path).replace(/^\/*/, '/');
  const query = encodeComponent(`${how && `${how}&`}uri=${encodeURIComponent(program)}`);
  return `${DISASSEMBLY_SCHEME}:${encodePath(absolute)}/${document}?${query}`;
}

/** VS Code encodes a query as a whole, `=` and `&` included; other clients may send it as it is. */
function fieldsOfQuery(query: string): { program?: string; options: DisassemblyOptions } {
  const pattern = /^(?:([\w.]*)(?:&|$))?(?:uri=(.*))?$/s;
  const parts = pattern.exec(query) ?? pattern.exec(decode(query));
  const [, words = '', program] = parts ?? [];
  return { options: optionsOf(words), program: program === undefined ? undefined : decode(program) };
}

/** A path as VS Code's `Uri.toString()` writes it. */
function encodePath(path: string): string {
  const drive = path.replace(/^\/([A-Z]):/, (_, letter: string) => `/${letter.toLowerCase()}:`);
  return drive.split('/').map(encodeComponent).join('/');
}

function encodeComponent(text: string): string {
  return encodeURIComponent(text.replace(/\p{Surrogate}/gu, '\uFFFD')).replace(
    /[!'()*]/g,
    (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** Percent-decoding that leaves broken escapes as they are. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
