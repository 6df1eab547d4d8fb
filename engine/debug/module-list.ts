/**
 * The modules of a program as plain data, for a list of them: what each is, how large, and how much of it has names.
 */

import type { Program } from './program.ts';
import type { WireModule } from './wire.ts';

/** The modules by number, `count` of them from `start`. */
export function moduleList(program: Program, start: number, count: number): WireModule[] {
  return program.modules.slice(start, start + count).map(({ module, form }, i) => {
    const bodies = module.funcs.flatMap(({ body }, idx) => (body ? [{ idx, range: body.range }] : []));
    return {
      number: start + i,
      name: module.names.module,
      form,
      size: module.bytes.length,
      start: program.startOf(module),
      funcs: bodies.length,
      named: bodies.filter(({ idx }) => module.names.given('func', idx) !== undefined).length,
      code: { start: bodies[0]?.range.start ?? 0, end: bodies.at(-1)?.range.end ?? 0 },
    };
  });
}
