/**
 * The find field, as the text editor has one: what to look for, how many there are, next and previous, and a list of what
 * was found. References of an item are shown in the same way.
 */

import './find.css';
import type { ByteQuery, ByteRanges } from '../../language/byte-protocol.ts';
import type { ByteRange } from '../messages.ts';
import type { ModuleStrings } from '../strings.ts';
import { element, hex, iconButton, setAttribute } from './dom.ts';
import { icon } from './icons.ts';
import { FIND_KINDS, type FindKind, queryOf } from './query.ts';
import { firstRangeAt } from './rows.ts';
import { filled } from './strings.ts';

/** Milliseconds without another key before the search begins. */
const PAUSE = 150;
/** Rows of the list of matches; all matches are marked in the grid, and next and previous reach them. */
const LISTED = 200;

export interface FindEvents {
  find(query: ByteQuery, signal: AbortSignal): Promise<ByteRanges>;
  /** Where the caret is: the first match shown is the next one from there. */
  caret(): number;
  /** All matches, and the one that is gone to. */
  matched(ranges: readonly number[], current: ByteRange | undefined, go: boolean): void;
  closed(): void;
}

export class Find {
  readonly element: HTMLElement;
  readonly #strings: ModuleStrings;
  readonly #events: FindEvents;
  readonly #input: HTMLInputElement;
  readonly #kind: HTMLSelectElement;
  readonly #count = element('span', { class: 'count', role: 'status' });
  readonly #list = element('div', { class: 'results', role: 'listbox', tabindex: '0' });
  readonly #about = element('span', { class: 'about' });
  #found: ByteRanges = { ranges: [], more: false };
  #at = -1;
  #asked: AbortController | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(strings: ModuleStrings, events: FindEvents) {
    this.#strings = strings;
    this.#events = events;
    this.#input = element('input', {
      type: 'text',
      placeholder: strings.findWhat,
      'aria-label': strings.findWhat,
      spellcheck: 'false',
    });
    const names: Readonly<Record<FindKind, string>> = {
      any: strings.findAny,
      bytes: strings.findBytes,
      text: strings.findText,
      instructions: strings.findInstructions,
      names: strings.findNames,
    };
    this.#kind = element(
      'select',
      { 'aria-label': strings.findKind },
      FIND_KINDS.map((kind) => element('option', { value: kind }, [names[kind]])),
    );
    this.#list.setAttribute('aria-label', strings.results);
    this.element = element('section', { class: 'find', role: 'search', hidden: '' }, [
      element('div', { class: 'bar' }, [
        this.#input,
        this.#kind,
        this.#about,
        this.#count,
        iconButton(icon('up'), strings.findPrevious, () => this.step(-1)),
        iconButton(icon('down'), strings.findNext, () => this.step(1)),
        iconButton(icon('close'), strings.close, () => this.close()),
      ]),
      this.#list,
    ]);
    this.#list.hidden = true;
    this.#input.addEventListener('input', () => this.#later());
    this.#kind.addEventListener('change', () => void this.#look());
    this.element.addEventListener('keydown', (event) => this.#onKey(event));
    this.#list.addEventListener('click', (event) => {
      const row = (event.target as HTMLElement).closest<HTMLElement>('[data-match]');
      if (row) this.#goTo(Number(row.dataset.match));
    });
  }

  get isOpen(): boolean {
    return !this.element.hidden;
  }

  open(): void {
    this.element.hidden = false;
    this.#showing('search');
    this.#input.focus();
    this.#input.select();
    if (this.#found.ranges.length === 0 && this.#input.value !== '') void this.#look();
  }

  /** Shows what was found elsewhere: the references of an item. */
  show(title: string, found: ByteRanges): void {
    this.element.hidden = false;
    this.#asked?.abort();
    this.#showing('given');
    this.#about.textContent = title;
    this.#take(found, false);
    this.#list.focus();
  }

  close(): void {
    if (!this.isOpen) return;
    this.element.hidden = true;
    this.#asked?.abort();
    clearTimeout(this.#timer);
    this.#found = { ranges: [], more: false };
    this.#at = -1;
    this.#events.matched([], undefined, false);
    this.#events.closed();
  }

  /** The bytes are others: what was found stands elsewhere. */
  again(): void {
    if (this.isOpen && !this.#input.hidden) void this.#look();
    else this.close();
  }

  /** To the next or the previous match, around the end of the file. */
  step(by: number): void {
    const count = this.#found.ranges.length >> 1;
    if (!this.isOpen || count === 0) {
      this.open();
      return;
    }
    this.#goTo((this.#at + by + count) % count);
  }

  #showing(what: 'search' | 'given'): void {
    this.#input.hidden = this.#kind.hidden = what === 'given';
    this.#about.hidden = what === 'search';
  }

  #later(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#look(), PAUSE);
  }

  async #look(): Promise<void> {
    clearTimeout(this.#timer);
    this.#asked?.abort();
    const query = queryOf(this.#kind.value as FindKind, this.#input.value);
    this.#input.removeAttribute('aria-invalid');
    if (!query) {
      this.#take({ ranges: [], more: false }, false);
      this.#count.textContent = '';
      return;
    }
    this.#asked = new AbortController();
    const { signal } = this.#asked;
    this.#count.textContent = this.#strings.searching;
    try {
      const found = await this.#events.find(query, signal);
      if (!signal.aborted) this.#take(found, true);
    } catch (error) {
      if (signal.aborted) return;
      this.#take({ ranges: [], more: false }, false);
      this.#input.setAttribute('aria-invalid', 'true');
      this.#count.textContent = error instanceof Error ? error.message : String(error);
      this.#count.classList.add('none');
    }
  }

  #take(found: ByteRanges, go: boolean): void {
    const { ranges } = found;
    this.#found = found;
    this.#at = -1;
    const count = ranges.length >> 1;
    this.#count.classList.toggle('none', count === 0);
    if (count === 0) {
      this.#count.textContent = this.#strings.noMatches;
      this.#list.hidden = true;
      this.#events.matched([], undefined, false);
      return;
    }
    const next = firstRangeAt(ranges, this.#events.caret()) % count;
    this.#at = next;
    this.#fill();
    this.#show(go);
  }

  /** The list of what was found, where there is something to say about it. */
  #fill(): void {
    const { ranges, titles } = this.#found;
    this.#list.hidden = !titles;
    const rows = (titles ?? [])
      .slice(0, LISTED)
      .map((title, i) =>
        element(
          'div',
          { class: 'result', role: 'option', id: `match-${i}`, 'data-match': String(i), title },
          [element('span', { class: 'offset' }, [hex(ranges[2 * i])]), element('span', {}, [title])],
        ),
      );
    this.#list.replaceChildren(...rows);
  }

  #goTo(i: number): void {
    this.#at = i;
    this.#show(true);
  }

  #show(go: boolean): void {
    const { ranges, more } = this.#found;
    const count = ranges.length >> 1;
    const i = this.#at;
    this.#count.textContent = filled(
      more ? this.#strings.matchOfMore : this.#strings.matchOf,
      i + 1,
      count.toLocaleString(),
    );
    for (const row of this.#list.querySelectorAll('[aria-selected]')) row.removeAttribute('aria-selected');
    const row = this.#list.querySelector<HTMLElement>(`#match-${i}`);
    row?.setAttribute('aria-selected', 'true');
    row?.scrollIntoView({ block: 'nearest' });
    setAttribute(this.#list, 'aria-activedescendant', row?.id);
    this.#events.matched(ranges, { start: ranges[2 * i], end: ranges[2 * i + 1] }, go);
  }

  #onKey(event: KeyboardEvent): void {
    const inInput = event.target === this.#input;
    const inList = event.target === this.#list;
    if (event.key === 'Escape') this.close();
    else if (event.key === 'Enter' && (inInput || inList)) this.step(event.shiftKey ? -1 : 1);
    else if (event.key === 'ArrowDown' && (inInput || inList)) this.step(1);
    else if (event.key === 'ArrowUp' && (inInput || inList)) this.step(-1);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
}
