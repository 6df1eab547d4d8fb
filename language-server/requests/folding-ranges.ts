/**
 * `textDocument/foldingRange`: fields, blocks (flat and folded) and other forms of several lines, comments, runs of
 * imports, and what stands between `;; region` and `;; endregion`. From the tree alone, in short turns.
 *
 * What ends a form stays visible if it has a line of its own. If there are more ranges than the client takes, those
 * nested deepest are left out.
 */

import { type FoldingRange, FoldingRangeKind, type FoldingRangeParams } from 'vscode-languageserver';
import { ROLES, Role } from '../../engine/text/blocks.ts';
import { Tok } from '../../engine/text/lexer.ts';
import type { Tree } from '../../engine/text/tree.ts';
import { word } from '../../engine/text/words.ts';
import type { Analysis } from '../analysis.ts';
import { significant } from '../facts/forms.ts';
import { type Turns, takeTurns } from '../facts/turns.ts';
import type { Feature } from '../feature.ts';
import { witFolding } from '../wit/outline.ts';

export const foldingRangeFeature: Feature = {
  capabilities: () => ({ foldingRangeProvider: true }),
  register({ connection, about, client }) {
    const limit = client.capabilities.textDocument?.foldingRange?.rangeLimit;
    connection.onFoldingRanges(
      about(
        'folding',
        'tree',
        [],
        (analysis, _: FoldingRangeParams, { token }) => foldingRanges(analysis, takeTurns(token), limit),
        (view) => witFolding(view, limit),
      ),
    );
  },
};

const IMPORT = word('import');
const STEP = 1024;

/** At the most `limit` ranges, by their first lines. */
export async function foldingRanges(
  { document, tree }: Analysis,
  turns: Turns,
  limit = Number.POSITIVE_INFINITY,
): Promise<FoldingRange[]> {
  const finder = new Finder(tree, (pos) => document.positionAt(pos).line);
  for (let token = 0; token < tree.tokens.count; token++) {
    finder.take(token);
    if (token % STEP === 0) await turns.pause();
  }
  return finder.finish(limit);
}

interface Found {
  readonly first: number;
  readonly last: number;
  readonly kind?: FoldingRangeKind;
  readonly depth: number;
}

class Finder {
  private readonly tree: Tree;
  private readonly lineOf: (pos: number) => number;
  private readonly found: Found[] = [];
  /** Open parentheses and flat blocks, by their first tokens; where the present part of a flat block begins. */
  private readonly open: { readonly token: number; from: number; readonly isFlat: boolean }[] = [];
  private readonly regions: number[] = [];
  /** Comment lines right below each other. */
  private comments: { readonly first: number; last: number } | undefined;
  private imports: { readonly first: number; last: number } | undefined;

  constructor(tree: Tree, lineOf: (pos: number) => number) {
    this.tree = tree;
    this.lineOf = lineOf;
  }

  take(token: number): void {
    const { kinds, starts } = this.tree.tokens;
    switch (kinds[token]) {
      case Tok.Space:
        return;
      case Tok.LineComment:
        this.lineComment(token);
        return;
      case Tok.BlockComment:
        this.add(starts[token], starts[token + 1] - 1, FoldingRangeKind.Comment);
        return;
      case Tok.Open:
      case Tok.Annot:
        this.open.push({ token, from: token, isFlat: false });
        return;
      case Tok.Close:
        this.close(token);
        return;
      case Tok.Keyword:
        this.keyword(token);
    }
  }

  finish(limit: number): FoldingRange[] {
    this.endComments();
    this.endImports();
    let { found } = this;
    if (found.length > limit) {
      const depths = found.map(({ depth }) => depth).sort((a, b) => a - b);
      const most = depths[Math.max(0, limit)] ?? 0;
      found = [...found.filter(({ depth }) => depth < most), ...found.filter(({ depth }) => depth === most)];
      found.length = limit;
    }
    const ranges = found.map(({ first, last, kind }) => ({
      startLine: first,
      endLine: last,
      ...(kind && { kind }),
    }));
    return ranges.sort((a, b) => a.startLine - b.startLine || b.endLine - a.endLine);
  }

  private add(start: number, end: number, kind?: FoldingRangeKind): void {
    const first = this.lineOf(start);
    const last = this.lineOf(end);
    if (last > first) this.found.push({ first, last, kind, depth: this.open.length });
  }

  /** From a line up to the token that ends the range: its line stays if it begins with it. */
  private addUpTo(start: number, token: number): void {
    const { starts } = this.tree.tokens;
    const first = this.lineOf(starts[start]);
    const line = this.lineOf(starts[token]);
    const last = this.beginsLine(token) ? line - 1 : line;
    if (last > first) this.found.push({ first, last, depth: this.open.length });
  }

  private beginsLine(token: number): boolean {
    const { kinds, starts } = this.tree.tokens;
    if (token === 0) return true;
    return kinds[token - 1] === Tok.Space && this.lineOf(starts[token - 1]) < this.lineOf(starts[token]);
  }

  private lineComment(token: number): void {
    const { starts, text } = this.tree.tokens;
    const line = this.lineOf(starts[token]);
    const marker = /^;;+\s*#?(region|endregion)\b/.exec(text.slice(starts[token], starts[token] + 40))?.[1];
    if (marker === 'region') this.regions.push(starts[token]);
    const opened = marker === 'endregion' ? this.regions.pop() : undefined;
    if (opened !== undefined) this.add(opened, starts[token], FoldingRangeKind.Region);
    if (marker || !this.beginsLine(token)) {
      this.endComments();
      return;
    }
    if (this.comments && this.comments.last === line - 1) this.comments.last = line;
    else {
      this.endComments();
      this.comments = { first: line, last: line };
    }
  }

  private endComments(): void {
    const { comments } = this;
    this.comments = undefined;
    if (!comments || comments.last === comments.first) return;
    this.found.push({ ...comments, kind: FoldingRangeKind.Comment, depth: this.open.length });
  }

  private endImports(): void {
    const { imports } = this;
    this.imports = undefined;
    if (!imports || imports.last === imports.first) return;
    this.found.push({ ...imports, kind: FoldingRangeKind.Imports, depth: this.open.length });
  }

  private close(token: number): void {
    const start = this.tree.match[token];
    if (start < 0) return;
    while (this.open.length > 0 && this.open[this.open.length - 1].token !== start) this.open.pop();
    if (this.open.length === 0) return;
    this.open.pop();
    const { words, kinds, starts } = this.tree.tokens;
    const number = kinds[start] === Tok.Open ? words[significant(this.tree, start + 1)] : 0;
    if (number === IMPORT && this.open.length <= 1) {
      const first = this.lineOf(starts[start]);
      const last = this.lineOf(starts[token]);
      if (this.imports && this.imports.last >= first - 1) this.imports.last = last;
      else {
        this.endImports();
        this.imports = { first, last };
      }
    }
    if (ROLES[number] !== Role.Plain) this.addUpTo(start, token);
  }

  private keyword(token: number): void {
    const { words, kinds } = this.tree.tokens;
    const role = ROLES[words[token]];
    if (role === Role.None || role === Role.Plain) return;
    const { open } = this;
    if (token > 0 && kinds[token - 1] === Tok.Open) return;
    if (role === Role.Block || role === Role.If || role === Role.Try) {
      open.push({ token, from: token, isFlat: true });
      return;
    }
    const block = open.at(-1);
    if (!block?.isFlat || role > Role.Delegate) return;
    open.pop();
    this.addUpTo(block.from, token);
    if (role === Role.End || role === Role.Delegate) return;
    open.push({ ...block, from: token });
  }
}
