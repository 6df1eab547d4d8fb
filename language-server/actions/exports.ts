/**
 * Exports and imports inside of what they name, or as fields of their own:
 * `(func $f (export "x") …)` ↔ `(export "x" (func $f))`, `(func $f (import "m" "n") …)` ↔ `(import "m" "n" (func $f …))`.
 */

import type { Field } from '../../engine/text/fields.ts';
import { Tok, tokenText } from '../../engine/text/lexer.ts';
import { SPACES, type Sp } from '../../engine/text/symbols.ts';
import { formEnd } from '../../engine/text/tree.ts';
import { behindComment, type Edit, indentAt, inserting, lineBreakOf, removing } from '../facts/edits.ts';
import { headWord, significant } from '../facts/forms.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';
import type { Action } from './action.ts';

export const exportsAndImports: Action = {
  kinds: ['refactor.extract', 'refactor.inline'],
  *offers(at) {
    const { module, field, token } = at;
    if (!module || !field?.ok || field.late) return;
    const { tree } = module;
    const inHead = token <= field.at;
    if (field.kind === 'export') {
      const edits = inlineExport(module, field);
      if (edits)
        yield { title: 'Write the export into what it exports', kind: 'refactor.inline', edits: () => edits };
      return;
    }
    if (field.kind === 'import') {
      const edits = inlineImport(module, field);
      if (edits)
        yield { title: 'Write the import into what it imports', kind: 'refactor.inline', edits: () => edits };
      return;
    }
    if (!inHead) return;
    if (field.exports.length > 0) {
      const title =
        field.exports.length === 1 ? 'Write the export as a field' : 'Write the exports as fields';
      yield { title, kind: 'refactor.extract', edits: () => extractExports(module, field) };
    }
    // Exports stand in front of the import: they would have no place inside of an import field.
    if (field.import && field.exports.length === 0 && !hasSegment(tree, field)) {
      yield {
        title: 'Write the import as a field',
        kind: 'refactor.extract',
        edits: () => extractImport(module, field),
      };
    }
  },
};

function extractExports(module: ModuleAnalysis, field: Field): Edit[] {
  const { tree } = module;
  const { starts, text } = tree.tokens;
  const named = field.id >= 0 ? tokenText(tree.tokens, field.id) : String(field.idx);
  const kind = SPACES[field.space as Sp];
  const gap = lineBreakOf(text) + indentAt(text, starts[field.open]);
  const fields = field.exports.map(({ open }) => {
    const name = tokenText(tree.tokens, significant(tree, significant(tree, open + 1) + 1));
    return `${gap}(export ${name} (${kind} ${named}))`;
  });
  const inside = field.exports.map(({ open }) =>
    removing(text, { start: starts[open], end: starts[formEnd(tree, open)] }),
  );
  return [...inside, inserting(behindComment(text, starts[formEnd(tree, field.open)]), fields.join(''))];
}

/** Undefined if what is exported is no field of its own kind that could hold an export. */
function inlineExport(module: ModuleAnalysis, field: Field): Edit[] | undefined {
  const { tree, assembly } = module;
  const { starts, text } = tree.tokens;
  const name = significant(tree, field.at);
  const item = significant(tree, name + 1);
  if (tree.tokens.kinds[name] !== Tok.String || tree.tokens.kinds[item] !== Tok.Open) return undefined;
  const use = assembly.symbols.useOf(significant(tree, significant(tree, item + 1) + 1));
  const target =
    use &&
    assembly.fields.find(
      (other) => other.space >= 0 && other.idx === use.idx && SPACES[other.space as Sp] === use.space,
    );
  if (!target?.ok || target.kind === 'import') return undefined;
  const behind = target.id >= 0 ? target.id : significant(tree, target.open + 1);
  const last = target.exports.at(-1);
  const pos = last ? starts[formEnd(tree, last.open)] : starts[behind + 1];
  const start = starts[field.open];
  return [
    inserting(pos, ` (export ${tokenText(tree.tokens, name)})${/[\s)]/.test(text[pos] ?? ')') ? '' : ' '}`),
    removing(text, { start, end: starts[formEnd(tree, field.open)] }),
  ];
}

function inlineImport({ tree }: ModuleAnalysis, field: Field): Edit[] | undefined {
  const { starts, text, kinds } = tree.tokens;
  const module = significant(tree, field.open + 1) + 1;
  const first = significant(tree, module);
  const second = significant(tree, first + 1);
  const open = significant(tree, second + 1);
  if (kinds[open] !== Tok.Open || formEnd(tree, open) > formEnd(tree, field.open)) return undefined;
  const keyword = significant(tree, open + 1);
  const behind = field.id >= 0 ? field.id : keyword;
  const rest = text.slice(starts[behind + 1], starts[formEnd(tree, open) - 1]);
  // An import may ask for the exact type: what is declared cannot.
  if (/^\s*\(\s*exact\b/.test(rest)) return undefined;
  const head = text.slice(starts[keyword], starts[behind + 1]);
  const names = `${tokenText(tree.tokens, first)} ${tokenText(tree.tokens, second)}`;
  const gap = rest === '' || /^\s/.test(rest) ? '' : ' ';
  const start = starts[field.open];
  // Comments between the parts have no place.
  for (let token = field.open; token < open; token++) if (isComment(kinds[token])) return undefined;
  for (let token = formEnd(tree, open); token < formEnd(tree, field.open); token++) {
    if (isComment(kinds[token])) return undefined;
  }
  return [
    {
      span: { start, end: starts[formEnd(tree, field.open)] },
      text: `(${head} (import ${names})${gap}${rest})`,
    },
  ];
}

function extractImport({ tree }: ModuleAnalysis, field: Field): Edit[] {
  const { starts, text } = tree.tokens;
  const keyword = significant(tree, field.open + 1);
  const behind = field.id >= 0 ? field.id : keyword;
  const open = importForm({ tree }, field);
  const first = significant(tree, significant(tree, open + 1) + 1);
  const second = significant(tree, first + 1);
  const end = formEnd(tree, field.open);
  const names = `${tokenText(tree.tokens, first)} ${tokenText(tree.tokens, second)}`;
  const head = text.slice(starts[keyword], starts[behind + 1]);
  const rest = text.slice(starts[formEnd(tree, open)], starts[end - 1]);
  const gap = rest === '' || /^\s/.test(rest) ? '' : ' ';
  return [
    {
      span: { start: starts[field.open], end: starts[end] },
      text: `(import ${names} (${head}${gap}${rest}))`,
    },
  ];
}

function importForm({ tree }: Pick<ModuleAnalysis, 'tree'>, field: Field): number {
  let token = field.id >= 0 ? field.id + 1 : significant(tree, field.open + 1) + 1;
  for (token = significant(tree, token); headWord(tree, token) !== 'import'; ) {
    token = significant(tree, formEnd(tree, token));
  }
  return token;
}

function hasSegment(tree: ModuleAnalysis['tree'], field: Field): boolean {
  for (let token = field.open; token < formEnd(tree, field.open); token++) {
    if (tree.tokens.kinds[token] === Tok.Annot) return true;
  }
  return field.segmentIdx >= 0;
}

function isComment(kind: number): boolean {
  return kind === Tok.LineComment || kind === Tok.BlockComment || kind === Tok.Annot;
}
