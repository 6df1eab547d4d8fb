/**
 * Canonical definitions in component text (Explainer.md, Canonical Definitions): `lift`, `lower` and the built-ins.
 *
 * Written in full, the function that a definition makes stands at its end, `(canon lower … (core func $f))`; or the
 * definition stands in the function's form.
 */

import { Tok } from '../../text/lexer.ts';
import type { Unplaced } from '../binary/encode.ts';
import { canonByName, canonImmediates } from '../canons.ts';
import type { Canon, CanonBuiltin, CanonOpt, StringEncoding } from '../model.ts';
import { parseCoreValType } from './core-val-type.ts';
import type { ComponentCursor } from './cursor.ts';
import type { Reader } from './reader.ts';
import { readFuncTypeUse, readResult } from './types.ts';

/** The function whose form a canonical definition stands in. */
export interface InForm {
  readonly kind: 'func' | 'core func';
  readonly id: number;
  readonly open: number;
  /** The type that is written in front of `(canon lift …)`. */
  readonly typeIdx?: number;
}

/** Reads `(canon …)` and adds it; with `inForm`, it stands in the form of its function. Returns the function's index. */
export function readCanon(r: Reader, inForm?: InForm): number {
  const { cursor } = r;
  const open = cursor.openForm();
  const place = inForm?.open ?? open;
  const name = cursor.keyword();
  if (name === 'lift') {
    if (inForm && inForm.kind !== 'func') cursor.unexpected('a core function: lift makes a function');
    cursor.take();
    const funcIdx = r.ref('core func');
    const opts = readOpts(r);
    let id = inForm?.id ?? -1;
    let typeIdx = inForm?.typeIdx ?? -1;
    if (!inForm) {
      if (!cursor.isFormOf('func')) cursor.unexpected('(func …)');
      const func = cursor.openForm();
      id = r.id();
      typeIdx = readFuncTypeUse(r, func);
      cursor.close();
    }
    cursor.close();
    return add(r, { kind: 'lift', funcIdx, opts, typeIdx }, id, place);
  }
  if (inForm && inForm.kind !== 'core func')
    cursor.unexpected('lift: other definitions make a core function');
  const canon = name === 'lower' ? readLower(r) : readBuiltin(r, name);
  let id = inForm?.id ?? -1;
  if (!inForm) {
    if (!cursor.isFormOf('core func')) cursor.unexpected('(core func)');
    cursor.openForm();
    id = r.id();
    cursor.close();
  }
  cursor.close();
  return add(r, canon, id, place);
}

function add(r: Reader, canon: Unplaced<Canon>, id: number, open: number): number {
  const idx = r.define(canon.kind === 'lift' ? 'func' : 'core func', id, open);
  r.scope.add({ kind: 'canon', idx, canon }, r.span(open));
  return idx;
}

function readLower(r: Reader): Unplaced<Canon> {
  r.cursor.take();
  const funcIdx = r.ref('func');
  return { kind: 'lower', funcIdx, opts: readOpts(r) };
}

function readBuiltin(r: Reader, word: string): Unplaced<CanonBuiltin> {
  const cursor: ComponentCursor = r.cursor;
  const name = canonByName(word);
  if (name === undefined) cursor.unexpected('lift, lower, or the name of a built-in');
  cursor.take();
  const out: { -readonly [K in keyof CanonBuiltin]: Unplaced<CanonBuiltin>[K] } = { kind: 'builtin', name };
  for (const immediate of canonImmediates(name)) {
    switch (immediate) {
      case 'type':
        out.typeIdx = r.ref('type');
        break;
      case 'opts':
        out.opts = readOpts(r);
        break;
      case 'async':
      case 'cancellable':
      case 'shared':
        out[immediate] = cursor.tryKeyword(immediate);
        break;
      case 'memory':
        if (!cursor.isFormOf('memory')) cursor.unexpected('(memory …)');
        out.memoryIdx = readIndexOpt(r, 'core memory');
        break;
      case 'result':
        out.result = readResult(r);
        break;
      case 'slot':
        out.slotType = parseCoreValType(cursor);
        out.slot = cursor.u32('the number of a slot');
        break;
      case 'core type':
        out.coreTypeIdx = r.ref('core type');
        break;
      case 'table':
        out.tableIdx = r.ref('core table');
    }
  }
  return out;
}

const INDEX_OPTS = ['memory', 'realloc', 'post-return', 'callback'] as const;
const ENCODING = 'string-encoding=';

function readOpts(r: Reader): Unplaced<CanonOpt>[] {
  const cursor: ComponentCursor = r.cursor;
  const opts: Unplaced<CanonOpt>[] = [];
  for (;;) {
    const keyword = cursor.keyword();
    if (keyword === 'async') {
      cursor.take();
      opts.push({ kind: 'async' });
    } else if (keyword.startsWith(ENCODING)) {
      const encoding = keyword.slice(ENCODING.length);
      if (!isEncoding(encoding)) cursor.unexpected('utf8, utf16 or latin1+utf16');
      cursor.take();
      opts.push({ kind: 'string-encoding', encoding });
    } else {
      const kind = cursor.kind === Tok.Open ? INDEX_OPTS.find((one) => cursor.isFormOf(one)) : undefined;
      if (kind === undefined) return opts;
      opts.push({ kind, idx: readIndexOpt(r, kind === 'memory' ? 'core memory' : 'core func') });
    }
  }
}

/** `(memory 0)`, `(memory (core memory $m))` or `(memory $libc "memory")`; for functions the same. */
function readIndexOpt(r: Reader, sort: 'core memory' | 'core func'): number {
  const { cursor } = r;
  cursor.openForm();
  let idx: number;
  if (r.isIndex() && cursor.kindBehind(cursor.at) === Tok.String) {
    const token = cursor.at;
    const instanceIdx = r.index('core instance');
    const name = cursor.name('an export name');
    idx = r.alias(sort, instanceIdx, name, true, cursor.spanOf(token, cursor.last));
  } else idx = r.ref(sort);
  cursor.close();
  return idx;
}

function isEncoding(text: string): text is StringEncoding {
  return text === 'utf8' || text === 'utf16' || text === 'latin1+utf16';
}
