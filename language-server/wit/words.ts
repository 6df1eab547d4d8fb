/** The words of WIT: how they are written, and what they mean in a sentence (WIT.md). */

import { PLAIN_TYPES, typeDocs, type WordDoc } from '../facts/type-sentences.ts';

/** Types, as they are written where one is used. */
export const WIT_TYPES = typeDocs({
  ...PLAIN_TYPES,
  list: 'list<T> or list<T, N>',
  map: 'map<K, V>',
  tuple: 'tuple<A, B>',
  option: 'option<T>',
  result: { form: 'result<T, E>', more: 'So it is `result<_, E>`, `result<T>` or `result`, too.' },
  own: { form: 'own<R>', more: 'The name of a resource alone means the same.' },
  borrow: 'borrow<R>',
  stream: 'stream<T>',
  future: 'future<T>',
});

/** Types that are defined under a name. */
const WIT_DEFINITIONS = typeDocs({
  record: 'record name { field: T, … }',
  variant: 'variant name { a, b(T), … }',
  enum: 'enum name { a, b, … }',
  flags: 'flags name { a, b, … }',
  resource: {
    form: 'resource name { … }',
    more: 'It has a constructor, methods and static functions.',
  },
});

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
  ...WIT_DEFINITIONS,
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
