/**
 * Which words may stand in which form of the text format: fields, types, script commands (spec 6.3 to 6.6).
 *
 * Data only: the keyword of a form → the keywords of forms inside of it, and the bare words.
 */

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: places of snippets

const FUNC_TYPE = ['param', 'result'];
const TYPE_USE = ['type', ...FUNC_TYPE];
const REF = ['ref'];
const PATTERNS = [
  'i32.const', 'i64.const', 'f32.const', 'f64.const', 'v128.const', 'ref.null', 'ref.extern', 'ref.host',
]; // biome-ignore format: a list of words
const RESULTS = [
  ...PATTERNS,
  'ref.func',
  'ref.i31',
  'ref.struct',
  'ref.array',
  'ref.eq',
  'ref.any',
  'either',
];
const EXTERNS = ['func', 'table', 'memory', 'global', 'tag'];

export const FIELD_FORMS = [
  'func', 'import', 'export', 'global', 'memory', 'table', 'type', 'data', 'elem', 'start', 'tag', 'rec',
]; // biome-ignore format: a list of words

export const COMMAND_FORMS = [
  'module', 'assert_return', 'assert_trap', 'invoke', 'register', 'get', 'assert_invalid', 'assert_malformed',
  'assert_exhaustion', 'assert_unlinkable', 'assert_exception', 'assert_invalid_custom', 'assert_malformed_custom',
  'assert_suspension', 'thread', 'wait', 'component',
]; // biome-ignore format: a list of words

/** Forms inside of a module field, by the field's keyword. */
export const IN_FIELD: Readonly<Record<string, readonly string[]>> = {
  func: [...TYPE_USE, 'local', 'export', 'import'],
  import: EXTERNS,
  export: EXTERNS,
  global: ['export', 'import', 'mut', ...REF],
  memory: ['export', 'import', 'data', 'pagesize'],
  table: ['export', 'import', 'elem', ...REF],
  tag: ['export', 'import', ...TYPE_USE],
  type: ['func', 'struct', 'array', 'sub'],
  rec: ['type'],
  elem: ['table', 'offset', 'item', ...REF],
  data: ['memory', 'offset'],
  start: [],
};

/** Forms inside of other forms, by their keyword. */
export const IN_FORM: Readonly<Record<string, readonly string[]>> = {
  sub: ['func', 'struct', 'array'],
  struct: ['field'],
  array: ['mut', ...REF],
  field: ['mut', ...REF],
  mut: REF,
  param: REF,
  result: REF,
  local: REF,
  func: TYPE_USE,
  tag: TYPE_USE,
  global: ['mut', ...REF],
  table: REF,
  memory: ['pagesize'],
  call_indirect: TYPE_USE,
  return_call_indirect: TYPE_USE,
  select: ['result'],
  block: TYPE_USE,
  loop: TYPE_USE,
  if: ['then', 'else', ...TYPE_USE],
  try: ['do', 'catch', 'catch_all', 'delegate', ...TYPE_USE],
  try_table: ['catch', 'catch_ref', 'catch_all', 'catch_all_ref', ...TYPE_USE],
};

/** Forms inside of a script's commands. */
export const IN_COMMAND: Readonly<Record<string, readonly string[]>> = {
  invoke: PATTERNS,
  assert_return: ['invoke', 'get', ...RESULTS],
  either: RESULTS,
  assert_trap: ['invoke', 'get', 'module'],
  assert_exhaustion: ['invoke'],
  assert_exception: ['invoke'],
  assert_suspension: ['invoke'],
  assert_malformed: ['module'],
  assert_malformed_custom: ['module'],
  assert_invalid: ['module'],
  assert_invalid_custom: ['module'],
  assert_unlinkable: ['module'],
  thread: ['shared', ...COMMAND_FORMS],
  shared: ['module'],
};

/** Bare words inside of forms that are no instructions. */
export const WORDS_IN: Readonly<Record<string, readonly string[]>> = {
  sub: ['final'],
  memory: ['i64', 'shared'],
  table: ['i64'],
  elem: ['func', 'declare', 'funcref', 'externref'],
};

export const NUMBER_TYPES = ['i32', 'i64', 'f32', 'f64', 'v128'];
export const STORAGE_TYPES = ['i8', 'i16'];
export const REF_TYPES = [
  'funcref', 'externref', 'anyref', 'eqref', 'i31ref', 'structref', 'arrayref', 'exnref', 'nullref', 'nullfuncref',
  'nullexternref', 'nullexnref',
]; // biome-ignore format: a list of words
export const HEAP_TYPES = [
  'func', 'extern', 'any', 'eq', 'i31', 'struct', 'array', 'exn', 'none', 'nofunc', 'noextern', 'noexn',
]; // biome-ignore format: a list of words
export const LANE_SHAPES = ['i8x16', 'i16x8', 'i32x4', 'i64x2', 'f32x4', 'f64x2'];

/** Forms whose bare words are value types. */
export const TYPED_FORMS: ReadonlySet<string> = new Set([
  'param', 'result', 'local', 'mut', 'field', 'array', 'global', 'table',
]); // biome-ignore format: a list of words

/** Annotations that this project knows, with what is written behind them. */
export const ANNOTATIONS: Readonly<Record<string, { readonly doc: string; readonly snippet: string }>> = {
  custom: {
    doc: 'A custom section: its name, where it goes, and its bytes as strings.',
    snippet: '(@custom "${1:name}" (${2|after last,before first,before code|}) "$3"',
  },
  name: {
    doc: 'The name of what stands in front of it, for the name section.',
    snippet: '(@name "$1"',
  },
  'metadata.code.branch_hint': {
    doc: 'Says whether the branch behind it is likely (`"\\01"`) or unlikely (`"\\00"`).',
    snippet: '(@metadata.code.branch_hint "\\\\0${1|0,1|}"',
  },
};
