/**
 * Text for people, as markdown: code blocks, code spans, and foreign text that must not become markup.
 */

/** A block of WAT, or of another language. The fence is longer than any run of backticks in it. */
export function codeBlock(code: string, language = 'wat'): string {
  const fence = '`'.repeat(Math.max(3, longestRun(code) + 1));
  return `${fence}${language}\n${code}\n${fence}`;
}

/** A span of code. */
export function code(text: string): string {
  const ticks = '`'.repeat(longestRun(text) + 1);
  const pad = text.startsWith('`') || text.endsWith('`') ? ' ' : '';
  return `${ticks}${pad}${text}${pad}${ticks}`;
}

/** Somebody's text with its line breaks; of its markup only code spans are kept. */
export function prose(text: string): string {
  return text
    .split(/(`[^`\n]+`)/)
    .map((part, i) => (i % 2 === 1 ? part : part.replace(/[\\*_<>[\]#|~`]/g, '\\$&')))
    .join('')
    .replace(/\n/g, '  \n');
}

/** The same without markup, for clients that show none. */
export function withoutMarkup(markdown: string): string {
  return markdown
    .replace(/^`{3,}(wat|wit)?$\n?/gm, '')
    .replace(/\[([^\]]+)\]\(([^)]+)\)/g, '$1: $2')
    .replace(/\\([\\*_<>[\]#|~`])/g, '$1')
    .replace(/`([^`\n]+)`/g, '$1')
    .replace(/ {2}\n/g, '\n')
    .trim();
}

function longestRun(text: string): number {
  return Math.max(0, ...(text.match(/`+/g) ?? []).map((run) => run.length));
}
