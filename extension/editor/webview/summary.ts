/**
 * The summary page: what a module is, how large its parts are, what it needs and offers, and, in a diff editor, what
 * has become larger. Everything that has a place leads there. It can be copied as Markdown.
 */

import './summary.css';
import type {
  BinarySummary,
  SizedFunction,
  SummaryPlace,
  SummarySection,
} from '../../language/byte-protocol.ts';
import { type Growth, grown } from '../compare.ts';
import { summaryMarkdown } from '../markdown.ts';
import type { ByteRange, SummaryAnswer } from '../messages.ts';
import { bytesText, signedBytes } from '../sizes.ts';
import type { ModuleStrings } from '../strings.ts';
import { button, type Child, element, hex, percent } from './dom.ts';
import { filled } from './strings.ts';
import { treemap } from './treemap.ts';

/** Rows that a list shows before "Show all": a large module has tens of thousands. */
const FIRST_ROWS = 100;
/** The height of a treemap, against its width. */
const FLATNESS = 0.32;
/** A box with a name is at least so wide and tall. */
const NAMED_WIDTH = 40;
const NAMED_HEIGHT = 16;

export interface SummaryEvents {
  goTo(range: ByteRange): void;
  copy(text: string): void;
}

export function summaryPage(
  name: string,
  { summary, before }: SummaryAnswer,
  strings: ModuleStrings,
  events: SummaryEvents,
): HTMLElement {
  const copy = button(strings.copyMarkdown, {}, () => {
    events.copy(summaryMarkdown(name, { summary, before }, strings));
    copy.textContent = strings.copied;
    setTimeout(() => {
      copy.textContent = strings.copyMarkdown;
    }, 1500);
  });
  const at = (offset: number | undefined, length = 1) =>
    offset === undefined ? undefined : () => events.goTo({ start: offset, end: offset + length });
  const { functions } = summary;
  return element('article', { class: 'summary' }, [
    element('div', { class: 'lead' }, [general(summary, strings, at), copy]),
    ...(before ? [compared(before, summary, strings, events)] : []),
    ...summary.warnings.map(({ message, offset }) =>
      element('p', { class: 'warning' }, [
        filled(strings.warning, offset === undefined ? message : filled(strings.fault, message, hex(offset))),
      ]),
    ),
    block(strings.sections, summary.sections.length, [sectionTable(summary, strings, events)]),
    block(strings.exports, summary.exports.length, [list(summary.exports, strings, at)]),
    block(strings.imports, summary.imports.length, [list(summary.imports, strings, at)]),
    block(strings.functions, functions.defined, functionsOf(summary, strings, events)),
    block(strings.features, summary.features.length, [featureTable(summary, strings, at)]),
  ]);
}

export function factsOf({ what, size, sections, functions }: BinarySummary, strings: ModuleStrings): string {
  return [
    what,
    bytesText(size, strings),
    count(sections.length, strings.oneSection, strings.manySections),
    count(functions.defined, strings.oneFunction, strings.manyFunctions),
  ].join(' · ');
}

type At = (offset: number | undefined, length?: number) => (() => void) | undefined;

/** What there is one line of each to say. */
function general(summary: BinarySummary, strings: ModuleStrings, at: At): HTMLElement {
  const { memories, tables, start, producers, targetFeatures, debugInfo, counts } = summary;
  const rows: (readonly [string, readonly Child[]])[] = [];
  const places = (title: string, items: readonly SummaryPlace[]) => {
    if (items.length > 0) {
      rows.push([title, items.map((item) => element('div', {}, [placeButton(item, at(item.offset))]))]);
    }
  };
  places(strings.memories, memories);
  places(strings.tables, tables);
  if (start) places(strings.startFunction, [start]);
  if (counts.length > 0) {
    rows.push([
      strings.counts,
      [counts.map(({ what, count: n }) => `${what}: ${n.toLocaleString()}`).join(', ')],
    ]);
  }
  for (const { field, values } of producers) {
    rows.push([field, [values.map(({ name, version }) => `${name} ${version}`.trim()).join(', ')]]);
  }
  if (targetFeatures.length > 0) rows.push([strings.targetFeatures, [targetFeatures.join(' ')]]);
  rows.push([
    strings.debugInfo,
    debugInfo.length > 0 ? debugInfo.map((line) => element('div', {}, [line])) : [strings.noDebugInfo],
  ]);
  return element(
    'dl',
    { class: 'facts' },
    rows.flatMap(([title, content]) => [element('dt', {}, [title]), element('dd', {}, content)]),
  );
}

function sectionTable(
  { size, sections }: BinarySummary,
  strings: ModuleStrings,
  events: SummaryEvents,
): Node {
  const rows: Node[] = [];
  const add = (section: SummarySection, depth: number) => {
    const share = size ? (section.end - section.start) / size : 0;
    const name = element('td', { class: 'name' }, [
      button(section.name, { class: 'link' }, () => events.goTo(section)),
    ]);
    name.style.paddingInlineStart = `${depth * 18}px`;
    rows.push(
      element('tr', {}, [
        name,
        element('td', { class: 'number' }, [
          section.count === undefined ? '' : section.count.toLocaleString(),
        ]),
        element('td', { class: 'number' }, [hex(section.start)]),
        element('td', { class: 'number' }, [bytesText(section.end - section.start, strings)]),
        element('td', { class: 'share' }, [meter(share), ` ${percent(share)}`]),
      ]),
    );
    for (const inner of section.sections ?? []) add(inner, depth + 1);
  };
  for (const section of sections) add(section, 0);
  const { section, items, offset, size: sizeTitle, shareTitle } = strings;
  return table([section, items, offset, sizeTitle, shareTitle], rows);
}

function featureTable({ features }: BinarySummary, strings: ModuleStrings, at: At): Node {
  const rows = features.map(({ name, offset, needs }) =>
    element('tr', {}, [
      element('td', {}, [name]),
      element('td', {}, [button(needs, { class: 'link' }, at(offset)!)]),
      element('td', { class: 'number' }, [hex(offset)]),
    ]),
  );
  return table([strings.feature, strings.firstNeed, strings.offset], rows);
}

/** The treemap, and the same as a list for those who do not see it. */
function functionsOf({ functions }: BinarySummary, strings: ModuleStrings, events: SummaryEvents): Node[] {
  const { largest, size, defined } = functions;
  const goTo = ({ offset, size: length }: SizedFunction) => {
    if (offset !== undefined) events.goTo({ start: offset, end: offset + length });
  };
  const map = element('div', { class: 'treemap', 'aria-hidden': 'true' });
  const observer = new ResizeObserver(() => {
    const width = map.clientWidth;
    if (width === 0 || map.dataset.width === String(width)) return;
    map.dataset.width = String(width);
    drawTreemap(map, largest, size, strings, goTo);
  });
  observer.observe(map);
  const row = (fn: SizedFunction) =>
    element('tr', {}, [
      element('td', { class: 'number' }, [String(fn.idx)]),
      element('td', { class: 'name' }, [placeButton({ ...fn, detail: '' }, () => goTo(fn))]),
      element('td', { class: 'detail' }, [fn.detail]),
      element('td', { class: 'number' }, [fn.offset === undefined ? '' : hex(fn.offset)]),
      element('td', { class: 'number' }, [bytesText(fn.size, strings)]),
      element('td', { class: 'number' }, [size ? percent(fn.size / size) : '']),
    ]);
  const { index, name, type, offset, size: sizeTitle, ofCode } = strings;
  const note =
    largest.length < defined
      ? [element('p', { class: 'note' }, [filled(strings.largest, largest.length)])]
      : [];
  return [map, ...note, longTable([index, name, type, offset, sizeTitle, ofCode], largest, row, strings)];
}

function drawTreemap(
  map: HTMLElement,
  functions: readonly SizedFunction[],
  total: number,
  strings: ModuleStrings,
  goTo: (fn: SizedFunction) => void,
): void {
  const width = map.clientWidth;
  const height = Math.round(Math.min(width * FLATNESS, 48 + 24 * functions.length));
  map.style.height = `${height}px`;
  const rest = total - functions.reduce((sum, { size }) => sum + size, 0);
  const sizes = [...functions.map(({ size }) => size), ...(rest > 0 ? [rest] : [])];
  const boxes = treemap(sizes, { x: 0, y: 0, width, height });
  map.replaceChildren(
    ...boxes.map((box, i) => {
      const fn = functions[i];
      const label = fn ? fn.name : strings.others;
      const made = element('div', { class: fn ? 'box' : 'box rest' });
      made.title = `${label}\n${bytesText(sizes[i], strings)}, ${percent(sizes[i] / total)}`;
      made.style.left = `${box.x}px`;
      made.style.top = `${box.y}px`;
      made.style.width = `${Math.max(0, box.width - 1)}px`;
      made.style.height = `${Math.max(0, box.height - 1)}px`;
      if (box.width >= NAMED_WIDTH && box.height >= NAMED_HEIGHT) made.append(label);
      if (fn) made.addEventListener('click', () => goTo(fn));
      return made;
    }),
  );
}

/** What is larger and what is smaller than before. */
function compared(
  before: NonNullable<SummaryAnswer['before']>,
  summary: BinarySummary,
  strings: ModuleStrings,
  events: SummaryEvents,
): HTMLElement {
  const growth = grown(before.summary, summary);
  const change = summary.size - before.summary.size;
  const head =
    growth.sections.length + growth.functions.length === 0 && change === 0
      ? strings.sameSizes
      : filled(
          strings.grew,
          bytesText(before.summary.size, strings),
          bytesText(summary.size, strings),
          signedBytes(change, strings),
        );
  const rows = (items: readonly Growth[]) =>
    items
      .slice(0, FIRST_ROWS)
      .map(({ name, before: was, after, range }) =>
        element('tr', {}, [
          element('td', { class: 'name' }, [
            range ? button(name, { class: 'link' }, () => events.goTo(range)) : name,
          ]),
          element('td', { class: 'number' }, [
            was === undefined ? strings.notThere : bytesText(was, strings),
          ]),
          element('td', { class: 'number' }, [
            after === undefined ? strings.notThere : bytesText(after, strings),
          ]),
          element('td', { class: (after ?? 0) > (was ?? 0) ? 'number more' : 'number less' }, [
            signedBytes((after ?? 0) - (was ?? 0), strings),
          ]),
        ]),
      );
  const part = (title: string, items: readonly Growth[]) =>
    items.length > 0
      ? [
          element('h3', {}, [title]),
          table([strings.name, strings.before, strings.after, strings.change], rows(items)),
        ]
      : [];
  return element('section', { class: 'compared' }, [
    element('h2', {}, [strings.comparedWithBefore]),
    element('p', {}, [head]),
    ...part(strings.sections, growth.sections),
    ...part(strings.functions, growth.functions),
  ]);
}

function list(items: readonly SummaryPlace[], strings: ModuleStrings, at: At): Node {
  const row = (item: SummaryPlace) =>
    element('tr', {}, [
      element('td', { class: 'name' }, [placeButton({ ...item, detail: '' }, at(item.offset))]),
      element('td', { class: 'detail' }, [item.detail]),
    ]);
  return longTable([strings.name, strings.type], items, row, strings);
}

function longTable<T>(
  titles: readonly string[],
  items: readonly T[],
  row: (item: T) => Node,
  strings: ModuleStrings,
): Node {
  const made = table(titles, items.slice(0, FIRST_ROWS).map(row));
  if (items.length <= FIRST_ROWS) return made;
  const more = button(filled(strings.showAll, items.length), {}, () => {
    made.querySelector('tbody')?.append(...items.slice(FIRST_ROWS).map(row));
    more.remove();
  });
  return element('div', {}, [made, more]);
}

function table(titles: readonly string[], rows: readonly Node[]): HTMLTableElement {
  const head = titles.map((text) => element('th', { scope: 'col' }, [text]));
  return element('table', {}, [element('thead', {}, [element('tr', {}, head)]), element('tbody', {}, rows)]);
}

/** A place by its name: a button if it is known where it is. */
function placeButton({ name, detail }: SummaryPlace, go: (() => void) | undefined): HTMLElement {
  const text = [name, detail].filter((part) => part !== '').join(' ');
  if (!go) return element('span', {}, [text]);
  return button(text === '' ? '""' : text, { class: 'link' }, go);
}

function meter(share: number): HTMLElement {
  const bar = element('span', { class: 'bar' });
  const full = element('span', { class: 'meter', 'aria-hidden': 'true' }, [bar]);
  bar.style.width = `${100 * share}%`;
  return full;
}

function block(title: string, size: number, content: readonly Node[]): Node {
  const n = size.toLocaleString();
  const heading = element('summary', {}, [
    element('h2', {}, [`${title} `, element('span', { class: 'count' }, [n])]),
  ]);
  return element('details', size > 0 ? { open: '', class: 'block' } : { class: 'block' }, [
    heading,
    ...content,
  ]);
}

function count(n: number, one: string, many: string): string {
  return n === 1 ? one : filled(many, n.toLocaleString());
}
