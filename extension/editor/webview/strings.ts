/**
 * The strings of a webview page, as the extension gave them in the user's language (editor/page.ts).
 */

/** The strings of this page; what they are is what the extension's side says. */
export function pageStrings<T extends Readonly<Record<string, string>>>(page: HTMLElement): T {
  return JSON.parse(page.dataset.strings ?? '{}') as T;
}

/** A string with `{0}`, `{1}` … filled in. */
export function filled(text: string, ...values: readonly (string | number)[]): string {
  return text.replace(/\{(\d+)\}/g, (_, n: string) => String(values[Number(n)] ?? ''));
}

/** Keys that strings name in brackets are those of Windows and Linux: a Mac has others, so there they are left out. */
export function forThisKeyboard<T extends Readonly<Record<string, string>>>(strings: T): T {
  if (!navigator.userAgent.includes('Mac')) return strings;
  const bare = Object.entries(strings).map(([name, text]) => [
    name,
    text.replace(/ \((?:Ctrl|Alt|Shift|F\d)[^()]*\)$/, ''),
  ]);
  return Object.fromEntries(bare) as T;
}
