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
