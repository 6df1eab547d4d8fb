/**
 * What a code action is: something that it offers at a selection, and the edits it makes.
 *
 * Offering is cheap: it looks at the selection and its function. Edits are worked out when the offer is taken.
 */

import type { Diagnostic } from 'vscode-languageserver';
import type { Span } from '../../engine/base/errors.ts';
import type { Field } from '../../engine/text/fields.ts';
import { Tok } from '../../engine/text/lexer.ts';
import { formEnd } from '../../engine/text/tree.ts';
import type { Analysis } from '../analysis.ts';
import { everyNode, firstToken, type Node, readCode } from '../facts/code.ts';
import type { Edit } from '../facts/edits.ts';
import { bodyStart, pointedToken } from '../facts/forms.ts';
import { fieldBefore } from '../facts/place.ts';
import { atOnce, inTurns, type Turns } from '../facts/turns.ts';
import type { Lint } from '../lints/lint.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';

/** Kinds of LSP's code actions, as far as we have any. */
export type Kind =
  | 'quickfix'
  | 'refactor.rewrite'
  | 'refactor.extract'
  | 'refactor.inline'
  | 'source.fixAll.wasmscope'
  | 'source.removeUnused';

export interface Offer {
  readonly title: string;
  readonly kind: Kind;
  /** What it repairs. */
  readonly diagnostics?: readonly Diagnostic[];
  readonly isPreferred?: boolean;
  /** Looks at more than one function: worked out only once it is chosen. */
  readonly costly?: boolean;
  /** Undefined if it cannot be done after all. What looks at a whole module says where it may pause. */
  edits(): Edits | Generator<void, Edits>;
}

export type Edits = readonly Edit[] | undefined;

/** The edits of an offer, without pausing. */
export function editsOf({ edits }: Offer): Edits {
  const found = edits();
  return found && 'next' in found ? atOnce(found) : found;
}

/** The edits of an offer, in turns. */
export async function editsInTurns({ edits }: Offer, turns: Turns): Promise<Edits> {
  const found = edits();
  return found && 'next' in found ? inTurns(found, turns) : found;
}

export interface Action {
  readonly kinds: readonly Kind[];
  offers(at: Selection): Iterable<Offer>;
}

/** Where an action is asked for. */
export class Selection {
  readonly analysis: Analysis;
  readonly span: Span;
  readonly module: ModuleAnalysis | undefined;
  /** The token that the selection begins at. */
  readonly token: number;
  /** The diagnostics that the client has at the selection. */
  readonly diagnostics: readonly Diagnostic[];
  /** The lints of the document that are on. */
  readonly lints: readonly Lint[];
  #field: Field | undefined;
  #code: readonly Node[] | undefined;
  #looked = false;

  constructor(
    analysis: Analysis,
    span: Span,
    diagnostics: readonly Diagnostic[] = [],
    lints: readonly Lint[] = [],
  ) {
    this.analysis = analysis;
    this.span = span;
    this.module = analysis.moduleAt(span.start);
    this.token = pointedToken(analysis.tree, span.start);
    this.diagnostics = diagnostics;
    this.lints = lints;
  }

  /** The module's field around the selection. */
  get field(): Field | undefined {
    this.#look();
    return this.#field;
  }

  /** The code of the function around the selection; undefined if it has faults of syntax. */
  get code(): readonly Node[] | undefined {
    this.#look();
    return this.#code;
  }

  /** The instruction whose head the selection begins in. */
  get instruction(): Node | undefined {
    if (!this.code) return undefined;
    for (const node of everyNode(this.code)) {
      if (firstToken(node) <= this.token && this.token < node.headEnd) return node;
    }
    return undefined;
  }

  /** The neighbouring instructions that the selection covers; with an empty one the whole code of the function. */
  get instructions(): readonly Node[] | undefined {
    const { code, span } = this;
    if (!code || code.length === 0) return undefined;
    if (span.start === span.end) return code;
    const { starts } = this.analysis.tree.tokens;
    let found: readonly Node[] | undefined;
    let lists: readonly (readonly Node[])[] = [code];
    for (;;) {
      const list = lists.find((nodes) => {
        const inside = touched(nodes, span, starts);
        return inside.length > 0;
      });
      if (!list) return found;
      const inside = touched(list, span, starts);
      found = inside;
      if (inside.length > 1) return found;
      const [{ operands, parts, headEnd, keyword }] = inside;
      // A selection that touches the head means the whole instruction.
      if (span.start < starts[headEnd] && span.end > starts[keyword]) return found;
      lists = [operands, ...parts.map(({ body }) => body)];
    }
  }

  #look(): void {
    if (this.#looked) return;
    this.#looked = true;
    const { module, token } = this;
    if (!module || token < 0) return;
    const { tree } = module;
    const { fields } = module.assembly;
    const field = fields[fieldBefore(fields, token)];
    if (!field || token >= formEnd(tree, field.open)) return;
    this.#field = field;
    const close = formEnd(tree, field.open) - 1;
    if (field.kind !== 'func' || field.import || tree.tokens.kinds[close] !== Tok.Close) return;
    this.#code = readCode(tree, bodyStart(tree, field), close);
  }
}

function touched(nodes: readonly Node[], { start, end }: Span, starts: Int32Array): Node[] {
  return nodes.filter((node) => starts[firstToken(node)] < end && starts[node.end] > start);
}
