/**
 * The panes beside the grid: the card of the byte that has the caret, what the bytes there are worth, and the text of its
 * function. What takes the server a while comes later, and never after the caret has moved on.
 */

import './details.css';
import type { ByteInfo } from '../../language/byte-protocol.ts';
import type { LiveValue } from '../messages.ts';
import type { ModuleStrings } from '../strings.ts';
import { type CardActions, card } from './card.ts';
import { type Child, element } from './dom.ts';
import { inspected } from './inspector.ts';

export class Details {
  readonly element: HTMLElement;
  readonly #strings: ModuleStrings;
  readonly #actions: CardActions;
  readonly #card = element('div', { class: 'content' });
  #offset: number | undefined;
  readonly #values = element('div', { class: 'content values' });

  constructor(strings: ModuleStrings, actions: CardActions, wat: HTMLElement) {
    this.#strings = strings;
    this.#actions = actions;
    this.element = element('aside', { class: 'details', 'aria-label': strings.details }, [
      pane(strings.field, 'field', [this.#card]),
      pane(strings.inspector, 'inspector', [this.#values]),
      wat,
    ]);
  }

  /** The byte whose card is shown. */
  get offset(): number | undefined {
    return this.#offset;
  }

  showCard(info: ByteInfo, live: readonly LiveValue[]): void {
    this.#offset = info.offset;
    this.#card.replaceChildren(card(info, live, this.#strings, this.#actions));
  }

  showProblem(message: string): void {
    this.#offset = undefined;
    this.#card.replaceChildren(element('p', { class: 'problem' }, [message]));
  }

  showValues(bytes: Uint8Array): void {
    const { inspectedValue, littleEndian, bigEndian } = this.#strings;
    const head = [inspectedValue, littleEndian, bigEndian].map((text) =>
      element('th', { scope: 'col' }, [text]),
    );
    const rows = inspected(bytes).map(({ name, little, big }) =>
      element('tr', {}, [
        element('th', { scope: 'row' }, [name]),
        element('td', big === undefined ? { colspan: '2' } : {}, broken(little)),
        ...(big === undefined ? [] : [element('td', {}, broken(big))]),
      ]),
    );
    this.#values.replaceChildren(
      element('table', {}, [element('thead', {}, [element('tr', {}, head)]), element('tbody', {}, rows)]),
    );
  }
}

/** A number that is too long for its column goes on at its exponent. */
function broken(value: string): Child[] {
  return value.split(/(?=e[-+]?\d)/).map((part) => element('span', {}, [part]));
}

/** A part of a side bar that can be closed. */
export function pane(title: string, className: string, content: readonly Child[]): HTMLDetailsElement {
  return element('details', { class: `pane ${className}`, open: '' }, [
    element('summary', {}, [element('h2', {}, [title])]),
    ...content,
  ]);
}
