/**
 * The caret and the selection of a grid of bytes, and where keys move them.
 *
 * A selection goes from its anchor to its caret, both included; one byte is always selected. Pure; a move is a new value.
 */

export interface Selection {
  readonly anchor: number;
  readonly caret: number;
}

/** First byte, and the one behind the last. */
export function rangeOf({ anchor, caret }: Selection): { readonly start: number; readonly end: number } {
  return { start: Math.min(anchor, caret), end: Math.max(anchor, caret) + 1 };
}

/** The caret on a byte, inside of a file of `size`; `extend` keeps the anchor. */
export function movedTo(selection: Selection, offset: number, size: number, extend: boolean): Selection {
  const caret = Math.min(Math.max(offset, 0), Math.max(size - 1, 0));
  return { anchor: extend ? selection.anchor : caret, caret };
}

/** All bytes of a range; the caret on the first one, so that it is the one in sight. */
export function selected(start: number, end: number): Selection {
  return { anchor: Math.max(end - 1, start), caret: start };
}

/** What keys need to know about the grid. */
export interface Moves {
  readonly perRow: number;
  /** Rows of a page. */
  readonly pageRows: number;
  readonly size: number;
  /** The range of the field that has a byte, if that is known. */
  fieldAt(offset: number): { readonly start: number; readonly end: number } | undefined;
}

export interface Key {
  readonly key: string;
  /** Ctrl, or Cmd. */
  readonly command: boolean;
}

/** The byte that a key moves the caret to; undefined if it does not. */
export function moveOf({ key, command }: Key, caret: number, grid: Moves): number | undefined {
  const { perRow, pageRows, size } = grid;
  const inRow = caret % perRow;
  switch (key) {
    case 'ArrowLeft':
      return command ? fieldBefore(caret, grid) : caret - 1;
    case 'ArrowRight':
      return command ? (grid.fieldAt(caret)?.end ?? caret + 1) : caret + 1;
    case 'ArrowUp':
      return command || caret < perRow ? undefined : caret - perRow;
    case 'ArrowDown':
      return command || caret + perRow >= size ? undefined : caret + perRow;
    case 'PageUp':
      return caret - Math.min(pageRows, Math.floor(caret / perRow)) * perRow;
    case 'PageDown': {
      const below = Math.floor((size - 1 - caret) / perRow);
      return caret + Math.min(pageRows, below) * perRow;
    }
    case 'Home':
      return command ? 0 : caret - inRow;
    case 'End':
      return command ? size - 1 : Math.min(caret - inRow + perRow, size) - 1;
    default:
      return undefined;
  }
}

/** The start of the caret's field, or of the one before it. */
function fieldBefore(caret: number, { fieldAt }: Moves): number {
  const own = fieldAt(caret);
  if (own && own.start < caret) return own.start;
  return fieldAt(caret - 1)?.start ?? caret - 1;
}
