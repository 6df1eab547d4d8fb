/**
 * Formatting: each text of test/golden/format as it comes out, in the default layout and in a narrow one with tabs.
 * `BLESS=1` writes the expected texts anew.
 */

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { test } from 'node:test';
import { parseTree } from '../../engine/text/tree.ts';
import { atOnce, formatEdits } from '../../language-server/format/format.ts';
import { DEFAULT_FORMAT, type FormatOptions } from '../../language-server/format/options.ts';

const FOLDER = 'test/golden/format';

const LAYOUTS: Readonly<Record<string, FormatOptions>> = {
  default: DEFAULT_FORMAT,
  narrow: { width: 60, tabSize: 4, insertSpaces: false, closing: 'line' },
};

function formatted(text: string, options: FormatOptions): string {
  let out = '';
  let at = 0;
  for (const edit of atOnce(formatEdits(parseTree(text), options))) {
    assert.ok(edit.start >= at, 'edits are in order');
    assert.match(text.slice(edit.start, edit.end) + edit.text, /^\s*$/);
    out += text.slice(at, edit.start) + edit.text;
    at = edit.end;
  }
  return out + text.slice(at);
}

for (const file of readdirSync(FOLDER).filter((name) => /^[^.]*\.was?t$/.test(name))) {
  for (const [layout, options] of Object.entries(LAYOUTS)) {
    test(`${file}, ${layout}`, () => {
      const text = readFileSync(path.join(FOLDER, file), 'utf8');
      const out = formatted(text, options);
      const golden = path.join(FOLDER, file.replace('.', `.${layout}.`));
      if (process.env.BLESS) writeFileSync(golden, out);
      assert.equal(out, readFileSync(golden, 'utf8'));
      assert.equal(formatted(out, options), out, 'formatting twice');
      const crlf = text.replaceAll('\n', '\r\n');
      assert.equal(formatted(crlf, options), out.replaceAll('\n', '\r\n'), 'with CRLF');
    });
  }
}
