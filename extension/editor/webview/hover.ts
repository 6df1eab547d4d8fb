/**
 * The card that appears beside the pointer. It stays while the pointer is in it, so that its links can be reached, and goes
 * when the pointer goes to another field, or the rows move.
 */

import type { ByteInfo } from '../../language/byte-protocol.ts';
import type { LiveValue } from '../messages.ts';
import type { ModuleStrings } from '../strings.ts';
import { type CardActions, card } from './card.ts';
import { element } from './dom.ts';
import type { Pointed } from './grid.ts';

/** Milliseconds that the pointer rests before a card appears, and that it may be away before it goes. */
const REST = 100;
const AWAY = 250;
const MARGIN = 6;

/** Where cards come from. */
export interface HoverSource {
  /** The card of a byte, if it is at hand. */
  at(offset: number): ByteInfo | undefined;
  ask(offset: number): Promise<ByteInfo>;
  /** Values of the program that is stopped there; never rejects. */
  live(offset: number): Promise<readonly LiveValue[]>;
}

export class Hover {
  readonly element = element('div', { class: 'hover', role: 'tooltip', hidden: '' });
  readonly #strings: ModuleStrings;
  readonly #actions: CardActions;
  readonly #source: HoverSource;
  #shown: { readonly start: number; readonly end: number } | undefined;
  #wanted: Pointed | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #inside = false;

  constructor(strings: ModuleStrings, actions: CardActions, source: HoverSource) {
    this.#strings = strings;
    this.#actions = actions;
    this.#source = source;
    this.element.addEventListener('pointerenter', () => {
      this.#inside = true;
      clearTimeout(this.#timer);
    });
    this.element.addEventListener('pointerleave', () => {
      this.#inside = false;
      this.#leave();
    });
  }

  /** The pointer is over a byte, or over none. */
  point(at: Pointed | undefined): void {
    if (at?.offset === this.#wanted?.offset && at !== undefined) return;
    this.#wanted = at;
    clearTimeout(this.#timer);
    if (at === undefined) this.#leave();
    else if (this.#shown && at.offset >= this.#shown.start && at.offset < this.#shown.end) return;
    // Beside a card that is shown already, the next one comes at once.
    else if (this.#shown) void this.#show(at);
    else this.#timer = setTimeout(() => void this.#show(at), REST);
  }

  /** The rows have moved under the pointer. */
  scrolled(): void {
    if (this.#shown && !this.#inside) this.hide();
  }

  hide(): void {
    clearTimeout(this.#timer);
    this.element.hidden = true;
    this.#shown = undefined;
    this.#wanted = undefined;
    this.#inside = false;
  }

  #leave(): void {
    clearTimeout(this.#timer);
    if (!this.#shown) return;
    this.#timer = setTimeout(() => {
      if (!this.#inside) this.hide();
    }, AWAY);
  }

  async #show(at: Pointed): Promise<void> {
    const { offset } = at;
    const info = this.#source.at(offset) ?? (await this.#source.ask(offset).catch(() => undefined));
    if (!info || this.#wanted !== at) return;
    this.#put(info, [], at);
    const values = await this.#source.live(offset);
    if (values.length > 0 && this.#wanted === at) this.#put(info, values, at);
  }

  #put(info: ByteInfo, values: readonly LiveValue[], at: Pointed): void {
    const { offset } = info;
    // What data means is said of each byte.
    this.#shown =
      info.kind === 'bytes' ? { start: offset, end: offset + 1 } : { start: info.start, end: info.end };
    this.element.replaceChildren(card(info, values, this.#strings, this.#actions));
    this.element.hidden = false;
    this.#place(at);
  }

  /** Below the row, or above it where there is more room. */
  #place({ x, below }: Pointed): void {
    const { style } = this.element;
    style.maxHeight = '';
    const { innerWidth, innerHeight } = window;
    const { width, height } = this.element.getBoundingClientRect();
    const rowHeight = 22;
    const above = below - rowHeight;
    const isBelow = below + MARGIN + height <= innerHeight || innerHeight - below >= above;
    const room = (isBelow ? innerHeight - below : above) - 2 * MARGIN;
    const shownHeight = Math.min(height, room);
    style.maxHeight = `${room}px`;
    style.left = `${Math.max(MARGIN, Math.min(x + 4, innerWidth - width - MARGIN))}px`;
    style.top = `${isBelow ? below + 2 : above - shownHeight - 2}px`;
  }
}
