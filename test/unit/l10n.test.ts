/** l10n/bundle.l10n.json, what translators start from, has every string that the extension shows. BLESS=1 writes it. */

import assert from 'node:assert/strict';
import { globSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';

const BUNDLE = 'l10n/bundle.l10n.json';
const MESSAGE = /\bl10n\.t\(\s*'((?:[^'\\]|\\.)*)'/g;

test('the bundle of messages is complete', () => {
  const messages = new Set<string>();
  for (const file of globSync('extension/**/*.ts')) {
    const text = readFileSync(file, 'utf8');
    const found = [...text.matchAll(MESSAGE)].map(([, message]) => message.replace(/\\(.)/g, '$1'));
    const calls = text.match(/\bl10n\.t\(/g)?.length ?? 0;
    assert.equal(found.length, calls, `${file}: a message must be one string in single quotes`);
    for (const message of found) messages.add(message);
  }
  assert.ok(messages.size > 10);
  const sorted = Object.fromEntries([...messages].sort().map((message) => [message, message]));
  const expected = `${JSON.stringify(sorted, null, 2)}\n`;
  if (process.env.BLESS) writeFileSync(BUNDLE, expected);
  assert.equal(readFileSync(BUNDLE, 'utf8'), expected, `stale: run BLESS=1 node scripts/test.mjs l10n`);
});

test('pages have no sentences of their own', () => {
  for (const file of globSync('extension/**/webview/*.ts')) {
    const code = readFileSync(file, 'utf8').replace(/\/\*[\s\S]*?\*\/|\/\/.*/g, '');
    assert.doesNotMatch(code, /(['"`])[A-Z][a-z]+ [^'"`\n]*\1/, `${file}: strings come from strings.ts`);
  }
});
