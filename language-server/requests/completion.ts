/**
 * `textDocument/completion` and `completionItem/resolve`: suggestions for a place, and what is said about one.
 *
 * What is suggested where is completion/'s business. Here it becomes LSP: ranges, order, documentation on request.
 */

import {
  type CompletionItem,
  type CompletionList,
  type CompletionParams,
  InsertTextFormat,
  type MarkupContent,
} from 'vscode-languageserver';
import { instrByName } from '../../engine/isa/isa.ts';
import { KEYWORDS, MEMARG_KEYWORDS } from '../../engine/isa/keywords.ts';
import type { Analysis } from '../analysis.ts';
import { collect } from '../completion/collect.ts';
import { collectInComponent } from '../completion/component.ts';
import { ANNOTATIONS } from '../completion/forms.ts';
import type { Subject } from '../completion/suggestion.ts';
import { moduleAround } from '../facts/asserted-module.ts';
import { instructionDoc } from '../facts/instruction-doc.ts';
import { definitionComment, definitionOf, definitionText, itemNumber } from '../facts/item.ts';
import { codeBlock, prose, withoutMarkup } from '../facts/markdown.ts';
import type { Feature } from '../feature.ts';
import { witCompletion } from '../wit/completion.ts';

/** What an item carries until it is looked at. */
interface Data {
  readonly subject: Subject;
  readonly uri: string;
  readonly pos: number;
}

export const completionFeature: Feature = {
  capabilities: () => ({
    completionProvider: { triggerCharacters: ['$', '(', '.', '"', '@', '='], resolveProvider: true },
  }),
  register({ connection, about, analyses, client }) {
    const { completionItem } = client.capabilities.textDocument?.completion ?? {};
    const snippets = completionItem?.snippetSupport === true;
    const markdown = completionItem?.documentationFormat?.includes('markdown') ?? true;
    connection.onCompletion(
      about(
        'completion',
        'symbols',
        null,
        (analysis, { position }: CompletionParams) =>
          completion(
            analysis,
            analysis.document.offsetAt(position),
            snippets,
            completionItem?.labelDetailsSupport,
          ),
        (view, { position }) => witCompletion(view, view.document.offsetAt(position), snippets, markdown),
      ),
    );
    connection.onCompletionResolve(async (item, token) => {
      const data = item.data as Data | undefined;
      const isItem = data?.subject.kind === 'item';
      const analysis = isItem ? await analyses.prepared(data.uri, 'symbols', token) : undefined;
      const text = data && documentation(analysis, data);
      if (!text) return item;
      const documentation_: MarkupContent = markdown
        ? { kind: 'markdown', value: text }
        : { kind: 'plaintext', value: withoutMarkup(text) };
      return { ...item, documentation: documentation_ };
    });
  },
};

/**
 * Null where nothing can be suggested. `pos` is an offset in the text; `snippets`: the client can fill in places;
 * `labelDetails`: it shows types beside labels, else they are details.
 */
export function completion(
  analysis: Analysis,
  pos: number,
  snippets: boolean,
  labelDetails = false,
): CompletionList | null {
  const component = analysis.componentAt(pos);
  const collected = component
    ? collectInComponent(analysis, component, pos)
    : collect(analysis, pos, snippets);
  if (!collected) return null;
  const { document } = analysis;
  const { suggestions, place } = collected;
  const range = { start: document.positionAt(place.span.start), end: document.positionAt(place.span.end) };
  const typed = document.getText({ start: range.start, end: document.positionAt(place.pos) });
  const best = suggestions.best();
  const items = best.map((suggestion, order): CompletionItem => {
    const { label, kind, description, insert, snippet, subject } = suggestion;
    const detail = typeof suggestion.detail === 'function' ? suggestion.detail() : suggestion.detail;
    const data: Data | undefined = subject && {
      subject,
      uri: document.uri,
      pos: place.span.start,
    };
    return {
      label,
      kind,
      ...(labelDetails && (detail || description) && { labelDetails: { detail, description } }),
      ...(!labelDetails && detail && { detail: detail.trim() }),
      sortText: String(order).padStart(4, '0'),
      // The client filters by what stands in the range: a form's parenthesis does not.
      ...(insert?.startsWith('(') && !typed.startsWith('(') && { filterText: label }),
      textEdit: { range, newText: insert ?? label },
      ...(snippet && { insertTextFormat: InsertTextFormat.Snippet }),
      ...(data && { data }),
    };
  });
  return { isIncomplete: suggestions.incomplete, items };
}

/** In markdown; undefined if there is nothing to say. What was typed since the question does not move items. */
function documentation(analysis: Analysis | undefined, data: Data): string | undefined {
  const { subject } = data;
  if (subject.kind === 'item') {
    return analysis && itemDoc(analysis, data.pos, subject);
  }
  if (subject.kind === 'annotation') return prose(ANNOTATIONS[subject.word].doc);
  const instr = instrByName(subject.word);
  if (instr && (subject.kind === 'instruction' || !KEYWORDS.has(subject.word))) {
    const { title, sentence, facts } = instructionDoc(instr);
    return [title, sentence, ...facts].join('\n\n');
  }
  const memarg = MEMARG_KEYWORDS[subject.word as keyof typeof MEMARG_KEYWORDS];
  const doc = KEYWORDS.get(subject.word)?.doc ?? memarg;
  return doc === undefined ? undefined : prose(doc);
}

function itemDoc(
  analysis: Analysis,
  pos: number,
  item: Extract<Subject, { kind: 'item' }>,
): string | undefined {
  const module = moduleAround(analysis, pos);
  const def = module && definitionOf(module, item);
  if (!def) return undefined;
  const comment = definitionComment(module, def);
  return [
    codeBlock(definitionText(module, def)),
    ...(comment ? [prose(comment)] : []),
    itemNumber(item),
  ].join('\n\n');
}
