/** Sentences, links and keywords: complete, well formed, and nothing that the test suites use is missing. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { INSTR_DOCS, specLink } from '../../engine/isa/docs.ts';
import { FEATURE_NAMES } from '../../engine/isa/features.ts';
import { groupOf } from '../../engine/isa/group.ts';
import { INSTRS, instrByName } from '../../engine/isa/isa.ts';
import { KEYWORDS, MEMARG_KEYWORDS } from '../../engine/isa/keywords.ts';

const SENTENCE = /^[A-Z0-9][^{}]*[^.\s]\.$/;

test('every instruction has one sentence, and every sentence an instruction', () => {
  assert.deepEqual(Object.keys(INSTR_DOCS).sort(), [...new Set(INSTRS.map(({ name }) => name))].sort());
  for (const [name, doc] of Object.entries(INSTR_DOCS)) assert.match(doc, SENTENCE, name);
});

test('two instructions do not have the same sentence, but for the operand that the keyword names', () => {
  const seen = new Map<string, string>();
  for (const [name, doc] of Object.entries(INSTR_DOCS)) {
    assert.equal(seen.get(doc), undefined, `${name}: ${doc}`);
    seen.set(doc, name);
  }
});

test('a sentence names every trap of its row', () => {
  const missing = INSTRS.flatMap(({ name, traps }) =>
    traps.filter((trap) => !INSTR_DOCS[name].includes(trap)).map((trap) => `${name}: ${trap}`),
  );
  assert.deepEqual(missing, []);
});

test('keywords have sentences', () => {
  for (const [name, { doc }] of KEYWORDS) assert.match(doc, SENTENCE, name);
  for (const doc of Object.values(MEMARG_KEYWORDS)) assert.match(doc, SENTENCE);
  for (const name of Object.values(FEATURE_NAMES)) assert.notEqual(name, '');
});

test('no word is an instruction and a keyword', () => {
  assert.deepEqual(
    [...KEYWORDS.keys()].filter((word) => instrByName(word)),
    [],
  );
});

test('every keyword of the public test suites is known', () => {
  const words = readFileSync('test/unit/isa-suite-keywords.txt', 'utf8').trim().split('\n').slice(1);
  assert.ok(words.length > 600);
  assert.deepEqual(
    words.filter((word) => !instrByName(word) && !KEYWORDS.has(word)),
    [],
  );
});

/** The labels of the specification's chapter "Instructions" (execution) that links may use, from its source. */
const ANCHORS = `
nop unreachable drop select block loop if br br-if br-table br-on-null br-on-non-null br-on-cast br-on-cast-fail
return call call-ref call-indirect return-call return-call-ref return-call-indirect throw throw-ref try-table
instrs-exit local-get local-set local-tee global-get global-set table-get table-set table-size table-grow table-fill
table-copy table-init elem-drop load-val load-pack vload-val vload-pack vload-splat vload-zero vload-lane store-val
store-pack vstore vstore-lane memory-size memory-grow memory-fill memory-copy memory-init data-drop ref-null
ref-func ref-is-null ref-as-non-null ref-eq ref-test ref-cast ref-i31 i31-get struct-new struct-new-default
struct-get struct-set array-new array-new-default array-new-fixed array-new-data array-new-elem array-get array-set
array-len array-fill array-copy array-init-data array-init-elem any-convert-extern extern-convert-any const unop
binop testop relop cvtop vconst vvunop vvbinop vvternop vvtestop vunop vbinop vternop vtestop vrelop vshiftop
vbitmask vswizzlop vshuffle vsplat vextract-lane vreplace-lane vextunop vextbinop vextternop vnarrow vcvtop`;

/** The same of the threads proposal and of the legacy exceptions' document. */
const OTHER_ANCHORS = `
atomic-load atomic-loadn atomic-store atomic-storen atomic-rmw atomic-rmwn atomic-rmw-cmpxchg atomic-rmwn-cmpxchg
memory-atomic-notify memory-atomic-waitn memory-atomic-fence rethrow try-catch try-delegate`;

test('links lead to anchors that exist, and every anchor is used', () => {
  const used = new Map<string, Set<string>>([
    ['core', new Set()],
    ['other', new Set()],
  ]);
  for (const instr of INSTRS) {
    const { origin, pathname, hash } = new URL(specLink(instr));
    if (instr.feature === 'wide-arithmetic') continue;
    assert.equal(origin, 'https://webassembly.github.io', instr.name);
    used.get(pathname.startsWith('/spec/core/') ? 'core' : 'other')!.add(hash);
  }
  const hashes = (words: string) =>
    words
      .trim()
      .split(/\s+/)
      .map((word) => `#exec-${word}`)
      .sort();
  assert.deepEqual([...used.get('core')!].sort(), hashes(ANCHORS));
  assert.deepEqual([...used.get('other')!].sort(), hashes(OTHER_ANCHORS));
});

test('some links', () => {
  const anchors = (names: string[]) => names.map((name) => specLink(instrByName(name)!).split('#exec-')[1]);
  assert.deepEqual(
    anchors([
      'i32.add',
      'i64.eqz',
      'f32.lt',
      'i64.extend_i32_s',
      'i64.extend8_s',
      'i32.load8_u',
      'i32x4.ge_s',
    ]),
    ['binop', 'testop', 'relop', 'cvtop', 'unop', 'load-pack', 'vrelop'],
  );
});

test('groups', () => {
  const groups = (names: string[]) => names.map((name) => groupOf(instrByName(name)!));
  assert.deepEqual(
    groups(['end', 'try_table', 'br_on_cast', 'select', 'local.tee', 'table.grow', 'elem.drop']),
    ['control', 'control', 'control', 'parametric', 'variable', 'table', 'table'],
  );
  assert.deepEqual(
    groups(['v128.load', 'atomic.fence', 'data.drop', 'i31.get_u', 'ref.eq', 'i64.add128', 'f32x4.add']),
    ['memory', 'memory', 'memory', 'aggregate', 'reference', 'numeric', 'vector'],
  );
});
