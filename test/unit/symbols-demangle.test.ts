/**
 * Demangling: real names against what binutils' demangler says of them (`symbols-demangle-names.txt`), names that it
 * does not know, short names, and hostile names within the limits.
 */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { MAX_OUTPUT } from '../../engine/symbols/demangle/limits.ts';
import { demangle, shortName } from '../../engine/symbols/demangle.ts';

const NAMES = readFileSync('test/unit/symbols-demangle-names.txt', 'utf8')
  .split('\n')
  .filter((line) => line !== '' && !line.startsWith('#'))
  .map((line) => line.split('\t') as [mangled: string, demangled: string]);

function check(cases: readonly (readonly [string, string | undefined])[]): void {
  const wrong = cases
    .map(([mangled, expected]) => ({ mangled, expected, actual: demangle(mangled) }))
    .filter(({ expected, actual }) => actual !== expected);
  assert.deepEqual(wrong, []);
}

test('real names mean what c++filt says', () => {
  assert.ok(NAMES.length > 400);
  check(NAMES);
});

test('C++ beyond what clang emits every day', () => {
  check([
    ['_Z3fooPDoFviE', 'foo(void (*)(int) noexcept)'],
    ['_Z1fPFPFiiEvE', 'f(int (*(*)())(int))'],
    ['_Z1fPA3_Ki', 'f(int const (*) [3])'],
    ['_Z1fM1AKFvvE', 'f(void (A::*)() const)'],
    ['_Z1fDv4_f', 'f(float __vector(4))'],
    ['_Z1fPU3AS1i', 'f(int AS1*)'],
    ['_Z1fIJEEvDpT_', 'void f<>()'],
    ['_ZlsIiEvT_', 'void operator<< <int>(int)'],
    ['_Z1fILi5EEvNSt9enable_ifIXgtT_Li3EEvE4typeE', 'void f<5>(std::enable_if<((5)>(3)), void>::type)'],
    ['_ZZ1fiEd_NKUlvE_clEv', 'f(int)::{default arg#1}::{lambda()#1}::operator()() const'],
    ['_ZZ1fvENKUliT_E0_clIiEEDaiS_', 'auto f()::{lambda(int, auto:1)#2}::operator()<int>(int, int) const'],
    ['_ZZ1fvEs_3', 'f()::string literal'],
    ['_ZN1AcvT_IiEEv', 'A::operator int<int>()'],
    ['_ZTC1A0_1B', 'construction vtable for B-in-A'],
    ['_ZTch0_h8_N1A1fEv', 'covariant return thunk to A::f()'],
    ['_ZGRZ1fvE1s_', 'reference temporary #0 for f()::s'],
    ['_ZN12_GLOBAL__N_11fEv', '(anonymous namespace)::f()'],
    [
      '_ZNSsC1ERKSs',
      'std::basic_string<char, std::char_traits<char>, std::allocator<char> >::basic_string(std::string const&)',
    ],
    ['_Z1fv.part.1.constprop.0', 'f() [clone .part.1] [clone .constprop.0]'],
    ['_Z1fv.llvm.123', 'f() [clone .llvm.123]'],
  ]);
});

test('C++ that binutils 2.40 does not know', () => {
  check([
    ['_Z2biDB17_DU33_', 'bi(_BitInt(17), unsigned _BitInt(33))'],
    ['_Z3conITk3BigiEvT_', 'void con<int>(int)'],
    ['_Z2afITnDaLi3EEvv', 'void af<3>()'],
    ['_ZN2FrIiE2mmEvQ3BigIT_E', 'Fr<int>::mm() requires Big<int>'],
    ['_ZN2FrIiEF3frcES0_Q3BigIT_E', 'Fr<int>::frc(Fr<int>) requires Big<int>'],
    ['_ZN3InhCI21SIdEEOT_', 'Inh::Inh(double&&)'],
    ['_ZGIW1A', undefined],
    ['_ZGI1A', 'initializer for module A'],
    ['__Z1fv', 'f()'],
    ['___Z1fv_block_invoke', 'invocation function for block in f()'],
    ['___Z1fv_block_invoke_2', 'invocation function for block in f()'],
  ]);
});

test('lengths of identifiers count bytes', () => {
  check([
    ['_Z7größei', 'größe(int)'],
    ['_ZN3né1tIiEEvT_', 'void né::t<int>(int)'],
    ['_Z1é', undefined],
  ]);
});

test("Rust's older names", () => {
  check([
    ['_ZN4core3fmt5Write9write_str17h0123456789abcdefE', 'core::fmt::Write::write_str'],
    ['__ZN4core3fmt17h0123456789abcdefE', 'core::fmt'],
    ['_ZN4core3fmt17h0123456789abcdefE.llvm.123', 'core::fmt'],
    ['_ZN4core3fmt17h0123456789abcdefE.exit.i', 'core::fmt.exit.i'],
    ['_ZN39_$LT$a$u20$as$u20$b..c$LT$$RF$T$GT$$GT$1d17h0123456789abcdefE', '<a as b::c<&T>>::d'],
    ['_ZN1a13gr$uf6$$udf$e17h0123456789abcdefE', 'a::größe'],
    ['_ZN1a7$bogus$17h0123456789abcdefE', 'a::$bogus$'],
    ['_ZN4core3fmt17h0123456789abcdegE', 'core::fmt::h0123456789abcdeg'],
  ]);
  assert.equal(
    demangle('_ZN4core3fmt17h0123456789abcdefE', { rustHash: true }),
    'core::fmt::h0123456789abcdef',
  );
});

test("Rust's v0 names", () => {
  check([
    ['_RNvCs1234_7mycrate3foo', 'mycrate::foo'],
    ['_RNvC1au9gre_xkaNj', undefined],
    ['_RNvC1au4gre_', undefined],
    ['_RNvCsab_1au9gre_6ka8i', 'a::größe'],
    ['_RNCNvC1a1fs_0', 'a::f::{closure#1}'],
    ['_RNSNvC1a1fs_6vtable', 'a::f::{shim:vtable#1}'],
    ['_RINvC1a1fTmEE', 'a::f::<(u32,)>'],
    ['_RINvC1a1fFG0_RL1_eRL0_eEuE', "a::f::<for<'a, 'b> fn(&'a str, &'b str)>"],
    ['_RINvC1a1fFUKCaEbE', 'a::f::<unsafe extern "C" fn(i8) -> bool>'],
    ['_RINvC1a1fDNtC1a2Trp3OuthNtC1a4SendEL_E', 'a::f::<dyn a::Tr<Out = u8> + a::Send>'],
    ['_RINvC1a1fKj1f_Kln5_Kb1_Kc27_KpE', "a::f::<31, -5, true, '\\'', _>"],
    ['_RINvC1a1fKRe616263_E', 'a::f::<"abc">'],
    ['_RINvC1a1fKVNtC1a1STj1_j2_EE', 'a::f::<{a::S(1, 2)}>'],
    ['_RINvC1a1fAhj10_E', 'a::f::<[u8; 16]>'],
    ['_RNvMC1aNtB2_1S1m', '<a::S>::m'],
    ['_RNvXC1aNtB2_1SNtB2_2Tr1m', '<a::S as a::Tr>::m'],
    ['_RNvC1a1fCs5_1b', 'a::f'],
    ['_RNvC1a1f.llvm.1234', 'a::f'],
    ['_RNvC1a1f.cold', 'a::f.cold'],
  ]);
});

test('what is not mangled stays', () => {
  const names = [
    '',
    'main',
    '_start',
    '__wasm_call_ctors',
    '_Z',
    '_ZZ',
    '_R',
    '_RX',
    '__ZN',
    '_ZN3fooE.',
    '_Zfoo',
  ];
  check(
    [...names, 'memcpy', '_ZN1A', '_ZN9A1fEv', '_Z1fv ', '_Z1f\n', '_Reset', '_ZTX', 'Z1fv'].map((n) => [
      n,
      undefined,
    ]),
  );
});

test('short names', () => {
  const cases: [string, string][] = [
    ['void std::sort<int*>(int*, int*)', 'std::sort'],
    ['std::vector<int, std::allocator<int> >::push_back(int&&)', 'std::vector::push_back'],
    ['f(int)::{lambda(char)#1}::operator()(char) const', 'f::{lambda#1}::operator()'],
    ["f()::'lambda'(int)::operator()(int) const", "f::'lambda'::operator()"],
    ['(anonymous namespace)::foo<int>(int)', '(anonymous namespace)::foo'],
    ['decltype (a+b) add<int>(int, int)', 'add'],
    ['void (*foo<int>(int))(char)', 'foo'],
    ['std::function<bool (int)> make<int>(int)', 'make'],
    ['void operator<< <int>(int)', 'operator<<'],
    ['bool A::operator><int>(X<int>)', 'A::operator>'],
    ['A::operator bool() const', 'A::operator bool'],
    ['operator new[](unsigned long)', 'operator new[]'],
    ['vtable for std::vector<int>', 'vtable for std::vector'],
    ['f() const::s', 'f::s'],
    ['foo(int) [clone .isra.0]', 'foo'],
    ['<alloc::vec::Vec<u8> as core::fmt::Debug>::fmt', '<alloc::vec::Vec as core::fmt::Debug>::fmt'],
    ['core::ptr::drop_in_place::<alloc::string::String>', 'core::ptr::drop_in_place'],
    [
      'core::fmt::num::<impl core::fmt::Debug for i32>::fmt',
      'core::fmt::num::<impl core::fmt::Debug for i32>::fmt',
    ],
    ['a::f::{closure#1}', 'a::f::{closure#1}'],
    ['runtime.(*mcache).refill', 'runtime.(*mcache).refill'],
    ['(*runtime.gcBlock).markFree', '(*runtime.gcBlock).markFree'],
    ['fmt.format__anon_123', 'fmt.format__anon_123'],
    ['hello world', 'hello world'],
    ['(', '('],
  ];
  assert.deepEqual(
    cases.map(([name]) => [name, shortName(name)]),
    cases,
  );
});

/** `n` types, each of two of those before it: what they stand for doubles each time. */
function doubling(n: number): string {
  const sub = (i: number) => (i === 0 ? 'S_' : `S${(i - 1).toString(36).toUpperCase()}_`);
  return `_Z1fPi${Array.from({ length: n }, (_, i) => `PF${sub(2 * i)}${sub(2 * i)}E`).join('')}`;
}

const BASE_62 = '0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** The same in Rust: tuples of two back-references to the tuple before. */
function doublingV0(n: number): string {
  let name = 'IC1aTuE';
  let last = 4;
  for (let i = 0; i < n; i++) {
    const number = last - 1;
    const back = `B${number < 62 ? '' : BASE_62[Math.floor(number / 62)]}${BASE_62[number % 62]}_`;
    last = name.length;
    name += `T${back}${back}E`;
  }
  return `_R${name}E`;
}

test('expansion is bounded, not only the length of a name', () => {
  assert.equal(demangle(doubling(2)), 'f(int*, int* (*)(int*), int* (*(*)(int* (*)(int*)))(int*))');
  assert.equal(demangle(doubling(40)), undefined);
  assert.equal(demangle(doublingV0(2)), 'a::<((),), (((),), ((),)), ((((),), ((),)), (((),), ((),)))>');
  assert.equal(demangle(doublingV0(30)), undefined);
  const packs = `_Z1fIJ${'J'.repeat(100)}${'E'.repeat(100)}EEvDpT_`;
  assert.equal(demangle(packs), 'void f<>()');
});

test('depth is bounded', () => {
  const deep = [
    `_Z1f${'P'.repeat(5000)}i`,
    `_ZN${'1a'.repeat(5000)}Ev`,
    `_Z1fIX${'pl'.repeat(3000)}${'Li1E'.repeat(3001)}EEvv`,
    `_Z${'Z1fvEN'.repeat(2000)}`,
    `_R${'INvC1a1b'.repeat(2000)}`,
    `_Z1f${'P'.repeat(30_000)}i`,
  ];
  check(deep.map((name) => [name, undefined]));
});

test('parameters without arguments and back-references forward are malformed', () => {
  check([
    ['_Z1fIT_EvT_', undefined],
    ['_Z1fT_', undefined],
    ['_Z1fS_', undefined],
    ['_ZN1AcvT_Ev', undefined],
    ['_RIC1aB9_E', undefined],
    ['_RIC1aB3_E', undefined],
    ['_RINvC1a1fFRL0_eEuE', undefined],
  ]);
});

test('damaged names never throw and never grow', () => {
  let state = Number(process.env.WASMSCOPE_SEED ?? 1) >>> 0;
  const random = (below: number) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
  const alphabet = '_ZNSTIEJXLRVKPOFDCMAUQWYH$.0123456789abcdefghijklmnopqrstuvwxyz';
  const some = () => NAMES[random(NAMES.length)]![0];
  for (let i = 0; i < 20_000; i++) {
    let name = some();
    for (let k = random(4); k >= 0; k--) {
      const at = 2 + random(name.length - 2);
      const rest = name.slice(at + random(3));
      const put = [
        alphabet[random(alphabet.length)]!,
        '',
        name.slice(random(at), at),
        some().slice(random(20)),
      ];
      name = name.slice(0, at) + put[random(put.length)]! + rest;
    }
    const result = demangle(name);
    assert.ok(result === undefined || result.length <= MAX_OUTPUT + 100 + name.length, name);
    shortName(result ?? name);
  }
});
