/**
 * A line between two panes that can be dragged, and moved by the arrow keys.
 */

import { element } from './dom.ts';

const LEAST = 140;
const MOST = 900;
const STEP = 20;

export class Sash {
  readonly element: HTMLElement;

  /** `direction` is 1 if what is resized is on the left, -1 if it is on the right. */
  constructor(label: string, direction: 1 | -1, width: () => number, set: (width: number) => void) {
    this.element = element('div', {
      class: 'sash',
      role: 'separator',
      tabindex: '0',
      'aria-orientation': 'vertical',
      'aria-label': label,
      'aria-valuemin': String(LEAST),
      'aria-valuemax': String(MOST),
    });
    const resize = (to: number) => {
      const value = Math.round(Math.min(Math.max(to, LEAST), MOST));
      this.element.setAttribute('aria-valuenow', String(value));
      set(value);
    };
    let from: { readonly x: number; readonly width: number } | undefined;
    this.element.setAttribute('aria-valuenow', String(width()));
    this.element.addEventListener('pointerdown', (event) => {
      from = { x: event.clientX, width: width() };
      this.element.setPointerCapture(event.pointerId);
    });
    this.element.addEventListener('pointermove', (event) => {
      if (from) resize(from.width + direction * (event.clientX - from.x));
    });
    this.element.addEventListener('pointerup', () => {
      from = undefined;
    });
    this.element.addEventListener('keydown', (event) => {
      const by = event.key === 'ArrowLeft' ? -STEP : event.key === 'ArrowRight' ? STEP : 0;
      if (by === 0) return;
      resize(width() + direction * by);
      event.preventDefault();
    });
  }
}
