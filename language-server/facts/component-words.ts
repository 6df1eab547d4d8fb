/**
 * The words of component text and of WIT's types: how they are written, and what they mean in a sentence (Explainer.md).
 */

import { PLAIN_TYPES, typeDocs, type WordDoc } from './type-sentences.ts';

/** Definitions of components: by their keywords, as completion offers them. */
export const COMPONENT_FORMS: Readonly<Record<string, WordDoc>> = {
  'core module': {
    form: '(core module $m …)',
    text: 'A core module: code that can be instantiated, any number of times.',
  },
  'core instance': {
    form: '(core instance $i (instantiate $m (with "name" (instance $j))))',
    text: 'An instance of a core module with instances for its imports, or a bundle of exports. Its start function runs here.',
  },
  'core type': {
    form: '(core type $t (func …))',
    text: 'A core type: a function, struct, array or module type.',
  },
  'core func': {
    form: '(core func $f (canon lower (func $g)))',
    text: 'A core function: a lowered function, a built-in, or the export of a core instance.',
  },
  component: {
    form: '(component $c …)',
    text: 'A component inside of this one. It sees outside types, modules and components by name.',
  },
  instance: {
    form: '(instance $i (instantiate $c (with "name" (func $f))))',
    text: 'An instance of a component with what it imports, or a bundle of exports.',
  },
  func: {
    form: '(func $f (param "x" u32) (result string) (canon lift (core func $i "f")))',
    text: 'A function of the component: a lifted core function, an import, or an alias.',
  },
  type: {
    form: '(type $t (record (field "x" u32)))',
    text: 'A type of values, functions, resources, instances or components.',
  },
  alias: {
    form: '(alias export $i "name" (func $f))',
    text: 'Another name for what an instance exports, a core instance exports, or a component around this one has.',
  },
  canon: {
    form: '(canon lift (core func $f) (func $g))',
    text: 'A canonical definition: lifts a core function, lowers a function, or makes a built-in.',
  },
  import: {
    form: '(import "name" (func $f (param "x" u32)))',
    text: 'What the component needs from whoever instantiates it.',
  },
  export: { form: '(export "name" (func $f))', text: 'What the component gives.' },
  start: {
    form: '(start $f (value $v))',
    text: 'A function that is called when the component is instantiated.',
  },
  value: { form: '(value $v u32 1)', text: 'A constant value.' },
};

const TYPES = typeDocs({
  ...PLAIN_TYPES,
  record: '(record (field "x" u32))',
  variant: '(variant (case "a" u32) (case "b"))',
  list: '(list t)',
  map: '(map k v)',
  tuple: '(tuple t u)',
  flags: '(flags "a" "b")',
  enum: '(enum "a" "b")',
  option: '(option t)',
  result: { form: '(result t (error u))', more: 'Behind parameters: what a function returns.' },
  own: '(own $r)',
  borrow: '(borrow $r)',
  stream: '(stream t)',
  future: '(future t)',
  resource: '(resource (rep i32) (dtor $f))',
});

const OPTIONS: Readonly<Record<string, WordDoc>> = {
  lift: {
    form: '(canon lift (core func $f) options… (func …))',
    text: 'Makes a function of a core function: parameters are lowered into it, results lifted out.',
  },
  lower: {
    form: '(canon lower (func $f) options… (core func))',
    text: 'Makes a core function of a function: parameters are lifted out of the caller, results lowered into it.',
  },
  memory: {
    form: '(memory (core memory $i "memory"))',
    text: 'Where strings and lists of the core side are.',
  },
  realloc: {
    form: '(realloc (core func $i "realloc"))',
    text: 'The core function that makes room in the memory: (old, old size, alignment, new size) -> address.',
  },
  'post-return': {
    form: '(post-return (core func $i "free"))',
    text: 'A core function that is called with the results when they have been read.',
  },
  callback: {
    form: '(callback (core func $i "cb"))',
    text: 'A core function that is called with each event of an async function.',
  },
  async: { form: 'async', text: 'The function may wait: others run meanwhile.' },
  instantiate: {
    form: '(instantiate $c (with "name" …)…)',
    text: 'Makes an instance; each import gets what is named like it.',
  },
  with: { form: '(with "name" (func $f))', text: 'What an import is given.' },
  outer: { form: '(alias outer $c $t (type))', text: 'An item of a component or type around this one.' },
  sub: { form: '(type (sub resource))', text: 'Any resource type: which one is up to the other side.' },
  eq: { form: '(type (eq $t))', text: 'The same type under a new name.' },
  rep: { form: '(rep i32)', text: 'How the resource is represented in its own component.' },
  dtor: {
    form: '(dtor (core func $f))',
    text: 'The core function that is called when the last handle is dropped.',
  },
  implements: {
    form: '(implements "ns:pkg/iface")',
    text: 'The WIT interface that this instance is one of.',
  },
  'external-id': { form: '(external-id "…")', text: 'What the host knows this as.' },
};

const ENCODINGS = ['utf8', 'utf16', 'latin1+utf16'];

/** What a word of component text means; undefined for others. */
export function componentWordDoc(word: string): WordDoc | undefined {
  if (word.startsWith('string-encoding=')) {
    return {
      form: ENCODINGS.map((name) => `string-encoding=${name}`).join(' | '),
      text: 'How strings of the core side are encoded.',
    };
  }
  const integer = /^([su])(8|16|32|64)$/.exec(word);
  if (integer) {
    const [, sign, bits] = integer;
    return {
      form: word,
      text: `A whole number of ${bits} bits, ${sign === 's' ? 'with' : 'without'} a sign.`,
    };
  }
  for (const words of [COMPONENT_FORMS, TYPES, OPTIONS]) if (Object.hasOwn(words, word)) return words[word];
  return undefined;
}

/** Words that stand for types, in the order in which they are offered. */
export const COMPONENT_TYPES: readonly string[] = [
  'bool', 's8', 'u8', 's16', 'u16', 's32', 'u32', 's64', 'u64', 'f32', 'f64', 'char', 'string',
]; // biome-ignore format: a list of words

/** Types that are forms. */
export const COMPONENT_TYPE_FORMS: readonly string[] = [
  'record', 'variant', 'list', 'tuple', 'flags', 'enum', 'option', 'result', 'own', 'borrow', 'stream', 'future', 'map',
]; // biome-ignore format: a list of words
