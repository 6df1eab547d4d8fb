/**
 * The faults of a document that touch a selection.
 */

import type { PlacedFault } from '../module-analysis.ts';
import type { Selection } from './action.ts';

export function faultsAt({ analysis, span }: Selection): PlacedFault[] {
  return analysis.faults.filter((fault) => fault.span.start <= span.end && fault.span.end >= span.start);
}
