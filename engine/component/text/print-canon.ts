/**
 * Canonical definitions as text, as they stand in the form of the function that they make.
 */

import { typeName } from '../../isa/types.ts';
import { canonImmediates } from '../canons.ts';
import type { Canon, CanonOpt } from '../model.ts';
import { type Refs, valTypeText } from './print-types.ts';

/** `(canon lift …)`, `(canon lower …)`, `(canon resource.new …)`, … */
export function canonText(canon: Canon, refs: Refs): string {
  switch (canon.kind) {
    case 'lift':
      return `(canon lift (core func ${refs.ref('core func', canon.funcIdx)})${optsText(canon.opts, refs)})`;
    case 'lower':
      return `(canon lower (func ${refs.ref('func', canon.funcIdx)})${optsText(canon.opts, refs)})`;
    case 'builtin': {
      let text = `(canon ${canon.name}`;
      for (const immediate of canonImmediates(canon.name)) {
        switch (immediate) {
          case 'type':
            text += ` ${refs.ref('type', canon.typeIdx!)}`;
            break;
          case 'opts':
            text += optsText(canon.opts ?? [], refs);
            break;
          case 'async':
          case 'cancellable':
          case 'shared':
            if (canon[immediate]) text += ` ${immediate}`;
            break;
          case 'memory':
            text += ` (memory (core memory ${refs.ref('core memory', canon.memoryIdx!)}))`;
            break;
          case 'result':
            if (canon.result !== undefined) text += ` (result ${valTypeText(canon.result, refs)})`;
            break;
          case 'slot':
            text += ` ${typeName(canon.slotType!)} ${canon.slot}`;
            break;
          case 'core type':
            text += ` ${refs.ref('core type', canon.coreTypeIdx!)}`;
            break;
          case 'table':
            text += ` (core table ${refs.ref('core table', canon.tableIdx!)})`;
        }
      }
      return `${text})`;
    }
  }
}

function optsText(opts: readonly CanonOpt[], refs: Refs): string {
  return opts.map((opt) => ` ${optText(opt, refs)}`).join('');
}

function optText(opt: CanonOpt, refs: Refs): string {
  switch (opt.kind) {
    case 'string-encoding':
      return `string-encoding=${opt.encoding}`;
    case 'async':
      return 'async';
    case 'memory':
      return `(memory (core memory ${refs.ref('core memory', opt.idx)}))`;
    default:
      return `(${opt.kind} (core func ${refs.ref('core func', opt.idx)}))`;
  }
}
