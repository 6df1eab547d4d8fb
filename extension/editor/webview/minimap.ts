/**
 * The map of the file beside the grid: a band for each section, as tall as it is long, and where matches, breakpoints,
 * faults, the caret and what is in sight are. A click goes there. The tree has the same for the keyboard.
 */

import type { ByteRange } from '../messages.ts';
import type { Colours } from './colours.ts';
import { element, hex, percent } from './dom.ts';

export const MINIMAP_PIXELS = 56;
/** A section that is shorter is drawn as tall as this, so that it can be seen. */
const LEAST = 4;
/** The height that a name needs. */
const NAMED = 12;

export interface MapSection extends ByteRange {
  readonly name: string;
}

interface Band extends MapSection {
  readonly y: number;
  readonly height: number;
}

export interface MapPicture {
  readonly size: number;
  readonly sections: readonly MapSection[];
  readonly sight: ByteRange;
  readonly caret: number;
  readonly matches: readonly number[];
  readonly breakpoints: readonly number[];
  readonly current: number | undefined;
  readonly fault: number | undefined;
}

/** The bands of a map: heights as the lengths, but none under a least one. They cover the height without gaps. */
export function bandsOf(sections: readonly MapSection[], size: number, height: number): Band[] {
  const parts = withGaps(sections, size);
  const least = Math.min(LEAST, height / Math.max(parts.length, 1));
  const isSmall = ({ start, end }: ByteRange) => ((end - start) / Math.max(size, 1)) * height < least;
  const small = parts.filter(isSmall);
  const rest = parts.reduce((sum, part) => sum + (isSmall(part) ? 0 : part.end - part.start), 0);
  const room = height - small.length * least;
  let y = 0;
  return parts.map((part) => {
    const own = isSmall(part) || rest === 0 ? least : ((part.end - part.start) / rest) * room;
    const band = { ...part, y, height: own };
    y += own;
    return band;
  });
}

/** Where an offset is on a map. */
export function yOf(bands: readonly Band[], offset: number): number {
  const band = bands.find(({ end }) => offset < end) ?? bands.at(-1);
  if (!band) return 0;
  return band.y + ((offset - band.start) / Math.max(1, band.end - band.start)) * band.height;
}

/** The offset that a place of a map means. */
export function offsetOf(bands: readonly Band[], y: number): number {
  const band = bands.find((one) => y < one.y + one.height) ?? bands.at(-1);
  if (!band) return 0;
  return Math.floor(band.start + ((y - band.y) / band.height) * (band.end - band.start));
}

export class Minimap {
  readonly element = element('div', { class: 'minimap', 'aria-hidden': 'true' });
  readonly #canvas = element('canvas');
  #bands: readonly Band[] = [];
  #sections: readonly MapSection[] | undefined;
  #size = -1;
  #last: { picture: MapPicture; colours: Colours } | undefined;

  constructor(goTo: (offset: number) => void) {
    this.element.append(this.#canvas);
    const go = (event: PointerEvent) => {
      const { top } = this.element.getBoundingClientRect();
      goTo(offsetOf(this.#bands, event.clientY - top));
    };
    this.element.addEventListener('pointerdown', (event) => {
      this.element.setPointerCapture(event.pointerId);
      go(event);
    });
    this.element.addEventListener('pointermove', (event) => {
      if (event.buttons & 1) go(event);
      else this.#name(event.offsetY);
    });
    new ResizeObserver(() => this.#resize()).observe(this.element);
  }

  draw(picture: MapPicture, colours: Colours): void {
    this.#last = { picture, colours };
    const height = this.element.clientHeight;
    if (height === 0) return;
    if (picture.sections !== this.#sections || picture.size !== this.#size) {
      this.#sections = picture.sections;
      this.#size = picture.size;
      this.#bands = bandsOf(picture.sections, picture.size, height);
    }
    const context = this.#canvas.getContext('2d');
    if (!context) return;
    const scale = window.devicePixelRatio;
    context.setTransform(scale, 0, 0, scale, 0, 0);
    context.clearRect(0, 0, MINIMAP_PIXELS, height);
    this.#drawBands(context, colours);
    this.#drawMarks(context, picture, colours);
    const top = yOf(this.#bands, picture.sight.start);
    const bottom = Math.max(yOf(this.#bands, picture.sight.end), top + 4);
    context.fillStyle = colours.slider;
    context.fillRect(0, top, MINIMAP_PIXELS, bottom - top);
    context.strokeStyle = colours.sliderBorder;
    context.lineWidth = 1;
    context.strokeRect(0.5, top + 0.5, MINIMAP_PIXELS - 1, bottom - top - 1);
  }

  #drawBands(context: CanvasRenderingContext2D, colours: Colours): void {
    context.font = colours.font;
    context.textBaseline = 'middle';
    for (const { name, y, height } of this.#bands) {
      if (name === '') continue;
      context.globalAlpha = colours.highContrast ? 0 : 0.22;
      context.fillStyle = colours.section(name);
      context.fillRect(0, y, MINIMAP_PIXELS, Math.max(height - 1, 1));
      context.globalAlpha = 1;
      context.fillRect(0, y, 3, Math.max(height - 1, 1));
      if (height < NAMED) continue;
      context.fillStyle = colours.foreground;
      // Of a custom section the name alone: there is little room.
      context.fillText(name.replace(/^custom "(.+)"$/, '$1'), 7, y + Math.min(height / 2, 10));
    }
  }

  #drawMarks(
    context: CanvasRenderingContext2D,
    { matches, breakpoints, current, fault, caret }: MapPicture,
    colours: Colours,
  ): void {
    const tick = (offset: number, colour: string, x: number, width: number, height = 2) => {
      context.fillStyle = colour;
      context.fillRect(x, Math.round(yOf(this.#bands, offset)) - height / 2, width, height);
    };
    const step = Math.max(1, Math.floor(matches.length / 2 / 2000));
    const marked = colours.highContrast ? colours.matchBorder : colours.currentMatchBorder;
    for (let i = 0; i < matches.length >> 1; i += step) tick(matches[2 * i], marked, MINIMAP_PIXELS - 9, 9);
    for (const offset of breakpoints) tick(offset, colours.breakpoint, 4, 6, 4);
    if (fault !== undefined) tick(fault, colours.error, 0, MINIMAP_PIXELS, 3);
    if (current !== undefined) tick(current, colours.currentBorder, 0, MINIMAP_PIXELS, 3);
    tick(caret, colours.foreground, MINIMAP_PIXELS - 9, 9, 1);
  }

  #name(y: number): void {
    const band = this.#bands.find((one) => y < one.y + one.height);
    if (!band) return;
    const share = percent((band.end - band.start) / Math.max(1, this.#size));
    this.element.title = `${band.name} ${hex(band.start)} – ${hex(band.end - 1)} ${share}`.trim();
  }

  #resize(): void {
    const scale = window.devicePixelRatio;
    const height = this.element.clientHeight;
    this.#canvas.width = Math.ceil(MINIMAP_PIXELS * scale);
    this.#canvas.height = Math.ceil(height * scale);
    this.#canvas.style.width = `${MINIMAP_PIXELS}px`;
    this.#canvas.style.height = `${height}px`;
    this.#sections = undefined;
    if (this.#last) this.draw(this.#last.picture, this.#last.colours);
  }
}

function withGaps(sections: readonly MapSection[], size: number): MapSection[] {
  const parts: MapSection[] = [];
  let at = 0;
  for (const section of sections) {
    if (section.start > at) parts.push({ name: '', start: at, end: section.start });
    parts.push(section);
    at = section.end;
  }
  if (at < size) parts.push({ name: '', start: at, end: size });
  return parts;
}
