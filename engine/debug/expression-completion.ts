/**
 * What can be typed next in an expression: names where names can be, members of what stands before a dot, indices, formats.
 *
 * Looks at the text up to the cursor; what is behind it is left alone. Names and types are those of the scope; nothing is
 * computed. Knows no protocol.
 */

import { WasmError } from '../base/errors.ts';
import { INSTRS } from '../isa/isa.ts';
import { heapOf, isRef, typeIdxOf, V128 } from '../isa/types.ts';
import { funcType, type Module } from '../module/module.ts';
import { VIEW_BYTES } from './data-ids.ts';
import { type ExpressionScope, isNameIn, itemMeant, NeedsException } from './expression-scope.ts';
import { typeExpression } from './expression-types.ts';
import { type Expression, type ExpressionSpace, parseExpression } from './expressions.ts';
import { SHAPES } from './lanes.ts';
import { signatureIn, typeText } from './ref-values.ts';

export type CompletionKind =
  | 'local'
  | 'global'
  | 'function'
  | 'field'
  | 'index'
  | 'keyword'
  | 'instruction'
  | 'module';

/** Replaces `length` characters from `start` on. */
export interface ExpressionCompletion {
  readonly label: string;
  readonly kind: CompletionKind;
  readonly detail?: string;
  readonly start: number;
  readonly length: number;
}

/** More than anybody reads: typing one more character asks again. */
const MOST = 500;

/** Characters that ask for completion when they are typed. */
export const TRIGGERS: readonly string[] = ['$', '.', '[', '('];

type Found = Omit<ExpressionCompletion, 'start' | 'length'>;

const SPACES: readonly (readonly [word: string, detail: string])[] = [
  ['mem', 'the first memory'],
  ['local[', 'a local by its index'],
  ['stack[', 'the operand stack: 0 is the top'],
  ['caught[', 'a caught exception'],
  ['global[', 'a global by its index'],
  ['table[', 'a table by its index'],
  ['memory[', 'a memory by its index'],
  ['func[', 'a function by its index'],
  ['null', 'for comparing references'],
];
const OTHER_SPACES = /^(?:mem|global\[|table\[|memory\[|func\[)$/;

const FORMATS: readonly (readonly [letter: string, detail: string])[] = [
  ['x', 'hexadecimal'],
  ['d', 'signed'],
  ['u', 'unsigned'],
  ['b', 'binary'],
  ['o', 'octal'],
  ['f', 'the bits as a float'],
  ['c', 'a character'],
  ['s', 'the text at the address'],
];

/** What fits at `column` (UTF-16 units) of a text. `commands`: words that mean something as a whole, as in a console. */
export function completionsAt(
  scope: ExpressionScope,
  text: string,
  column: number,
  commands: readonly string[] = [],
): ExpressionCompletion[] {
  const before = text.slice(0, column);
  const [typed] = /(?:\$[\w!#$%&'*+\-/:<=>?@\\^`|~]*|\w*)$/.exec(before)!;
  const keyword = /(?<![\w.$\])"])[a-z]\w*\.[\w.]*$/.exec(before)?.[0];
  const instructions = keyword ? INSTRUCTIONS.filter(({ label }) => label.startsWith(keyword)) : [];
  if (keyword && instructions.length > 0) {
    const place = { start: column - keyword.length, length: keyword.length };
    return instructions.slice(0, MOST).map((one) => ({ ...one, ...place }));
  }
  const lead = before.slice(0, before.length - typed.length);
  const found = foundAt(scope, lead, typed, commands);
  const wanted = typed.toLowerCase();
  const fits = found.filter(({ label }) => label.toLowerCase().startsWith(wanted));
  const rest = typed === '' ? [] : found.filter((one) => !fits.includes(one) && isInside(one.label, wanted));
  const place = { start: column - typed.length, length: typed.length };
  return [...fits, ...rest].slice(0, MOST).map((one) => ({ ...one, ...place }));
}

function isInside(label: string, wanted: string): boolean {
  return label.toLowerCase().includes(wanted.replace(/^\$/, ''));
}

function foundAt(scope: ExpressionScope, lead: string, typed: string, commands: readonly string[]): Found[] {
  const dotted = /(\w+)\.$/.exec(lead);
  const other = dotted && scope.modules?.get(dotted[1]);
  if (other) return [...itemsOf(other), ...SPACES.filter(([word]) => OTHER_SPACES.test(word)).map(keywordOf)];
  if (lead.endsWith('.') && !lead.endsWith('..')) return membersOf(scope, lead.slice(0, -1));
  const bracket = /(\w+)\[$/.exec(lead);
  if (bracket && !typed.startsWith('$')) {
    const indices = indicesOf(scope, bracket[1] as ExpressionSpace);
    if (indices) return indices;
  }
  if (/^[^()[\]]*,\s*$/.test(lead.replace(/\([^()]*\)|\[[^[\]]*\]/g, ''))) {
    return FORMATS.map(([label, detail]) => ({ label, detail, kind: 'keyword' }));
  }
  if (/ref\.(?:cast|test)\(\s*$/.test(lead)) return typesOf(scope.module);
  const calls = /!\s*$/.test(lead);
  const names = [...(calls ? [] : localsOf(scope)), ...itemsOf(scope.module)];
  if (typed.startsWith('$')) return calls ? names.filter(({ kind }) => kind === 'function') : names;
  const whole = lead.trim() === '' ? commands.map((label): Found => ({ label, kind: 'keyword' })) : [];
  const modules = [...(scope.modules?.keys() ?? [])].map(
    (name): Found => ({ label: `${name}.`, kind: 'module' }),
  );
  const instructions = typed === '' ? [] : INSTRUCTIONS;
  return [...names, ...SPACES.map(keywordOf), ...modules, ...whole, ...instructions];
}

function keywordOf([label, detail]: readonly [string, string]): Found {
  return { label, detail, kind: 'keyword' };
}

function localsOf({ module, frame }: ExpressionScope): Found[] {
  if (!frame) return [];
  return frame.locals.flatMap((type, idx) => {
    const name = module.names.local(frame.funcIdx, idx);
    return name === undefined
      ? []
      : [{ label: nameText(name), kind: 'local', detail: typeText(module, type) }];
  });
}

/** Globals, memories, tables and functions that have names. */
function itemsOf(module: Module): Found[] {
  const { names } = module;
  const named = (
    space: 'global' | 'memory' | 'table' | 'func',
    count: number,
    kind: CompletionKind,
    detail: (idx: number) => string,
  ): Found[] => {
    const found: Found[] = [];
    for (let idx = 0; idx < count && found.length < MOST; idx++) {
      const name = names.given(space, idx);
      if (name !== undefined) found.push({ label: nameText(name), kind, detail: detail(idx) });
    }
    return found;
  };
  const funcText = (idx: number): string => {
    const { params, results } = funcType(module, idx);
    return `func ${signatureIn(module, params, results)}`;
  };
  return [
    ...named(
      'global',
      module.globals.length,
      'global',
      (idx) => `global ${typeText(module, module.globals[idx].type.type)}`,
    ),
    ...named('memory', module.memories.length, 'global', () => 'memory'),
    ...named(
      'table',
      module.tables.length,
      'global',
      (idx) => `table of ${typeText(module, module.tables[idx].type.element)}`,
    ),
    ...named('func', module.funcs.length, 'function', funcText),
  ];
}

function typesOf({ types, names }: Module): Found[] {
  return types.flatMap((_, idx): Found[] => {
    const name = names.given('type', idx);
    return name === undefined ? [] : [{ label: nameText(name), kind: 'keyword', detail: 'type' }];
  });
}

/** `$x`, or `$"any name"` where the characters are not those of an identifier. */
function nameText(name: string): string {
  return /^[\w!#$%&'*+\-./:<=>?@\\^`|~]+$/.test(name) ? `$${name}` : `$${JSON.stringify(name)}`;
}

/** The indices of a space, with what they are; undefined for what is no space. */
function indicesOf({ module, frame }: ExpressionScope, space: ExpressionSpace): Found[] | undefined {
  const list = (count: number, detail: (idx: number) => string | undefined): Found[] =>
    Array.from({ length: Math.min(count, MOST) }, (_, idx) => ({
      label: `${idx}]`,
      kind: 'index',
      detail: detail(idx),
    }));
  const named = (kind: 'global' | 'memory' | 'table' | 'func') => (idx: number) => {
    const name = module.names.of(kind, idx);
    return name === undefined ? undefined : nameText(name);
  };
  switch (space) {
    case 'local':
      return list(frame?.locals.length ?? 0, (idx) => {
        const name = module.names.local(frame!.funcIdx, idx);
        const type = typeText(module, frame!.locals[idx]);
        return name === undefined ? type : `${nameText(name)} ${type}`;
      });
    case 'stack': {
      const operands = frame?.operands() ?? [];
      return list(operands.length, (idx) => typeText(module, operands[operands.length - 1 - idx]));
    }
    case 'global':
      return list(module.globals.length, named('global'));
    case 'memory':
      return list(module.memories.length, named('memory'));
    case 'table':
      return list(module.tables.length, named('table'));
    case 'func':
      return list(module.funcs.length, named('func'));
    default:
      return undefined;
  }
}

/** What can stand behind the dot that follows an expression. */
function membersOf(scope: ExpressionScope, before: string): Found[] {
  const base = expressionAtEnd(scope, before);
  if (!base) return [];
  const field = (label: string, detail?: string): Found => ({ label, kind: 'field', detail });
  if (base.kind === 'range') return [field('str', 'the text')];
  try {
    if (base.kind === 'element' && itemMeant(base.base, scope)?.space === 'memory') {
      return [...Object.keys(VIEW_BYTES).map((view) => field(view)), field('str', 'the text up to a zero')];
    }
    if (itemMeant(base, scope)?.space === 'memory') return [field('find("', 'the address of a text')];
    const { type } = typeExpression(base, scope);
    if (type === V128) return SHAPES.map(({ name }) => field(name));
    return isRef(type)
      ? fieldsOf(scope.module, typeIdxOf(heapOf(type))).map(([label, detail]) => field(label, detail))
      : [];
  } catch (error) {
    if (error instanceof WasmError || error instanceof NeedsException) return [];
    throw error;
  }
}

function fieldsOf(module: Module, typeIdx: number): [name: string, detail: string][] {
  const composite = module.types[typeIdx]?.composite;
  if (composite?.kind === 'array') return [['length', 'i32']];
  if (composite?.kind !== 'struct') return [];
  return composite.fields.map(({ storage }, i) => [
    module.names.field(typeIdx, i) ?? String(i),
    typeText(module, storage),
  ]);
}

/** The expression that a text ends with: the longest end of it that is one and nothing more. */
function expressionAtEnd(scope: ExpressionScope, text: string): Expression | undefined {
  const isName = isNameIn(scope);
  for (const start of startsOf(text)) {
    try {
      return parseExpression(text.slice(start), isName);
    } catch (error) {
      if (!(error instanceof WasmError)) throw error;
    }
  }
  return undefined;
}

/** Where a primary with what is behind it may begin: in front of a name or a word outside of brackets, the last one first. */
function startsOf(text: string): number[] {
  const starts: number[] = [];
  let depth = 0;
  for (let at = text.length - 1; at >= 0; at--) {
    const char = text[at];
    if (')]'.includes(char)) depth++;
    if ('(['.includes(char) && --depth < 0) break;
    if (depth === 0 && /[$\w@(]/.test(char) && !/[\w.$\])"]/.test(text[at - 1] ?? ' ')) starts.push(at);
  }
  return starts;
}

/** Instructions that compute one value of operands. */
const INSTRUCTIONS: readonly Found[] = INSTRS.filter(
  ({ special, results, shape, params }) =>
    !special && results.length === 1 && (shape === 'none' || (shape === 'memarg' && params.length === 1)),
).map(({ name, typeText: detail }) => ({ label: name, kind: 'instruction', detail }));
