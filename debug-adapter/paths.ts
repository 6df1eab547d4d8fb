/**
 * Paths and URIs of files, as pure functions over the platform (win32 or POSIX).
 *
 * Inside the adapter every file is a URI; clients speak paths where the file is local. The spelling of a URI here is
 * canonical (lower-case drive letter, minimal encoding), so two spellings of one file give one string. Touches no
 * disk and no process: the platform is a parameter, and the tests run over both.
 */

export type Platform = 'win32' | 'posix';

/** True for `scheme:…` with a scheme of two letters or more; `c:\x` and `c:/x` are paths. */
export function isUri(text: string): boolean {
  return /^[A-Za-z][A-Za-z0-9+.-]+:/.test(text);
}

export function isAbsolutePath(path: string, platform: Platform): boolean {
  return platform === 'win32' ? /^([A-Za-z]:)?[\\/]/.test(path) : path.startsWith('/');
}

/** The `file:` URI of an absolute path. */
export function pathToUri(path: string, platform: Platform): string {
  if (platform === 'posix') return `file://${encodePath(normalize(path))}`;
  const slashed = path
    .replaceAll('\\', '/')
    .replace(/^\/\/[?.]\/(?:UNC\/)?/i, (prefix) => (/unc\/$/i.test(prefix) ? '//' : '/'));
  const unc = /^\/\/([^/]+)(\/.*)?$/.exec(slashed);
  if (unc) return `file://${unc[1].toLowerCase()}${encodePath(normalize(unc[2] ?? '/'))}`;
  return `file://${encodePath(lowerDrive(normalize(slashed.replace(/^(?=[A-Za-z]:)/, '/'))))}`;
}

/** The path of a `file:` URI; undefined for any other URI. */
export function uriToPath(uri: string, platform: Platform): string | undefined {
  const parts = /^file:(?:\/\/([^/?#]*))?([^?#]*)/i.exec(uri);
  if (!parts) return undefined;
  const [, authority = '', encoded] = parts;
  const path = decodePercent(encoded);
  const host = authority.toLowerCase() === 'localhost' ? '' : authority;
  if (platform === 'posix') return host ? `//${host}${path}` : path;
  if (host) return `\\\\${host}${path.replaceAll('/', '\\')}`;
  return lowerDrive(path)
    .replace(/^\/(?=[a-z]:)/, '')
    .replaceAll('/', '\\');
}

/** The canonical spelling of a path or URI that a client gave. Relative paths are taken from `base`, a folder's URI. */
export function toUri(pathOrUri: string, platform: Platform, base?: string): string {
  if (isUri(pathOrUri)) {
    const path = uriToPath(pathOrUri, platform);
    return path === undefined ? pathOrUri : pathToUri(path, platform);
  }
  if (isAbsolutePath(pathOrUri, platform)) return pathToUri(pathOrUri, platform);
  if (base === undefined) return pathOrUri;
  const relative = platform === 'win32' ? pathOrUri.replaceAll('\\', '/') : pathOrUri;
  const parts = /^([A-Za-z][A-Za-z0-9+.-]+:(?:\/\/[^/?#]*)?)([^?#]*)([?#].*)?$/.exec(base);
  if (!parts) return pathOrUri;
  const [, head, folder, tail = ''] = parts;
  return `${head}${encodePath(normalize(`${decodePercent(folder)}/${relative}`))}${tail}`;
}

/** What a client understands as the place of a file: a path for `file:`, else the URI. */
export function toClientPath(uri: string, platform: Platform): string {
  return uriToPath(uri, platform) ?? uri;
}

/** The URI of the folder that a file is in. */
export function folderOf(uri: string): string {
  return uri.replace(/[?#].*$/, '').replace(/\/[^/]*$/, '');
}

/** The last part of a URI's path, decoded: a file's name. */
export function baseName(uri: string): string {
  const path = uri.replace(/[?#].*$/, '');
  return decodePercent(path.slice(Math.max(path.lastIndexOf('/'), isUri(path) ? path.indexOf(':') : -1) + 1));
}

/** The extension of a file's name in lower case, with its dot; empty if it has none. */
export function extension(uri: string): string {
  return /\.[^.]*$/.exec(baseName(uri))?.[0].toLowerCase() ?? '';
}

/** Resolves `.`, `..` and doubled slashes of a path with forward slashes. */
function normalize(path: string): string {
  const out: string[] = [];
  for (const part of path.split('/')) {
    if (part === '' || part === '.') continue;
    if (part === '..') out.pop();
    else out.push(part);
  }
  return `/${out.join('/')}`;
}

function lowerDrive(path: string): string {
  return path.replace(/^\/?[A-Z]:/, (drive) => drive.toLowerCase());
}

/** Encodes what has a meaning in a URI; `:` and `@` may stand in a path. */
function encodePath(path: string): string {
  return path
    .split('/')
    .map((part) =>
      encodeURIComponent(part.replace(/\p{Surrogate}/gu, '\uFFFD'))
        .replaceAll('%3A', ':')
        .replaceAll('%40', '@'),
    )
    .join('/');
}

function decodePercent(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
