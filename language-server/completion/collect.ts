/**
 * Completion by context: which kinds of suggestions a place wants.
 *
 * A place is inside of a form, either where that form's keyword goes (behind `(`) or where bare words go. Forms of
 * instructions have immediates, then operands; sequences of instructions have bare ones too.
 */

import { CompletionItemKind } from 'vscode-languageserver';
import { isDeprecatedName } from '../../engine/isa/isa.ts';
import { KEYWORDS } from '../../engine/isa/keywords.ts';
import { ROLES, Role } from '../../engine/text/blocks.ts';
import type { Field } from '../../engine/text/fields.ts';
import { Tok } from '../../engine/text/lexer.ts';
import { formEnd } from '../../engine/text/tree.ts';
import { instrOfWord } from '../../engine/text/words.ts';
import type { FuncValidator } from '../../engine/valid/func.ts';
import type { Analysis } from '../analysis.ts';
import { moduleAround } from '../facts/asserted-module.ts';
import { bodyStart, significant } from '../facts/forms.ts';
import { operandsOf } from '../facts/operands.ts';
import { fieldAt, headOf, headToken, type Place, placeAt, previous, tokenOf } from '../facts/place.ts';
import { stateBefore } from '../facts/typed.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';
import {
  ANNOTATIONS,
  COMMAND_FORMS,
  FIELD_FORMS,
  HEAP_TYPES,
  IN_COMMAND,
  IN_FIELD,
  IN_FORM,
  NUMBER_TYPES,
  REF_TYPES,
  STORAGE_TYPES,
  TYPED_FORMS,
  WORDS_IN,
} from './forms.ts';
import { addImmediates, type Written } from './immediates.ts';
import { addInstructions } from './instructions.ts';
import { addItems } from './names.ts';
import { addSnippets, COMMANDS, FIELDS, FLAT, FOLDED, TOP } from './snippets.ts';
import { addNamesInStrings, addScriptNames } from './strings.ts';
import { Suggestions } from './suggestion.ts';

/** What is collected for a place, and the range of the text that a suggestion replaces. */
export interface Collected {
  readonly place: Place;
  readonly suggestions: Suggestions;
}

/** Everything that may be meant at an offset of the text; `snippets`: the client can fill in places. */
export function collect(analysis: Analysis, pos: number, snippets: boolean): Collected | undefined {
  const { tree } = analysis;
  const place = placeAt(tree, pos);
  if (place.inComment || insideAnnotation(analysis, place)) return undefined;
  const suggestions = new Suggestions(place.prefix);
  new Collector(analysis, place, suggestions, snippets).collect();
  return { place, suggestions };
}

/** Inside of an annotation anything may stand; only its own id is ours to say. */
function insideAnnotation({ tree }: Analysis, { open }: Place): boolean {
  for (let around = open; around >= 0; around = tree.parent[around]) {
    if (tree.tokens.kinds[around] === Tok.Annot) return true;
  }
  return false;
}

class Collector {
  private readonly analysis: Analysis;
  private readonly place: Place;
  private readonly to: Suggestions;
  private readonly snippets: boolean;
  private readonly module: ModuleAnalysis | undefined;
  private readonly field: Field | undefined;
  /** The token that is being written, or the one behind the caret. */
  private readonly at: number;

  constructor(analysis: Analysis, place: Place, to: Suggestions, snippets: boolean) {
    this.analysis = analysis;
    this.place = place;
    this.to = to;
    this.snippets = snippets;
    this.module = moduleAround(analysis, place.pos);
    this.field = this.module && fieldAt(this.module.tree, this.module.assembly.fields, place.pos);
    this.at = tokenOf(analysis.tree, place);
  }

  collect(): void {
    const { tree } = this.analysis;
    const { word, open } = this.place;
    const kind = word >= 0 ? tree.tokens.kinds[word] : -1;
    if (kind === Tok.Annot) {
      this.annotations();
      return;
    }
    if (kind === Tok.String) {
      addNamesInStrings(this.to, this.analysis, this.module, this.place);
      return;
    }
    if (kind === Tok.Float) return;
    const isHead =
      open >= 0 &&
      tree.tokens.kinds[open] === Tok.Open &&
      (word >= 0 ? headToken(tree, open) === word : previous(tree, this.at) === open);
    if (isHead) this.heads(tree.parent[open], open);
    else this.words(open);
  }

  /** Behind `(`: the keyword of a form inside of the form at `around`. */
  private heads(around: number, open: number): void {
    const head = headOf(this.analysis.tree, around);
    if (around < 0) {
      this.topForms(false);
      return;
    }
    if (head === 'module') {
      this.fieldForms(false);
      return;
    }
    if (this.isCommand(around)) {
      this.keywords(IN_COMMAND[head] ?? []);
      return;
    }
    if (this.field?.open === around) this.headsInField(this.field, open);
    else this.headsInForm(around, open);
  }

  private headsInField(field: Field, open: number): void {
    const { tree } = this.analysis;
    const first = bodyStart(tree, field);
    if (field.kind !== 'func' || open <= first) this.keywords(IN_FIELD[field.kind] ?? [], 5);
    // `call_indirect (type …)`, `block (result …)`: a flat instruction that is being written.
    const written = field.kind === 'func' ? this.instructionBefore(field.open, open) : undefined;
    if (written) this.keywords((IN_FORM[written.instr.name] ?? []).filter(isTypeWord), 5);
    const takesCode =
      field.kind === 'global' || field.kind === 'elem' || field.kind === 'data' || field.kind === 'table';
    if (field.kind === 'func' && !field.import && open >= first) this.folded(undefined, open);
    else if (takesCode && !field.import) this.folded(undefined, open);
  }

  private headsInForm(around: number, open: number): void {
    const { tree } = this.analysis;
    const head = headToken(tree, around);
    const name = headOf(tree, around);
    const role = ROLES[tree.tokens.words[head]];
    if (name === 'export' && this.field?.kind !== 'export') return;
    const clause = name.startsWith('catch') && headOf(tree, tree.parent[around]) === 'try_table';
    if (clause) return;
    const isCode = role !== Role.None || name === 'offset' || name === 'item';
    const forms = (name === 'export' ? IN_FIELD.export : IN_FORM[name]) ?? [];
    const last = this.kindBefore(open);
    const behindThen = last === 'code' && headOf(tree, this.formBefore(open)) === 'then';
    // Types come before clauses and operands; behind `(then …)` there is only `(else`.
    const fits = (form: string) =>
      (last === 'head' || !isTypeWord(form)) && (name !== 'if' || (form === 'else') === behindThen);
    this.keywords(isCode ? forms.filter(fits) : forms, name === 'if' ? 19 : 5);
    const ends = name === 'if' && behindThen;
    if (!ends && isCode && !this.isTypeForm(around)) this.folded(around, open);
  }

  /** What stands in front of a form: code, or the beginning of the form around, types included. */
  private kindBefore(open: number): 'code' | 'head' {
    const form = this.formBefore(open);
    return form < 0 || isTypeWord(headOf(this.analysis.tree, form)) ? 'head' : 'code';
  }

  /** The form right in front of a token; -1 if something else stands there. */
  private formBefore(at: number): number {
    const { tree } = this.analysis;
    const before = previous(tree, at);
    return before >= 0 && tree.tokens.kinds[before] === Tok.Close ? tree.match[before] : -1;
  }

  /** Folded instructions: operands of the instruction at `around`, or statements. */
  private folded(around: number | undefined, open: number): void {
    const constant = this.field?.kind !== 'func';
    const operand = around === undefined ? undefined : this.operandAt(around, open);
    addInstructions(this.to, { folded: true, operand, constant });
    if (this.snippets && !constant) addSnippets(this.to, FOLDED, false);
  }

  /** The value that the folded instruction at `around` wants in the form at `open`. */
  private operandAt(around: number, open: number) {
    const { module, analysis } = this;
    if (!module?.module) return undefined;
    const { tree } = analysis;
    const operands = operandsOf(module, headToken(tree, around))?.operands;
    let nth = 0;
    for (let at = headToken(tree, around); at < open; at = significant(tree, at + 1)) {
      if (tree.tokens.kinds[at] !== Tok.Open) continue;
      if (ROLES[tree.tokens.words[headToken(tree, at)]] !== Role.None) nth++;
      at = formEnd(tree, at) - 1;
    }
    const operand = operands?.[nth];
    return operand && { module: module.module, type: operand.type };
  }

  /** Where bare words go, inside of the form at `open`. */
  private words(open: number): void {
    const { tree } = this.analysis;
    if (open < 0) {
      this.topForms(true);
      return;
    }
    const name = headOf(tree, open);
    if (this.isCommand(open) || this.inAction(open)) {
      this.scriptWords(open, name);
      return;
    }
    if (name === 'module') {
      if (previous(tree, this.at) === headToken(tree, open))
        this.keywords(['binary', 'quote', 'definition'], 30);
      this.fieldForms(true);
      return;
    }
    if (name.startsWith('catch') && headOf(tree, tree.parent[open]) === 'try_table') {
      this.catchClause(open, name);
      return;
    }
    const role = ROLES[tree.tokens.words[headToken(tree, open)]];
    const inCode = this.field?.kind === 'func' && this.field.open === open;
    if (inCode) {
      this.code(open, this.at >= bodyStart(tree, this.field!));
      return;
    }
    if (role !== Role.None && !this.isTypeForm(open)) {
      this.code(open, takesBare(role));
      return;
    }
    if (name === 'offset' || name === 'item') {
      this.code(open, true);
      return;
    }
    this.otherWords(open, name);
  }

  /** Among instructions: immediates of the one in front of the caret, or the next one. */
  private code(open: number, bare: boolean): void {
    const { module, field, analysis } = this;
    const { tree } = analysis;
    const written = this.instructionBefore(open, this.at);
    const isHead = written !== undefined && headToken(tree, open) === written.keyword;
    const operand =
      written && isHead && tree.parent[open] >= 0 ? this.operandAt(tree.parent[open], open) : undefined;
    const goesOn =
      written && module
        ? addImmediates(this.to, {
            module,
            field,
            at: this.at,
            state: () => this.stateBefore(written.keyword),
            operand: operand?.type,
            ...written,
          })
        : true;
    if (!goesOn || !bare || this.place.prefix.startsWith('$')) return;
    const state = this.stateBefore(this.at);
    addInstructions(this.to, { folded: false, state, constant: field?.kind !== 'func' });
    if (this.snippets && field?.kind === 'func') addSnippets(this.to, FLAT, false);
  }

  /** What is on the stack before a token: it takes as long as checking the function up to there. */
  private stateBefore(token: number): FuncValidator | undefined {
    const { module, field } = this;
    return module && field?.kind === 'func' ? stateBefore(module, field, token) : undefined;
  }

  /** The instruction whose immediates are being written, with those that stand there. */
  private instructionBefore(open: number, from: number): Written | undefined {
    const { tree } = this.analysis;
    const { kinds, words } = tree.tokens;
    const given: number[] = [];
    for (let at = previous(tree, from); at > open; at = previous(tree, at)) {
      if (kinds[at] === Tok.Close) {
        const form = tree.match[at];
        if (form < 0 || ROLES[words[headToken(tree, form)]] !== Role.None) return undefined;
        given.unshift(form);
        at = form;
        continue;
      }
      if (kinds[at] === Tok.Keyword) {
        const instr = instrOfWord(words[at]);
        if (instr) return { instr, keyword: at, given };
      }
      given.unshift(at);
    }
    return undefined;
  }

  /** Types, uses of items in fields. */
  private otherWords(open: number, name: string): void {
    const { tree } = this.analysis;
    const { to, module } = this;
    const around = headOf(tree, tree.parent[open]);
    const isField = this.field?.open === open;
    this.keywords(WORDS_IN[name] ?? []);
    if (TYPED_FORMS.has(name)) {
      const storage = name === 'field' || name === 'array' || (name === 'mut' && around !== 'global');
      this.types([...(storage ? STORAGE_TYPES : []), ...NUMBER_TYPES, ...REF_TYPES]);
      if (isField && name === 'table') this.keywords(['i64']);
    }
    if (!module) return;
    if (name === 'ref') {
      this.keywords(['null']);
      this.types(HEAP_TYPES);
      addItems(to, module, 'type');
    } else if (name === 'sub') addItems(to, module, 'type');
    else if (name === 'type' && !isField && around !== 'rec') {
      addItems(to, module, 'type', { only: (m, idx) => m.types[idx]?.composite.kind === 'func' });
    } else if (name === 'start' || (name === 'func' && around === 'elem')) addItems(to, module, 'func');
    else if (name === 'elem') addItems(to, module, 'func');
    else if (around === 'export' || around === 'elem' || around === 'data') {
      if (name === 'func' || name === 'table' || name === 'memory' || name === 'global' || name === 'tag') {
        addItems(to, module, name);
      }
    } else if (name === 'memory' && around !== 'module' && !isField) addItems(to, module, 'memory');
    else if (name === 'table' && !isField) addItems(to, module, 'table');
  }

  private catchClause(open: number, name: string): void {
    const { module, field, to } = this;
    const { tree } = this.analysis;
    if (!module) return;
    const isFirst = previous(tree, this.at) === headToken(tree, open);
    if (isFirst && !name.startsWith('catch_all')) addItems(to, module, 'tag');
    else if (field) {
      const keyword = headToken(tree, tree.parent[open]);
      const instr = instrOfWord(tree.tokens.words[keyword])!;
      // Labels of clauses are those around the block.
      addImmediates(to, {
        module,
        field,
        at: keyword,
        instr,
        keyword,
        given: [],
        labels: true,
        state: () => undefined,
      });
    }
  }

  private scriptWords(open: number, name: string): void {
    const around = headOf(this.analysis.tree, this.analysis.tree.parent[open]);
    if (name === 'f32.const' || name === 'f64.const') {
      if (around === 'assert_return' || around === 'either')
        this.keywords(['nan:canonical', 'nan:arithmetic'], 19);
      this.keywords(['nan', 'inf']);
    } else if (name === 'v128.const') {
      this.keywords(['i8x16', 'i16x8', 'i32x4', 'i64x2', 'f32x4', 'f64x2']);
    } else if (name === 'ref.null') this.types(HEAP_TYPES);
    else addScriptNames(this.to, this.analysis, this.place.pos);
  }

  private topForms(wrapped: boolean): void {
    const { to, analysis } = this;
    const { script } = analysis;
    if (wrapped && this.place.prefix === '' && !this.atLineStart()) return;
    if (script) this.formHeads(COMMAND_FORMS, wrapped);
    else this.formHeads(['module', ...FIELD_FORMS], wrapped);
    if (!this.snippets) return;
    addSnippets(to, TOP, wrapped);
    addSnippets(to, script ? COMMANDS : FIELDS, wrapped);
  }

  private fieldForms(wrapped: boolean): void {
    if (wrapped && this.place.prefix === '' && !this.atLineStart()) return;
    this.formHeads(FIELD_FORMS, wrapped);
    if (this.snippets) addSnippets(this.to, FIELDS, wrapped);
  }

  /** Forms that are suggested with their parentheses where none stands yet. */
  private formHeads(words: readonly string[], wrapped: boolean): void {
    if (!wrapped) {
      this.keywords(words);
      return;
    }
    words.forEach((word, order) => {
      this.to.add({
        label: word,
        kind: CompletionItemKind.Keyword,
        rank: 20 + order / 100,
        insert: this.snippets ? `(${word} $0)` : `(${word} `,
        snippet: this.snippets,
        subject: { kind: 'keyword', word },
      });
    });
  }

  private annotations(): void {
    for (const [id, { snippet }] of Object.entries(ANNOTATIONS)) {
      this.to.add({
        label: `(@${id}`,
        kind: CompletionItemKind.Keyword,
        rank: 20,
        insert: this.snippets ? snippet : undefined,
        snippet: this.snippets,
        subject: { kind: 'annotation', word: id },
      });
    }
  }

  private keywords(words: readonly string[], rank = 20): void {
    words.forEach((word, order) => {
      if (isDeprecatedName(word) || (!KEYWORDS.has(word) && !word.includes('.') && !isCatch(word))) return;
      this.to.add({
        label: word,
        kind: CompletionItemKind.Keyword,
        rank: rank + order / 100,
        subject: { kind: KEYWORDS.has(word) ? 'keyword' : 'instruction', word },
      });
    });
  }

  private types(words: readonly string[]): void {
    words.forEach((word, order) => {
      this.to.add({
        label: word,
        kind: CompletionItemKind.TypeParameter,
        rank: 10 + order / 100,
        subject: { kind: 'keyword', word },
      });
    });
  }

  /** `(block`, `(func` … as part of a type, not as code. */
  private isTypeForm(open: number): boolean {
    const name = headOf(this.analysis.tree, open);
    return name === 'func' || name === 'struct' || name === 'array';
  }

  /** A command of a script: a form at the top, or one in a thread; not a module. */
  private isCommand(open: number): boolean {
    const { tree, script } = this.analysis;
    if (!script) return false;
    const name = headOf(tree, open);
    if (!(name in IN_COMMAND) && !COMMAND_FORMS.includes(name)) return false;
    return name !== 'module' && name !== 'component' && !this.field;
  }

  /** A constant among the arguments or results of an action. */
  private inAction(open: number): boolean {
    const { tree, script } = this.analysis;
    const around = tree.parent[open];
    return script !== undefined && !this.field && around >= 0 && this.isCommand(around);
  }

  private atLineStart(): boolean {
    const { text } = this.analysis.tree.tokens;
    const line = text.slice(text.lastIndexOf('\n', this.place.pos - 1) + 1, this.place.span.start);
    return line.trim() === '' || /^\(module\b/.test(line.trim());
  }
}

function takesBare(role: number): boolean {
  return role !== Role.Plain && role !== Role.If && role !== Role.Try && role !== Role.Delegate;
}

function isCatch(word: string): boolean {
  return word === 'else' || word === 'catch' || word === 'catch_all';
}

function isTypeWord(word: string): boolean {
  return word === 'type' || word === 'param' || word === 'result';
}
