/**
 * `textDocument/signatureHelp`: what a call, a branch, a `throw` or a `struct.new` takes, and which operand is next.
 *
 * In a folded form the operand is the one around the caret. In flat code operands stand in front of the instruction:
 * then it is the first one that is missing on the stack. `(invoke "f" …)` in a script counts as a call.
 */

import type { ParameterInformation, SignatureHelp, SignatureHelpParams } from 'vscode-languageserver';
import { ROLES, Role } from '../../engine/text/blocks.ts';
import { Tok, tokenText } from '../../engine/text/lexer.ts';
import { idName, stringName } from '../../engine/text/strings.ts';
import { formEnd } from '../../engine/text/tree.ts';
import { instrOfWord } from '../../engine/text/words.ts';
import type { Analysis } from '../analysis.ts';
import { moduleAround } from '../facts/asserted-module.ts';
import { branchOperands } from '../facts/branches.ts';
import { oneLine, significant } from '../facts/forms.ts';
import { definitionComment, definitionOf } from '../facts/item.ts';
import { prose } from '../facts/markdown.ts';
import { type Operands, operandsOf } from '../facts/operands.ts';
import { fieldAt, headOf, headToken, type Place, placeAt, previous, tokenOf } from '../facts/place.ts';
import { actedOn, exportedFunc } from '../facts/script-modules.ts';
import { valTypeText } from '../facts/signature.ts';
import { stateBefore } from '../facts/typed.ts';
import type { Feature } from '../feature.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';

/** Instructions whose operands depend on what they name. */
const SHOWN: ReadonlySet<string> = new Set([
  'call', 'call_ref', 'call_indirect', 'return_call', 'return_call_ref', 'return_call_indirect', 'throw', 'br',
  'br_if', 'br_table', 'return', 'struct.new', 'struct.set', 'array.new', 'array.set', 'array.fill',
]); // biome-ignore format: a list of words

export interface SignatureSupport {
  /** Parameters are told by their place in the label, not by their text. */
  readonly offsets: boolean;
  /** The client takes null for "no parameter is next". */
  readonly noParameter: boolean;
}

export const signatureHelpFeature: Feature = {
  capabilities: () => ({
    signatureHelpProvider: { triggerCharacters: ['(', ' '], retriggerCharacters: [')'] },
  }),
  register({ connection, about, client }) {
    const known = client.capabilities.textDocument?.signatureHelp?.signatureInformation;
    const support: SignatureSupport = {
      offsets: known?.parameterInformation?.labelOffsetSupport === true,
      noParameter: known?.noActiveParameterSupport === true,
    };
    connection.onSignatureHelp(
      about('signature help', 'symbols', null, (analysis, { position }: SignatureHelpParams) =>
        signatureHelp(analysis, analysis.document.offsetAt(position), support),
      ),
    );
  },
};

/** Null where nothing is being called. `pos` is an offset in the text. */
export function signatureHelp(
  analysis: Analysis,
  pos: number,
  support: SignatureSupport = { offsets: true, noParameter: true },
): SignatureHelp | null {
  const place = placeAt(analysis.tree, pos);
  if (place.inComment) return null;
  const module = moduleAround(analysis, pos);
  const field = module && fieldAt(analysis.tree, module.assembly.fields, pos);
  const call =
    module && field?.kind === 'func'
      ? (foldedCall(analysis, module, place) ?? flatCall(analysis, module, place))
      : invoked(analysis, place);
  return call ? inform(call, support) : null;
}

/** Something that takes operands. */
interface Call {
  readonly module: ModuleAnalysis;
  /** How it is written, without its operands: `call $f`. */
  readonly head: string;
  readonly taken: Operands;
  /** The operand that is being written; as many as there are: all are given. */
  readonly active: number;
  readonly comment?: string;
}

/** The innermost form around that calls, with the place among its operands. */
function foldedCall(analysis: Analysis, module: ModuleAnalysis, place: Place): Call | undefined {
  const { tree } = analysis;
  const { words } = tree.tokens;
  const at = tokenOf(tree, place);
  for (let open = place.open; open >= 0; open = tree.parent[open]) {
    const keyword = headToken(tree, open);
    // `(` alone: the operand is about to be written.
    if (keyword >= at && place.word !== keyword) continue;
    if (ROLES[words[keyword]] !== Role.Plain) return undefined;
    const found = callAt(analysis, module, keyword);
    if (!found) continue;
    return { ...found, active: operandAt(analysis, keyword, place) };
  }
  return undefined;
}

/** Which operand form the caret is in or in front of. */
function operandAt({ tree }: Analysis, keyword: number, { pos }: Place): number {
  const { kinds, starts, words, count } = tree.tokens;
  let nth = 0;
  for (let at = significant(tree, keyword + 1); at < count && starts[at] < pos; ) {
    if (kinds[at] === Tok.Close) break;
    const end = kinds[at] === Tok.Open ? formEnd(tree, at) : at + 1;
    const isOperand = kinds[at] === Tok.Open && ROLES[words[headToken(tree, at)]] !== Role.None;
    // In an operand, or right behind its parenthesis.
    if (starts[end] > pos || (isOperand && tree.match[at] < 0)) break;
    if (isOperand) nth++;
    at = significant(tree, end);
  }
  return nth;
}

/** The instruction that is being written, or was just finished on this line. */
function flatCall(analysis: Analysis, module: ModuleAnalysis, place: Place): Call | undefined {
  const { tree } = analysis;
  const { kinds, words, text, starts } = tree.tokens;
  const at = tokenOf(tree, place);
  const from = place.word >= 0 ? at + 1 : at;
  for (let token = previous(tree, from); token > place.open; token = previous(tree, token)) {
    if (kinds[token] === Tok.Close) {
      const form = tree.match[token];
      if (form < 0 || ROLES[words[headToken(tree, form)]] !== Role.None) return undefined;
      token = form;
      continue;
    }
    if (kinds[token] !== Tok.Keyword) continue;
    if (!instrOfWord(words[token])) return undefined;
    if (/[\r\n]/.test(text.slice(starts[token], place.pos))) return undefined;
    const found = callAt(analysis, module, token);
    const field = fieldAt(tree, module.assembly.fields, place.pos);
    const state = field && stateBefore(module, field, token);
    if (!found || !state) return undefined;
    return { ...found, active: Math.min(state.height - state.top.height, found.taken.operands.length) };
  }
  return undefined;
}

function callAt(
  { tree }: Analysis,
  module: ModuleAnalysis,
  keyword: number,
): Omit<Call, 'active'> | undefined {
  const name = instrOfWord(tree.tokens.words[keyword])?.name;
  if (name === undefined || !SHOWN.has(name)) return undefined;
  const taken = operandsOf(module, keyword) ?? branch(module, keyword);
  if (!taken) return undefined;
  const { target } = taken;
  const def = target && definitionOf(module, target);
  const head = oneLine(tree, keyword, headEnd(module, keyword));
  return { module, head, taken, comment: def && definitionComment(module, def) };
}

function branch(module: ModuleAnalysis, keyword: number): Operands | undefined {
  const { tree, assembly } = module;
  const field = fieldAt(tree, assembly.fields, tree.tokens.starts[keyword]);
  const state = field && stateBefore(module, field, keyword);
  return state && branchOperands(module, field, keyword, state);
}

/** Behind the names and numbers of an instruction. */
function headEnd({ tree }: ModuleAnalysis, keyword: number): number {
  const { kinds } = tree.tokens;
  let end = keyword + 1;
  for (let at = significant(tree, end); kinds[at] === Tok.Id || kinds[at] === Tok.Int; ) {
    end = at + 1;
    at = significant(tree, end);
  }
  return end;
}

/** `(invoke $m "f" …)` around the caret. */
function invoked(analysis: Analysis, place: Place): Call | undefined {
  const { tree } = analysis;
  const { tokens } = tree;
  let open = place.open;
  while (open >= 0 && headOf(tree, open) !== 'invoke') open = tree.parent[open];
  if (open < 0 || !analysis.script) return undefined;
  const keyword = headToken(tree, open);
  const first = significant(tree, keyword + 1);
  const named = tokens.kinds[first] === Tok.Id;
  const string = named ? significant(tree, first + 1) : first;
  if (tokens.kinds[string] !== Tok.String || tokens.starts[string + 1] > place.pos) return undefined;
  const module = actedOn(analysis, named ? idName(tokens, first) : undefined, place.pos);
  const found = exportedFunc(module?.module, stringName(tokens, string) ?? '');
  if (!module?.module || !found) return undefined;
  const { names } = module.module;
  const operands = found.type.params.map((type, i) => ({ type, name: names.local(found.idx, i) }));
  let active = 0;
  for (let at = significant(tree, string + 1); tokens.kinds[at] === Tok.Open; ) {
    const end = formEnd(tree, at);
    if (tokens.starts[end] > place.pos || tree.match[at] < 0) break;
    active++;
    at = significant(tree, end);
  }
  const def = module.assembly.symbols.definition('func', found.idx);
  return {
    module,
    head: `invoke ${tokenText(tokens, string)}`,
    taken: { operands, results: found.type.results },
    active,
    comment: def && definitionComment(module, def),
  };
}

function inform(
  { module, head, taken, active, comment }: Call,
  { offsets, noParameter }: SignatureSupport,
): SignatureHelp {
  const decoded = module.module!;
  let label = head;
  const parameters = taken.operands.map(({ type, name }): ParameterInformation => {
    const text = `(param ${name === undefined ? '' : `$${name} `}${valTypeText(decoded, type)})`;
    const start = label.length + 1;
    label = `${label} ${text}`;
    return { label: offsets ? [start, start + text.length] : text };
  });
  const results = taken.results.map((type) => valTypeText(decoded, type)).join(' ');
  if (results) label = `${label} (result ${results})`;
  const all = active >= parameters.length;
  const next = all ? (noParameter ? null : Math.max(0, parameters.length - 1)) : active;
  const signature = {
    label,
    parameters,
    ...(comment && { documentation: { kind: 'markdown' as const, value: prose(comment) } }),
  };
  // The protocol takes null since 3.18; the package's type does not say so everywhere.
  return { signatures: [signature], activeSignature: 0, activeParameter: next as number };
}
