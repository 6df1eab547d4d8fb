/**
 * Core types in component text: `(core type …)`, `(core rec …)` and module types (Explainer.md, Type Definitions).
 *
 * Function, struct and array types are read by the core text format's reader; the scope has the list of them. Module
 * types have a scope of their own.
 */

import type { TypeDef } from '../../isa/types.ts';
import { Tok } from '../../text/lexer.ts';
import { formEnd } from '../../text/tree.ts';
import type { Unplaced } from '../binary/encode.ts';
import type { CoreExternType, ModuleDecl } from '../model.ts';
import { readAliasForm } from './alias.ts';
import type { Reader } from './reader.ts';
import { addInlineExports, readInlineExports } from './types.ts';

/** `(core type …)` or `(core rec …)`. */
export function readCoreType(r: Reader): void {
  const { cursor } = r;
  const open = cursor.at;
  if (cursor.isFormOf('core rec')) {
    r.scope.newTypes();
    readRec(r);
    const types = r.scope.newTypes();
    const idx = r.scope.count('core type') - types.length;
    r.scope.add({ kind: 'core type', idx, type: { kind: 'rec', types } }, r.span(open));
    return;
  }
  cursor.openForm();
  const id = r.id();
  const exports = readInlineExports(r);
  if (cursor.isFormOf('alias')) readAliasForm(r, 'core type', id, open);
  else if (cursor.isFormOf('module')) {
    cursor.openForm();
    const decls = readModuleType(r);
    cursor.close();
    const idx = r.define('core type', id, open);
    r.scope.add({ kind: 'core type', idx, type: { kind: 'module', decls } }, r.span(open));
  } else {
    r.scope.newTypes();
    const idx = readSub(r, id, open);
    r.scope.add({ kind: 'core type', idx, type: { kind: 'rec', types: r.scope.newTypes() } }, r.span(open));
  }
  cursor.close();
  addInlineExports(r, exports, { sort: 'core type', idx: r.scope.count('core type') - 1 });
}

/** One type of the core text format, behind its name. Returns its index. */
function readSub(r: Reader, id: number, open: number): number {
  const { types } = r.scope;
  aliasOuterTypes(r, open);
  const idx = types.defs.length;
  r.bind('core type', idx, id, open);
  const def: TypeDef = { ...types.subType(idx), groupStart: idx, groupSize: 1 };
  types.add(def);
  return idx;
}

/** `(rec (type …)*)`. */
function readRec(r: Reader): void {
  const { cursor } = r;
  const { types } = r.scope;
  const open = cursor.at;
  aliasOuterTypes(r, open);
  const groupStart = types.defs.length;
  const members: { readonly open: number; readonly id: number }[] = [];
  cursor.openForm();
  const start = cursor.at;
  while (cursor.isFormOf('type')) {
    const member = cursor.openForm();
    const id = r.id();
    r.bind('core type', groupStart + members.length, id, member);
    members.push({ open: member, id });
    cursor.seek(formEnd(cursor.tree, member));
  }
  cursor.seek(start);
  const groupSize = members.length;
  for (const { open: member } of members) {
    cursor.seek(member);
    cursor.openForm();
    r.id();
    types.add({ ...types.subType(types.defs.length), groupStart, groupSize });
    cursor.close();
  }
  cursor.close();
}

/** Declarators of a module type, up to the end of the form around. */
export function readModuleType(r: Reader): readonly Unplaced<ModuleDecl>[] {
  const { cursor } = r;
  return r.inScope('module type', undefined, () => {
    while (!cursor.isClose()) readModuleDecl(r);
  }).moduleDecls;
}

function readModuleDecl(r: Reader): void {
  const { cursor, scope } = r;
  const open = cursor.at;
  switch (cursor.form()) {
    case 'type': {
      cursor.openForm();
      const id = r.id();
      if (cursor.isFormOf('alias')) readAliasForm(r, 'core type', id, open);
      else readSub(r, id, open);
      flush(r);
      cursor.close();
      break;
    }
    case 'rec':
      readRec(r);
      flush(r);
      break;
    case 'alias':
      readModuleAlias(r);
      break;
    case 'import': {
      aliasOuterTypes(r, open);
      cursor.openForm();
      const module = cursor.name('a module name');
      const name = cursor.name('a name');
      const type = readCoreExternType(r);
      cursor.close();
      scope.moduleDecls.push({ kind: 'import', module, name, type });
      break;
    }
    case 'export': {
      aliasOuterTypes(r, open);
      cursor.openForm();
      const name = cursor.name('a name');
      const type = readCoreExternType(r);
      cursor.close();
      scope.moduleDecls.push({ kind: 'export', name, type });
      break;
    }
    default:
      cursor.unexpected('a type, an alias, an import or an export');
  }
}

/** `(alias outer $C $T (type $id?))`. */
function readModuleAlias(r: Reader): void {
  const { cursor } = r;
  const open = cursor.openForm();
  if (!cursor.tryKeyword('outer')) cursor.unexpected('outer');
  const { count, scope } = r.outerScope();
  const outerIdx = r.indexIn(scope, 'core type');
  if (!cursor.isFormOf('type')) cursor.unexpected('(type)');
  cursor.openForm();
  const id = r.id();
  cursor.close();
  cursor.close();
  const idx = r.outerAlias('core type', count, outerIdx, r.span(open));
  r.bind('core type', idx, id, open);
}

/** Types that were read become declarators. */
function flush(r: Reader): void {
  const types = r.scope.newTypes();
  let i = 0;
  while (i < types.length) {
    const { groupSize } = types[i];
    r.scope.moduleDecls.push({ kind: 'type', types: types.slice(i, i + groupSize) });
    i += Math.max(1, groupSize);
  }
}

/** `(func $id? …)`, `(memory $id? …)`, …: names may be written, and mean nothing. */
function readCoreExternType(r: Reader): Unplaced<CoreExternType> {
  const { cursor } = r;
  const { types } = r.scope;
  const kind = cursor.form();
  if (!['func', 'table', 'memory', 'global', 'tag'].includes(kind)) {
    cursor.unexpected('(func …), (table …), (memory …), (global …) or (tag …)');
  }
  cursor.openForm();
  r.id();
  let type: Unplaced<CoreExternType>;
  switch (kind) {
    case 'func':
      type = { kind, typeIdx: types.typeUse(true).typeIdx };
      break;
    case 'tag':
      type = { kind, type: { typeIdx: types.typeUse(true).typeIdx } };
      break;
    case 'table':
      type = { kind, type: types.tableType() };
      break;
    case 'memory':
      type = { kind, type: types.memoryType() };
      break;
    default:
      type = { kind: 'global', type: types.globalType() };
  }
  flush(r);
  cursor.close();
  return type;
}

/** Names of core types of outer scopes that the form at `open` uses become aliases. */
function aliasOuterTypes(r: Reader, open: number): void {
  const { cursor, scope } = r;
  const { kinds } = cursor.tokens;
  const end = formEnd(cursor.tree, open);
  for (let token = open; token < end; token++) {
    if (kinds[token] !== Tok.Id || !isTypeUse(r, token)) continue;
    const name = r.nameOf(token)!;
    const own = scope.names.get('core type')!;
    if (own.has(name) || isDefinedIn(r, open, end, name)) continue;
    for (let outer = scope.parent; outer; outer = outer.parent) {
      if (!outer.names.get('core type')!.has(name)) continue;
      own.set(name, r.resolve('core type', token));
      break;
    }
  }
}

/** True if the name is defined by a type of the same form: a recursion group. */
function isDefinedIn(r: Reader, open: number, end: number, name: string): boolean {
  const { cursor } = r;
  const { kinds } = cursor.tokens;
  for (let token = open; token < end; token++) {
    if (kinds[token] !== Tok.Id || r.nameOf(token) !== name) continue;
    const parent = cursor.tree.parent[token];
    const behind = cursor.kindBehind(token);
    if (parent >= 0 && cursor.text(cursor.significant(parent + 1)) === 'type' && behind === Tok.Open)
      return true;
  }
  return false;
}

/** True for the name in `(type $t)`, `(ref $t)`, `(ref null $t)` and `(sub $t …)`. */
function isTypeUse(r: Reader, token: number): boolean {
  const { cursor } = r;
  const parent = cursor.tree.parent[token];
  if (parent < 0) return false;
  const keyword = cursor.text(cursor.significant(parent + 1));
  if (keyword === 'type') return cursor.kindBehind(token) === Tok.Close;
  return keyword === 'ref' || keyword === 'sub';
}
