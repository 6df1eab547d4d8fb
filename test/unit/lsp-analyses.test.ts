// How documents are worked out in turns: what ends when a document is edited, closed or a question is cancelled.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CancellationTokenSource, LSPErrorCodes, type TextDocuments } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { Analyses } from '../../language-server/analyses.ts';
import type { Analysis } from '../../language-server/analysis.ts';

const URI = 'file:///large.wat';

/** More than one turn's work, however fast the machine is. */
const LARGE = `(module\n${Array.from({ length: 30_000 }, (_, i) => `  (func $f${i} (param $x i32) (result i32)\n    (i32.add (local.get $x) (i32.mul (local.get $x) (i32.const ${i}))))\n`).join('')})\n`;

/** Open documents, as the library keeps them. */
class Documents {
  readonly #documents = new Map<string, TextDocument>();

  get(uri: string): TextDocument | undefined {
    return this.#documents.get(uri);
  }

  open(text: string): void {
    this.#documents.set(URI, TextDocument.create(URI, 'wat', 1, text));
  }

  edit(text: string): void {
    const document = this.#documents.get(URI)!;
    const start = { line: 1, character: 0 };
    TextDocument.update(document, [{ range: { start, end: start }, text }], document.version + 1);
  }

  close(): void {
    this.#documents.delete(URI);
  }
}

function opened(text = LARGE): { documents: Documents; analyses: Analyses } {
  const documents = new Documents();
  documents.open(text);
  return { documents, analyses: new Analyses(documents as unknown as TextDocuments<TextDocument>) };
}

const { token: NEVER } = new CancellationTokenSource();
const codeOf = (promise: Promise<unknown>) =>
  promise.then(
    (value) => (value ? 'an analysis' : 'nothing'),
    ({ code }: { code: number }) => code,
  );

test('a question about a version that is edited meanwhile ends with ContentModified', async () => {
  const { documents, analyses } = opened();
  const first = codeOf(analyses.prepared(URI, 'faults', NEVER));
  documents.edit('(import "a" "b" (func))\n');
  const second = analyses.prepared(URI, 'faults', NEVER);
  assert.equal(await first, LSPErrorCodes.ContentModified);
  const analysis = (await second)!;
  assert.equal(analysis.document.version, 2);
  assert.deepEqual(analysis.faults, []);
});

test('what is prepared is what was asked for, and costs nothing then', async () => {
  const { analyses } = opened();
  for (const level of ['tree', 'symbols', 'faults'] as const) {
    const analysis = (await analyses.prepared(URI, level, NEVER))!;
    assert.ok(analysis.advance(level, 0), level);
  }
});

test('a cancelled question ends in the turn after, whoever else waits', async () => {
  const { analyses } = opened();
  const source = new CancellationTokenSource();
  const order: string[] = [];
  const cancelled = analyses.prepared(URI, 'faults', source.token).then((found) => {
    order.push('cancelled');
    return found;
  });
  const other = analyses.prepared(URI, 'faults', NEVER).then((found) => {
    order.push('other');
    return found;
  });
  await new Promise((resolve) => setImmediate(resolve));
  source.cancel();
  assert.equal(await cancelled, undefined);
  assert.deepEqual(order, ['cancelled']);
  assert.ok(await other);
});

test('a question about a document that is closed meanwhile is answered with nothing', async () => {
  const { documents, analyses } = opened();
  const asked = codeOf(analyses.prepared(URI, 'faults', NEVER));
  documents.close();
  analyses.forget(URI);
  assert.equal(await asked, 'nothing');
  assert.equal(await codeOf(analyses.prepared(URI, 'faults', NEVER)), 'nothing');
});

test('who waits for quiet is called with the newest version only', async () => {
  const { documents, analyses } = opened();
  const told: number[] = [];
  const done = new Promise<Analysis>((resolve, reject) => {
    const callback = (analysis: Analysis) => {
      told.push(analysis.document.version);
      if (analysis.document.version === 4) resolve(analysis);
    };
    const wait = () => analyses.whenQuiet(URI, callback, reject);
    wait();
    let edits = 0;
    const next = () => {
      documents.edit('(import "a" "b" (func))\n');
      wait();
      // The edits come while the version before them is worked out.
      if (++edits < 3) setTimeout(next, 12);
    };
    setTimeout(next, 12);
  });
  await done;
  assert.deepEqual(told, [4]);
});

test('a document that is opened again is another one', async () => {
  const { documents, analyses } = opened('(module (func (call $x)))');
  assert.equal((await analyses.prepared(URI, 'faults', NEVER))!.faults.length, 1);
  analyses.forget(URI);
  documents.open('(module (func))');
  assert.equal((await analyses.prepared(URI, 'faults', NEVER))!.faults.length, 0);
});
