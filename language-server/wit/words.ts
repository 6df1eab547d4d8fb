/** The words of WIT: how they are written, and what they mean in a sentence (WIT.md). */

import type { WordDoc } from '../facts/component-words.ts';

/** Types, as they are written where one is used. */
export const WIT_TYPES: Readonly<Record<string, WordDoc>> = {
  bool: { form: 'bool', text: 'True or false.' },
  s8: { form: 's8', text: 'An integer from -128 to 127.' },
  u8: { form: 'u8', text: 'An integer from 0 to 255: a byte.' },
  s16: { form: 's16', text: 'A signed integer of 16 bits.' },
  u16: { form: 'u16', text: 'An unsigned integer of 16 bits.' },
  s32: { form: 's32', text: 'A signed integer of 32 bits.' },
  u32: { form: 'u32', text: 'An unsigned integer of 32 bits.' },
  s64: { form: 's64', text: 'A signed integer of 64 bits.' },
  u64: { form: 'u64', text: 'An unsigned integer of 64 bits.' },
  f32: { form: 'f32', text: 'A floating-point number of 32 bits. Which NaN it is may be lost.' },
  f64: { form: 'f64', text: 'A floating-point number of 64 bits. Which NaN it is may be lost.' },
  char: { form: 'char', text: 'A Unicode scalar value.' },
  string: { form: 'string', text: 'A text: a list of Unicode scalar values.' },
  'error-context': { form: 'error-context', text: 'An opaque value with a message about what failed.' },
  list: { form: 'list<T> or list<T, N>', text: 'Values of a type: any number of them, or always N.' },
  map: { form: 'map<K, V>', text: 'Pairs of a key and a value.' },
  tuple: { form: 'tuple<A, B>', text: 'Values of several types, by position.' },
  option: { form: 'option<T>', text: 'A value, or none.' },
  result: {
    form: 'result<T, E>',
    text: 'What a function that may fail has to say: a value or an error. Either may have no type: `result<_, E>`, `result<T>`, `result`.',
  },
  own: {
    form: 'own<R>',
    text: 'A handle that owns a resource: who gets it drops it. The name of a resource alone means the same.',
  },
  borrow: { form: 'borrow<R>', text: 'A handle that is lent for the duration of a call.' },
  stream: { form: 'stream<T>', text: 'Values that come one after the other, over time.' },
  future: { form: 'future<T>', text: 'One value that comes later.' },
};

/** What begins items, and words inside of them. */
export const WIT_WORDS: Readonly<Record<string, WordDoc>> = {
  package: {
    form: 'package namespace:name@1.2.3;',
    text: 'The name of the package that the documents of a directory make.',
  },
  interface: {
    form: 'interface name { … }',
    text: 'Types and functions under one name, to be imported and exported together.',
  },
  world: { form: 'world name { … }', text: 'All that a component imports and exports.' },
  use: {
    form: 'use path.{name, other as own};',
    text: 'Takes types of another interface. At the top: gives an interface a name in this document.',
  },
  include: { form: 'include path;', text: 'Takes all imports and exports of another world.' },
  import: {
    form: 'import name: func(…); or import path;',
    text: 'Something that components of this world are given.',
  },
  export: {
    form: 'export name: func(…); or export path;',
    text: 'Something that components of this world provide.',
  },
  func: { form: 'name: func(a: T) -> U;', text: 'A function.' },
  async: {
    form: 'name: async func(…);',
    text: 'The function may wait: it returns when its result is there.',
  },
  type: { form: 'type name = T;', text: 'Another name for a type.' },
  record: { form: 'record name { field: T, … }', text: 'Values of several types, by name.' },
  variant: {
    form: 'variant name { a, b(T), … }',
    text: 'One of several cases, each with or without a value.',
  },
  enum: { form: 'enum name { a, b, … }', text: 'One of several names.' },
  flags: { form: 'flags name { a, b, … }', text: 'Any of several names.' },
  resource: {
    form: 'resource name { … }',
    text: 'Something that is passed as a handle, never by value: with a constructor, methods and static functions.',
  },
  constructor: { form: 'constructor(a: T);', text: 'Makes a resource of this type.' },
  static: { form: 'name: static func(…);', text: 'A function of a resource type that is given no resource.' },
  as: { form: 'name as own', text: 'Gives it another name here.' },
  with: { form: 'include path with { name as own }', text: 'Gives what is included other names.' },
  since: { form: '@since(version = 1.2.3)', text: 'The version that has this first.' },
  unstable: { form: '@unstable(feature = name)', text: 'Only there when the feature is on.' },
  deprecated: { form: '@deprecated(version = 1.2.3)', text: 'Not to be used from this version on.' },
  'external-id': { form: '@external-id("…")', text: 'What this is called outside of WIT.' },
};

export function witWordDoc(word: string): WordDoc | undefined {
  const types = Object.hasOwn(WIT_TYPES, word) ? WIT_TYPES[word] : undefined;
  return types ?? (Object.hasOwn(WIT_WORDS, word) ? WIT_WORDS[word] : undefined);
}
