/**
 * `textDocument/formatting`, `rangeFormatting`, `rangesFormatting` and `onTypeFormatting`: white space, laid out.
 *
 * The client's options say how to indent, our settings the rest: also whether code is folded or unfolded meanwhile. A
 * text of any length is laid out in short turns.
 */

import {
  type DocumentFormattingParams,
  type DocumentOnTypeFormattingParams,
  type DocumentRangeFormattingParams,
  type DocumentRangesFormattingParams,
  type FormattingOptions,
  type Range,
  TextEdit,
} from 'vscode-languageserver';
import type { Span } from '../../engine/base/errors.ts';
import type { Analysis } from '../analysis.ts';
import { inTurns, takeTurns } from '../facts/turns.ts';
import type { Feature, Question } from '../feature.ts';
import type { GapEdit } from '../format/format.ts';
import { type Closing, DEFAULT_FORMAT, type FormatOptions } from '../format/options.ts';
import { type Folding, refoldEdits } from '../format/refold.ts';
import { closedFormEdits, newLineEdits } from '../format/typing.ts';
import { type Settings, settingAt } from '../settings.ts';
import { witFormat } from '../wit/format.ts';

export const formattingFeature: Feature = {
  capabilities: () => ({
    documentFormattingProvider: true,
    documentRangeFormattingProvider: { rangesSupport: true },
    documentOnTypeFormattingProvider: { firstTriggerCharacter: ')', moreTriggerCharacter: ['\n'] },
  }),
  register({ connection, about, analyses }) {
    /** Folding needs to know what instructions take. */
    const format: Formatter = async (analysis, options, question, ranges) => {
      const folding = settingAt(question.settings, 'format.folded', 'keep' as string);
      if (folding !== 'fold' && folding !== 'unfold')
        return formatted(analysis, options, 'keep', question, ranges);
      const { uri, version } = analysis.document;
      const named = await analyses.prepared(uri, 'symbols', question.token);
      return named?.document.version === version ? formatted(named, options, folding, question, ranges) : [];
    };
    connection.onDocumentFormatting(
      about(
        'formatting',
        'tree',
        [],
        (analysis, { options }: DocumentFormattingParams, question) => format(analysis, options, question),
        (view, { options }, { settings }) => witFormat(view, formatOptions(settings, options)),
      ),
    );
    connection.onDocumentRangeFormatting(
      about(
        'formatting',
        'tree',
        [],
        (analysis, { options, range }: DocumentRangeFormattingParams, question) =>
          format(analysis, options, question, [range]),
        (view, { options, range }, { settings }) =>
          witFormat(view, formatOptions(settings, options), offsetsOf(view, range)),
      ),
    );
    connection.onDocumentRangesFormatting(
      about(
        'formatting',
        'tree',
        [],
        (analysis, { options, ranges }: DocumentRangesFormattingParams, question) =>
          format(analysis, options, question, ranges),
        (view, { options, ranges }, { settings }) =>
          ranges.flatMap((range) =>
            witFormat(view, formatOptions(settings, options), offsetsOf(view, range)),
          ),
      ),
    );
    connection.onDocumentOnTypeFormatting(
      about(
        'formatting',
        'tree',
        [],
        (analysis, { ch, options, position }: DocumentOnTypeFormattingParams, { settings }) =>
          formatOnType(analysis, ch, analysis.document.offsetAt(position), formatOptions(settings, options)),
      ),
    );
  },
};

/** How a text is laid out: our settings, and what the client says of the editor. */
export function formatOptions(settings: Settings, options: FormattingOptions): FormatOptions {
  const closing = settingAt(settings, 'format.closing', DEFAULT_FORMAT.closing as string);
  return {
    width: Math.max(20, settingAt(settings, 'format.width', DEFAULT_FORMAT.width)),
    tabSize: Math.min(Math.max(1, options?.tabSize ?? DEFAULT_FORMAT.tabSize), 16),
    insertSpaces: options?.insertSpaces ?? DEFAULT_FORMAT.insertSpaces,
    closing: isClosing(closing) ? closing : DEFAULT_FORMAT.closing,
    finalNewline: options?.insertFinalNewline,
  };
}

/** The edits behind a character that was typed in front of `pos`. */
export function formatOnType(
  { document, tree }: Analysis,
  ch: string,
  pos: number,
  options: FormatOptions,
): TextEdit[] {
  const edits = ch === '\n' ? newLineEdits(tree, options, pos) : closedFormEdits(tree, options, pos);
  return edits.map((edit) => textEdit(document, edit));
}

type Formatter = (
  analysis: Analysis,
  options: FormattingOptions,
  question: Question,
  ranges?: readonly Range[],
) => Promise<TextEdit[]>;

async function formatted(
  { document, tree, modules }: Pick<Analysis, 'document' | 'tree' | 'modules'>,
  options: FormattingOptions,
  folding: Folding,
  { settings, token }: Question,
  ranges: readonly (Range | undefined)[] = [undefined],
): Promise<TextEdit[]> {
  const turns = takeTurns(token);
  const how = formatOptions(settings, options);
  const made: TextEdit[] = [];
  for (const range of ranges) {
    const span = range && offsetsOf({ document }, range);
    const edits = await inTurns(refoldEdits(tree, modules, how, folding, span), turns);
    for (let i = 0; i < edits.length; i++) {
      made.push(textEdit(document, edits[i]));
      if (i % 1024 === 0) await turns.pause();
    }
  }
  return made;
}

function offsetsOf({ document }: Pick<Analysis, 'document'>, { start, end }: Range): Span {
  return { start: document.offsetAt(start), end: document.offsetAt(end) };
}

function textEdit(document: Analysis['document'], { start, end, text }: GapEdit): TextEdit {
  return TextEdit.replace({ start: document.positionAt(start), end: document.positionAt(end) }, text);
}

function isClosing(value: string): value is Closing {
  return value === 'keep' || value === 'hug' || value === 'line';
}
