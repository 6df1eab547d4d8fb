/**
 * URIs of disassembled functions: `wasmscope:/dir/m.wasm/func-12-name.wat`, one document a function.
 *
 * Made and parsed here, for the debugger and the language server alike, so that breakpoints, frames and hovers
 * mean the same document. They end in `.wat`, never in `.wasm`. The path is the binary's; when the binary is not a
 * plain local `file:`, its whole URI stands in the query (`?uri=…`). Only the index counts, the name is for people.
 * Spelled as VS Code spells URIs (lower-case drive letter, everything but unreserved characters encoded), so
 * that strings can be compared. Reads no files and knows no module.
 */

export const DISASSEMBLY_SCHEME = 'wasmscope';

export interface DisassemblyDocument {
  /** URI of the binary. */
  readonly program: string;
  /** The function; undefined for the document of the whole module (`module.wat`). */
  readonly funcIdx: number | undefined;
}

/** The URI of the document of function `funcIdx` of the binary at the URI `program`. */
export function disassemblyUri(program: string, funcIdx: number, name?: string): string {
  const word = (name ?? '').replace(/[^A-Za-z0-9_.-]+/g, '_').slice(0, 60);
  return documentUri(program, `func-${funcIdx}${word ? `-${word}` : ''}.wat`);
}

/** The URI of the document of the whole module at the URI `program`. */
export function moduleDisassemblyUri(program: string): string {
  return documentUri(program, 'module.wat');
}

/** What a `wasmscope:` URI names; undefined for any other string. */
export function parseDisassemblyUri(uri: string): DisassemblyDocument | undefined {
  const parts = /^wasmscope:(?:\/\/([^/?#]*))?(\/[^?#]*)\/([^/?#]+)(?:\?([^#]*))?(?:#.*)?$/.exec(uri);
  if (!parts) return undefined;
  const [, authority = '', path, document, query = ''] = parts;
  const func = /^func-(\d+)(?:-[^/]*)?\.wat$/.exec(decode(document));
  if (!func && document !== 'module.wat') return undefined;
  const program = programOfQuery(query) ?? `file://${authority}${encodePath(decode(path))}`;
  return { program, funcIdx: func ? Number(func[1]) : undefined };
}

function documentUri(program: string, document: string): string {
  const file = /^file:\/\/(\/[^?#]*)$/.exec(program);
  if (file) return `${DISASSEMBLY_SCHEME}:${encodePath(decode(file[1]))}/${document}`;
  const path = /^[a-z][a-z0-9+.-]*:(?:\/\/[^/?#]*)?([^?#]*)/i.exec(program)?.[1] ?? program;
  const absolute = decode(path).replace(/^\/*/, '/');
  const query = encodeComponent(`uri=${encodeURIComponent(program)}`);
  return `${DISASSEMBLY_SCHEME}:${encodePath(absolute)}/${document}?${query}`;
}

/** VS Code encodes a query as a whole, `=` included; other clients may send it as it is. */
function programOfQuery(query: string): string | undefined {
  const plain = query.startsWith('uri=') ? query : decode(query);
  return plain.startsWith('uri=') ? decode(plain.slice(4)) : undefined;
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
