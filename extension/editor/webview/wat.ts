/**
 * The pane with the text of the function that has the caret, in step with the grid: the line of the caret's instruction
 * is marked, and a click on a line goes to its bytes. Only the lines in sight exist.
 */

import type { ByteWat } from '../../language/byte-protocol.ts';
import type { ModuleStrings } from '../strings.ts';
import { pane } from './details.ts';
import { element, iconButton } from './dom.ts';
import { icon } from './icons.ts';
import { filled } from './strings.ts';

const LINE_PIXELS = 18;
/** Lines that exist above and below those in sight. */
const SPARE = 8;
/** Comments, strings, names, numbers, words. */
const TOKEN =
  /(;;.*|\(;.*?;\))|("(?:[^"\\]|\\.)*")|(\$[^\s()";]+)|([-+]?(?:0x[\da-fA-F_.p+-]+|\d[\d_.e+-]*|nan\b\S*|inf\b)(?![\w.]))|([a-z][\w.]*)/g;
const CLASSES = ['comment', 'string', 'name', 'number', 'word'];

export interface WatEvents {
  /** A line was chosen: the instruction that begins at an offset. */
  chosen(offset: number): void;
  open(uri: string, line: number): void;
}

export class WatPane {
  readonly element: HTMLDetailsElement;
  readonly #strings: ModuleStrings;
  readonly #title = element('p', { class: 'function' });
  readonly #scroller = element('div', {
    class: 'lines',
    tabindex: '0',
    role: 'listbox',
  });
  readonly #sheet = element('div', { class: 'sheet', role: 'presentation' });
  #wat: ByteWat | undefined;
  #lines: readonly string[] = [];
  #line = -1;

  constructor(strings: ModuleStrings, events: WatEvents) {
    this.#strings = strings;
    this.element = pane(strings.wat, 'wat', [this.#title, this.#scroller]);
    const open = iconButton(icon('open'), strings.openFunction, () => {
      if (this.#wat?.uri !== undefined) events.open(this.#wat.uri, Math.max(this.#line, 0));
    });
    open.hidden = true;
    this.#open = open;
    this.#title.append('');
    this.#scroller.setAttribute('aria-label', strings.wat);
    this.#scroller.append(this.#sheet);
    this.#scroller.addEventListener('scroll', () => this.#draw());
    new ResizeObserver(() => this.#draw()).observe(this.#scroller);
    this.#sheet.addEventListener('click', (event) => {
      const row = (event.target as HTMLElement).closest<HTMLElement>('[data-line]');
      if (row) this.#choose(Number(row.dataset.line), events);
    });
    this.#scroller.addEventListener('keydown', (event) => this.#onKey(event, events));
    this.#forget('');
  }

  readonly #open: HTMLButtonElement;

  /** True if the text of the function at an offset is shown already. */
  has(offset: number): boolean {
    return this.#wat !== undefined && offset >= this.#wat.start && offset < this.#wat.end;
  }

  /** There is no function here. */
  clear(): void {
    this.#forget(this.#strings.noFunction);
  }

  /** It is not known yet what is here. */
  reset(): void {
    this.#forget('');
  }

  #forget(note: string): void {
    this.#wat = undefined;
    this.#lines = [];
    this.#open.hidden = true;
    this.#title.replaceChildren(note);
    this.#scroller.hidden = true;
  }

  show(wat: ByteWat, offset: number): void {
    this.#wat = wat;
    this.#lines = wat.text === undefined ? [] : wat.text.replace(/\n$/, '').split('\n');
    this.#open.hidden = wat.uri === undefined;
    const note = wat.text === undefined ? [element('span', { class: 'note' }, [this.#strings.tooLong])] : [];
    this.#title.replaceChildren(element('span', { class: 'name' }, [wat.title]), this.#open, ...note);
    this.#scroller.hidden = this.#lines.length === 0;
    this.#sheet.style.height = `${this.#lines.length * LINE_PIXELS}px`;
    this.#line = -1;
    this.follow(offset);
  }

  /** Marks the line of the instruction at, or before, an offset. */
  follow(offset: number): void {
    const { offsets } = this.#wat ?? {};
    if (!offsets) return;
    let line = -1;
    let nearest = -1;
    offsets.forEach((at, i) => {
      if (at >= 0 && at <= offset && at >= nearest) {
        if (at > nearest) line = i;
        nearest = at;
      }
    });
    if (line < 0) line = 0;
    if (line !== this.#line) {
      this.#line = line;
      this.#reveal();
    }
    this.#draw();
  }

  #reveal(): void {
    const y = this.#line * LINE_PIXELS;
    const { scrollTop, clientHeight } = this.#scroller;
    const margin = 2 * LINE_PIXELS;
    if (y < scrollTop + margin || y + LINE_PIXELS > scrollTop + clientHeight - margin) {
      this.#scroller.scrollTop = Math.max(0, y - Math.floor(clientHeight / 3));
    }
  }

  #choose(line: number, events: WatEvents): void {
    const { offsets } = this.#wat ?? {};
    if (!offsets) return;
    this.#line = line;
    const at = offsets.slice(line).find((offset) => offset >= 0) ?? this.#wat!.start;
    this.#draw();
    events.chosen(at);
  }

  #onKey(event: KeyboardEvent, events: WatEvents): void {
    const page = Math.max(1, Math.floor(this.#scroller.clientHeight / LINE_PIXELS) - 1);
    const moves: Readonly<Record<string, number>> = {
      ArrowUp: this.#line - 1,
      ArrowDown: this.#line + 1,
      PageUp: this.#line - page,
      PageDown: this.#line + page,
      Home: 0,
      End: this.#lines.length - 1,
    };
    if (event.ctrlKey || event.metaKey || event.altKey || !Object.hasOwn(moves, event.key)) return;
    event.preventDefault();
    const line = Math.min(Math.max(moves[event.key], 0), this.#lines.length - 1);
    this.#choose(line, events);
    this.#reveal();
  }

  #draw(): void {
    const { scrollTop, clientHeight } = this.#scroller;
    const first = Math.max(0, Math.floor(scrollTop / LINE_PIXELS) - SPARE);
    const last = Math.min(this.#lines.length, Math.ceil((scrollTop + clientHeight) / LINE_PIXELS) + SPARE);
    const rows: HTMLElement[] = [];
    for (let i = first; i < last; i++) rows.push(this.#row(i));
    this.#sheet.replaceChildren(...rows);
    const active = this.#line >= first && this.#line < last ? `line-${this.#line}` : undefined;
    if (active) this.#scroller.setAttribute('aria-activedescendant', active);
    else this.#scroller.removeAttribute('aria-activedescendant');
  }

  #row(i: number): HTMLElement {
    const isHere = i === this.#line;
    const row = element(
      'div',
      {
        class: isHere ? 'line here' : 'line',
        id: `line-${i}`,
        'data-line': String(i),
        role: 'option',
        'aria-selected': String(isHere),
        'aria-setsize': String(this.#lines.length),
        'aria-posinset': String(i + 1),
      },
      coloured(this.#lines[i]),
    );
    row.style.top = `${i * LINE_PIXELS}px`;
    const offset = this.#wat?.offsets?.[i] ?? -1;
    if (offset >= 0) row.title = filled(this.#strings.lineAt, `0x${offset.toString(16)}`);
    return row;
  }
}

function coloured(line: string): (Node | string)[] {
  const parts: (Node | string)[] = [];
  let at = 0;
  for (const match of line.slice(0, 2000).matchAll(TOKEN)) {
    if (match.index > at) parts.push(line.slice(at, match.index));
    const kind = CLASSES[match.slice(1).findIndex((group) => group !== undefined)];
    parts.push(element('span', { class: kind }, [match[0]]));
    at = match.index + match[0].length;
  }
  if (at < line.length) parts.push(line.slice(at));
  return parts;
}
