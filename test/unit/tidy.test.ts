/**
 * The rules of ARCHITECTURE.md that no compiler checks: who may import whom, headers, lengths, names, and what no
 * file may contain. Owns no taste: format and lint are biome's. Every rule is one function from a file to its
 * complaints, and each is shown here to be able to complain.
 */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';

/** Folders of the engine from the ground up: each may import those before it. */
const ENGINE_ORDER = [
  'base',
  'isa',
  'module',
  'binary',
  'text',
  'valid',
  'runtime',
  'exec',
  'component',
  'wasi',
  'symbols',
  'debug',
];

/** What a top-level folder may import besides itself; a folder ending in `/hosts` may use the host's modules. */
const FOLDER_IMPORTS: Readonly<Record<string, readonly string[]>> = {
  engine: [],
  'debug-adapter': ['engine'],
  'language-server': ['engine'],
  cli: ['engine', 'debug-adapter', 'language-server'],
  extension: [],
};

/** Folders whose code runs on any host, so that it may not name Node's modules. */
const ANY_HOST = ['engine', 'debug-adapter', 'language-server'];

const LONG = 600;
const HEADER_MOST = 40;

interface SourceFile {
  readonly path: string;
  readonly text: string;
}

type Rule = (file: SourceFile) => string[];

/** The paths that a file imports; relative ones resolved against the project's root. */
function importsOf({ path: file, text }: SourceFile): string[] {
  const code = text.replace(/\/\*[\s\S]*?\*\//g, '');
  const found = code.matchAll(
    /^\s*(?:import|export)\b[^;'"]*?\bfrom\s*'([^']+)'|\bimport\s*\(\s*'([^']+)'|^import\s+'([^']+)'/gm,
  );
  return [...found].map((match) => {
    const name = (match[1] ?? match[2] ?? match[3])!;
    return name.startsWith('.') ? path.posix.join(path.posix.dirname(file), name) : name;
  });
}

function isGenerated(file: SourceFile): boolean {
  return file.path.endsWith('.gen.ts');
}

/** The comment at the top of a file, without its marks; empty if there is none. */
function headerOf({ text }: SourceFile): string[] {
  const lines = text.replace(/^#!.*\n/, '').split('\n');
  const block = lines[0]?.startsWith('/*') ? lines.findIndex((line) => line.includes('*/')) + 1 : 0;
  const count = block || lines.findIndex((line) => !line.startsWith('//'));
  return lines
    .slice(0, Math.max(count, 0))
    .map((line) => line.replace(/^[\s/*]+/, '').replace(/\s*\*\/$/, ''))
    .filter((line) => line !== '');
}

const engineOrder: Rule = (file) => {
  const [top, folder] = file.path.split('/');
  if (top !== 'engine' || file.path === 'engine/ambient.d.ts') return [];
  const own = ENGINE_ORDER.indexOf(folder!);
  if (own < 0) return [`engine/${folder} has no place in the order`];
  return importsOf(file).flatMap((name) => {
    const [otherTop, other] = name.split('/');
    const above = otherTop === 'engine' && ENGINE_ORDER.indexOf(other!) > own;
    return above ? [`imports ${name}: ${folder} comes before ${other}`] : [];
  });
};

const folders: Rule = (file) => {
  const top = file.path.split('/')[0]!;
  const allowed = FOLDER_IMPORTS[top];
  if (!allowed) return [];
  return importsOf(file).flatMap((name) => {
    const other = name.split('/')[0]!;
    const ours = other in FOLDER_IMPORTS || other === 'test' || other === 'scripts';
    return ours && other !== top && !allowed.includes(other) ? [`imports ${name}`] : [];
  });
};

const anyHost: Rule = (file) => {
  const top = file.path.split('/')[0]!;
  if (!ANY_HOST.includes(top) || file.path.startsWith(`${top}/hosts/`)) return [];
  return importsOf(file).flatMap((name) => {
    const packaged = top === 'engine' && /^[\w@]/.test(name) && !name.startsWith('engine/');
    const host = name === 'vscode' || name.startsWith('node:') || /\/hosts\//.test(name);
    return host || packaged ? [`imports ${name}, which not every host has`] : [];
  });
};

const headers: Rule = (file) => {
  if (isGenerated(file)) {
    return /generated/i.test(file.text.split('\n', 1)[0]!)
      ? []
      : ['its first line does not say that it is generated'];
  }
  const { length } = headerOf(file);
  if (length === 0) return ['has no header comment'];
  return length > HEADER_MOST ? [`its header has ${length} lines`] : [];
};

const lengths: Rule = (file) => {
  const lines = file.text.split('\n').length;
  if (isGenerated(file) || lines <= LONG) return [];
  const reason = headerOf(file).some((line) => /\b(long|length|one file|one big|big loop|600)\b/i.test(line));
  return reason ? [] : [`has ${lines} lines, and its header does not say why it is long`];
};

const names: Rule = (file) => (/(^|\/)(utils?|helpers?)\b/i.test(file.path) ? ['is named for nothing'] : []);

const contents: Rule = (file) =>
  FORBIDDEN.flatMap(([pattern, what]) => {
    const line = file.text.split('\n').findIndex((text) => pattern.test(text));
    return line < 0 ? [] : [`line ${line + 1}: ${what}`];
  });

/** Built from pieces, so that this file does not contain what it forbids. */
const FORBIDDEN: readonly (readonly [RegExp, string])[] = [
  [
    new RegExp(`\\b(${['TO' + 'DO', 'FIX' + 'ME', 'X'.repeat(3)].join('|')})\\b`),
    'unfinished work belongs into an issue',
  ],
  [new RegExp(`\\bfor${' '}now\\b`, 'i'), 'says that it is provisional'],
  [
    new RegExp(
      `(^|[\\s"'\`(=:])/(${['wo' + 'rk', 'ho' + 'me', 'ro' + 'ot', 'Use' + 'rs'].join('|')})/[\\w.-]`,
    ),
    'a path of one machine',
  ],
  [new RegExp(`@ts-(${'ign'}ore|nocheck)`), 'switches the type checker off'],
  [new RegExp(`\\b(test|it|describe)\\.(${'on'}ly|${'to'}do)\\(`), 'leaves tests out'],
];

const RULES: Readonly<Record<string, Rule>> = {
  engineOrder,
  folders,
  anyHost,
  headers,
  lengths,
  names,
  contents,
};

/** Files that git knows or would take, with `/` on every platform. */
function projectFiles(): string[] {
  const listed = execFileSync('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard'], {
    encoding: 'utf8',
  });
  return listed.split('\0').filter((file) => file !== '' && existsSync(file));
}

function read(file: string): SourceFile {
  return { path: file, text: readFileSync(file, 'utf8') };
}

for (const [name, rule] of Object.entries(RULES)) {
  test(`every source file keeps the rule ${name}`, () => {
    const sources = projectFiles().filter((file) => /\.(ts|mts|mjs)$/.test(file));
    const complaints = sources.flatMap((file) =>
      rule(read(file)).map((complaint) => `${file}: ${complaint}`),
    );
    assert.deepEqual(complaints, []);
  });
}

test('every other text file is free of what no file may contain', () => {
  const texts = projectFiles().filter((file) =>
    /\.(md|json|txt|wat|wast|css|yml|sh)$|^\.ci\/|ignore$/.test(file),
  );
  const complaints = texts.flatMap((file) =>
    contents(read(file)).map((complaint) => `${file}: ${complaint}`),
  );
  assert.deepEqual(complaints, []);
});

/** A rule, a file that breaks it, and the start of the complaint; or a file that keeps it and no complaint. */
const CASES: readonly (readonly [rule: Rule, path: string, text: string, complaint?: string])[] = [
  [engineOrder, 'engine/base/a.ts', "import { b } from '../isa/b.ts';", 'imports engine/isa/b.ts'],
  [engineOrder, 'engine/base/a.ts', "import type {\n  b,\n} from '../isa/b.ts';", 'imports engine/isa/b.ts'],
  [engineOrder, 'engine/base/a.ts', "export * from '../isa/b.ts';", 'imports engine/isa/b.ts'],
  [engineOrder, 'engine/isa/a.ts', "import { b } from '../base/b.ts';"],
  [engineOrder, 'engine/odd/a.ts', '', 'engine/odd has no place'],
  [folders, 'extension/a.ts', "import { b } from '../engine/b.ts';", 'imports engine/b.ts'],
  [folders, 'engine/base/a.ts', "await import('../../cli/b.ts');", 'imports cli/b.ts'],
  [folders, 'engine/base/a.ts', "import '../../test/b.ts';", 'imports test/b.ts'],
  [folders, 'cli/a.ts', "import { b } from '../engine/b.ts';"],
  [anyHost, 'engine/base/a.ts', "import fs from 'node:fs';", 'imports node:fs'],
  [anyHost, 'engine/base/a.ts', "import x from 'package';", 'imports package'],
  [anyHost, 'language-server/a.ts', "import fs from 'node:fs';", 'imports node:fs'],
  [anyHost, 'language-server/a.ts', "import x from 'vscode-languageserver';"],
  [anyHost, 'debug-adapter/hosts/a.ts', "import fs from 'node:fs';"],
  [headers, 'engine/base/a.ts', 'const a = 1;', 'has no header'],
  [headers, 'engine/base/a.gen.ts', '// made by hand\n', 'its first line'],
  [headers, 'engine/base/a.ts', '/**\n * What it owns.\n */\n'],
  [lengths, 'engine/base/a.ts', `// What it owns.\n${'x;\n'.repeat(LONG)}`, 'has 60'],
  [lengths, 'engine/base/a.ts', `// One big loop.\n${'x;\n'.repeat(LONG)}`],
  [names, 'engine/base/utils.ts', '', 'is named'],
  [names, 'test/helpers/a.ts', '', 'is named'],
  [names, 'engine/base/reader.ts', ''],
  [contents, 'a.ts', `// TO${'DO'}: more\n`, 'line 1: unfinished'],
  [contents, 'a.md', `see /ho${'me'}/someone/file`, 'line 1: a path'],
  [contents, 'a.md', 'see ../shared/file and https://example.org/home/page'],
];

test('each rule can complain', () => {
  for (const [rule, file, text, complaint] of CASES) {
    const complaints = rule({ path: file, text });
    const what = `${file}: ${text.slice(0, 60)}`;
    if (complaint === undefined) assert.deepEqual(complaints, [], what);
    else assert.ok(complaints[0]?.startsWith(complaint), `${what}\n${complaints}`);
  }
});
