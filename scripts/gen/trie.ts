/**
 * One regular expression for many words, as a trie: `i32\.(?:add|sub)`. So a regex engine reads a word once and
 * does not try some hundred alternatives from its start.
 */

type Trie = Map<string, Trie>;

/** The end of a word. */
const END = '';

/** A pattern that matches exactly these words; longer ones first where one is the start of another. */
export function wordsPattern(words: Iterable<string>): string {
  const root: Trie = new Map();
  for (const word of words) {
    let node = root;
    for (const char of [...word, END]) {
      if (!node.has(char)) node.set(char, new Map());
      node = node.get(char)!;
    }
  }
  return pattern(root);
}

function pattern(node: Trie): string {
  const branches = [...node]
    .filter(([char]) => char !== END)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([char, rest]) => literal(char) + pattern(rest));
  if (branches.length === 0) return '';
  if (branches.length === 1 && !node.has(END)) return branches[0]!;
  return `(?:${branches.join('|')})${node.has(END) ? '?' : ''}`;
}

function literal(char: string): string {
  return /[\\^$.*+?()[\]{}|/]/.test(char) ? `\\${char}` : char;
}
