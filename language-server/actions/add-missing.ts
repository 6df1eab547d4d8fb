/**
 * Quick fixes for names and numbers that nothing has: a local, a parameter, a function or an import, a global, a table,
 * a memory, a type, a tag.
 *
 * Types are guessed from what stands beside the use, and are i32 where nothing says more.
 */

import { ADDR, type Instr } from '../../engine/isa/isa.ts';
import { typeName } from '../../engine/isa/types.ts';
import { Tok, tokenAt, tokenText } from '../../engine/text/lexer.ts';
import { formEnd } from '../../engine/text/tree.ts';
import type { Node } from '../facts/code.ts';
import { behindComment, type Edit, indentAt, inserting, lineBreakOf } from '../facts/edits.ts';
import { bodyStart, headWord, signatureEnd, significant } from '../facts/forms.ts';
import type { ModuleAnalysis, PlacedFault } from '../module-analysis.ts';
import type { Action, Offer, Selection } from './action.ts';
import { diagnosticsFrom, faultsAt } from './faults.ts';

export const addMissing: Action = {
  kinds: ['quickfix'],
  *offers(at) {
    const { module } = at;
    if (!module) return;
    for (const fault of faultsAt(at)) {
      const named = /^unknown (local|function|global|table|memory|type|tag) (\$.+|\d+)$/.exec(fault.message);
      if (!named) continue;
      const [, what, name] = named;
      const diagnostics = diagnosticsFrom(at, fault.span);
      for (const { title, edit } of additions(at, module, what, name, fault)) {
        yield { title, kind: 'quickfix', diagnostics, edits: () => [edit] } satisfies Offer;
      }
    }
  },
};

interface Addition {
  readonly title: string;
  readonly edit: Edit;
}

function* additions(
  at: Selection,
  module: ModuleAnalysis,
  what: string,
  name: string,
  fault: PlacedFault,
): Generator<Addition> {
  const isName = name.startsWith('$');
  if (what === 'local') {
    if (isName) yield* locals(at, module, name, fault);
    return;
  }
  // Of numbers only the next one can be made.
  if (!isName && Number(name) !== countOf(module, what)) return;
  const id = isName ? ` ${name}` : '';
  switch (what) {
    case 'function': {
      const type = calledType(at, fault);
      yield {
        title: `Add the function ${name}`,
        edit: atEnd(module, `(func${id}${type}${type.includes('(result') ? '\n  unreachable' : ''})`),
      };
      if (isName) {
        yield {
          title: `Import the function ${name}`,
          edit: asImport(module, `"${plain(name)}" (func${id}${type})`),
        };
      }
      return;
    }
    case 'global': {
      const type = guessedType(at, module, fault) ?? 'i32';
      const isSet = /set$/.test(keywordBefore(module, fault));
      const written = isSet ? `(mut ${type})` : type;
      const init = /^[if]\d+$/.test(type) ? `(${type}.const 0)` : '';
      if (init)
        yield { title: `Add the global ${name}`, edit: atEnd(module, `(global${id} ${written} ${init})`) };
      if (isName) {
        yield {
          title: `Import the global ${name}`,
          edit: asImport(module, `"${plain(name)}" (global${id} ${written})`),
        };
      }
      return;
    }
    case 'table':
      yield { title: `Add the table ${name}`, edit: atEnd(module, `(table${id} 1 funcref)`) };
      return;
    case 'memory':
      yield { title: `Add the memory ${name}`, edit: atEnd(module, `(memory${id} 1)`) };
      return;
    case 'type':
      yield { title: `Add the type ${name}`, edit: atEnd(module, `(type${id} (func))`) };
      return;
    default:
      yield { title: `Add the tag ${name}`, edit: atEnd(module, `(tag${id})`) };
  }
}

function* locals(
  at: Selection,
  module: ModuleAnalysis,
  name: string,
  fault: PlacedFault,
): Generator<Addition> {
  const { tree } = module;
  const { field } = at;
  if (field?.kind !== 'func') return;
  const { starts } = tree.tokens;
  const type = guessedType(at, module, fault) ?? 'i32';
  // Behind the last local, so that no index moves.
  const body = bodyStart(tree, field);
  yield { title: `Add the local ${name}`, edit: headForm(module, body, `(local ${name} ${type})`) };
  const signature = signatureEnd(tree, field);
  if (hasType(module, field.at, signature)) return;
  const lastParam = lastForm(module, field.at, signature, 'param');
  const pos = lastParam >= 0 ? starts[formEnd(tree, lastParam)] : starts[behindName(module, field.at)];
  yield { title: `Add the parameter ${name}`, edit: inserting(pos, ` (param ${name} ${type})`) };
}

function hasType(module: ModuleAnalysis, from: number, to: number): boolean {
  return lastForm(module, from, to, 'type') >= 0;
}

function lastForm({ tree }: ModuleAnalysis, from: number, to: number, word: string): number {
  let found = -1;
  for (let open = significant(tree, from); open < to; open = significant(tree, formEnd(tree, open))) {
    if (headWord(tree, open) === word) found = open;
  }
  return found;
}

/** Behind the token in front of `token`: where a form can follow. */
function behindName({ tree }: ModuleAnalysis, token: number): number {
  let before = token - 1;
  while (before > 0 && tree.tokens.kinds[before] <= Tok.BlockComment) before--;
  return before + 1;
}

/** A form of a function's head in front of its code: on a line of its own where the code has one. */
function headForm(module: ModuleAnalysis, body: number, form: string): Edit {
  const { tree } = module;
  const { starts, text } = tree.tokens;
  const pos = starts[body];
  if (tree.tokens.kinds[body] === Tok.Close) return inserting(starts[behindName(module, body)], ` ${form}`);
  const ownLine = /(^|[\r\n])[ \t]*$/.test(text.slice(Math.max(0, pos - 400), pos));
  return inserting(pos, ownLine ? `${form}${lineBreakOf(text)}${indentAt(text, pos)}` : `${form} `);
}

/** A field behind the last one. */
function atEnd({ tree, assembly, span }: ModuleAnalysis, field: string): Edit {
  const { starts, text } = tree.tokens;
  const last = assembly.fields.at(-1);
  if (!last) return inserting(span.end - 1, ` ${field}`);
  const gap = lineBreakOf(text) + indentAt(text, starts[last.open]);
  return inserting(behindComment(text, starts[formEnd(tree, last.open)]), gap + field.replaceAll('\n', gap));
}

/** An import in front of everything that it would have to precede; behind the other imports, so that no index moves. */
function asImport({ tree, assembly, span }: ModuleAnalysis, what: string): Edit {
  const { starts, text } = tree.tokens;
  const { fields } = assembly;
  const written = `(import "env" ${what})`;
  const last = fields.findLast((field) => field.import && !field.late);
  const behind = last ?? fields.findLast(({ kind }) => kind === 'type' || kind === 'rec');
  if (behind) {
    return inserting(
      behindComment(text, starts[formEnd(tree, behind.open)]),
      lineBreakOf(text) + indentAt(text, starts[behind.open]) + written,
    );
  }
  const [first] = fields;
  if (!first) return inserting(span.end - 1, ` ${written}`);
  return inserting(starts[first.open], written + lineBreakOf(text) + indentAt(text, starts[first.open]));
}

function countOf({ assembly }: ModuleAnalysis, what: string): number {
  const space = what === 'function' ? 'func' : what;
  return assembly.symbols.defs.filter((def) => def.space === space).length;
}

function keywordBefore({ tree }: ModuleAnalysis, { span }: PlacedFault): string {
  let token = tokenAt(tree.tokens, span.start) - 1;
  while (token > 0 && tree.tokens.kinds[token] !== Tok.Keyword) token--;
  return token < 0 ? '' : tokenText(tree.tokens, token);
}

/** What the instruction around the use of a variable says of its type. */
function guessedType(at: Selection, module: ModuleAnalysis, fault: PlacedFault): string | undefined {
  const node = nodeOf(at, fault);
  if (!node) return undefined;
  if (/\.(set|tee)$/.test(node.instr.name)) {
    const value = node.operands.at(-1) ?? node.list[node.list.indexOf(node) - 1];
    return value && pushedType(module, value);
  }
  const { parent } = node;
  if (parent && parent.parts.length === 0) {
    const fromEnd = parent.operands.length - parent.operands.indexOf(node);
    const type = parent.instr.params.at(-fromEnd);
    return type === undefined ? undefined : type === ADDR ? 'i32' : typeName(type);
  }
  const next = node.list[node.list.indexOf(node) + 1];
  if (!next || next.operands.length > 0) return undefined;
  const type = next.instr.params.at(-1);
  return type === undefined ? undefined : type === ADDR ? 'i32' : typeName(type);
}

function nodeOf(at: Selection, { span }: PlacedFault): Node | undefined {
  const { tree } = at.analysis;
  const token = tokenAt(tree.tokens, span.start);
  let found: Node | undefined;
  const visit = (nodes: readonly Node[]) => {
    for (const node of nodes) {
      if (node.keyword < token && token < node.headEnd) found = node;
      visit(node.operands);
      for (const { body } of node.parts) visit(body);
    }
  };
  visit(at.code ?? []);
  return found;
}

/** The type that an instruction leaves, if its row or its local says so. */
function pushedType({ tree, assembly }: ModuleAnalysis, { instr, keyword }: Node): string | undefined {
  const constant = constantType(instr);
  if (constant) return constant;
  if (instr.results.length === 1) return instr.results[0] === ADDR ? 'i32' : typeName(instr.results[0]);
  if (instr.name !== 'local.get' && instr.name !== 'global.get') return undefined;
  const use = assembly.symbols.useOf(significant(tree, keyword + 1));
  const def = use && assembly.symbols.definition(use.space, use.idx, use.scope);
  if (!def) return undefined;
  const text = tree.tokens.text.slice(def.field.start, def.field.end);
  return /(?:^|[\s(])([if](?:32|64)|v128|funcref|externref)[\s)]*/.exec(text)?.[1];
}

function constantType({ name }: Instr): string | undefined {
  return /^(i32|i64|f32|f64|v128)\.const$/.exec(name)?.[1];
}

/** ` (param i32 …) (result i32)` of a function by the operands of a call, and by what takes its result. */
function calledType(at: Selection, fault: PlacedFault): string {
  const node = nodeOf(at, fault);
  if (!node || !at.module) return '';
  const params = node.operands.map((operand) => pushedType(at.module!, operand) ?? 'i32');
  const { parent } = node;
  let result = '';
  if (parent?.operands.includes(node))
    result = parent.parts.length > 0 ? 'i32' : (parentType(parent, node) ?? 'i32');
  return (params.length > 0 ? ` (param ${params.join(' ')})` : '') + (result ? ` (result ${result})` : '');
}

function parentType(parent: Node, node: Node): string | undefined {
  const fromEnd = parent.operands.length - parent.operands.indexOf(node);
  const type = parent.instr.params.at(-fromEnd);
  return type === undefined ? undefined : type === ADDR ? 'i32' : typeName(type);
}

function plain(name: string): string {
  return name.startsWith('$"') ? name.slice(2, -1) : name.slice(1);
}
