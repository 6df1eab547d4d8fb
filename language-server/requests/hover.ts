/**
 * `textDocument/hover`: what stands at a place. Instructions, names, keywords, numbers; each in facts/.
 */

import type { Hover, HoverParams } from 'vscode-languageserver';
import { INSTR_DOCS, specLink } from '../../engine/isa/docs.ts';
import { FEATURE_NAMES } from '../../engine/isa/features.ts';
import { type Instr, isDeprecatedName } from '../../engine/isa/isa.ts';
import { KEYWORDS, MEMARG_KEYWORDS } from '../../engine/isa/keywords.ts';
import { Tok, tokenText } from '../../engine/text/lexer.ts';
import { instrOfWord } from '../../engine/text/words.ts';
import type { Analysis } from '../analysis.ts';
import { namesInBinary } from '../disassembly/names.ts';
import { targetOf } from '../disassembly/targets.ts';
import { pointedToken } from '../facts/forms.ts';
import { IMMEDIATES, instrType, opcodeBytes } from '../facts/instruction-types.ts';
import {
  definitionComment,
  definitionOf,
  definitionText,
  exportNames,
  type Item,
  itemAt,
  itemNumber,
  signatureOf,
} from '../facts/item.ts';
import { literalForms } from '../facts/literal.ts';
import { code, codeBlock, prose, withoutMarkup } from '../facts/markdown.ts';
import { stackAround } from '../facts/stack.ts';
import type { Feature } from '../feature.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';

export const hoverFeature: Feature = {
  capabilities: () => ({ hoverProvider: true }),
  register({ connection, about, client }) {
    connection.onHover(
      about('hover', 'symbols', null, (analysis, { position }: HoverParams) =>
        hover(analysis, analysis.document.offsetAt(position), client.showsMarkdown),
      ),
    );
  },
};

/** Null where there is nothing to say. `pos` is an offset in the text. */
export function hover(analysis: Analysis, pos: number, markdown: boolean): Hover | null {
  const { tree, document } = analysis;
  const { tokens } = tree;
  const token = pointedToken(tree, pos);
  if (token < 0) return null;
  const text = textAt(analysis, token, pos);
  if (!text) return null;
  const range = {
    start: document.positionAt(tokens.starts[token]),
    end: document.positionAt(tokens.starts[token + 1]),
  };
  if (!markdown) return { contents: { kind: 'plaintext', value: withoutMarkup(text) }, range };
  return { contents: { kind: 'markdown', value: text }, range };
}

function textAt(analysis: Analysis, token: number, pos: number): string | undefined {
  const { tree } = analysis;
  const { kinds, words } = tree.tokens;
  const module = analysis.moduleAt(pos);
  switch (kinds[token]) {
    case Tok.Keyword: {
      const word = tokenText(tree.tokens, token);
      const instr = instrOfWord(words[token]);
      return instr ? instruction(instr, word, module, tree.tokens.starts[token]) : keyword(word);
    }
    case Tok.Id:
    case Tok.Int: {
      const item = module && itemAt(module, token);
      if (item) return named(analysis, module, item);
      return kinds[token] === Tok.Int ? literal(analysis, token) : undefined;
    }
    case Tok.Float:
      return literal(analysis, token);
    default:
      return undefined;
  }
}

function instruction(instr: Instr, word: string, module: ModuleAnalysis | undefined, pos: number): string {
  const { name, feature, traps, shape } = instr;
  const lines = [codeBlock(`${name} : ${instrType(instr, addressType(module))}`)];
  if (isDeprecatedName(word)) lines.push(`The old name of ${code(name)}.`);
  lines.push(prose(INSTR_DOCS[name]));
  const stack = module && stackHere(module, pos);
  if (stack) lines.push(stack);
  if (IMMEDIATES[shape]) lines.push(`Written ${code(`${name} ${IMMEDIATES[shape]}`)}`);
  if (traps.length > 0) lines.push(`Traps: ${traps.join(', ')}`);
  const facts = [code(opcodeBytes(instr))];
  if (feature !== 'mvp') facts.push(FEATURE_NAMES[feature]);
  facts.push(`[Specification](${specLink(instr)})`);
  lines.push(facts.join(' · '));
  return lines.join('\n\n');
}

/** What addresses are, if all memories of the module agree. */
function addressType(module: ModuleAnalysis | undefined): string {
  const kinds = new Set(module?.module?.memories.map(({ type }) => type.is64) ?? []);
  return kinds.size > 1 ? 'addr' : kinds.has(true) ? 'i64' : 'i32';
}

function stackHere(module: ModuleAnalysis, pos: number): string | undefined {
  const here = module.assembly.map.instructionAt(pos);
  if (!here || here.span.start !== pos) return undefined;
  const stack = stackAround(module, here.offset);
  if (!stack) return undefined;
  const place = stack.reachable ? '' : ' (never reached)';
  if (stack.after === undefined) return `Stack here ${code(stack.before)}${place}`;
  return `Stack here ${code(stack.before)} → ${code(stack.after)}${place}`;
}

function keyword(word: string): string | undefined {
  const known = KEYWORDS.get(word);
  if (known) return `${codeBlock(word)}\n\n${prose(known.doc)}`;
  const prefix = /^(?:offset|align)=/.exec(word)?.[0] as keyof typeof MEMARG_KEYWORDS | undefined;
  return prefix && `${codeBlock(word)}\n\n${prose(MEMARG_KEYWORDS[prefix])}`;
}

function named(analysis: Analysis, module: ModuleAnalysis, item: Item): string | undefined {
  if (item.space === 'label' && item.idx < 0) {
    return `The label of the whole function: a branch to it returns.`;
  }
  const here = definitionOf(module, item);
  const target = here ? undefined : targetOf(module, item);
  const def = here ?? target?.def;
  if (!def) return undefined;
  const place = target?.module ?? module;
  const text = definitionText(place, def);
  const lines = [codeBlock(text)];
  const comment = definitionComment(place, def);
  if (comment) lines.push(prose(comment));
  const facts = [];
  if (item.space === 'label') {
    const line = analysis.document.positionAt(def.field.start).line + 1;
    facts.push(
      text.startsWith('loop')
        ? `label: a branch to it goes back to the start, in line ${line}`
        : `label of line ${line}: a branch to it goes behind its end`,
    );
  } else facts.push(itemNumber(item));
  const signature = signatureOf(module, item);
  if (signature && /\(type /.test(text)) facts.push(code(signature));
  for (const name of exportNames(module, item)) facts.push(`exported as ${code(JSON.stringify(name))}`);
  facts.push(...namesInBinary(module, item));
  lines.push(facts.join(' · '));
  return lines.join('\n\n');
}

function literal(analysis: Analysis, token: number): string | undefined {
  return literalForms(analysis.tree, token)
    ?.map((form) => code(form))
    .join(' · ');
}
