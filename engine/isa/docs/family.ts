/**
 * How the sentences of a family of instructions are written once: `i32.add` and `i64.add` differ in a few words.
 */

/**
 * Sentences for `shape.op`, for every shape and every op. In a sentence `{word}` stands for the shape's own word of
 * that name; `{shape}` is the shape itself.
 */
export function family<S extends string, O extends string>(
  shapes: Readonly<Record<S, Readonly<Record<string, string>>>>,
  ops: Readonly<Record<O, string>>,
): Record<`${S}.${O}`, string> {
  const sentences: Record<string, string> = {};
  for (const [shape, words] of Object.entries<Readonly<Record<string, string>>>(shapes)) {
    for (const [op, sentence] of Object.entries<string>(ops)) {
      sentences[`${shape}.${op}`] = fill(sentence, { shape, ...words });
    }
  }
  return sentences as Record<`${S}.${O}`, string>;
}

function fill(sentence: string, words: Readonly<Record<string, string>>): string {
  return sentence.replace(/\{(\w+)\}/g, (_, name: string) => {
    const word = words[name];
    if (word === undefined) throw new Error(`no word {${name}} for "${sentence}"`);
    return word;
  });
}
