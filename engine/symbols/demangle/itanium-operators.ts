/**
 * The operators and builtin types of the Itanium C++ ABI (sections 5.1.3 and 5.1.5.2) as tables: code, spelling, and
 * how an expression with the operator is written.
 */

/** How many operands, or which form of its own an expression has. */
export type OperatorForm = 'prefix' | 'binary' | 'postfix' | 'ternary' | 'special';

export interface Operator {
  readonly text: string;
  readonly form: OperatorForm;
}

const table = (form: OperatorForm, codes: Readonly<Record<string, string>>): [string, Operator][] =>
  Object.entries(codes).map(([code, text]) => [code, { text, form }]);

export const OPERATORS: ReadonlyMap<string, Operator> = new Map([
  ...table('binary', {
    aN: '&=',
    aS: '=',
    aa: '&&',
    an: '&',
    cm: ',',
    dV: '/=',
    ds: '.*',
    dv: '/',
    eO: '^=',
    eo: '^',
    eq: '==',
    ge: '>=',
    gt: '>',
    lS: '<<=',
    le: '<=',
    ls: '<<',
    lt: '<',
    mI: '-=',
    mL: '*=',
    mi: '-',
    ml: '*',
    ne: '!=',
    oR: '|=',
    oo: '||',
    or: '|',
    pL: '+=',
    pl: '+',
    pm: '->*',
    rM: '%=',
    rS: '>>=',
    rm: '%',
    rs: '>>',
    ss: '<=>',
  }),
  ...table('prefix', { ad: '&', aw: 'co_await ', co: '~', de: '*', ng: '-', nt: '!', ps: '+' }),
  ...table('postfix', { mm: '--', pp: '++' }),
  ...table('ternary', { qu: '?' }),
  ...table('special', {
    at: 'alignof ',
    az: 'alignof ',
    cc: 'const_cast',
    cl: '()',
    da: 'delete[]',
    dc: 'dynamic_cast',
    dl: 'delete',
    dt: '.',
    ix: '[]',
    na: 'new[]',
    nw: 'new',
    nx: 'noexcept',
    pt: '->',
    rc: 'reinterpret_cast',
    sc: 'static_cast',
    st: 'sizeof ',
    sz: 'sizeof ',
  }),
]);

/** The operators that a function may be the overload of, as they stand behind `operator`. */
export function operatorFunctionName(code: string, text: string): string {
  const word = /^[a-z]/.test(text);
  if (code === 'aw') return 'operator co_await';
  return word ? `operator ${text.trimEnd()}` : `operator${text}`;
}

export const BUILTIN_TYPES: Readonly<Record<string, string>> = {
  a: 'signed char',
  b: 'bool',
  c: 'char',
  d: 'double',
  e: 'long double',
  f: 'float',
  g: '__float128',
  h: 'unsigned char',
  i: 'int',
  j: 'unsigned int',
  l: 'long',
  m: 'unsigned long',
  n: '__int128',
  o: 'unsigned __int128',
  s: 'short',
  t: 'unsigned short',
  v: 'void',
  w: 'wchar_t',
  x: 'long long',
  y: 'unsigned long long',
  z: '...',
};

/** Behind `D`. */
export const BUILTIN_D_TYPES: Readonly<Record<string, string>> = {
  a: 'auto',
  c: 'decltype(auto)',
  d: 'decimal64',
  e: 'decimal128',
  f: 'decimal32',
  h: 'half',
  i: 'char32_t',
  n: 'decltype(nullptr)',
  s: 'char16_t',
  u: 'char8_t',
};

/** What literals of a type end in; other types are written as a cast. */
export const LITERAL_SUFFIX: Readonly<Record<string, string>> = {
  int: '',
  'unsigned int': 'u',
  long: 'l',
  'unsigned long': 'ul',
  'long long': 'll',
  'unsigned long long': 'ull',
};

/** The abbreviations of section 5.1.10: spelled short, or in full where a constructor or destructor follows. */
export const STANDARD: Readonly<Record<string, { short: string; full: string; base: string }>> = {
  a: { short: 'std::allocator', full: 'std::allocator', base: 'allocator' },
  b: { short: 'std::basic_string', full: 'std::basic_string', base: 'basic_string' },
  s: {
    short: 'std::string',
    full: 'std::basic_string<char, std::char_traits<char>, std::allocator<char> >',
    base: 'basic_string',
  },
  i: {
    short: 'std::istream',
    full: 'std::basic_istream<char, std::char_traits<char> >',
    base: 'basic_istream',
  },
  o: {
    short: 'std::ostream',
    full: 'std::basic_ostream<char, std::char_traits<char> >',
    base: 'basic_ostream',
  },
  d: {
    short: 'std::iostream',
    full: 'std::basic_iostream<char, std::char_traits<char> >',
    base: 'basic_iostream',
  },
};
