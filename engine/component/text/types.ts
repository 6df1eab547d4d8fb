/**
 * Types in component text (Explainer.md, Type Definitions): value types, functions, resources, component and instance
 * types, and the types of imports and exports.
 *
 * The binary format names types by index; a type that is written in place becomes a definition of the scope in front of
 * what uses it.
 */

import { I32, I64 } from '../../isa/types.ts';
import { Tok } from '../../text/lexer.ts';
import { PRIM_CODES } from '../binary/codes.ts';
import type { Unplaced } from '../binary/encode.ts';
import type {
  Case,
  Declaration,
  DefType,
  ExternName,
  ExternType,
  FuncTypeDef,
  Labelled,
  PrimType,
  Sort,
  ValTypeRef,
} from '../model.ts';
import { readAliasForm } from './alias.ts';
import { readCoreType, readModuleType } from './core-types.ts';
import type { Reader } from './reader.ts';
import type { InlineExtern, ScopeKind } from './scope.ts';

/** True for the name of a primitive type. */
export function isPrim(keyword: string): keyword is PrimType {
  return Object.hasOwn(PRIM_CODES, keyword);
}

/** A value type: a primitive one, an index, or a type written in place. */
export function readValType(r: Reader): ValTypeRef {
  const { cursor } = r;
  const prim = cursor.keyword();
  if (isPrim(prim)) {
    cursor.take();
    return prim;
  }
  if (r.isIndex() || cursor.isFormOf('type')) return r.ref('type');
  if (cursor.kind !== Tok.Open) cursor.unexpected('a value type');
  const open = cursor.at;
  return addType(r, readDefValType(r), open);
}

/** Adds a type that nobody named. Returns its index. */
export function addType(r: Reader, type: Unplaced<DefType>, open: number): number {
  const idx = r.scope.take('type');
  r.scope.add({ kind: 'type', idx, type }, r.span(open));
  return idx;
}

/** True if a value type begins here. */
function isValType(r: Reader): boolean {
  const { cursor } = r;
  return r.isIndex() || isPrim(cursor.keyword()) || (cursor.kind === Tok.Open && !cursor.isFormOf('error'));
}

/** What stands behind `(type $t`. */
export function readDefType(r: Reader): Unplaced<DefType> {
  const { cursor } = r;
  const prim = cursor.keyword();
  if (isPrim(prim)) {
    cursor.take();
    return { kind: 'prim', prim };
  }
  switch (cursor.form()) {
    case 'func': {
      cursor.openForm();
      const type = readFuncType(r);
      cursor.close();
      return type;
    }
    case 'component':
    case 'instance': {
      const kind = cursor.form() as 'component' | 'instance';
      cursor.openForm();
      const type = readDecls(r, kind, undefined);
      cursor.close();
      return type;
    }
    case 'resource':
      return readResource(r);
    default:
      return readDefValType(r);
  }
}

function readResource(r: Reader): Unplaced<DefType> {
  const { cursor } = r;
  cursor.openForm();
  if (!cursor.isFormOf('rep')) cursor.unexpected('(rep i32)');
  cursor.openForm();
  const rep = cursor.tryKeyword('i64') ? I64 : I32;
  if (rep === I32 && !cursor.tryKeyword('i32')) cursor.unexpected('i32 or i64');
  cursor.close();
  let dtor: number | undefined;
  if (cursor.isFormOf('dtor')) {
    cursor.openForm();
    dtor = r.ref('core func');
    cursor.close();
  }
  cursor.close();
  return { kind: 'resource', rep, dtor };
}

function readDefValType(r: Reader): Unplaced<DefType> {
  const { cursor } = r;
  const keyword = cursor.form();
  if (cursor.kind !== Tok.Open) cursor.unexpected('a type');
  const inside = cursor.inside();
  cursor.openForm();
  const type = r.nested(() => readConstructor(r, keyword, inside));
  cursor.close();
  return type;
}

function readConstructor(r: Reader, keyword: string, inside: number): Unplaced<DefType> {
  const { cursor } = r;
  switch (keyword) {
    case 'record':
      return { kind: 'record', fields: forms(r, 'field', () => readLabelled(r)) };
    case 'variant':
      return { kind: 'variant', cases: forms(r, 'case', () => readCase(r)) };
    case 'list': {
      const element = readValType(r);
      if (cursor.kind !== Tok.Int) return { kind: 'list', element };
      return { kind: 'list', element, length: cursor.u32('a length') };
    }
    case 'map':
      return { kind: 'map', key: readValType(r), value: readValType(r) };
    case 'tuple': {
      const types: ValTypeRef[] = [];
      while (!cursor.isClose()) types.push(readValType(r));
      return { kind: 'tuple', types };
    }
    case 'flags':
    case 'enum': {
      const labels: string[] = [];
      while (!cursor.isClose()) labels.push(cursor.name('a name in quotes'));
      return { kind: keyword, labels };
    }
    case 'option':
      return { kind: 'option', type: readValType(r) };
    case 'result': {
      const ok = isValType(r) ? readValType(r) : undefined;
      let error: ValTypeRef | undefined;
      if (cursor.isFormOf('error')) {
        cursor.openForm();
        error = readValType(r);
        cursor.close();
      }
      return { kind: 'result', ok, error };
    }
    case 'own':
    case 'borrow':
      return { kind: keyword, typeIdx: r.ref('type') };
    case 'stream':
    case 'future':
      return { kind: keyword, type: cursor.isClose() ? undefined : readValType(r) };
    default:
      return cursor.unexpectedAt(keyword === '' ? inside : cursor.last, 'a type');
  }
}

function forms<T>(r: Reader, keyword: string, read: () => T): T[] {
  const { cursor } = r;
  const out: T[] = [];
  while (!cursor.isClose()) {
    if (!cursor.isFormOf(keyword)) cursor.unexpected(`(${keyword} …)`);
    cursor.openForm();
    out.push(read());
    cursor.close();
  }
  return out;
}

function readLabelled(r: Reader): Labelled {
  return { label: r.cursor.name('a name in quotes'), type: readValType(r) };
}

function readCase(r: Reader): Case {
  const label = r.cursor.name('a name in quotes');
  return { label, type: r.cursor.isClose() ? undefined : readValType(r) };
}

/** `async? (param …)* (result …)?`. */
export function readFuncType(r: Reader): FuncTypeDef {
  const { cursor } = r;
  const async = cursor.tryKeyword('async');
  const params: Labelled[] = [];
  while (cursor.isFormOf('param')) {
    cursor.openForm();
    params.push(readLabelled(r));
    cursor.close();
  }
  return { kind: 'func', async, params, result: readResult(r) };
}

/** `(result t)` if it stands here. */
export function readResult(r: Reader): ValTypeRef | undefined {
  const { cursor } = r;
  if (!cursor.isFormOf('result')) return undefined;
  cursor.openForm();
  const result = readValType(r);
  cursor.close();
  return result;
}

/** `(type x)`, or a function type written in place; `open` is the form around. Returns the type's index. */
export function readFuncTypeUse(r: Reader, open: number): number {
  if (isTypeRef(r)) return r.ref('type');
  return addType(r, readFuncType(r), open);
}

/** True if `(type x)` stands here and means a type that exists, and not a declarator. */
export function isTypeRef(r: Reader, sort: Sort = 'type'): boolean {
  const { cursor } = r;
  const form = cursor.form();
  if (form !== sort && `core ${form}` !== sort) return false;
  const [first, second] = cursor.insideKinds(2);
  return (first === Tok.Id || first === Tok.Int) && (second === Tok.Close || second === Tok.String);
}

/** Declarators up to the end of the form around; `id` names the scope. */
export function readDecls(
  r: Reader,
  kind: 'component' | 'instance',
  id: string | undefined,
): Unplaced<Extract<DefType, { kind: 'component' | 'instance' }>> {
  const { cursor } = r;
  const scopeKind: ScopeKind = kind === 'component' ? 'component type' : 'instance type';
  const scope = r.nested(() =>
    r.inScope(scopeKind, id, () => {
      while (!cursor.isClose()) readDecl(r, kind);
    }),
  );
  return { kind, decls: scope.items.map(({ def }) => def as Unplaced<Declaration>) };
}

function readDecl(r: Reader, kind: 'component' | 'instance'): void {
  const { cursor } = r;
  const open = cursor.at;
  switch (cursor.form()) {
    case 'core type':
    case 'core rec':
      readCoreType(r);
      break;
    case 'type':
      readTypeDefinition(r);
      break;
    case 'alias':
      readAliasForm(r);
      break;
    case 'import':
    case 'export': {
      const isImport = cursor.form() === 'import';
      if (isImport && kind === 'instance')
        cursor.unexpectedAt(cursor.significant(open + 1), 'no imports here');
      cursor.openForm();
      const name = readExternName(r);
      const type = readExternType(r);
      cursor.close();
      addExtern(r, isImport ? 'import' : 'export decl', name, type, open);
      break;
    }
    default:
      cursor.unexpected('a type, an alias, an import or an export');
  }
}

/** Adds an import, or an export of a type, and names its index. */
export function addExtern(
  r: Reader,
  kind: 'import' | 'export decl',
  name: Unplaced<ExternName>,
  { type, id, open: typeOpen }: NamedExternType,
  open: number,
): number {
  const idx = r.define(type.kind, id, typeOpen);
  r.scope.add({ kind, name, type, idx }, r.span(open));
  return idx;
}

/** `(type …)`, with its abbreviations. */
export function readTypeDefinition(r: Reader): void {
  const { cursor } = r;
  const open = cursor.openForm();
  const id = r.id();
  const exports = readInlineExports(r);
  if (cursor.isFormOf('alias')) {
    readAliasForm(r, 'type', id, open);
  } else {
    const kind = cursor.form();
    let type: Unplaced<DefType>;
    if (kind === 'component' || kind === 'instance') {
      cursor.openForm();
      type = readDecls(r, kind, r.nameOf(id));
      cursor.close();
    } else type = readDefType(r);
    const idx = r.define('type', id, open);
    r.scope.add({ kind: 'type', idx, type }, r.span(open));
  }
  cursor.close();
  addInlineExports(r, exports, { sort: 'type', idx: r.scope.count('type') - 1 });
}

/** What an import or export is, its name's token or -1, and where its form opens. */
export interface NamedExternType {
  readonly type: Unplaced<ExternType>;
  readonly id: number;
  readonly open: number;
}

/** `(func $f …)`, `(instance $i …)`, …: a whole form. */
export function readExternType(r: Reader): NamedExternType {
  const { cursor } = r;
  const sort = cursor.form();
  const open = cursor.at;
  if (!['core module', 'func', 'component', 'instance', 'type', 'value'].includes(sort)) {
    cursor.unexpected('(func …), (instance …), (component …), (core module …), (type …) or (value …)');
  }
  cursor.openForm();
  const id = r.id();
  const type = readExternBody(r, sort as ExternType['kind'], id, open);
  cursor.close();
  return { type, id, open };
}

/** What stands behind the sort and the name. */
export function readExternBody(
  r: Reader,
  kind: ExternType['kind'],
  id: number,
  open: number,
): Unplaced<ExternType> {
  const { cursor } = r;
  switch (kind) {
    case 'core module': {
      if (isTypeRef(r, 'core type')) return { kind, typeIdx: r.ref('core type') };
      const decls = readModuleType(r);
      const typeIdx = r.scope.take('core type');
      r.scope.add({ kind: 'core type', idx: typeIdx, type: { kind: 'module', decls } }, r.span(open));
      return { kind, typeIdx };
    }
    case 'func':
      return { kind, typeIdx: readFuncTypeUse(r, open) };
    case 'component':
    case 'instance':
      if (isTypeRef(r)) return { kind, typeIdx: r.ref('type') };
      return { kind, typeIdx: addType(r, readDecls(r, kind, r.nameOf(id)), open) };
    case 'type': {
      if (cursor.isFormOf('sub')) {
        cursor.openForm();
        if (!cursor.tryKeyword('resource')) cursor.unexpected('resource');
        cursor.close();
        return { kind, bound: 'resource' };
      }
      if (!cursor.isFormOf('eq')) cursor.unexpected('(eq …) or (sub resource)');
      cursor.openForm();
      const eq = r.ref('type');
      cursor.close();
      return { kind, bound: { eq } };
    }
    case 'value': {
      if (!cursor.isFormOf('eq')) return { kind, bound: { type: readValType(r) } };
      cursor.openForm();
      const eq = r.ref('value');
      cursor.close();
      return { kind, bound: { eq } };
    }
  }
}

const ATTRIBUTES = ['versionsuffix', 'implements', 'external-id'] as const;

/** A name with its attributes, each at most once. */
export function readExternName(r: Reader): Unplaced<ExternName> {
  const text = r.cursor.name('a name in quotes');
  return { text, attributes: readAttributes(r) };
}

function readAttributes(r: Reader): Unplaced<ExternName['attributes']> {
  const { cursor } = r;
  const out: { kind: (typeof ATTRIBUTES)[number]; value: string }[] = [];
  for (;;) {
    const kind = ATTRIBUTES.find((one) => cursor.isFormOf(one));
    if (kind === undefined) return out;
    if (out.some((one) => one.kind === kind)) cursor.unexpectedAt(cursor.significant(cursor.at + 1));
    cursor.openForm();
    out.push({ kind, value: cursor.name('a text in quotes') });
    cursor.close();
  }
}

/** `(export "name" attribute*)*`: exports of what is being defined. */
export function readInlineExports(r: Reader): readonly InlineExtern[] {
  // Types have no definitions that could be exported.
  if (r.scope.kind !== 'component') return [];
  const out: InlineExtern[] = [];
  while (isInlineExtern(r, 'export')) out.push(readInlineExtern(r));
  return out;
}

/** True for `(export "name" attribute*)` and `(import "name" attribute*)` without anything behind. */
export function isInlineExtern(r: Reader, keyword: 'import' | 'export'): boolean {
  const { cursor } = r;
  if (!cursor.isFormOf(keyword)) return false;
  const [name, behind] = cursor.insideKinds(2);
  if (name !== Tok.String || (behind !== Tok.Close && behind !== Tok.Open)) return false;
  if (behind === Tok.Close) return true;
  const start = cursor.at;
  const before = cursor.limit;
  const { length } = cursor.faults;
  try {
    cursor.openForm();
    readExternName(r);
    return cursor.isClose();
  } catch {
    cursor.faults.length = length;
    return false;
  } finally {
    cursor.limit = before;
    cursor.seek(start);
  }
}

export function readInlineExtern(r: Reader): InlineExtern {
  const { cursor } = r;
  const open = cursor.openForm();
  const name = readExternName(r);
  cursor.close();
  return { name, open };
}

/** Notes what inline exports stand for: definitions at the end of the component. */
export function addInlineExports(
  r: Reader,
  exports: readonly InlineExtern[],
  item: { readonly sort: Sort; readonly idx: number },
): void {
  for (const { name, open } of exports) r.scope.exports.push({ name, open, item });
}
