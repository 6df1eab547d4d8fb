/**
 * Items of the module that nothing uses: functions, globals, tables, memories, tags, types, segments, imports.
 *
 * Used is what is exported, started, or named anywhere outside of itself. A name that begins with `_` says that it is
 * meant. Active segments do their work without being named, declaring ones too.
 */

import { DiagnosticTag } from 'vscode-languageserver';
import type { Field } from '../../engine/text/fields.ts';
import { Tok, tokenText } from '../../engine/text/lexer.ts';
import type { Space } from '../../engine/text/symbols.ts';
import { formEnd } from '../../engine/text/tree.ts';
import { wordText } from '../../engine/text/words.ts';
import { headWord, significant } from '../facts/forms.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';
import type { Found, ModuleLint, Severity } from './lint.ts';
import type { ModuleItem, ModuleUses } from './module-uses.ts';

export const unusedFunction = unused('unused-function', 'func', 'function', 'hint');
export const unusedGlobal = unused('unused-global', 'global', 'global', 'hint');
export const unusedTable = unused('unused-table', 'table', 'table', 'hint');
export const unusedMemory = unused('unused-memory', 'memory', 'memory', 'hint');
export const unusedTag = unused('unused-tag', 'tag', 'tag', 'hint');
export const unusedType = unused('unused-type', 'type', 'type', 'hint');
export const unusedElem = unused('unused-elem', 'elem', 'element segment', 'hint');
export const unusedData = unused('unused-data', 'data', 'data segment', 'hint');

export const unusedImport: ModuleLint = {
  code: 'unused-import',
  severity: 'hint',
  tag: DiagnosticTag.Unnecessary,
  *check(module, uses) {
    for (const item of itemsIn(module, uses)) {
      if (!item.field.import || isMeant(item) || isUsed(module, uses, item)) continue;
      yield told(module, item, `the imported ${called(item.space)} ${nameOf(item)} is never used`);
    }
  },
};

function unused(code: string, space: Space, what: string, severity: Severity): ModuleLint {
  return {
    code,
    severity,
    tag: DiagnosticTag.Unnecessary,
    *check(module, uses) {
      for (const item of itemsIn(module, uses)) {
        if (item.space !== space || item.field.import || isMeant(item)) continue;
        if (isUsed(module, uses, item)) continue;
        yield told(module, item, `the ${what} ${nameOf(item)} is never used`);
      }
    },
  };
}

function isUsed(module: ModuleAnalysis, uses: ModuleUses, item: ModuleItem): boolean {
  const { space, idx, field } = item;
  if (uses.isUsed(space, idx) || uses.isMeantSilently(space, idx)) return true;
  // What names a function here lets `ref.func` name it elsewhere.
  if ((space === 'global' || space === 'table') && declaresFunctions(module, uses, field)) return true;
  return (space === 'elem' || space === 'data') && worksAlone(module, field);
}

function declaresFunctions({ tree }: ModuleAnalysis, uses: ModuleUses, { open }: Field): boolean {
  if (!uses.isMeantSilently('elem', 0)) return false;
  const end = formEnd(tree, open);
  for (let token = open; token < end; token++) {
    const word = wordText(tree.tokens.words[token]);
    if (word === 'ref.func' || word === 'elem') return true;
  }
  return false;
}

/** An active segment, or one that declares functions (spec 6.6.9, 6.6.10). */
function worksAlone({ tree }: ModuleAnalysis, field: Field): boolean {
  const { kinds } = tree.tokens;
  const token = significant(tree, field.at);
  // `(offset …)`, `(table $t)`, `(i32.const 0)`; a type of elements is no place.
  if (kinds[token] === Tok.Open) return headWord(tree, token) !== 'ref';
  if (kinds[token] === Tok.Keyword) return tokenText(tree.tokens, token) === 'declare';
  return kinds[token] !== Tok.String && kinds[token] !== Tok.Close;
}

/** What the lints of this file look at: nothing while something cannot be read, since that may use anything. */
function itemsIn({ assembly }: ModuleAnalysis, uses: ModuleUses): readonly ModuleItem[] {
  return assembly.faults.length > 0 ? [] : uses.items;
}

function told({ tree }: ModuleAnalysis, { token }: ModuleItem, message: string): Found {
  const { starts } = tree.tokens;
  return { span: { start: starts[token], end: starts[token + 1] }, message };
}

function isMeant({ name }: ModuleItem): boolean {
  return name !== undefined && /^\$"?_/.test(name);
}

function nameOf({ name, idx }: ModuleItem): string {
  return name ?? String(idx);
}

function called(space: Space): string {
  return space === 'func' ? 'function' : space;
}
