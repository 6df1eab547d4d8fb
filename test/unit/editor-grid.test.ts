/** The parts of the module editor's page that know no page: rows, scrolling, selection, history, maps, blocks, queries. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ByteRange, Leaves } from '../../extension/editor/messages.ts';
import { BLOCK, Blocks, FIELD_BLOCK } from '../../extension/editor/webview/blocks.ts';
import { History } from '../../extension/editor/webview/history.ts';
import { bandsOf, offsetOf, yOf } from '../../extension/editor/webview/minimap.ts';
import { queryOf } from '../../extension/editor/webview/query.ts';
import {
  columnAt,
  columnsOf,
  digitsOf,
  firstRangeAt,
  fitting,
  spanIn,
  textOf,
} from '../../extension/editor/webview/rows.ts';
import {
  barOf,
  barPixels,
  lastTop,
  MOST_PIXELS,
  revealing,
  rowsInSight,
  topOf,
} from '../../extension/editor/webview/scrolling.ts';
import { movedTo, moveOf, rangeOf, selected } from '../../extension/editor/webview/selection.ts';
import { treemap } from '../../extension/editor/webview/treemap.ts';

test('the scroll bar stands for all rows, however many there are', () => {
  for (const rows of [1, 10, 500_000, 2_000_000, 2 ** 28]) {
    const extent = { rows, rowPixels: 22, viewPixels: 700 };
    assert.ok(barPixels(extent) <= MOST_PIXELS);
    const most = barPixels(extent) - extent.viewPixels;
    assert.equal(topOf(0, extent), 0);
    assert.equal(topOf(most, extent), lastTop(extent));
    for (const part of [0, 0.1, 0.5, 0.999, 1]) {
      const top = lastTop(extent) * part;
      assert.ok(Math.abs(topOf(barOf(top, extent), extent) - top) < 1e-3, `${rows} rows at ${part}`);
    }
    const { first, last } = rowsInSight(lastTop(extent), extent);
    assert.equal(last, rows);
    assert.ok(last - first <= 33);
  }
});

test('a row is shown by the shortest way, or in the upper third', () => {
  const extent = { rows: 1000, rowPixels: 20, viewPixels: 200 };
  assert.equal(revealing(5, 0, extent, 'near'), 0, 'in sight already');
  assert.equal(revealing(10, 0, extent, 'near'), 20);
  assert.equal(revealing(3, 100, extent, 'near'), 60);
  assert.equal(revealing(500, 0, extent, 'third'), 10_000 - 60);
  assert.equal(revealing(999, 0, extent, 'third'), 20_000 - 200);
});

test('columns: where bytes and texts are, and what is under a point', () => {
  const columns = columnsOf({ character: 8, perRow: 16, digits: 6 });
  assert.equal(columns.bytes.length, 16);
  for (let i = 0; i < 16; i++) {
    const middle = columns.bytes[i] + columns.cell / 2;
    assert.deepEqual(columnAt(middle, columns), { column: i, zone: 'bytes' });
    assert.deepEqual(columnAt(columns.text + i * 8 + 4, columns), { column: i, zone: 'text' });
  }
  assert.equal(columnAt(3, columns).zone, 'glyphs');
  assert.equal(columnAt(5000, columns).column, 15);
  assert.equal(fitting(columns.width, 8, 6), 16);
  assert.equal(fitting(columns.width - 1, 8, 6), 8);
  assert.equal(fitting(100, 8, 6), 8);
  assert.deepEqual([0, 61, 0x1000000, 0x1000001].map(digitsOf), [6, 6, 6, 7]);
  assert.equal(textOf(Uint8Array.of(0x41, 0, 0x7f, 0xe9, 0x20)), 'A··· ');
});

/** The outline of a range drawn with characters: what has an edge above, below, left, right. */
function outline(start: number, end: number, perRow: number, rows: number): string[] {
  return Array.from({ length: rows }, (_, r) => {
    const span = spanIn(r * perRow, perRow, start, end);
    return Array.from({ length: perRow }, (_, i) => {
      if (!span || i < span.from || i > span.to) return '.';
      const edges = [
        span.top && i >= span.top[0] && i <= span.top[1] ? 't' : '',
        span.bottom && i >= span.bottom[0] && i <= span.bottom[1] ? 'b' : '',
        span.left && i === span.from ? 'l' : '',
        span.right && i === span.to ? 'r' : '',
      ].join('');
      return edges || 'x';
    }).join(' ');
  });
}

test('the outline of a range goes around all of its rows', () => {
  for (const perRow of [4, 8]) {
    for (let start = 0; start < 3 * perRow; start++) {
      for (let end = start + 1; end <= 4 * perRow; end++) {
        const inside = (at: number) => at >= start && at < end;
        const expected = Array.from({ length: 4 }, (_, r) =>
          Array.from({ length: perRow }, (_, i) => {
            const at = r * perRow + i;
            if (!inside(at)) return '.';
            const edges = [
              inside(at - perRow) ? '' : 't',
              inside(at + perRow) ? '' : 'b',
              i === 0 || !inside(at - 1) ? 'l' : '',
              i === perRow - 1 || !inside(at + 1) ? 'r' : '',
            ].join('');
            return edges || 'x';
          }).join(' '),
        );
        assert.deepEqual(outline(start, end, perRow, 4), expected, `${start} to ${end} of ${perRow}`);
      }
    }
  }
});

test('the first range behind an offset is found', () => {
  const ranges = [2, 4, 10, 11, 20, 30];
  assert.deepEqual(
    [0, 3, 4, 10, 11, 29, 30].map((at) => firstRangeAt(ranges, at)),
    [0, 0, 1, 1, 2, 2, 3],
  );
});

test('keys move the caret, and no key leaves the file', () => {
  const fields = [0, 4, 8, 9, 20, 40];
  const fieldAt = (offset: number) => {
    const i = fields.findLastIndex((start) => start <= offset);
    return i < 0 || i === fields.length - 1 ? undefined : { start: fields[i], end: fields[i + 1] };
  };
  const grid = { perRow: 16, pageRows: 2, size: 40, fieldAt };
  const move = (key: string, caret: number, command = false) => {
    const to = moveOf({ key, command }, caret, grid);
    return to === undefined ? undefined : movedTo({ anchor: caret, caret }, to, grid.size, false).caret;
  };
  const cases: readonly (readonly [string, number, boolean, number | undefined])[] = [
    ['ArrowLeft', 0, false, 0],
    ['ArrowRight', 39, false, 39],
    ['ArrowUp', 20, false, 4],
    ['ArrowUp', 5, false, undefined],
    ['ArrowDown', 20, false, 36],
    ['ArrowDown', 30, false, undefined],
    ['PageDown', 1, false, 33],
    ['PageDown', 30, false, 30],
    ['PageUp', 37, false, 5],
    ['Home', 20, false, 16],
    ['End', 20, false, 31],
    ['End', 35, false, 39],
    ['Home', 20, true, 0],
    ['End', 3, true, 39],
    ['ArrowRight', 1, true, 4],
    ['ArrowLeft', 6, true, 4],
    ['ArrowLeft', 4, true, 0],
    ['x', 4, false, undefined],
  ];
  for (const [key, caret, command, expected] of cases) {
    assert.equal(move(key, caret, command), expected, `${command ? 'Ctrl+' : ''}${key} at ${caret}`);
  }
});

test('a selection has an anchor and a caret', () => {
  assert.deepEqual(rangeOf({ anchor: 5, caret: 5 }), { start: 5, end: 6 });
  assert.deepEqual(rangeOf(movedTo({ anchor: 5, caret: 5 }, 2, 40, true)), { start: 2, end: 6 });
  assert.deepEqual(movedTo({ anchor: 5, caret: 5 }, 9, 40, false), { anchor: 9, caret: 9 });
  assert.deepEqual(rangeOf(selected(3, 7)), { start: 3, end: 7 });
  assert.equal(selected(3, 7).caret, 3);
  assert.deepEqual(rangeOf(selected(3, 3)), { start: 3, end: 4 });
  assert.equal(movedTo({ anchor: 0, caret: 0 }, 3, 0, false).caret, 0, 'an empty file');
});

test('back and forward between places', () => {
  const history = new History();
  assert.deepEqual([history.back(), history.canGoBack], [undefined, false]);
  history.moved(3);
  history.jumped(100);
  history.moved(104);
  history.jumped(200);
  assert.deepEqual([history.back(), history.back(), history.back()], [104, 3, undefined]);
  assert.deepEqual([history.forward(), history.forward(), history.forward()], [104, 200, undefined]);
  history.back();
  history.jumped(7);
  assert.equal(history.canGoForward, false);
  assert.equal(history.back(), 104);
});

test('the map: every section can be seen, and points lead where they are', () => {
  const sections = [
    { name: 'header', start: 0, end: 8 },
    { name: 'type', start: 8, end: 20 },
    { name: 'code', start: 20, end: 1_000_000 },
    { name: 'data', start: 1_000_100, end: 2_000_000 },
  ];
  const bands = bandsOf(sections, 2_000_000, 600);
  assert.ok(bands.every(({ height }) => height >= 3.9));
  const { y, height } = bands.at(-1)!;
  assert.ok(Math.abs(y + height - 600) < 1e-6);
  for (const offset of [0, 10, 500_000, 1_000_050, 1_999_999]) {
    const back = offsetOf(bands, yOf(bands, offset) + 1e-6);
    assert.ok(Math.abs(back - offset) < 5000, `${offset} → ${back}`);
  }
  assert.deepEqual(bandsOf([], 0, 600), []);
  assert.equal(bandsOf(sections, 2_000_000, 6).length, 5, 'also where there is no room');
});

test('areas of a treemap are as sizes, and fill it', () => {
  const sizes = [500, 300, 120, 50, 20, 10, 0];
  const boxes = treemap(sizes, { x: 0, y: 0, width: 1000, height: 300 });
  const total = sizes.reduce((sum, size) => sum + size, 0);
  sizes.forEach((size, i) => {
    const { x, y, width, height } = boxes[i];
    assert.ok(Math.abs(width * height - (size / total) * 300_000) < 1, `size ${size}`);
    assert.ok(x >= -1e-6 && y >= -1e-6 && x + width <= 1000.001 && y + height <= 300.001);
  });
  assert.equal(treemap([0, 0], { x: 0, y: 0, width: 10, height: 10 }).length, 2);
  assert.deepEqual(treemap([], { x: 0, y: 0, width: 10, height: 10 }), []);
});

test('what is typed into the find field', () => {
  const cases: readonly (readonly [Parameters<typeof queryOf>[0], string, unknown])[] = [
    ['any', '', undefined],
    ['any', '  ', undefined],
    ['any', '0a ?? 41', { pattern: '0a ?? 41' }],
    ['any', '0x0a,0x41', { pattern: '0a 41' }],
    ['any', '7F?? 7f', { pattern: '7F?? 7f' }],
    ['any', '"hello', { text: 'hello', anyCase: true }],
    ['any', '"he said "yes""', { text: 'he said "yes"', anyCase: true }],
    ['any', 'i32.const 65536 … memory.grow', { instructions: 'i32.const 65536 … memory.grow' }],
    ['any', 'nop ... drop', { instructions: 'nop ... drop' }],
    ['any', 'br_if', { instructions: 'br_if' }],
    ['any', 'malloc', { name: 'malloc' }],
    ['any', '$add', { name: '$add' }],
    ['text', ' a ', { text: ' a ', anyCase: true }],
    ['names', '0a', { name: '0a' }],
    ['bytes', 'xyz', { pattern: 'xyz' }],
    ['instructions', 'nop', { instructions: 'nop' }],
  ];
  for (const [kind, typed, expected] of cases)
    assert.deepEqual(queryOf(kind, typed), expected, `${kind}: ${typed}`);
});

/** Fields of three bytes each. */
function leavesOf({ start, end }: ByteRange): Leaves {
  const ends: number[] = [];
  for (let at = start - (start % 3) + 3; at < end + 3; at += 3) ends.push(at);
  const column = () => new Int32Array(ends.length).fill(-1);
  return {
    start: start - (start % 3),
    end,
    words: ['field', 'code'],
    ends: Uint32Array.from(ends),
    tones: new Uint8Array(ends.length).fill(2),
    labels: new Int32Array(ends.length),
    sections: new Int32Array(ends.length).fill(1),
    instructions: column(),
    faults: column(),
  };
}

test('blocks: what is in sight is asked for first, once, and known to its last byte', async () => {
  const asked: string[] = [];
  const arrived: ByteRange[] = [];
  const size = 3 * BLOCK + 100;
  const blocks = new Blocks(
    {
      bytes: async ({ start, end }) => {
        asked.push(`bytes ${start / BLOCK}`);
        return Uint8Array.from({ length: end - start }, (_, i) => (start + i) & 255);
      },
      leaves: async (range) => {
        asked.push(`leaves ${range.start / FIELD_BLOCK}`);
        return leavesOf(range);
      },
    },
    (range) => arrived.push(range),
  );
  const settled = () => new Promise((resolve) => setTimeout(resolve, 5));
  blocks.reset(size);
  blocks.put(
    0,
    Uint8Array.from({ length: BLOCK }, (_, i) => i & 255),
  );
  assert.equal(blocks.has(0, 100), true);
  assert.equal(blocks.has(0, BLOCK + 1), false);
  assert.equal(blocks.byteAt(5), 5);
  blocks.want(BLOCK, BLOCK + 800, 1);
  blocks.want(BLOCK, BLOCK + 800, 1);
  assert.deepEqual(asked, ['bytes 1', 'bytes 2', 'leaves 4', 'leaves 5']);
  await settled();
  assert.deepEqual(asked.slice(4), ['leaves 3']);
  assert.equal(arrived.length, 5);
  const start = BLOCK - (BLOCK % 3);
  assert.deepEqual(blocks.fieldAt(BLOCK), {
    start,
    end: start + 3,
    tone: 2,
    label: 'field',
    section: 'code',
    instruction: undefined,
    fault: undefined,
  });
  blocks.wantInPassing({ start: size - 10, end: size }, { start: size, end: size + 100 });
  await settled();
  assert.equal(blocks.has(size - 10, size), true);
  assert.equal(blocks.known(size - 3, size + 5).length, 3);
  assert.equal(asked.filter((what) => what.startsWith('leaves')).length, 3, 'what flies by has no fields');
  // Other bytes from the second block on: what is in front of them stays.
  blocks.reset(size, BLOCK + 10);
  assert.equal(blocks.has(0, 10), true);
  assert.equal(blocks.has(BLOCK, BLOCK + 1), false);
  assert.equal(blocks.fieldAt(BLOCK), undefined, 'but what they mean may be another');
});

test('blocks: answers about other bytes are dropped, and old blocks go', async () => {
  let refuse = false;
  const blocks = new Blocks(
    {
      bytes: async ({ start, end }) => {
        if (refuse) throw new Error('refused');
        return new Uint8Array(end - start).fill(start / BLOCK);
      },
      leaves: async () => Promise.reject(new Error('refused')),
    },
    () => undefined,
  );
  const settled = () => new Promise((resolve) => setTimeout(resolve, 5));
  blocks.reset(200 * BLOCK);
  blocks.want(0, 10, 0);
  blocks.reset(200 * BLOCK);
  await settled();
  assert.equal(blocks.has(0, 10), false);
  refuse = true;
  blocks.want(0, 10, 0);
  await settled();
  assert.equal(blocks.has(0, 10), false);
  refuse = false;
  for (let n = 0; n < 120; n++) {
    blocks.want(n * BLOCK, n * BLOCK + 10, 0);
    await settled();
  }
  assert.equal(blocks.byteAt(119 * BLOCK), 119);
  assert.equal(blocks.has(0, 10), false);
});
