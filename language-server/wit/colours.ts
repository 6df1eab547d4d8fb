/** What names of WIT mean, for colours. */

import type { WitSymbolKind } from '../../engine/component/wit/resolve.ts';
import type { WitView } from './view.ts';

/** Types of the server's legend. */
export const WIT_ROLES = {
  interface: 'type',
  world: 'type',
  type: 'type',
  resource: 'type',
  func: 'function',
  field: 'property',
  case: 'property',
  param: 'parameter',
  import: 'variable',
} as const satisfies Readonly<Record<WitSymbolKind, string>>;

export interface WitColour {
  readonly start: number;
  readonly length: number;
  readonly type: (typeof WIT_ROLES)[WitSymbolKind];
  readonly isDefinition: boolean;
}

/** The names of a part of a document, in order. */
export function witColours({ resolution }: WitView, from = 0, to = Number.POSITIVE_INFINITY): WitColour[] {
  const found: WitColour[] = [];
  for (const { document, span, def, role } of resolution.symbols) {
    if (document !== 0 || span.end < from || span.start > to) continue;
    const type = def ? WIT_ROLES[def.kind] : 'type';
    found.push({ start: span.start, length: span.end - span.start, type, isDefinition: role === 'def' });
  }
  found.sort((a, b) => a.start - b.start);
  return found.filter(({ start }, i) => i === 0 || start >= found[i - 1].start + found[i - 1].length);
}
