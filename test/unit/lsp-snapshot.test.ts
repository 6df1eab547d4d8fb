// Lines of edited texts: as the library finds them, whatever the edits and the ends of lines.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { changeBetween } from '../../engine/text/change.ts';
import { Snapshot } from '../../language-server/snapshot.ts';
import { drained, randomFrom, SEED } from './random-edits.ts';

const PIECES = ['\n', '\r', '\r\n', 'a', 'bb', '🙂', '', '\n\n', '\r\r\n', 'c\rd\ne'];

test(`lines and positions, seed ${SEED}`, () => {
  const random = randomFrom(SEED);
  for (let round = 0; round < 40; round++) {
    let text = Array.from({ length: random(30) }, () => PIECES[random(PIECES.length)]).join('');
    let before: Snapshot | undefined;
    for (let edit = 0; edit < 30; edit++) {
      const expected = TextDocument.create('file:///a.wat', 'wat', edit, text);
      const snapshot = new Snapshot(expected);
      const change = before && changeBetween(before.getText(), text);
      if (random(4) > 0) drained(snapshot.findLines(before, change));
      const what = JSON.stringify([before?.getText(), text]);
      assert.equal(snapshot.lineCount, expected.lineCount, what);
      for (let offset = -1; offset <= text.length + 1; offset++)
        assert.deepEqual(snapshot.positionAt(offset), expected.positionAt(offset), what);
      for (let line = -1; line <= expected.lineCount; line++) {
        for (const character of [-1, 0, 1, 2, 99]) {
          const position = { line, character };
          assert.equal(snapshot.offsetAt(position), expected.offsetAt(position), what);
        }
      }
      for (let line = -1; line <= expected.lineCount; line++) {
        assert.deepEqual(snapshot.getLineRange(line), expected.getLineRange(line), what);
        assert.equal(snapshot.getEOLCharacters(line), expected.getEOLCharacters(line), what);
      }
      const range = { start: { line: 0, character: 1 }, end: { line: 2, character: 1 } };
      assert.equal(snapshot.getText(range), expected.getText(range));
      const at = random(text.length + 1);
      text = text.slice(0, at) + PIECES[random(PIECES.length)] + text.slice(at + random(3));
      before = snapshot;
    }
  }
});
