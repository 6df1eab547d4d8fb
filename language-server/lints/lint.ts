/**
 * What a lint is: a code that never changes, how loud it is unless somebody says otherwise, and a look at one function
 * or at one module that yields what it found.
 *
 * Lints of functions read the function's text alone (and how many parameters its type has), so what they found holds
 * as long as that text stands. Lints of modules read fields and symbols.
 */

import type { DiagnosticTag } from 'vscode-languageserver';
import type { Span } from '../../engine/base/errors.ts';
import type { Edit } from '../facts/edits.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';
import type { FunctionView } from './function-view.ts';
import type { ModuleUses } from './module-uses.ts';

export const SEVERITIES = ['off', 'hint', 'information', 'warning', 'error'] as const;
export type Severity = (typeof SEVERITIES)[number];

/** Something that a lint found. */
export interface Found {
  readonly span: Span;
  readonly message: string;
  readonly related?: readonly { readonly span: Span; readonly message: string }[];
  readonly fix?: Fix;
}

export interface Fix {
  readonly title: string;
  readonly edits: readonly Edit[];
}

/** A finding, by the lint's code. */
export interface Lint extends Found {
  readonly code: string;
}

interface About {
  /** Kebab case. Never changes: it stands in people's settings and comments. */
  readonly code: string;
  readonly severity: Severity;
  readonly tag?: DiagnosticTag;
}

export interface FunctionLint extends About {
  check(fn: FunctionView): Iterable<Found>;
}

export interface ModuleLint extends About {
  check(module: ModuleAnalysis, uses: ModuleUses): Iterable<Found>;
}

/** A lint that something else finds: suppressions that name no lint. */
export interface TextLint extends About {
  readonly text: true;
}
