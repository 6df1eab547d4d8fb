// Reading VS Code's lists and trees, which render only the rows in sight: read, scroll, read on.
import type { Locator } from 'playwright-core';

export interface Row<Field extends string> {
  /** The row's place in the list, from 0. */
  index: number;
  /** Depth in a tree, from 1. */
  level: number;
  /** Undefined for a row that cannot be expanded. */
  expanded: boolean | undefined;
  /** The text of the first element that each field's selector finds in the row; '' where there is none. */
  text: Record<Field, string>;
}

/**
 * All rows of the list inside `container`, in order.
 * @param fields a selector inside the row for each text wanted; '' means the row itself
 */
export async function readRows<Field extends string>(
  container: Locator,
  fields: Record<Field, string>,
): Promise<Row<Field>[]> {
  // A list that is being replaced is an error at once: whoever waits for it asks again.
  const list = container.locator('.monaco-list').first();
  if (!(await list.count())) return [];
  return (await list.evaluate(readAll, fields as Record<string, string>, { timeout: 2000 })) as Row<Field>[];
}

/** Scrolls the list inside `container` until `row` is rendered, and returns it; it may not exist after all. */
export async function scrollTo(container: Locator, row: Locator): Promise<Locator> {
  const list = container.locator('.monaco-list').first();
  // A row at the edge is rendered, but a click on it may hit what is behind the list.
  const inSight = async () => {
    const [outer, inner] = [await list.boundingBox(), (await row.isVisible()) && (await row.boundingBox())];
    return outer && inner && inner.y >= outer.y - 1 && inner.y + inner.height <= outer.y + outer.height + 1;
  };
  if (await inSight()) return row;
  await scrollToTop(list);
  for (let idle = 0, before = -1; idle < 2 && !(await inSight()); ) {
    await list.evaluate(scroll, 0.7);
    const first = await list.evaluate(firstIndex);
    idle = first === before ? idle + 1 : 0;
    before = first;
  }
  return row;
}

async function scrollToTop(list: Locator): Promise<void> {
  for (let turn = 0; turn < 200 && (await list.evaluate(firstIndex)) > 0; turn++)
    await list.evaluate(scroll, -5);
}

/**
 * The rows (elements that `row` selects in `container`) one of whose `label` elements has exactly this text,
 * aside from `tail`, a pattern for what VS Code adds to it.
 */
export function rowsWith(container: Locator, row: string, label: string, text: string, tail = ''): Locator {
  const exact = new RegExp(`^${text.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}${tail}$`);
  return container.locator(row).filter({ has: container.page().locator(label, { hasText: exact }) });
}

// What follows runs in the page.

/** Reads what is in sight; scrolls, and reads on, only where the list is taller than what it shows. */
async function readAll(list: Element, fields: Record<string, string>): Promise<Row<string>[]> {
  const rows = new Map<number, Row<string>>();
  const content = list.querySelector<HTMLElement>('.monaco-list-rows');
  const read = () => {
    for (const row of list.querySelectorAll('.monaco-list-row')) {
      const text: Record<string, string> = {};
      for (const [field, selector] of Object.entries(fields))
        text[field] = (selector ? row.querySelector(selector) : row)?.textContent ?? '';
      const index = Number(row.getAttribute('data-index'));
      rows.set(index, {
        index,
        level: Number(row.getAttribute('aria-level') ?? 1),
        expanded: row.hasAttribute('aria-expanded')
          ? row.getAttribute('aria-expanded') === 'true'
          : undefined,
        text,
      });
    }
  };
  const top = () => -Number.parseFloat(content?.style.top || '0');
  const hidden = () => (content?.offsetHeight ?? 0) - list.clientHeight;
  const scroll = (pixels: number) => {
    const event = new WheelEvent('wheel', { bubbles: true, cancelable: true });
    Object.defineProperty(event, 'wheelDeltaY', { value: -pixels * (120 / 50) });
    (list.querySelector('.monaco-scrollable-element') ?? list).dispatchEvent(event);
    return new Promise((drawn) => requestAnimationFrame(() => requestAnimationFrame(drawn)));
  };
  if (hidden() > 0 && top() > 0) await scroll(-1e6);
  read();
  // Lists grow while they are read, so the end is looked up anew; a turn that moves nothing ends it, too.
  for (let at = top(); hidden() - at > 1; at = top()) {
    await scroll(0.7 * list.clientHeight);
    read();
    if (top() <= at) break;
  }
  if (top() > 0) await scroll(-1e6);
  return [...rows.values()].sort((a, b) => a.index - b.index);
}

function firstIndex(list: Element): number {
  const indices = [...list.querySelectorAll('.monaco-list-row')].map((row) =>
    Number(row.getAttribute('data-index')),
  );
  return indices.length ? Math.min(...indices) : 0;
}

/** Scrolls by some height of the list. These lists have no scroll bar of the browser's: they listen for wheels. */
function scroll(list: Element, heights: number): Promise<unknown> {
  const event = new WheelEvent('wheel', { bubbles: true, cancelable: true });
  // The older figure, positive upwards, is the one that VS Code reads: 120 for 50 pixels.
  Object.defineProperty(event, 'wheelDeltaY', { value: -heights * list.clientHeight * (120 / 50) });
  (list.querySelector('.monaco-scrollable-element') ?? list).dispatchEvent(event);
  return new Promise((resolve) => requestAnimationFrame(() => requestAnimationFrame(resolve)));
}
