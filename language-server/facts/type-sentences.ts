/**
 * What the types of components mean, in a sentence: component text and WIT write the same types in different forms.
 */

export interface WordDoc {
  readonly form: string;
  readonly text: string;
}

const SENTENCES = {
  bool: 'True or false.',
  s8: 'An integer from -128 to 127.',
  u8: 'An integer from 0 to 255: a byte.',
  s16: 'A signed integer of 16 bits.',
  u16: 'An unsigned integer of 16 bits.',
  s32: 'A signed integer of 32 bits.',
  u32: 'An unsigned integer of 32 bits.',
  s64: 'A signed integer of 64 bits.',
  u64: 'An unsigned integer of 64 bits.',
  f32: 'A floating-point number of 32 bits. Which NaN it is may be lost.',
  f64: 'A floating-point number of 64 bits. Which NaN it is may be lost.',
  char: 'A Unicode scalar value.',
  string: 'A text: a list of Unicode scalar values.',
  'error-context': 'An opaque value with a message about what failed.',
  record: 'Values of several types, by name: fields.',
  variant: 'One of several cases, each with or without a value.',
  list: 'Values of one type: any number of them, or always as many as a number behind the type says.',
  map: 'Pairs of a key and a value.',
  tuple: 'Values of several types, by position.',
  flags: 'Any of several names: a set of bits, at most 32.',
  enum: 'One of several names.',
  option: 'A value, or none.',
  result: 'What a function that may fail has to say: a value or an error. Either may have no type.',
  own: 'A handle that owns a resource: who gets it drops it.',
  borrow: 'A handle that is lent for the duration of a call.',
  stream: 'Values that come one after the other, over time.',
  future: 'One value that comes later.',
  resource:
    'Something that is passed as a handle, never by value: only its component knows what is behind it.',
} as const;

export type TypeWord = keyof typeof SENTENCES;

/** The types as one of the two languages writes them; `more` is what is to be said there alone. */
export function typeDocs(
  forms: Readonly<Partial<Record<TypeWord, string | { readonly form: string; readonly more: string }>>>,
): Readonly<Record<string, WordDoc>> {
  return Object.fromEntries(
    Object.entries(forms).map(([word, given]) => {
      const { form, more = '' } = typeof given === 'string' ? { form: given } : given;
      return [word, { form, text: `${SENTENCES[word as TypeWord]}${more && ` ${more}`}` }];
    }),
  );
}

/** Types that are written by their names alone. */
export const PLAIN_TYPES: Readonly<Partial<Record<TypeWord, string>>> = Object.fromEntries(
  [
    'bool',
    's8',
    'u8',
    's16',
    'u16',
    's32',
    'u32',
    's64',
    'u64',
    'f32',
    'f64',
    'char',
    'string',
    'error-context',
  ].map((word) => [word, word]),
);
