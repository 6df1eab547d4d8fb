// What is known of an edited document is what is known of the same text opened anew: whatever the edits, and however far each
// version was worked out before the next one came.
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { Analysis, type Level } from '../../language-server/analysis.ts';
import { randomFrom, SEED, someTexts, versions } from './random-edits.ts';

const LEVELS: readonly Level[] = ['tree', 'symbols', 'faults'];

function analysisOf(name: string, text: string, version: number, older?: Analysis): Analysis {
  const document = TextDocument.create(`file:///${name}`, 'wat', version, text);
  return new Analysis(document, undefined, older);
}

/** Everything that an analysis says. */
function told({ tree, script, modules, faults, document }: Analysis) {
  return {
    faults,
    commands: script?.commands,
    scriptFaults: script?.faults,
    match: [...tree.match],
    starts: [...tree.tokens.starts],
    treeFaults: tree.faults,
    lines: document.positionAt(document.getText().length),
    modules: modules.map((module) => ({
      span: module.span,
      faults: [...module.faults].sort((a, b) => a.span.start - b.span.start),
      bytes: Buffer.from(module.assembly.bytes).toString('hex'),
      map: [...module.assembly.map.instructions()],
      defs: module.assembly.symbols.defs,
      uses: module.assembly.symbols.uses,
      broken: [...module.assembly.broken],
      funcs: module.module?.funcs,
    })),
  };
}

test('fields are a module only where the text begins with them', () => {
  const before = analysisOf('edited.wast', '(func $f)', 1);
  while (!before.advance('faults', 0));
  const text = '_(func $f)';
  assert.deepEqual(
    told(analysisOf('edited.wast', text, 2, before)),
    told(analysisOf('edited.wast', text, 2)),
  );
});

for (const name of ['edited.wat', 'edited.wast']) {
  test(`${name}: edits, seed ${SEED}`, () => {
    const random = randomFrom(SEED);
    for (const text of someTexts(8)) {
      let analysis: Analysis | undefined;
      let version = 0;
      for (const next of versions(text, 120, random)) {
        const last = analysis?.document.getText();
        analysis = analysisOf(name, next, ++version, analysis);
        // A version is left wherever the next one finds it.
        for (let turns = random(4) === 0 ? random(12) : 0; turns > 0; turns--)
          analysis.advance(LEVELS[random(3)]!, 0);
        if (random(3) === 0) continue;
        if (random(2) === 0) while (!analysis.advance('faults', 0));
        try {
          assert.deepEqual(told(analysis), told(analysisOf(name, next, version)));
        } catch (error) {
          const message = `from ${JSON.stringify(last)} to ${JSON.stringify(next)}: ${(error as Error).message}`;
          throw new Error(message, { cause: error });
        }
      }
    }
  });
}

test('an older version stays what it was while a newer one is worked out', () => {
  const text = '(module (func $f (call $g)) (func $g (call $missing)))';
  const older = analysisOf('a.wat', text, 1);
  older.advance('tree', 0);
  const newer = analysisOf('a.wat', text.replace('$missing', '$f'), 2, older);
  while (!newer.advance('faults', 0)) older.advance('faults', 0);
  assert.deepEqual(newer.faults, []);
  assert.deepEqual(told(older), told(analysisOf('a.wat', text, 1)));
});

test('a function is validated again when what it uses has another type', () => {
  const text =
    '(module (func $f (param i32)) (func $g (call $f (i32.const 1))) (global $h i32 (i32.const 0)))';
  const one = analysisOf('a.wat', text, 1);
  assert.deepEqual(one.faults, []);
  const two = analysisOf('a.wat', text.replace('(param i32)', '(param i64)'), 2, one);
  assert.deepEqual(
    two.faults.map(({ message }) => message.split(':')[0]),
    ['type mismatch'],
  );
  const three = analysisOf('a.wat', text, 3, two);
  assert.deepEqual(three.faults, []);
});

test('in a script, the modules that were not edited are not worked out again', () => {
  const script = '(module (func (call $x)))\n(module (func (result i32)))\n(assert_return (invoke "f"))\n';
  const one = analysisOf('a.wast', script, 1);
  assert.equal(one.faults.length, 2);
  const two = analysisOf('a.wast', `;; a comment\n${script}`, 2, one);
  assert.deepEqual(
    two.modules.map((module) => module.isDone),
    [true, true],
  );
  assert.deepEqual(
    two.faults.map(({ span: { start } }) => start),
    one.faults.map(({ span: { start } }) => start + ';; a comment\n'.length),
  );
  const three = analysisOf('a.wast', two.document.getText().replace('call $x', 'call 0'), 3, two);
  assert.deepEqual(
    three.modules.map((module) => module.isDone),
    [false, true],
  );
  assert.equal(three.faults.length, 1);
});
