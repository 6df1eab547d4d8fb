/**
 * Quick fixes that a fault's own notes hold: the name that was meant, and the name that an instruction has now.
 */

import { nearest } from '../../engine/text/names.ts';
import { allWords } from '../../engine/text/words.ts';
import { replacing } from '../facts/edits.ts';
import type { Action, Offer, Selection } from './action.ts';
import { diagnosticsFrom, faultsAt } from './faults.ts';

const NOTES: readonly { readonly said: RegExp; title(text: string): string }[] = [
  { said: /^did you mean `([^`]+)`\?$/, title: (text) => `Change to ${text}` },
  { said: /^the instruction is called `([^`]+)` now$/, title: (text) => `Write ${text}` },
];

export const fromNotes: Action = {
  kinds: ['quickfix', 'source.fixAll.wasmscope'],
  *offers(at) {
    for (const fault of faultsAt(at)) {
      for (const { message } of fault.notes) {
        for (const { said, title } of NOTES) {
          const text = said.exec(message)?.[1];
          if (text === undefined) continue;
          yield {
            title: title(text),
            kind: 'quickfix',
            isPreferred: true,
            diagnostics: diagnosticsFrom(at, fault.span),
            edits: () => [replacing(fault.span, text)],
          };
        }
      }
    }
    yield* keywords(at);
    yield* allDeprecated(at);
  },
};

/** A keyword that is nearly one. */
function* keywords(at: Selection): Generator<Offer> {
  for (const { message, span, notes } of faultsAt(at)) {
    const [, written] = /^unknown operator (\S+)$/.exec(message) ?? [];
    if (written === undefined || notes.some(({ message }) => NOTES[1].said.test(message))) continue;
    const near = nearest(written, allWords());
    if (near === undefined) continue;
    yield {
      title: `Change to ${near}`,
      kind: 'quickfix',
      diagnostics: diagnosticsFrom(at, span),
      edits: () => [replacing(span, near)],
    };
  }
}

/** Every old name of the document. */
function* allDeprecated({ analysis }: Selection): Generator<Offer> {
  const { said } = NOTES[1];
  const edits = analysis.faults.flatMap(({ span, notes }) =>
    notes.flatMap(({ message }) => {
      const text = said.exec(message)?.[1];
      return text === undefined ? [] : [replacing(span, text)];
    }),
  );
  if (edits.length === 0) return;
  yield {
    title: 'Write all instructions by their present names',
    kind: 'source.fixAll.wasmscope',
    edits: () => edits,
  };
}
