/**
 * `textDocument/semanticTokens` (full, delta, range): what names and numbers stand for.
 *
 * The grammar colours words, literals and comments. Here is only what it cannot know: the index space of a name or
 * a number, what is a parameter, what cannot change, what is imported, what nothing defines, what has an old name.
 * The legend is documented in docs/language.md. Of a large text only ranges are answered.
 */

import {
  type Position,
  type SemanticTokens,
  type SemanticTokensDelta,
  type SemanticTokensDeltaParams,
  SemanticTokensDeltaRequest,
  type SemanticTokensLegend,
  type SemanticTokensParams,
  type SemanticTokensRangeParams,
  SemanticTokensRangeRequest,
  SemanticTokensRequest,
} from 'vscode-languageserver';
import { isDeprecatedName } from '../../engine/isa/isa.ts';
import { funcTypeAt } from '../../engine/module/module.ts';
import { Tok, tokenAt, tokenText } from '../../engine/text/lexer.ts';
import type { Def, Space, Use } from '../../engine/text/symbols.ts';
import { instrOfWord } from '../../engine/text/words.ts';
import type { Analysis } from '../analysis.ts';
import { SORT_ROLES } from '../facts/component-item.ts';
import { previous } from '../facts/place.ts';
import { nextTurn, takeTurns } from '../facts/turns.ts';
import type { Feature } from '../feature.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';
import { witColours } from '../wit/colours.ts';
import type { WitView } from '../wit/view.ts';

const TYPES = [
  'function', 'type', 'parameter', 'variable', 'property', 'label', 'event', 'table', 'memory', 'segment', 'keyword',
  'unresolvedReference',
] as const; // biome-ignore format: a list of words
const MODIFIERS = ['declaration', 'definition', 'readonly', 'defaultLibrary', 'deprecated'] as const;

type Type = (typeof TYPES)[number];
type Modifier = (typeof MODIFIERS)[number];

export const LEGEND: SemanticTokensLegend = { tokenTypes: [...TYPES], tokenModifiers: [...MODIFIERS] };

/** Texts longer than this are coloured by what is in sight. */
export const LARGEST_WHOLE = 1_000_000;

export const semanticTokensFeature: Feature = {
  capabilities: () => ({
    semanticTokensProvider: { legend: LEGEND, range: true, full: { delta: true } },
  }),
  register({ connection, documents, analyses, about }) {
    const sent = new Sent((uri) => analyses.isOpen(uri));
    documents.onDidClose(({ document }) => sent.forget(document.uri));
    connection.onRequest(
      SemanticTokensRequest.type,
      about(
        'semantic tokens',
        'symbols',
        null,
        async (analysis, _: SemanticTokensParams, { token }) => {
          if (analysis.tree.tokens.text.length > LARGEST_WHOLE) return null;
          const data = await allTokens(analysis, takeTurns(token));
          return sent.whole(analysis.document.uri, data);
        },
        (view) => sent.whole(view.document.uri, witTokens(view)),
      ),
    );
    connection.onRequest(
      SemanticTokensDeltaRequest.type,
      about(
        'semantic tokens',
        'symbols',
        null,
        async (analysis, params: SemanticTokensDeltaParams, { token }) => {
          if (analysis.tree.tokens.text.length > LARGEST_WHOLE) return null;
          const data = await allTokens(analysis, takeTurns(token));
          return sent.changes(analysis.document.uri, params.previousResultId, data);
        },
        (view, params) => sent.changes(view.document.uri, params.previousResultId, witTokens(view)),
      ),
    );
    connection.onRequest(
      SemanticTokensRangeRequest.type,
      about(
        'semantic tokens',
        'symbols',
        null,
        (analysis, { range }: SemanticTokensRangeParams) => ({
          data: rangeTokens(
            analysis,
            analysis.document.offsetAt(range.start),
            analysis.document.offsetAt(range.end),
          ),
        }),
        (view, { range }) => ({
          data: witTokens(view, view.document.offsetAt(range.start), view.document.offsetAt(range.end)),
        }),
      ),
    );
  },
};

/** The tokens of `[start, end)` of the text, in the protocol's five numbers each. */
export function rangeTokens(analysis: Analysis, start: number, end: number): number[] {
  const writer = new Writer(analysis);
  const { tokens } = analysis.tree;
  const first = Math.max(0, tokenAt(tokens, start));
  for (let token = first; token < tokens.count && tokens.starts[token] < end; token++) writer.token(token);
  return writer.numbers.data;
}

/** All of the text's, in turns. */
async function allTokens(analysis: Analysis, turns: ReturnType<typeof takeTurns>): Promise<number[]> {
  const writer = new Writer(analysis);
  const { count } = analysis.tree.tokens;
  await nextTurn();
  for (let token = 0; token < count; token++) {
    if ((token & 0x1ff) === 0) await turns.pause();
    writer.token(token);
  }
  return writer.numbers.data;
}

class Writer {
  readonly numbers = new Numbers();
  private readonly analysis: Analysis;
  private module: ModuleAnalysis | undefined;

  constructor(analysis: Analysis) {
    this.analysis = analysis;
  }

  token(token: number): void {
    const { tokens } = this.analysis.tree;
    const kind = tokens.kinds[token];
    if (kind === Tok.Keyword) {
      if (tokens.words[token] !== 0 && isOld(tokens.words[token], tokenText(tokens, token))) {
        this.write(token, 'keyword', ['deprecated']);
      }
      return;
    }
    if (kind !== Tok.Id && kind !== Tok.Int) return;
    const start = tokens.starts[token];
    if (!this.module || start < this.module.span.start || start >= this.module.span.end) {
      this.module = this.analysis.moduleAt(start);
      if (!this.module) {
        const symbol = this.analysis.componentAt(start)?.byToken.get(token);
        if (symbol) this.write(token, SORT_ROLES[symbol.sort], symbol.role === 'def' ? ['definition'] : []);
        return;
      }
    }
    const found = meaning(this.module, token);
    if (found) this.write(token, found.type, found.modifiers);
  }

  private write(token: number, type: Type, modifiers: readonly Modifier[]): void {
    const { document, tree } = this.analysis;
    const start = tree.tokens.starts[token];
    this.numbers.add(document.positionAt(start), tree.tokens.starts[token + 1] - start, type, modifiers);
  }
}

/** Tokens in the protocol's five numbers each, relative to the one before. */
class Numbers {
  readonly data: number[] = [];
  private line = 0;
  private column = 0;

  add({ line, character }: Position, length: number, type: Type, modifiers: readonly Modifier[]): void {
    this.data.push(
      line - this.line,
      line === this.line ? character - this.column : character,
      length,
      TYPES.indexOf(type),
      modifiers.reduce((bits, modifier) => bits | (1 << MODIFIERS.indexOf(modifier)), 0),
    );
    this.line = line;
    this.column = character;
  }
}

/** The names of a WIT document, or of a part. */
export function witTokens(view: WitView, from?: number, to?: number): number[] {
  const numbers = new Numbers();
  for (const { start, length, type, isDefinition } of witColours(view, from, to)) {
    numbers.add(view.document.positionAt(start), length, type, isDefinition ? ['definition'] : []);
  }
  return numbers.data;
}

function isOld(word: number, text: string): boolean {
  const instr = instrOfWord(word);
  return instr !== undefined && instr.name !== text && isDeprecatedName(text);
}

interface Meaning {
  readonly type: Type;
  readonly modifiers: readonly Modifier[];
}

/** What the name or number at a token stands for; undefined for plain numbers. */
function meaning(module: ModuleAnalysis, token: number): Meaning | undefined {
  const { tree, assembly } = module;
  const use = assembly.symbols.useOf(token);
  if (use)
    return isMissing(module, use)
      ? { type: 'unresolvedReference', modifiers: [] }
      : describe(module, use, []);
  if (tree.tokens.kinds[token] !== Tok.Id) return undefined;
  const def = assembly.symbols.defOf(token);
  if (!def) return isUnresolved(module, token) ? { type: 'unresolvedReference', modifiers: [] } : undefined;
  const isImport = module.module !== undefined && imported(module, def);
  return describe(module, def, [isImport ? 'declaration' : 'definition']);
}

/** A use of a name that nobody has, or of an index behind the last one. */
function isMissing({ tree, module }: ModuleAnalysis, { space, idx, token }: Use): boolean {
  if (idx < 0) return space !== 'label' || tree.tokens.kinds[token] === Tok.Id;
  switch (space) {
    case 'func':
      return module !== undefined && idx >= module.funcs.length;
    case 'global':
      return module !== undefined && idx >= module.globals.length;
    case 'type':
      return module !== undefined && idx >= module.types.length;
    default:
      return false;
  }
}

/** A name that is neither a module's own nor inside of an annotation, and that nothing defines. */
function isUnresolved({ tree, assembly }: ModuleAnalysis, token: number): boolean {
  if (assembly.fields.length === 0) return false;
  const before = previous(tree, token);
  if (before < 0 || tree.tokens.kinds[before] !== Tok.Keyword) return tree.parent[token] >= 0;
  return !/^(module|component|definition|instance)$/.test(tokenText(tree.tokens, before));
}

const SPACE_TYPES: Readonly<Record<Space, Type>> = {
  func: 'function',
  type: 'type',
  table: 'table',
  memory: 'memory',
  global: 'variable',
  tag: 'event',
  elem: 'segment',
  data: 'segment',
  local: 'variable',
  label: 'label',
  field: 'property',
};

function describe(module: ModuleAnalysis, item: Def | Use, modifiers: Modifier[]): Meaning {
  const { space, idx, scope } = item;
  const decoded = module.module;
  let type = SPACE_TYPES[space];
  if (!decoded) return { type, modifiers };
  if (space === 'local') {
    const params = funcTypeAt(decoded, decoded.funcs[scope ?? -1]?.typeIdx)?.params.length ?? 0;
    if (idx < params) type = 'parameter';
  } else if (space === 'global' && decoded.globals[idx]?.type.mutable === false) modifiers.push('readonly');
  else if (space === 'field' && isImmutableField(module, item)) modifiers.push('readonly');
  if (imported(module, item)) modifiers.push('defaultLibrary');
  return { type, modifiers };
}

function isImmutableField({ module }: ModuleAnalysis, { idx, scope }: Def | Use): boolean {
  const composite = module?.types[scope ?? -1]?.composite;
  return composite?.kind === 'struct' && composite.fields[idx]?.mutable === false;
}

function imported({ module }: ModuleAnalysis, { space, idx }: Def | Use): boolean {
  switch (space) {
    case 'func':
      return module?.funcs[idx]?.import !== undefined;
    case 'global':
      return module?.globals[idx]?.import !== undefined;
    case 'table':
      return module?.tables[idx]?.import !== undefined;
    case 'memory':
      return module?.memories[idx]?.import !== undefined;
    case 'tag':
      return module?.tags[idx]?.import !== undefined;
    default:
      return false;
  }
}

/** What was answered last about each document: what deltas are told against. */
class Sent {
  readonly #known = new Map<string, { readonly resultId: string; readonly data: readonly number[] }>();
  readonly #isOpen: (uri: string) => boolean;
  #count = 0;

  /** `isOpen`: of a document that is closed while its tokens are found, nothing is kept. */
  constructor(isOpen: (uri: string) => boolean) {
    this.#isOpen = isOpen;
  }

  whole(uri: string, data: number[]): SemanticTokens {
    const resultId = String(++this.#count);
    if (this.#isOpen(uri)) this.#known.set(uri, { resultId, data });
    return { resultId, data };
  }

  /** One edit from the first number that differs to the last one. */
  changes(uri: string, previousResultId: string, data: number[]): SemanticTokens | SemanticTokensDelta {
    const known = this.#known.get(uri);
    const { resultId } = this.whole(uri, data);
    if (known?.resultId !== previousResultId) return { resultId, data };
    const old = known.data;
    const shorter = Math.min(old.length, data.length);
    let start = 0;
    while (start < shorter && old[start] === data[start]) start++;
    let end = 0;
    while (end < shorter - start && old[old.length - 1 - end] === data[data.length - 1 - end]) end++;
    if (start === old.length && start === data.length) return { resultId, edits: [] };
    const deleteCount = old.length - start - end;
    return { resultId, edits: [{ start, deleteCount, data: data.slice(start, data.length - end) }] };
  }

  forget(uri: string): void {
    this.#known.delete(uri);
  }
}
