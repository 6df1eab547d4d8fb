/**
 * The definitions of a component in text (Explainer.md, Component Definitions), with their abbreviations: inline imports,
 * exports and aliases, sorts in front, and instances written as arguments.
 *
 * Definitions are read once, in their order, because each refers only to those in front of it.
 */

import { ByteWriter } from '../../base/writer.ts';
import { type Assembly, assemble } from '../../text/assemble.ts';
import { RECOVER } from '../../text/cursor.ts';
import { Tok } from '../../text/lexer.ts';
import { annotationId, stringName, writeString } from '../../text/strings.ts';
import { formEnd, type Tree } from '../../text/tree.ts';
import type { Unplaced } from '../binary/encode.ts';
import type {
  CoreInlineExport,
  CoreInstanceExpr,
  ExternType,
  InstanceExpr,
  Sort,
  SortIdx,
} from '../model.ts';
import { readAliasForm } from './alias.ts';
import { layOut } from './assemble.ts';
import { readCanon } from './canon.ts';
import { readCoreType } from './core-types.ts';
import { UNNAMED } from './print.ts';
import { Reader } from './reader.ts';
import {
  addExtern,
  addInlineExports,
  addType,
  isInlineExtern,
  isTypeRef,
  readExternBody,
  readExternName,
  readExternType,
  readFuncType,
  readFuncTypeUse,
  readInlineExports,
  readInlineExtern,
  readTypeDefinition,
  readValType,
} from './types.ts';
import { readValue } from './values.ts';

/** Definitions up to the end of the form around the cursor. A fault in one does not stop the others. */
export function readDefinitions(r: Reader, form: number): void {
  const { cursor } = r;
  const customs = customsIn(r, form);
  while (cursor.kind !== Tok.End && !cursor.isClose()) {
    addCustoms(r, customs, cursor.at);
    const start = cursor.at;
    const before = cursor.limit;
    const { scope } = r;
    try {
      if (cursor.kind !== Tok.Open) cursor.unexpected('a definition');
      readDefinition(r);
    } catch (error) {
      if (error !== RECOVER) throw error;
      r.scope = scope;
      cursor.limit = before;
      cursor.seek(cursor.tokens.kinds[start] === Tok.Open ? formEnd(cursor.tree, start) : start + 1);
    }
  }
  for (const { name, open, item } of r.scope.exports) {
    const idx = r.define(item.sort, -1, open);
    r.scope.add({ kind: 'export', name, item, idx }, r.span(open));
  }
  addCustoms(r, customs, Number.POSITIVE_INFINITY);
}

/** The `(@custom …)` annotations right inside of the form, in their order. */
function customsIn({ tree, cursor }: Reader, form: number): number[] {
  return tree.annotations.filter(
    (token) => tree.parent[token] === form && annotationId(cursor.tokens, token) === 'custom',
  );
}

/** Adds the custom sections whose annotations stand in front of a token. */
function addCustoms({ tree, cursor, scope }: Reader, customs: number[], before: number): void {
  const { tokens } = cursor;
  while (customs.length > 0 && customs[0] < before) {
    const open = customs.shift()!;
    const strings: number[] = [];
    for (let token = open + 1; token < formEnd(tree, open) - 1; token++) {
      if (tokens.kinds[token] === Tok.String) strings.push(token);
    }
    const name = strings.length > 0 ? stringName(tokens, strings[0]) : undefined;
    if (name === undefined) {
      cursor.note('@custom annotation: missing section name', open);
      continue;
    }
    const w = new ByteWriter();
    for (const token of strings.slice(1)) writeString(w, tokens, token);
    scope.add({ kind: 'custom', name, bytes: w.toBytes() }, cursor.formSpan(open));
  }
}

function readDefinition(r: Reader): void {
  const { cursor } = r;
  const form = cursor.form();
  switch (form) {
    case 'core module':
      readCoreModule(r);
      break;
    case 'core instance':
      readCoreInstance(r);
      break;
    case 'core type':
    case 'core rec':
      readCoreType(r);
      break;
    case 'core func':
    case 'core table':
    case 'core memory':
    case 'core global':
    case 'core tag':
      readCoreItem(r, form);
      break;
    case 'component':
      readComponent(r);
      break;
    case 'instance':
      readInstance(r);
      break;
    case 'func':
      readFunc(r);
      break;
    case 'type':
      readTypeDefinition(r);
      break;
    case 'alias':
      readAliasForm(r);
      break;
    case 'canon':
      readCanon(r);
      break;
    case 'start':
      readStart(r);
      break;
    case 'value':
      readValueDefinition(r);
      break;
    case 'import': {
      const open = cursor.openForm();
      const name = readExternName(r);
      const type = readExternType(r);
      cursor.close();
      addExtern(r, 'import', name, type, open);
      break;
    }
    case 'export':
      readExport(r);
      break;
    default:
      cursor.unexpectedAt(cursor.significant(cursor.at + 1), 'a definition of a component');
  }
}

/** `(import "name")` inside of a definition, then its type: the definition is an import. */
function readInlineImport(r: Reader, kind: ExternType['kind'], id: number, open: number): number {
  const { name } = readInlineExtern(r);
  const type = readExternBody(r, kind, id, open);
  return addExtern(r, 'import', name, { type, id, open }, open);
}

function readCoreModule(r: Reader): void {
  const { cursor, scope } = r;
  const open = cursor.openForm();
  const id = r.id();
  const exports = readInlineExports(r);
  let idx: number;
  if (isInlineExtern(r, 'import')) idx = readInlineImport(r, 'core module', id, open);
  else if (cursor.isFormOf('alias')) idx = readAliasForm(r, 'core module', id, open);
  else {
    const module = r.moduleAt?.(open) ?? assembled(r, open, isUnnamed(r, open) ? undefined : r.nameOf(id));
    idx = r.define('core module', id, open);
    scope.add({ kind: 'core module', bytes: module.bytes }, r.span(open), { module });
    cursor.seek(formEnd(cursor.tree, open) - 1);
  }
  cursor.close();
  addInlineExports(r, exports, { sort: 'core module', idx });
}

/** Assembles the module whose fields begin at the cursor. */
function assembled({ tree, cursor, names }: Reader, form: number, name: string | undefined): Assembly {
  const module = assemble(tree, form, { names, inside: { name, at: cursor.at } });
  // Faults of the tree are the whole text's.
  for (const fault of module.faults) if (!tree.faults.includes(fault)) cursor.faults.push(fault);
  return module;
}

/** A core module that is written in a component: its form, where its fields begin, and its own name. */
export interface WrittenModule {
  readonly form: number;
  readonly inside: { readonly name?: string; readonly at: number };
}

/** The modules that are written inside of the component whose form opens at `form`, at any depth; imports and aliases are none. */
export function writtenModules(tree: Tree, form: number): readonly WrittenModule[] {
  const r = new Reader(tree, []);
  const found: WrittenModule[] = [];
  const opens = [form];
  const { cursor } = r;
  for (let component = opens.pop(); component !== undefined; component = opens.pop()) {
    const end = formEnd(tree, component);
    for (let token = component + 1; token < end; token++) {
      if (cursor.tokens.kinds[token] !== Tok.Open) continue;
      cursor.seek(token);
      const head = cursor.form();
      if (head === 'component') opens.push(token);
      else if (head === 'core module') {
        const module = writtenModule(r, token);
        if (module) found.push(module);
      }
      token = formEnd(tree, token) - 1;
    }
  }
  return found.sort((a, b) => a.form - b.form);
}

function writtenModule(r: Reader, form: number): WrittenModule | undefined {
  const { cursor } = r;
  const before = cursor.enterForm(form);
  try {
    cursor.seek(form);
    cursor.openForm();
    const id = r.id();
    readInlineExports(r);
    if (isInlineExtern(r, 'import') || cursor.isFormOf('alias')) return undefined;
    return { form, inside: { name: isUnnamed(r, form) ? undefined : r.nameOf(id), at: cursor.at } };
  } catch (error) {
    if (error !== RECOVER) throw error;
    return undefined;
  } finally {
    cursor.limit = before;
  }
}

/** True if a module or component has the annotation that it has no name of its own, whatever the one around calls it. */
function isUnnamed({ tree, cursor }: Reader, open: number): boolean {
  for (const token of tree.annotations) {
    if (token > formEnd(tree, open)) return false;
    if (tree.parent[token] === open && annotationId(cursor.tokens, token) === UNNAMED) return true;
  }
  return false;
}

function readCoreInstance(r: Reader): void {
  const { cursor } = r;
  const open = cursor.openForm();
  const id = r.id();
  const expr = readCoreInstanceExpr(r);
  cursor.close();
  const idx = r.define('core instance', id, open);
  r.scope.add({ kind: 'core instance', idx, expr }, r.span(open));
}

function readCoreInstanceExpr(r: Reader): Unplaced<CoreInstanceExpr> {
  const { cursor } = r;
  if (!cursor.isFormOf('instantiate')) return { kind: 'exports', exports: readCoreExports(r) };
  cursor.openForm();
  const moduleIdx = r.ref('core module');
  const args: { name: string; instanceIdx: number }[] = [];
  while (cursor.isFormOf('with')) {
    cursor.openForm();
    const name = cursor.name('a module name');
    args.push({ name, instanceIdx: readCoreArgument(r) });
    cursor.close();
  }
  cursor.close();
  return { kind: 'instantiate', moduleIdx, args };
}

/** `(instance $i)`, or an instance written in place. */
function readCoreArgument(r: Reader): number {
  const { cursor } = r;
  if (!cursor.isFormOf('instance') && !cursor.isFormOf('core instance')) cursor.unexpected('(instance …)');
  const [first] = cursor.insideKinds(1);
  if (first === Tok.Id || first === Tok.Int) return r.ref('core instance');
  const open = cursor.openForm();
  const exports = readCoreExports(r);
  cursor.close();
  const idx = r.scope.take('core instance');
  r.scope.add({ kind: 'core instance', idx, expr: { kind: 'exports', exports } }, r.span(open));
  return idx;
}

function readCoreExports(r: Reader): Unplaced<CoreInlineExport>[] {
  const { cursor } = r;
  const exports: Unplaced<CoreInlineExport>[] = [];
  while (cursor.isFormOf('export')) {
    cursor.openForm();
    const name = cursor.name('an export name');
    exports.push({ name, item: r.sortIdx((sort) => sort.startsWith('core '), true) });
    cursor.close();
  }
  return exports;
}

/** `(core func $f (alias …))`, `(core func $f (canon …))`, and the same of other sorts with aliases only. */
function readCoreItem(r: Reader, sort: Sort): void {
  const { cursor } = r;
  const open = cursor.openForm();
  const id = r.id();
  if (cursor.isFormOf('alias')) readAliasForm(r, sort, id, open);
  else if (sort === 'core func' && cursor.isFormOf('canon')) readCanon(r, { kind: 'core func', id, open });
  else cursor.unexpected(sort === 'core func' ? '(canon …) or (alias …)' : '(alias …)');
  cursor.close();
}

function readComponent(r: Reader): void {
  const { cursor } = r;
  const open = cursor.openForm();
  const id = r.id();
  const exports = readInlineExports(r);
  let idx: number;
  if (isInlineExtern(r, 'import')) idx = readInlineImport(r, 'component', id, open);
  else if (cursor.isFormOf('alias') && isWholeAlias(r)) idx = readAliasForm(r, 'component', id, open);
  else {
    const scope = r.nested(() => r.inScope('component', r.nameOf(id), () => readDefinitions(r, open)));
    const name = isUnnamed(r, open) ? undefined : r.nameOf(id);
    const component = layOut(r, scope, r.span(open), name);
    idx = r.define('component', id, open);
    r.scope.add({ kind: 'component', bytes: component.bytes }, r.span(open), { component });
  }
  cursor.close();
  addInlineExports(r, exports, { sort: 'component', idx });
}

/** True for `(alias export $i "c")` without a sort: it stands for the component around it, and is no definition in it. */
function isWholeAlias({ cursor }: Reader): boolean {
  const close = formEnd(cursor.tree, cursor.at) - 1;
  let last = close - 1;
  while (last > cursor.at && cursor.tokens.kinds[last] <= Tok.BlockComment) last--;
  return cursor.tokens.kinds[last] !== Tok.Close;
}

function readInstance(r: Reader): void {
  const { cursor } = r;
  const open = cursor.openForm();
  const id = r.id();
  const exports = readInlineExports(r);
  let idx: number;
  if (isInlineExtern(r, 'import')) idx = readInlineImport(r, 'instance', id, open);
  else if (cursor.isFormOf('alias')) idx = readAliasForm(r, 'instance', id, open);
  else {
    const expr = readInstanceExpr(r);
    idx = r.define('instance', id, open);
    r.scope.add({ kind: 'instance', idx, expr }, r.span(open));
  }
  cursor.close();
  addInlineExports(r, exports, { sort: 'instance', idx });
}

function readInstanceExpr(r: Reader): Unplaced<InstanceExpr> {
  const { cursor } = r;
  if (!cursor.isFormOf('instantiate')) return { kind: 'exports', exports: readExports(r) };
  cursor.openForm();
  const componentIdx = r.ref('component');
  const args: { name: string; item: SortIdx }[] = [];
  while (cursor.isFormOf('with')) {
    cursor.openForm();
    const name = cursor.name('a name');
    args.push({ name, item: readArgument(r) });
    cursor.close();
  }
  cursor.close();
  return { kind: 'instantiate', componentIdx, args };
}

function readArgument(r: Reader): SortIdx {
  const { cursor } = r;
  const [first] = cursor.insideKinds(1);
  if (!cursor.isFormOf('instance') || first === Tok.Id || first === Tok.Int) return r.sortIdx(() => true);
  const open = cursor.openForm();
  const exports = readExports(r);
  cursor.close();
  const idx = r.scope.take('instance');
  r.scope.add({ kind: 'instance', idx, expr: { kind: 'exports', exports } }, r.span(open));
  return { sort: 'instance', idx };
}

function readExports(r: Reader): Extract<Unplaced<InstanceExpr>, { kind: 'exports' }>['exports'] {
  const { cursor } = r;
  const exports: { name: ReturnType<typeof readExternName>; item: SortIdx }[] = [];
  while (cursor.isFormOf('export')) {
    cursor.openForm();
    const name = readExternName(r);
    exports.push({ name, item: r.sortIdx(() => true) });
    cursor.close();
  }
  return exports;
}

function readFunc(r: Reader): void {
  const { cursor } = r;
  const open = cursor.openForm();
  const id = r.id();
  const exports = readInlineExports(r);
  let idx: number;
  if (isInlineExtern(r, 'import')) idx = readInlineImport(r, 'func', id, open);
  else if (cursor.isFormOf('alias')) idx = readAliasForm(r, 'func', id, open);
  else {
    const typeIdx = isTypeRef(r) ? readFuncTypeUse(r, open) : addType(r, readFuncType(r), open);
    if (!cursor.isFormOf('canon')) cursor.unexpected('(canon lift …), (alias …) or (import …)');
    idx = readCanon(r, { kind: 'func', id, open, typeIdx });
  }
  cursor.close();
  addInlineExports(r, exports, { sort: 'func', idx });
}

/** `(start $f (value $v)* (result (value $id?))*)`. */
function readStart(r: Reader): void {
  const { cursor } = r;
  const open = cursor.openForm();
  const funcIdx = r.ref('func');
  const args: number[] = [];
  while (cursor.isFormOf('value')) args.push(r.ref('value'));
  const ids: number[] = [];
  while (cursor.isFormOf('result')) {
    cursor.openForm();
    if (!cursor.isFormOf('value')) cursor.unexpected('(value)');
    cursor.openForm();
    ids.push(r.id());
    cursor.close();
    cursor.close();
  }
  cursor.close();
  const idx = r.scope.count('value');
  for (const id of ids) r.define('value', id, open);
  r.scope.add({ kind: 'start', funcIdx, args, results: ids.length, idx }, r.span(open));
}

function readValueDefinition(r: Reader): void {
  const { cursor } = r;
  const open = cursor.openForm();
  const id = r.id();
  const exports = readInlineExports(r);
  let idx: number;
  if (isInlineExtern(r, 'import')) idx = readInlineImport(r, 'value', id, open);
  else if (cursor.isFormOf('alias')) idx = readAliasForm(r, 'value', id, open);
  else {
    const type = readValType(r);
    const bytes = readValue(r, type);
    idx = r.define('value', id, open);
    r.scope.add({ kind: 'value', type, bytes }, r.span(open));
  }
  cursor.close();
  addInlineExports(r, exports, { sort: 'value', idx });
}

/** `(export $id? "name" attribute* (sort idx) externtype?)`. */
function readExport(r: Reader): void {
  const { cursor } = r;
  const open = cursor.openForm();
  const id = r.id();
  const name = readExternName(r);
  const item = r.sortIdx(() => true);
  const type = cursor.isClose() ? undefined : readExternType(r).type;
  cursor.close();
  const idx = r.define(item.sort, id, open);
  r.scope.add({ kind: 'export', name, item, type, idx }, r.span(open));
}
