/**
 * Generates engine/isa/op.gen.ts: the wire codes as a const enum. esbuild puts its numbers into the emitted code,
 * so a `switch` over codes has numeric literals as labels, which V8 compiles to a jump table.
 */

import { INSTRS } from '../../engine/isa/isa.ts';

/** The text of op.gen.ts. */
export function opFile(): string {
  const members = INSTRS.map(({ op, code }) => `  ${op} = 0x${code.toString(16).padStart(2, '0')},`);
  return `// Generated from engine/isa/table.ts by scripts/gen.mjs: do not edit.

/** Wire codes by name (\`prefix << 12 | sub\` behind a prefix); only for switch labels and comparisons. */
export const enum Op {
${members.join('\n')}
}
`;
}
