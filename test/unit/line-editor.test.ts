/** Typing in the terminal of a program: what is echoed and what is sent. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { LineEditor } from '../../extension/debug/line-editor.ts';

/** Each piece of input, and what became of it all. */
const CASES: readonly (readonly [input: readonly string[], echoed: string, sent: readonly string[]])[] = [
  [['a', 'b', '\r'], 'ab\r\n', ['ab\n']],
  [['ab\u007fc\r'], 'ab\b \bc\r\n', ['ac\n']],
  [['\u007f', '\r'], '\r\n', ['\n']],
  [['one\r\ntwo\nthree'], 'one\r\ntwo\r\nthree', ['one\n', 'two\n']],
  [['ab', '\u0004', '\u0004', 'c'], 'ab', ['ab', 'end']],
  [['abc\u0015d\r'], 'abc\b \b\b \b\b \bd\r\n', ['d\n']],
  [['\u001b[A', 'x\u0001\r'], 'x\r\n', ['x\n']],
  [['é😀\u007f\r'], 'é😀\b \b\r\n', ['é\n']],
  [['ab', '\u0003'], 'ab', ['interrupt']],
];

for (const [input, echoed, sent] of CASES) {
  test(`typing ${JSON.stringify(input)}`, () => {
    let shown = '';
    const done: string[] = [];
    const editor = new LineEditor({
      echo: (text) => {
        shown += text;
      },
      send: (text) => done.push(text),
      end: () => done.push('end'),
      interrupt: () => done.push('interrupt'),
    });
    for (const piece of input) editor.input(piece);
    assert.equal(shown, echoed);
    assert.deepEqual(done, sent);
  });
}
