/**
 * The names of imports, exports and labels (Explainer.md, Import and Export Definitions): what they may look like, what
 * their parts are, and which are too much alike.
 *
 * Nothing here throws: who asks says where the name stands. The reasons are in the component suite's words.
 */

/** An import's or export's name, taken apart. */
export type ExternNameParts =
  | { readonly kind: 'label'; readonly label: string }
  | { readonly kind: 'constructor'; readonly resource: string }
  | { readonly kind: 'method' | 'static'; readonly resource: string; readonly name: string }
  | {
      readonly kind: 'interface';
      readonly namespace: string;
      readonly package: string;
      /** The interface's own name. */
      readonly projection: string;
      /** Without `@`. */
      readonly version?: string;
    };

/** Something read, or why it could not be. */
export type Parsed<T> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly reason: string };

const FRAGMENT = /^(?:[0-9a-z]+|[0-9A-Z]+)$/;

/** True for a label: words and acronyms, `a-b-2-XML`, of which the first begins with a letter. */
export function isKebab(text: string): boolean {
  return /^[A-Za-z]/.test(text) && text.split('-').every((fragment) => FRAGMENT.test(fragment));
}

function isLowerKebab(text: string): boolean {
  return isKebab(text) && text === text.toLowerCase();
}

function notKebab(text: string): { readonly ok: false; readonly reason: string } {
  return { ok: false, reason: `\`${text}\` is not in kebab case` };
}

/** Takes the name of an import or export apart. */
export function parseExternName(text: string): Parsed<ExternNameParts> {
  const annotation = /^\[(constructor|method|static)\](.*)$/s.exec(text);
  if (annotation) return annotated(annotation[1] as 'constructor' | 'method' | 'static', annotation[2]);
  if (text.includes(':')) return interfaceName(text);
  return isKebab(text) ? { ok: true, value: { kind: 'label', label: text } } : notKebab(text);
}

function annotated(kind: 'constructor' | 'method' | 'static', rest: string): Parsed<ExternNameParts> {
  if (kind === 'constructor') {
    return isKebab(rest) ? { ok: true, value: { kind, resource: rest } } : notKebab(rest);
  }
  const dot = rest.indexOf('.');
  if (dot < 0) return { ok: false, reason: 'failed to find `.` character' };
  const resource = rest.slice(0, dot);
  const name = rest.slice(dot + 1);
  if (!isKebab(resource)) return notKebab(resource);
  return isKebab(name) ? { ok: true, value: { kind, resource, name } } : notKebab(name);
}

function interfaceName(text: string): Parsed<ExternNameParts> {
  const colon = text.indexOf(':');
  const namespace = text.slice(0, colon);
  if (!isLowerKebab(namespace)) return notLowerKebab(namespace);
  const rest = text.slice(colon + 1);
  const end = /[^0-9A-Za-z-]/.exec(rest)?.index ?? rest.length;
  const name = rest.slice(0, end);
  if (!isLowerKebab(name)) return notLowerKebab(name);
  if (rest[end] !== '/') return { ok: false, reason: 'expected `/` after package name' };
  const behind = rest.slice(end + 1);
  const stop = /[^0-9A-Za-z-]/.exec(behind)?.index ?? behind.length;
  const projection = behind.slice(0, stop);
  if (!isKebab(projection)) return notKebab(projection);
  const parts = { kind: 'interface', namespace, package: name, projection } as const;
  if (stop === behind.length) return { ok: true, value: parts };
  if (behind[stop] !== '@')
    return { ok: false, reason: `trailing characters found: \`${behind.slice(stop)}\`` };
  const version = behind.slice(stop + 1);
  const parsed = parseVersion(version);
  if (!parsed.ok && !isCanonVersion(version)) {
    return { ok: false, reason: `\`${version}\` is not a valid semver: ${parsed.reason}` };
  }
  return { ok: true, value: { ...parts, version } };
}

function notLowerKebab(text: string): { readonly ok: false; readonly reason: string } {
  return isKebab(text) ? { ok: false, reason: `\`${text}\` is not in lower case` } : notKebab(text);
}

/** True for the part of a version that compatible versions have in common: `1`, `0.2`, `0.0.3`. */
export function isCanonVersion(text: string): boolean {
  return /^(?:[1-9][0-9]*|0\.[1-9][0-9]*|0\.0\.(?:0|[1-9][0-9]*))$/.test(text);
}

/** A version of Semantic Versioning 2.0. */
export interface Version {
  readonly major: bigint;
  readonly minor: bigint;
  readonly patch: bigint;
  readonly pre: readonly string[];
  readonly build: readonly string[];
}

/** Reads a version. */
export function parseVersion(text: string): Parsed<Version> {
  if (text === '') return { ok: false, reason: 'empty string, expected a semver version' };
  const numbers: bigint[] = [];
  let pos = 0;
  for (const what of ['major', 'minor', 'patch']) {
    const digits = /^[0-9]*/.exec(text.slice(pos))![0];
    const at = text[pos];
    if (digits === '') {
      const reason = at === undefined ? 'unexpected end of input' : `unexpected character '${at}'`;
      return { ok: false, reason: `${reason} while parsing ${what} version number` };
    }
    if (digits.length > 1 && at === '0') {
      return { ok: false, reason: `invalid leading zero in ${what} version number` };
    }
    numbers.push(BigInt(digits));
    pos += digits.length;
    if (what === 'patch') break;
    const next = text[pos++];
    if (next === '.') continue;
    const reason = next === undefined ? 'unexpected end of input' : `unexpected character '${next}'`;
    return { ok: false, reason: `${reason} after ${what} version number` };
  }
  const rest = /^(?:-([^+]*))?(?:\+(.*))?$/s.exec(text.slice(pos));
  if (!rest) return { ok: false, reason: `unexpected character '${text[pos]}' after patch version number` };
  const pre = segments(rest[1], 'pre-release identifier');
  if (typeof pre === 'string') return { ok: false, reason: pre };
  const build = segments(rest[2], 'build metadata');
  if (typeof build === 'string') return { ok: false, reason: build };
  const [major, minor, patch] = numbers;
  return { ok: true, value: { major, minor, patch, pre, build } };
}

/** Identifiers between dots, or what is wrong with them. */
function segments(text: string | undefined, what: string): readonly string[] | string {
  if (text === undefined) return [];
  const out = text.split('.');
  for (const segment of out) {
    if (segment === '') return `empty identifier segment in ${what}`;
    const bad = /[^0-9A-Za-z-]/.exec(segment);
    if (bad) return `unexpected character '${bad[0]}' in ${what}`;
    if (what.startsWith('pre') && /^0[0-9]+$/.test(segment)) return `invalid leading zero in ${what}`;
  }
  return out;
}

/** The part of a version that compatible versions have in common (Explainer.md, Canonical Interface Name). */
export function canonVersion(text: string): string {
  const parsed = parseVersion(text);
  if (!parsed.ok) return text;
  const { major, minor, patch } = parsed.value;
  if (major > 0n) return String(major);
  return minor > 0n ? `0.${minor}` : `0.0.${patch}`;
}

/** What two names must not have in common to be strongly unique (Explainer.md, Name Uniqueness). */
export function uniqueName(text: string): string {
  const name = text.toLowerCase();
  const annotation = /^\[(?!constructor\])[a-z]+\](.*)$/s.exec(name);
  if (!annotation) return name;
  const [resource, label] = annotation[1].split('.');
  return resource === label ? resource : annotation[1];
}
