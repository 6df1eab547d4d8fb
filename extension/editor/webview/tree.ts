/**
 * The pane with the structure of the file: sections, entries, fields. What is in a node is asked for when it is opened,
 * and only the rows in sight exist. It follows the caret of the grid; what was opened for that alone is closed again when
 * the caret goes elsewhere. The filter looks for names in the whole file.
 */

import './tree.css';
import type { ByteRanges, ByteTree, ByteTreeNode } from '../../language/byte-protocol.ts';
import type { ByteRange } from '../messages.ts';
import { bytesText } from '../sizes.ts';
import type { ModuleStrings } from '../strings.ts';
import { element, hex } from './dom.ts';
import { filled } from './strings.ts';

const ROW_PIXELS = 22;
const SPARE = 6;
/** Milliseconds without another key before a filter is looked up. */
const PAUSE = 120;

export interface TreeSource {
  tree(path: readonly number[]): Promise<ByteTree>;
  names(name: string): Promise<ByteRanges>;
}

export interface TreeEvents {
  chosen(range: ByteRange): void;
  loaded(root: ByteTree): void;
}

interface Item {
  readonly path: readonly number[];
  readonly node: ByteTreeNode;
  children: Item[] | undefined;
  open: boolean;
  /** Opened by following the caret, not by the user. */
  followed: boolean;
}

interface Shown {
  readonly title: string;
  readonly detail: string;
  readonly kind: string;
  readonly fault: string | undefined;
  readonly range: ByteRange;
  readonly level: number;
  readonly position: number;
  readonly siblings: number;
  /** Absent for what the filter found. */
  readonly item?: Item;
}

export class Tree {
  readonly element: HTMLElement;
  readonly #strings: ModuleStrings;
  readonly #source: TreeSource;
  readonly #events: TreeEvents;
  readonly #filter: HTMLInputElement;
  readonly #scroller = element('div', { class: 'tree', role: 'tree', tabindex: '0' });
  readonly #sheet = element('div', { class: 'sheet', role: 'presentation' });
  readonly #note = element('p', { class: 'note', role: 'status' });
  #root: Item | undefined;
  #rows: readonly Shown[] = [];
  #found: readonly Shown[] | undefined;
  #selected = 0;
  #followed = '';
  #generation = 0;

  constructor(strings: ModuleStrings, source: TreeSource, events: TreeEvents) {
    this.#strings = strings;
    this.#source = source;
    this.#events = events;
    this.#filter = element('input', {
      type: 'text',
      placeholder: strings.filterTree,
      'aria-label': strings.filterTree,
      spellcheck: 'false',
    });
    this.#scroller.setAttribute('aria-label', strings.structure);
    this.#scroller.append(this.#sheet);
    this.element = element('nav', { class: 'structure', 'aria-label': strings.structure }, [
      element('div', { class: 'filter' }, [this.#filter]),
      this.#note,
      this.#scroller,
    ]);
    let timer: ReturnType<typeof setTimeout> | undefined;
    this.#filter.addEventListener('input', () => {
      clearTimeout(timer);
      timer = setTimeout(() => void this.#look(), PAUSE);
    });
    this.#filter.addEventListener('keydown', (event) => {
      if (event.key === 'ArrowDown') this.#scroller.focus();
      else if (event.key === 'Escape' && this.#filter.value !== '') {
        this.#filter.value = '';
        void this.#look();
      } else return;
      event.preventDefault();
    });
    this.#scroller.addEventListener('scroll', () => this.#draw());
    this.#scroller.addEventListener('keydown', (event) => this.#onKey(event));
    this.#scroller.addEventListener('click', (event) => this.#onClick(event));
    new ResizeObserver(() => this.#draw()).observe(this.#scroller);
  }

  /** Begins anew: another file, or other bytes of it. */
  async load(): Promise<void> {
    const generation = ++this.#generation;
    const tree = await this.#source.tree([]);
    if (generation !== this.#generation) return;
    this.#followed = '';
    const root: Item = { path: [], node: tree.node, children: undefined, open: true, followed: false };
    this.#put(root, tree);
    this.#root = root;
    this.#events.loaded(tree);
    this.#lay();
  }

  /** Shows and marks the node that a path leads to, opening what is above it. */
  async follow(path: readonly number[]): Promise<void> {
    const key = path.join('.');
    if (key === this.#followed || !this.#root) return;
    this.#followed = key;
    const generation = this.#generation;
    const opened: Item[] = [];
    let item = this.#root;
    for (const [depth, i] of path.entries()) {
      if (!item.children) {
        const tree = await this.#source.tree(item.path);
        if (generation !== this.#generation || key !== this.#followed) return;
        this.#put(item, tree);
      }
      opened.push(item);
      const child = item.children?.[i];
      if (!child) break;
      item = child;
      if (depth === path.length - 1) break;
    }
    this.#closeFollowed(this.#root, new Set(opened));
    for (const parent of opened) {
      if (!parent.open) parent.open = parent.followed = true;
    }
    this.#lay();
    if (this.#found) return;
    this.#selected = Math.max(
      0,
      this.#rows.findIndex((row) => row.item === item),
    );
    this.#reveal();
    this.#draw();
  }

  focus(): void {
    this.#scroller.focus();
  }

  #put(item: Item, { children }: ByteTree): void {
    item.children = children.map((node, i) => ({
      path: [...item.path, i],
      node,
      children: undefined,
      open: false,
      followed: false,
    }));
  }

  #closeFollowed(item: Item, except: ReadonlySet<Item>): void {
    for (const child of item.children ?? []) this.#closeFollowed(child, except);
    if (item.followed && !except.has(item)) item.open = item.followed = false;
  }

  async #look(): Promise<void> {
    const name = this.#filter.value.trim();
    if (name === '') {
      this.#found = undefined;
      this.#note.textContent = '';
      this.#followed = '';
      this.#lay();
      return;
    }
    try {
      const { ranges, titles = [], more } = await this.#source.names(name);
      if (this.#filter.value.trim() !== name) return;
      const count = ranges.length >> 1;
      this.#found = titles.map((title, i) => ({
        title,
        detail: hex(ranges[2 * i]),
        kind: 'found',
        fault: undefined,
        range: { start: ranges[2 * i], end: ranges[2 * i + 1] },
        level: 1,
        position: i + 1,
        siblings: titles.length,
      }));
      this.#note.textContent =
        count === 0
          ? this.#strings.nothingFound
          : filled(more ? this.#strings.foundMore : this.#strings.found, count);
      this.#selected = 0;
      this.#scroller.scrollTop = 0;
      this.#lay();
    } catch (error) {
      this.#note.textContent = error instanceof Error ? error.message : String(error);
    }
  }

  /** The rows anew. */
  #lay(): void {
    const rows: Shown[] = [];
    if (this.#found) rows.push(...this.#found);
    else if (this.#root)
      for (const child of this.#root.children ?? []) this.#collect(child, 1, this.#root, rows);
    this.#rows = rows;
    this.#selected = Math.min(this.#selected, Math.max(0, rows.length - 1));
    this.#sheet.style.height = `${rows.length * ROW_PIXELS}px`;
    this.#draw();
  }

  #collect(item: Item, level: number, parent: Item, rows: Shown[]): void {
    const { title, value, kind, fault, start, end } = item.node;
    const siblings = parent.children?.length ?? 1;
    const position = (item.path.at(-1) ?? 0) + 1;
    const detail = item.node.leaf ? (value ?? '') : bytesText(end - start, this.#strings);
    rows.push({ title, detail, kind, fault, range: { start, end }, level, position, siblings, item });
    if (item.open) for (const child of item.children ?? []) this.#collect(child, level + 1, item, rows);
  }

  #draw(): void {
    const { scrollTop, clientHeight } = this.#scroller;
    const first = Math.max(0, Math.floor(scrollTop / ROW_PIXELS) - SPARE);
    const last = Math.min(this.#rows.length, Math.ceil((scrollTop + clientHeight) / ROW_PIXELS) + SPARE);
    const rows: HTMLElement[] = [];
    for (let i = first; i < last; i++) rows.push(this.#row(this.#rows[i], i));
    this.#sheet.replaceChildren(...rows);
    if (this.#selected >= first && this.#selected < last) {
      this.#scroller.setAttribute('aria-activedescendant', `node-${this.#selected}`);
    } else this.#scroller.removeAttribute('aria-activedescendant');
  }

  #row(shown: Shown, i: number): HTMLElement {
    const { title, detail, kind, fault, level, item, position, siblings } = shown;
    const isParent = item !== undefined && !item.node.leaf;
    const row = element(
      'div',
      {
        class: i === this.#selected ? 'node selected' : 'node',
        id: `node-${i}`,
        role: 'treeitem',
        'data-row': String(i),
        'data-kind': kind,
        'aria-level': String(level),
        'aria-posinset': String(position),
        'aria-setsize': String(siblings),
        'aria-selected': String(i === this.#selected),
        title: fault ?? `${title} ${detail}`.trim(),
      },
      [
        element('span', { class: isParent ? (item.open ? 'twistie open' : 'twistie') : 'twistie none' }),
        element('span', { class: 'title' }, [title]),
        element('span', { class: fault ? 'detail fault' : 'detail' }, [fault ? `✕ ${fault}` : detail]),
      ],
    );
    if (isParent) row.setAttribute('aria-expanded', String(item.open));
    row.style.top = `${i * ROW_PIXELS}px`;
    row.style.setProperty('--level', String(level - 1));
    return row;
  }

  #onClick(event: MouseEvent): void {
    const target = event.target as HTMLElement;
    const row = target.closest<HTMLElement>('[data-row]');
    if (!row) return;
    const i = Number(row.dataset.row);
    const { item } = this.#rows[i];
    if (target.classList.contains('twistie') && item) {
      void this.#toggle(item, !item.open);
      return;
    }
    this.#choose(i);
    if (item && !item.node.leaf && event.detail === 2) void this.#toggle(item, !item.open);
  }

  #choose(i: number): void {
    this.#selected = i;
    this.#draw();
    const shown = this.#rows[i];
    if (!shown) return;
    // The caret goes to the first field, and this node stays the marked one.
    if (shown.item) this.#followed = '';
    this.#events.chosen(shown.range);
  }

  async #toggle(item: Item, open: boolean): Promise<void> {
    if (open && !item.children) {
      const generation = this.#generation;
      const tree = await this.#source.tree(item.path);
      if (generation !== this.#generation) return;
      this.#put(item, tree);
    }
    item.open = open;
    item.followed = false;
    const marked = this.#rows[this.#selected]?.item;
    this.#lay();
    const again = this.#rows.findIndex((row) => row.item === marked);
    if (again >= 0) this.#selected = again;
    this.#draw();
  }

  #onKey(event: KeyboardEvent): void {
    if (event.ctrlKey || event.metaKey || event.altKey || this.#rows.length === 0) return;
    const page = Math.max(1, Math.floor(this.#scroller.clientHeight / ROW_PIXELS) - 1);
    const { item, level } = this.#rows[this.#selected];
    const moves: Readonly<Record<string, number>> = {
      ArrowUp: this.#selected - 1,
      ArrowDown: this.#selected + 1,
      PageUp: this.#selected - page,
      PageDown: this.#selected + page,
      Home: 0,
      End: this.#rows.length - 1,
    };
    if (Object.hasOwn(moves, event.key)) this.#move(moves[event.key]);
    else if (event.key === 'ArrowRight') {
      if (item && !item.node.leaf && !item.open) void this.#toggle(item, true);
      else if (item?.open) this.#move(this.#selected + 1);
    } else if (event.key === 'ArrowLeft') {
      if (item?.open) void this.#toggle(item, false);
      else this.#move(this.#rows.findLastIndex((row, i) => i < this.#selected && row.level < level));
    } else if (event.key === 'Enter' || event.key === ' ') this.#choose(this.#selected);
    else return;
    event.preventDefault();
  }

  #move(to: number): void {
    if (to < 0 && this.#selected === 0) return;
    this.#selected = Math.min(Math.max(to, 0), this.#rows.length - 1);
    this.#reveal();
    this.#draw();
  }

  #reveal(): void {
    const y = this.#selected * ROW_PIXELS;
    const { scrollTop, clientHeight } = this.#scroller;
    if (y < scrollTop) this.#scroller.scrollTop = y;
    else if (y + ROW_PIXELS > scrollTop + clientHeight) {
      this.#scroller.scrollTop = y + ROW_PIXELS - clientHeight;
    }
  }
}
