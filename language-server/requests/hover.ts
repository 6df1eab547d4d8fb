/**
 * `textDocument/hover`: what stands at a place. Instructions, names, keywords, numbers, strings, annotations; what is
 * known of each stands in facts/.
 */

import type { Hover, HoverParams } from 'vscode-languageserver';
import { type Instr, isDeprecatedName } from '../../engine/isa/isa.ts';
import { KEYWORDS, MEMARG_KEYWORDS } from '../../engine/isa/keywords.ts';
import { ROLES, Role } from '../../engine/text/blocks.ts';
import { Tok, tokenText } from '../../engine/text/lexer.ts';
import { annotationId, idName, stringName, writtenId } from '../../engine/text/strings.ts';
import { formEnd } from '../../engine/text/tree.ts';
import { instrOfWord } from '../../engine/text/words.ts';
import type { Analysis } from '../analysis.ts';
import { ANNOTATIONS } from '../completion/forms.ts';
import { namesInBinary } from '../disassembly/names.ts';
import { targetOf } from '../disassembly/targets.ts';
import { accessOf, accessText } from '../facts/access.ts';
import { exportAt } from '../facts/across-modules.ts';
import { moduleAround } from '../facts/asserted-module.ts';
import { componentItemAt, componentItemText, externNameText } from '../facts/component-item.ts';
import { componentWordDoc } from '../facts/component-words.ts';
import { counted } from '../facts/counted.ts';
import { dataStringText } from '../facts/data-string.ts';
import { blockExtent, blockOf, functionExtent } from '../facts/extent.ts';
import { headWord, pointedToken, significant } from '../facts/forms.ts';
import { instructionBytes } from '../facts/instruction-bytes.ts';
import { instructionDoc } from '../facts/instruction-doc.ts';
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
import { offsetOf } from '../facts/offset.ts';
import { fieldAt, headToken } from '../facts/place.ts';
import { modulesBefore } from '../facts/script-modules.ts';
import { stackAround } from '../facts/stack.ts';
import { namedTypes, typeRelations } from '../facts/type-facts.ts';
import type { Feature } from '../feature.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';
import { witHover } from '../wit/hover.ts';

export const hoverFeature: Feature = {
  capabilities: () => ({ hoverProvider: true }),
  register({ connection, about, client }) {
    connection.onHover(
      about(
        'hover',
        'symbols',
        null,
        (analysis, { position }: HoverParams) =>
          hover(analysis, analysis.document.offsetAt(position), client.showsMarkdown),
        (view, { position }) => witHover(view, view.document.offsetAt(position), client.showsMarkdown),
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
  const inComponent = componentItemAt(analysis, pos);
  if (inComponent) return componentItemText(inComponent);
  if (analysis.componentAt(pos)) return componentText(analysis, token, pos);
  const { tree } = analysis;
  const { kinds, words } = tree.tokens;
  const module = moduleAround(analysis, pos);
  switch (kinds[token]) {
    case Tok.Keyword: {
      const word = tokenText(tree.tokens, token);
      const instr = instrOfWord(words[token]);
      if (instr && (module?.assembly.fields.length || !analysis.script)) {
        return instruction(analysis, instr, word, module, token);
      }
      return instr && !KEYWORDS.has(word) ? plainInstruction(instr) : keyword(analysis, module, word, token);
    }
    case Tok.Id:
    case Tok.Int: {
      const item = module && itemAt(module, token);
      if (item) return named(analysis, module, item);
      if (kinds[token] === Tok.Id) return scriptName(analysis, token);
      return literal(analysis, token);
    }
    case Tok.Float:
      return literal(analysis, token);
    case Tok.String:
      return string(analysis, module, token);
    case Tok.Annot: {
      const id = annotationId(tree.tokens, token) ?? '';
      const known = Object.hasOwn(ANNOTATIONS, id) ? ANNOTATIONS[id] : undefined;
      return known && `${codeBlock(`(@${id} …)`)}\n\n${prose(known.doc)}`;
    }
    default:
      return undefined;
  }
}

/** In a component, and no name of an item. */
function componentText(analysis: Analysis, token: number, pos: number): string | undefined {
  const { tokens } = analysis.tree;
  if (tokens.kinds[token] === Tok.String) return externNameText(analysis, pos);
  if (tokens.kinds[token] !== Tok.Keyword) return undefined;
  const word = tokenText(tokens, token);
  const doc = componentWordDoc(word);
  return doc && `${codeBlock(doc.form)}\n\n${prose(doc.text)}`;
}

function instruction(
  analysis: Analysis,
  instr: Instr,
  word: string,
  module: ModuleAnalysis | undefined,
  token: number,
): string {
  const { tree } = analysis;
  const { title, sentence, facts } = instructionDoc(instr, addressType(module));
  const lines = [title];
  if (isDeprecatedName(word)) lines.push(`The old name of ${code(instr.name)}.`);
  lines.push(sentence);
  const stack = module && stackHere(module, tree.tokens.starts[token]);
  if (stack) lines.push(stack);
  const access = accessText(tree, token);
  if (access) lines.push(access);
  const bytes = bytesHere(analysis, module, tree.tokens.starts[token]);
  if (bytes) lines.push(bytes);
  const block = module && blockFact(analysis, module, token);
  if (block) lines.push(block);
  return [...lines, ...facts].join('\n\n');
}

/** In a text that a binary was printed as. */
function bytesHere(
  { document }: Analysis,
  module: ModuleAnalysis | undefined,
  pos: number,
): string | undefined {
  if (!module?.module || !document.uri.startsWith('wasmscope:')) return undefined;
  const offset = offsetOf(module, pos);
  return offset < 0 ? undefined : instructionBytes(module.module, offset);
}

/** Without a place in a module: in the values of a script. */
function plainInstruction(instr: Instr): string {
  const { title, sentence, facts } = instructionDoc(instr);
  return [title, sentence, ...facts].join('\n\n');
}

/** The size of a block; at an `end` or `else`, which block it belongs to. */
function blockFact({ tree, document }: Analysis, module: ModuleAnalysis, token: number): string | undefined {
  const role = ROLES[tree.tokens.words[token]];
  if (role === Role.Block || role === Role.If || role === Role.Try) {
    const extent = blockExtent(module, token);
    return extent && `With its end: ${extent}`;
  }
  const open = tree.parent[token];
  const isHead = open >= 0 && headToken(tree, open) === token;
  if ((role !== Role.End && role !== Role.Else) || isHead) return undefined;
  const block = blockOf(module, token);
  if (block < 0) return undefined;
  const line = document.positionAt(tree.tokens.starts[block]).line + 1;
  const id = significant(tree, block + 1);
  const label = tree.tokens.kinds[id] === Tok.Id ? ` ${tokenText(tree.tokens, id)}` : '';
  return `Of ${code(`${tokenText(tree.tokens, block)}${label}`)} in line ${line}`;
}

/** What addresses are, if all memories of the module agree. */
function addressType(module: ModuleAnalysis | undefined): string {
  const kinds = new Set(module?.module?.memories.map(({ type }) => type.is64) ?? []);
  return kinds.size > 1 ? 'addr' : kinds.has(true) ? 'i64' : 'i32';
}

function stackHere(module: ModuleAnalysis, pos: number): string | undefined {
  const offset = offsetOf(module, pos);
  const stack = offset < 0 ? undefined : stackAround(module, offset);
  if (!stack) return undefined;
  const place = stack.reachable ? '' : ' (never reached)';
  if (stack.after === undefined) return `Stack here ${code(stack.before)}${place}`;
  return `Stack here ${code(stack.before)} → ${code(stack.after)}${place}`;
}

function keyword(
  { tree }: Analysis,
  module: ModuleAnalysis | undefined,
  word: string,
  token: number,
): string | undefined {
  const known = KEYWORDS.get(word);
  if (known) {
    const field =
      module && word === 'func' && fieldAt(tree, module.assembly.fields, tree.tokens.starts[token]);
    const isField = field && field.kind === 'func' && headToken(tree, field.open) === token;
    const extent = isField ? functionExtent(module, field) : undefined;
    return [codeBlock(word), prose(known.doc), ...(extent ? [`Code: ${extent}`] : [])].join('\n\n');
  }
  const prefix = /^(?:offset|align)=/.exec(word)?.[0] as keyof typeof MEMARG_KEYWORDS | undefined;
  if (!prefix) return undefined;
  const access = accessText(tree, accessOf(tree, token));
  return [codeBlock(word), prose(MEMARG_KEYWORDS[prefix]), ...(access ? [access] : [])].join('\n\n');
}

/** Data says where it goes; the name of an export, what it exports or calls. */
function string(analysis: Analysis, module: ModuleAnalysis | undefined, token: number): string | undefined {
  const { tree } = analysis;
  const data = module && dataStringText(module, token);
  if (data) return data;
  const open = tree.parent[token];
  const head = open < 0 ? '' : headWord(tree, open);
  const name = stringName(tree.tokens, token);
  if (name === undefined) return undefined;
  if (head === 'invoke' || head === 'get') {
    const found = exportAt(analysis, token);
    return found && named(analysis, found.module, found.item);
  }
  if (head === 'register' || head === 'import') return linked(analysis, token, open, head, name);
  if (head !== 'export' || !module) return undefined;
  const found = module.module?.exports.find((item) => item.name === name);
  return found && named(analysis, module, { space: found.kind, idx: found.idx });
}

/** A name that modules of a script are registered under, or an export that is imported from one. */
function linked(
  analysis: Analysis,
  token: number,
  open: number,
  head: 'register' | 'import',
  name: string,
): string | undefined {
  const { tree } = analysis;
  const { tokens } = tree;
  const first = significant(tree, headToken(tree, open) + 1);
  const end = tokens.starts[formEnd(tree, open)];
  const pos = head === 'register' ? end + 1 : tokens.starts[open];
  const as = first === token ? name : stringName(tokens, first);
  const from = modulesBefore(analysis, pos).findLast(({ registered }) => registered.includes(as ?? ''));
  if (!from) return undefined;
  if (first === token) {
    const called = from.name === undefined ? '' : writtenId(from.name);
    return moduleText(called, from.module, from.registered);
  }
  const found = from.module.module?.exports.find((item) => item.name === name);
  return found && named(analysis, from.module, { space: found.kind, idx: found.idx });
}

/** A name of a module: what it has, and what it is registered as. */
function scriptName(analysis: Analysis, token: number): string | undefined {
  const { tree } = analysis;
  const { tokens } = tree;
  const open = tree.parent[token];
  const isOwn = open >= 0 && headWord(tree, open) === 'module';
  const name = idName(tokens, token);
  if (isOwn && !analysis.script) {
    const module = analysis.moduleAt(tokens.starts[token]);
    return module && moduleText(tokenText(tokens, token), module, []);
  }
  if (!analysis.script || (analysis.moduleAt(tokens.starts[token])?.assembly.fields.length && !isOwn)) {
    return undefined;
  }
  const known = modulesBefore(analysis, isOwn ? tokens.text.length : tokens.starts[token]);
  const found = known.findLast(
    (entry) => entry.name === name && (!isOwn || entry.module.span.start === tokens.starts[open]),
  );
  return found && moduleText(tokenText(tokens, token), found.module, found.registered);
}

function moduleText(
  name: string,
  { module, assembly }: ModuleAnalysis,
  registered: readonly string[],
): string {
  const lines = [codeBlock(`module ${name}`.trimEnd())];
  const facts = [counted(assembly.bytes.length, 'byte')];
  if (module) {
    const { funcs, imports, exports } = module;
    facts.push(
      counted(funcs.length, 'function'),
      counted(imports.length, 'import'),
      counted(exports.length, 'export'),
    );
  }
  for (const as of registered) facts.push(`registered as ${code(JSON.stringify(as))}`);
  lines.push(facts.join(' · '));
  return lines.join('\n\n');
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
  facts.push(...namesInBinary(module, item), ...typeRelations(place, item));
  const behind = namedTypes(place, item).filter((line) => line !== text);
  if (behind.length > 0) lines.push(codeBlock(behind.join('\n')));
  lines.push(facts.join(' · '));
  return lines.join('\n\n');
}

function literal(analysis: Analysis, token: number): string | undefined {
  return literalForms(analysis.tree, token)
    ?.map((form) => code(form))
    .join(' · ');
}
