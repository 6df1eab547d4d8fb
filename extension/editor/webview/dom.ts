/**
 * Making elements. Text only ever becomes text nodes, so nothing from a file can be markup.
 */

export type Child = Node | string;

/** An element with attributes and children; `class` is an attribute like others. */
export function element<K extends keyof HTMLElementTagNameMap>(
  tag: K,
  attributes: Readonly<Record<string, string>> = {},
  children: readonly Child[] = [],
): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

export function button(
  label: string,
  attributes: Readonly<Record<string, string>>,
  press: () => void,
  children: readonly Child[] = [label],
): HTMLButtonElement {
  const made = element('button', { type: 'button', ...attributes }, children);
  made.addEventListener('click', press);
  return made;
}

/** A button that shows a sign, and says its name to those who hover over it or do not see it. */
export function iconButton(icon: Node, label: string, press: () => void): HTMLButtonElement {
  return button(label, { class: 'icon', title: label, 'aria-label': label }, press, [icon]);
}

/** Sets an attribute only when it is another value: writing makes a browser work. */
export function setAttribute(target: Element, name: string, value: string | undefined): void {
  if (value === undefined) {
    if (target.hasAttribute(name)) target.removeAttribute(name);
  } else if (target.getAttribute(name) !== value) target.setAttribute(name, value);
}

export function hex(offset: number): string {
  return `0x${offset.toString(16)}`;
}

/** `12.5 %`, `0.042 %`: at least two digits that count, down to a hundredth. */
export function percent(share: number): string {
  const value = 100 * share;
  if (value > 0 && value < 0.01) return '< 0.01 %';
  return `${value >= 10 ? value.toFixed(1) : Number(value.toPrecision(2))} %`;
}
