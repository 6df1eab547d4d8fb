/**
 * `textDocument/inlayHint` and `inlayHint/resolve`: what the text leaves to be counted or looked up.
 *
 * Names behind numbers, indices behind names, the block that an `end` closes, types that stand elsewhere, parameters
 * in front of operands, types of locals: each kind has a setting. Only what is in sight is looked at.
 */

import type { InlayHint, InlayHintLabelPart, InlayHintParams } from 'vscode-languageserver';
import { InlayHintKind } from 'vscode-languageserver';
import { funcTypeAt } from '../../engine/module/module.ts';
import { ROLES, Role } from '../../engine/text/blocks.ts';
import type { Field } from '../../engine/text/fields.ts';
import { Tok, tokenAt, tokenText } from '../../engine/text/lexer.ts';
import { writtenId } from '../../engine/text/strings.ts';
import { formEnd } from '../../engine/text/tree.ts';
import { instrOfWord, wordText } from '../../engine/text/words.ts';
import type { Analysis } from '../analysis.ts';
import { definitionFrom, locationOf } from '../disassembly/targets.ts';
import { bodyStart, headWord, signatureEnd, significant } from '../facts/forms.ts';
import { definitionComment, definitionOf, definitionText, type Item } from '../facts/item.ts';
import { codeBlock, prose } from '../facts/markdown.ts';
import { immediate, operandsOf } from '../facts/operands.ts';
import { fieldAt, headToken } from '../facts/place.ts';
import { funcTypeText, valTypeText } from '../facts/signature.ts';
import type { Feature } from '../feature.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';
import { type Settings, settingAt } from '../settings.ts';

/** The kinds of hints, as the settings below `wasmscope.inlayHints` name them, and which of them are on. */
export const HINTS = {
  names: true,
  indices: false,
  blockEnds: true,
  types: true,
  parameterNames: false,
  localTypes: false,
} as const;

export type Hints = Readonly<Record<keyof typeof HINTS, boolean>>;

/** How far in front of what is in sight blocks are looked for, in tokens: farther in a function, ends have no hints. */
const MOST = 200_000;

/** What a hint carries until it is looked at. */
interface Data {
  readonly uri: string;
  readonly item: Item;
  readonly pos: number;
}

export const inlayHintFeature: Feature = {
  capabilities: () => ({ inlayHintProvider: { resolveProvider: true } }),
  register({ connection, about, client, onSettings, sent }) {
    connection.languages.inlayHint.on(
      about('inlay hints', 'symbols', null, (analysis, { range }: InlayHintParams, { settings }) => {
        const { document } = analysis;
        const [start, end] = [document.offsetAt(range.start), document.offsetAt(range.end)];
        return inlayHints(analysis, start, end, hintsOf(settings));
      }),
    );
    const resolve = about(
      'an inlay hint',
      'symbols',
      undefined,
      (analysis, { hint, data }: { textDocument: { uri: string }; hint: InlayHint; data: Data }) =>
        resolved(analysis, hint, data),
    );
    connection.languages.inlayHint.resolve(async (hint, token) => {
      const data = hint.data as Data | undefined;
      return (data && (await resolve({ textDocument: data, hint, data }, token))) ?? hint;
    });
    if (client.capabilities.workspace?.inlayHint?.refreshSupport) {
      onSettings(() => sent('refreshing inlay hints', connection.languages.inlayHint.refresh()));
    }
  },
};

function hintsOf(settings: Settings): Hints {
  const entries = Object.entries(HINTS).map(([name, on]) => [
    name,
    settingAt<boolean>(settings, `inlayHints.${name}`, on),
  ]);
  return Object.fromEntries(entries) as Hints;
}

/** The hints of `[start, end)` of the text. */
export function inlayHints(analysis: Analysis, start: number, end: number, wanted: Hints): InlayHint[] {
  return new Collector(analysis, wanted).collect(start, end);
}

class Collector {
  private readonly analysis: Analysis;
  private readonly wanted: Hints;
  private readonly hints: InlayHint[] = [];

  constructor(analysis: Analysis, wanted: Hints) {
    this.analysis = analysis;
    this.wanted = wanted;
  }

  collect(start: number, end: number): InlayHint[] {
    const { analysis, wanted } = this;
    const { tokens } = analysis.tree;
    const first = Math.max(0, tokenAt(tokens, start));
    let module: ModuleAnalysis | undefined;
    let field: Field | undefined;
    for (let token = first; token < tokens.count && tokens.starts[token] < end; token++) {
      const kind = tokens.kinds[token];
      if (kind === Tok.Annot) {
        token = formEnd(analysis.tree, token) - 1;
        continue;
      }
      if (kind !== Tok.Id && kind !== Tok.Int && kind !== Tok.Keyword) continue;
      const pos = tokens.starts[token];
      if (!module || pos < module.span.start || pos >= module.span.end) module = analysis.moduleAt(pos);
      if (!module) continue;
      const behind = field && pos >= tokens.starts[formEnd(analysis.tree, field.open)];
      if (!field || behind || pos < tokens.starts[field.open]) {
        field = fieldAt(analysis.tree, module.assembly.fields, pos);
        if (field?.kind === 'func' && wanted.blockEnds) this.blockEnds(module, field, start, end);
      }
      if (kind === Tok.Keyword) this.keyword(module, field, token);
      else this.index(module, token, kind === Tok.Int);
    }
    return this.hints.sort(inOrder);
  }

  /** `call 7` is a call of `$malloc`, and `call $malloc` one of 7. */
  private index(module: ModuleAnalysis, token: number, isNumber: boolean): void {
    if (isNumber ? !this.wanted.names : !this.wanted.indices) return;
    const { symbols } = module.assembly;
    const use = symbols.useOf(token);
    const item = use ?? (isNumber ? undefined : symbols.defOf(token));
    if (!item || item.idx < 0) return;
    if (!isNumber) {
      // Labels are told by how far out they are, not by a number of the whole function.
      if (item.space !== 'label') this.add(token, String(item.idx), item);
      return;
    }
    const name = definitionOf(module, item)?.name;
    if (name !== undefined) this.add(token, writtenId(name), item);
  }

  private keyword(module: ModuleAnalysis, field: Field | undefined, token: number): void {
    const { tree } = module;
    const instr = instrOfWord(tree.tokens.words[token]);
    if (!instr) {
      if (this.wanted.types && wordText(tree.tokens.words[token]) === 'func')
        this.implicitType(module, field, token);
      return;
    }
    const { name } = instr;
    if (this.wanted.types && /^(return_)?call/.test(name)) this.results(module, token);
    if (this.wanted.localTypes && (name === 'local.get' || name === 'global.get'))
      this.results(module, token);
    if (this.wanted.parameterNames) this.parameters(module, token);
  }

  /** What a call leaves, and what a variable holds. */
  private results(module: ModuleAnalysis, token: number): void {
    const known = operandsOf(module, token);
    if (!known || known.results.length === 0 || !module.module) return;
    const last = lastImmediate(module, token);
    const types = known.results.map((type) => valTypeText(module.module!, type)).join(' ');
    this.add(last, `→ ${types}`, known.target, InlayHintKind.Type);
  }

  /** `(func $f (type $t))`: the type is written elsewhere. */
  private implicitType(module: ModuleAnalysis, field: Field | undefined, token: number): void {
    const { tree, module: decoded } = module;
    if (!decoded || field?.kind !== 'func' || headToken(tree, field.open) !== token) return;
    const end = signatureEnd(tree, field);
    let use = -1;
    for (let at = significant(tree, field.at); at < end; at = significant(tree, formEnd(tree, at))) {
      if (tree.tokens.kinds[at] !== Tok.Open) break;
      const word = headWord(tree, at);
      if (word === 'param' || word === 'result') return;
      if (word === 'type') use = at;
    }
    const type = funcTypeAt(decoded, decoded.funcs[field.idx]?.typeIdx);
    if (use < 0 || !type || type.params.length + type.results.length === 0) return;
    const item = immediate(module, headToken(tree, use), 'type');
    this.add(formEnd(tree, use) - 1, funcTypeText(decoded, type), item, InlayHintKind.Type);
  }

  /** `(call $f (i32.const 1))`: the name of the parameter in front of its operand. */
  private parameters(module: ModuleAnalysis, token: number): void {
    const { tree } = module;
    const { kinds, words } = tree.tokens;
    const open = tree.parent[token];
    if (open < 0 || headToken(tree, open) !== token) return;
    const operands = operandsOf(module, token)?.operands ?? [];
    let nth = 0;
    for (let at = significant(tree, token + 1); nth < operands.length && kinds[at] !== Tok.Close; ) {
      if (kinds[at] === Tok.End) return;
      const isForm = kinds[at] === Tok.Open;
      if (isForm && ROLES[words[headToken(tree, at)]] !== Role.None) {
        const { name } = operands[nth++];
        if (name !== undefined) this.parameter(at, `$${name}:`);
      }
      at = significant(tree, isForm ? formEnd(tree, at) : at + 1);
    }
  }

  private parameter(token: number, label: string): void {
    const { document, tree } = this.analysis;
    const position = document.positionAt(tree.tokens.starts[token]);
    this.hints.push({ position, label, kind: InlayHintKind.Parameter, paddingRight: true });
  }

  /** Which block each bare `end` in sight closes, unless it says so itself or stands on the same line. */
  private blockEnds(module: ModuleAnalysis, field: Field, start: number, end: number): void {
    const { tree } = module;
    const { kinds, words, starts } = tree.tokens;
    const blocks: number[] = [];
    const last = formEnd(tree, field.open);
    const first = bodyStart(tree, field);
    if (tokenAt(tree.tokens, start) - first > MOST) return;
    for (let token = first; token < last && starts[token] < end; token++) {
      if (kinds[token] === Tok.Annot) token = formEnd(tree, token) - 1;
      if (kinds[token] !== Tok.Keyword) continue;
      const role = ROLES[words[token]];
      if (role === Role.None || role === Role.Plain) continue;
      const open = tree.parent[token];
      if (open >= 0 && headToken(tree, open) === token) continue;
      if (role === Role.Block || role === Role.If || role === Role.Try) blocks.push(token);
      else if (role === Role.End || role === Role.Delegate) {
        const block = blocks.pop();
        if (block !== undefined && role === Role.End && starts[token] >= start) this.blockEnd(block, token);
      }
    }
  }

  private blockEnd(block: number, token: number): void {
    const { tree, document } = this.analysis;
    const { tokens } = tree;
    if (tokens.kinds[significant(tree, token + 1)] === Tok.Id) return;
    const line = document.positionAt(tokens.starts[block]).line;
    if (document.positionAt(tokens.starts[token]).line === line) return;
    const id = significant(tree, block + 1);
    const label = tokens.kinds[id] === Tok.Id ? ` ${tokenText(tokens, id)}` : '';
    const value = `⟵ ${wordText(tokens.words[block])}${label}`;
    const uri = document.uri;
    const range = {
      start: document.positionAt(tokens.starts[block]),
      end: document.positionAt(tokens.starts[block + 1]),
    };
    this.hints.push({
      position: document.positionAt(tokens.starts[token + 1]),
      label: [{ value, location: { uri, range } }],
      paddingLeft: true,
    });
  }

  /** Behind a token. */
  private add(token: number, value: string, item: Item | undefined, kind?: InlayHintKind): void {
    const { document, tree } = this.analysis;
    const pos = tree.tokens.starts[token];
    const data: Data | undefined = item && {
      uri: document.uri,
      item: { space: item.space, idx: item.idx, scope: item.scope },
      pos,
    };
    this.hints.push({
      position: document.positionAt(tree.tokens.starts[token + 1]),
      label: [{ value }],
      paddingLeft: true,
      ...(kind !== undefined && { kind }),
      ...(data && { data }),
    });
  }
}

/** By position; a type comes behind the name it belongs to. */
function inOrder(a: InlayHint, b: InlayHint): number {
  const isType = ({ kind }: InlayHint) => (kind === InlayHintKind.Type ? 1 : 0);
  return (
    a.position.line - b.position.line || a.position.character - b.position.character || isType(a) - isType(b)
  );
}

/** The last token of an instruction's immediates. */
function lastImmediate({ tree }: ModuleAnalysis, keyword: number): number {
  const { kinds } = tree.tokens;
  let last = keyword;
  for (let at = significant(tree, keyword + 1); ; ) {
    if (kinds[at] === Tok.Id || kinds[at] === Tok.Int) last = at;
    else if (kinds[at] === Tok.Open && /^(type|param|result)$/.test(headWord(tree, at)))
      last = formEnd(tree, at) - 1;
    else return last;
    at = significant(tree, last + 1);
  }
}

/** With the definition: as a tooltip and as the place to go to. */
export function resolved(analysis: Analysis, hint: InlayHint, { item, pos }: Data): InlayHint {
  const module = analysis.moduleAt(pos);
  const target = module && definitionFrom(analysis, module, item);
  if (!target || !Array.isArray(hint.label)) return hint;
  const comment = definitionComment(target.module, target.def);
  const text = codeBlock(definitionText(target.module, target.def));
  const value = [text, ...(comment ? [prose(comment)] : [])].join('\n\n');
  const [first, ...rest] = hint.label;
  const part: InlayHintLabelPart = { ...first, location: locationOf(target) };
  return { ...hint, label: [part, ...rest], tooltip: { kind: 'markdown', value } };
}
