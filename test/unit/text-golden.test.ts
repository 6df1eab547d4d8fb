// Golden texts: printed modules (flat, folded), the map and the faults of every test/golden/text/*.wat. BLESS=1
// writes them anew.
import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync, writeFileSync } from 'node:fs';
import { test } from 'node:test';
import { decode } from '../../engine/binary/decode.ts';
import { type Assembly, assemble } from '../../engine/text/assemble.ts';
import { printModule } from '../../engine/text/print.ts';
import { parseTree } from '../../engine/text/tree.ts';

const DIR = 'test/golden/text';

/** `line:column message @text`, with the notes below. */
function faultsText(text: string, { faults, broken }: Assembly): string {
  const place = (pos: number) => {
    const lines = text.slice(0, pos).split('\n');
    return `${lines.length}:${lines.at(-1)!.length + 1}`;
  };
  const told = faults.map(({ message, span, notes }) => {
    const at = text.slice(span!.start, span!.end).split('\n', 1)[0];
    const below = notes.map((note) => `\n  ${note.span ? `${place(note.span.start)} ` : ''}${note.message}`);
    return `${place(span!.start)} ${message} @${at}${below.join('')}\n`;
  });
  return `${told.join('')}broken functions: ${[...broken].join(' ')}\n`;
}

/** One line an instruction: offset, bytes, head. */
function mapText(text: string, { bytes, map }: Assembly): string {
  const all = [...map.instructions()];
  return all
    .map(({ offset, span }) => {
      const hex = Buffer.from(bytes.subarray(offset, offset + 1)).toString('hex');
      return `${offset.toString(16).padStart(4, '0')} ${hex} ${text.slice(span.start, span.end)}\n`;
    })
    .join('');
}

function check(file: string, actual: string): void {
  if (process.env.BLESS) writeFileSync(file, actual);
  assert.ok(existsSync(file), `${file} is there (BLESS=1 writes it)`);
  assert.equal(actual, readFileSync(file, 'utf8'), `${file} (BLESS=1 writes it anew)`);
}

for (const input of globSync(`${DIR}/*.wat`).sort()) {
  test(input, () => {
    const text = readFileSync(input, 'utf8');
    const assembly = assemble(parseTree(text));
    const base = input.replace(/\.wat$/, '');
    if (assembly.faults.length > 0) {
      check(`${base}.faults.txt`, faultsText(text, assembly));
      return;
    }
    const module = decode(assembly.bytes);
    check(`${base}.map.txt`, mapText(text, assembly));
    check(`${base}.flat.txt`, printModule(module).text);
    check(`${base}.folded.txt`, printModule(module, { folded: true }).text);
  });
}
