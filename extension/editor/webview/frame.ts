/**
 * What stands around the parts of the page: name and buttons, the two pages, the path of the caret, messages. Knows no
 * bytes; what its buttons do is told by whoever makes it.
 */

import type { ByteStep } from '../../language/byte-protocol.ts';
import type { Action, Layout, PageCommand } from '../messages.ts';
import type { ModuleStrings } from '../strings.ts';
import { button, element, iconButton, setAttribute } from './dom.ts';
import { icon } from './icons.ts';
import { Sash } from './sash.ts';

export type PageName = 'bytes' | 'summary';

export interface FrameEvents {
  act(action: Action): void;
  command(command: PageCommand): void;
  layout(change: Partial<Layout>): void;
  page(page: PageName): void;
  crumb(step: ByteStep): void;
}

/** The parts that the frame holds. */
export interface FrameParts {
  readonly tree: HTMLElement;
  readonly grid: HTMLElement;
  readonly minimap: HTMLElement;
  readonly find: HTMLElement;
  readonly details: HTMLElement;
  readonly hover: HTMLElement;
}

/** Milliseconds that a message stays. */
const SAID = 4000;

export class Frame {
  readonly #events: FrameEvents;
  readonly #strings: ModuleStrings;
  readonly #title = element('h1', {}, ['']);
  readonly #facts = element('span', { class: 'facts' });
  readonly #tabs: Readonly<Record<PageName, HTMLButtonElement>>;
  readonly #back: HTMLButtonElement;
  readonly #forward: HTMLButtonElement;
  readonly #perRow: HTMLSelectElement;
  readonly #tree: HTMLButtonElement;
  readonly #details: HTMLButtonElement;
  readonly #banner = element('div', { class: 'banner', role: 'alert', hidden: '' });
  readonly #crumbs = element('nav', { class: 'crumbs' });
  readonly #place = element('span', { class: 'place' });
  readonly #status = element('div', { class: 'message', role: 'status' });
  readonly #bytes = element('section', { class: 'panel bytes', role: 'tabpanel', id: 'panel-bytes' });
  readonly #summary = element('section', {
    class: 'panel summary',
    role: 'tabpanel',
    id: 'panel-summary',
    tabindex: '0',
  });
  #layout: Layout | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(root: HTMLElement, strings: ModuleStrings, events: FrameEvents, parts: FrameParts) {
    this.#events = events;
    this.#strings = strings;
    this.#tabs = {
      bytes: this.#tab('bytes', strings.bytesPage),
      summary: this.#tab('summary', strings.summaryPage),
    };
    this.#back = iconButton(icon('back'), strings.back, () => events.act('back'));
    this.#forward = iconButton(icon('forward'), strings.forward, () => events.act('forward'));
    this.#perRow = element(
      'select',
      { class: 'per-row', title: strings.perRow, 'aria-label': strings.perRow },
      [0, 8, 16, 32].map((n) =>
        element('option', { value: String(n) }, [n === 0 ? strings.perRowFit : String(n)]),
      ),
    );
    this.#perRow.addEventListener('change', () => events.layout({ perRow: Number(this.#perRow.value) }));
    this.#tree = iconButton(icon('tree'), strings.toggleTree, () =>
      events.layout({ tree: !this.#layout?.tree }),
    );
    this.#details = iconButton(icon('details'), strings.toggleDetails, () =>
      events.layout({ details: !this.#layout?.details }),
    );
    this.#crumbs.setAttribute('aria-label', strings.path);
    this.#fillBytes(parts);
    this.#bytes.setAttribute('aria-label', strings.bytesPage);
    this.#summary.setAttribute('aria-label', strings.summaryPage);
    root.append(this.#header(), this.#banner, this.#tools(), this.#bytes, this.#summary, parts.hover);
  }

  set name(name: string) {
    this.#title.textContent = name;
  }

  set facts(facts: string) {
    this.#facts.textContent = facts;
  }

  set place(text: string) {
    this.#place.textContent = text;
  }

  set summary(page: HTMLElement) {
    this.#summary.replaceChildren(page);
  }

  focusSummary(): void {
    this.#summary.focus();
  }

  showPage(wanted: PageName): void {
    for (const one of ['bytes', 'summary'] as const) {
      setAttribute(this.#tabs[one], 'aria-selected', String(one === wanted));
      this.#tabs[one].tabIndex = one === wanted ? 0 : -1;
    }
    for (const tool of [this.#perRow, this.#tree, this.#details]) tool.hidden = wanted !== 'bytes';
    this.#bytes.hidden = wanted !== 'bytes';
    this.#summary.hidden = wanted !== 'summary';
  }

  showLayout(layout: Layout, shown: { readonly tree: boolean; readonly details: boolean }): void {
    this.#layout = { ...layout, ...shown };
    this.#perRow.value = String(layout.perRow);
    this.#bytes.classList.toggle('no-tree', !shown.tree);
    this.#bytes.classList.toggle('no-details', !shown.details);
    this.#bytes.style.setProperty('--tree', `${layout.treeWidth}px`);
    this.#bytes.style.setProperty('--details', `${layout.detailsWidth}px`);
    setAttribute(this.#tree, 'aria-pressed', String(shown.tree));
    setAttribute(this.#details, 'aria-pressed', String(shown.details));
  }

  showHistory({
    canGoBack,
    canGoForward,
  }: {
    readonly canGoBack: boolean;
    readonly canGoForward: boolean;
  }): void {
    this.#back.disabled = !canGoBack;
    this.#forward.disabled = !canGoForward;
  }

  /** The path of a byte; `isElsewhere` says that it is not the caret's. */
  showPath(path: readonly ByteStep[], isElsewhere: boolean): void {
    this.#crumbs.classList.toggle('elsewhere', isElsewhere);
    this.#crumbs.replaceChildren(
      ...path.flatMap((step, i) => [
        ...(i > 0 ? [element('span', { class: 'separator', 'aria-hidden': 'true' }, ['›'])] : []),
        button(step.title, { class: 'crumb' }, () => this.#events.crumb(step)),
      ]),
    );
  }

  /** What is wrong with the file; `go` leads there. Undefined: nothing. */
  showFault(text: string | undefined, go: (() => void) | undefined): void {
    this.#banner.hidden = text === undefined;
    if (text === undefined) return;
    this.#banner.replaceChildren(
      element('span', { class: 'text' }, [text]),
      ...(go ? [button(this.#strings.goToFault, { class: 'secondary' }, go)] : []),
    );
  }

  /** A message that goes by itself. */
  say(text: string): void {
    this.#status.textContent = text;
    this.#status.classList.add('shown');
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.#status.classList.remove('shown'), SAID);
  }

  #header(): HTMLElement {
    const { debug, run, openAsWat } = this.#strings;
    const { command } = this.#events;
    return element('header', { class: 'top' }, [
      element('div', { class: 'who' }, [this.#title, this.#facts]),
      element('div', { class: 'actions' }, [
        button(debug, { class: 'primary' }, () => command('debug')),
        button(run, { class: 'secondary' }, () => command('run')),
        button(openAsWat, { class: 'secondary' }, () => command('openAsWat')),
      ]),
    ]);
  }

  #tools(): HTMLElement {
    const { act, command } = this.#events;
    const { pages, goTo, find, copyAs } = this.#strings;
    return element('div', { class: 'tools' }, [
      element('div', { class: 'tabs', role: 'tablist', 'aria-label': pages }, [
        this.#tabs.bytes,
        this.#tabs.summary,
      ]),
      element('div', { class: 'buttons' }, [
        this.#back,
        this.#forward,
        iconButton(icon('goTo'), goTo, () => command('module.goTo')),
        iconButton(icon('search'), find, () => act('find')),
        iconButton(icon('copy'), copyAs, () => command('module.copyAs')),
        this.#perRow,
        this.#tree,
        this.#details,
      ]),
    ]);
  }

  #fillBytes({ tree, grid, minimap, find, details }: FrameParts): void {
    const { resizeTree, resizeDetails } = this.#strings;
    const { layout } = this.#events;
    const treeSash = new Sash(
      resizeTree,
      1,
      () => this.#layout?.treeWidth ?? 0,
      (treeWidth) => layout({ treeWidth }),
    );
    const detailsSash = new Sash(
      resizeDetails,
      -1,
      () => this.#layout?.detailsWidth ?? 0,
      (detailsWidth) => layout({ detailsWidth }),
    );
    const centre = element('div', { class: 'centre' }, [
      element('div', { class: 'path' }, [this.#crumbs, this.#place]),
      find,
      element('div', { class: 'body' }, [grid, minimap]),
      this.#status,
    ]);
    this.#bytes.append(tree, treeSash.element, centre, detailsSash.element, details);
  }

  #tab(which: PageName, label: string): HTMLButtonElement {
    const made = button(label, { role: 'tab', class: 'tab', 'aria-controls': `panel-${which}` }, () =>
      this.#events.page(which),
    );
    made.addEventListener('keydown', ({ key }) => {
      if (key !== 'ArrowLeft' && key !== 'ArrowRight') return;
      const other = which === 'bytes' ? 'summary' : 'bytes';
      this.#events.page(other);
      this.#tabs[other].focus();
    });
    return made;
  }
}
