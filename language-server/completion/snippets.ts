/**
 * Blocks and skeletons with places to fill in, for clients that can.
 */

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: places of snippets

import { CompletionItemKind } from 'vscode-languageserver';
import type { Suggestions } from './suggestion.ts';

interface Snippet {
  readonly label: string;
  readonly detail: string;
  readonly body: string;
}

/** Where instructions stand bare. */
export const FLAT: readonly Snippet[] = [
  { label: 'block', detail: ' … end', body: 'block \\$${1:label}\n\t$0\nend' },
  { label: 'loop', detail: ' … end', body: 'loop \\$${1:label}\n\t$0\nend' },
  { label: 'if', detail: ' … end', body: 'if\n\t$0\nend' },
  { label: 'if', detail: ' … else … end', body: 'if${1: (result ${2:i32})}\n\t$3\nelse\n\t$0\nend' },
];

/** Behind `(`. The client closes the parenthesis. */
export const FOLDED: readonly Snippet[] = [
  { label: 'block', detail: ' $label …', body: 'block \\$${1:label}\n\t$0\n' },
  {
    label: 'loop',
    detail: ' $label … (br_if $label …)',
    body: 'loop \\$${1:label}\n\t$0\n\t(br_if \\$${1:label} ($2))\n',
  },
  { label: 'if', detail: ' (then …)', body: 'if ($1)\n\t(then\n\t\t$0))' },
  { label: 'if', detail: ' (then …) (else …)', body: 'if ($1)\n\t(then\n\t\t$2)\n\t(else\n\t\t$0)' },
];

/** Among the fields of a module, behind `(`. */
export const FIELDS: readonly Snippet[] = [
  {
    label: 'func',
    detail: ' $name (param …) (result …)',
    body: 'func \\$${1:name} (param \\$${2:x} ${3:i32}) (result ${4:i32})\n\t$0\n',
  },
  {
    label: 'func',
    detail: ' $name (export …)',
    body: 'func \\$${1:name} (export "${2:name}")\n\t$0\n',
  },
];

/** At the top of a text, behind `(`. */
export const TOP: readonly Snippet[] = [
  {
    label: 'module',
    detail: ' with a memory and a function',
    body: 'module\n\t(memory (export "memory") 1)\n\t(func \\$${1:main} (export "${2:main}") (result i32)\n\t\t${0:i32.const 0})\n',
  },
];

/** Commands of a script, behind `(`. */
export const COMMANDS: readonly Snippet[] = [
  {
    label: 'assert_return',
    detail: ' (invoke …) …',
    body: 'assert_return (invoke "$1" $2) $0',
  },
  { label: 'assert_trap', detail: ' (invoke …) "…"', body: 'assert_trap (invoke "$1" $2) "$0"' },
  { label: 'assert_invalid', detail: ' (module …) "…"', body: 'assert_invalid (module\n\t$0) "$1"' },
];

/** `wrapped`: no `(` stands in front of the caret yet. */
export function addSnippets(to: Suggestions, snippets: readonly Snippet[], wrapped: boolean): void {
  for (const { label, detail, body } of snippets) {
    to.add({
      label: `${label}${detail}`,
      kind: CompletionItemKind.Snippet,
      rank: 25,
      insert: wrapped ? `(${body})` : body,
      snippet: true,
      subject: { kind: 'keyword', word: label },
    });
  }
}
