/**
 * What the tiers do, in lines for a log: how many functions are compiled, and which stay in the interpreter, and why.
 */

import type { FuncInst } from '../../runtime/func.ts';
import type { HostTier } from './tier.ts';

/** Reasons are said for so many functions at a time. */
const MOST = 50;

/** What the last build did. */
export function tiersLog(tier: HostTier): string[] {
  const kept = [...tier.kept];
  const lines = [
    `tiers: functions compiled: ${tier.functions().length}; left to the interpreter: ${kept.length}`,
  ];
  for (const [func, reason] of kept.slice(0, MOST)) lines.push(`tiers: ${labelOf(func)}: ${reason}`);
  if (kept.length > MOST) lines.push(`tiers: … ${kept.length - MOST} more`);
  return lines;
}

function labelOf({ inst, idx }: FuncInst): string {
  const name = inst?.module.names.of('func', idx);
  const of = inst?.name ? `${inst.name} ` : '';
  return `${of}func[${idx}]${name === undefined ? '' : ` $${name}`}`;
}
