/**
 * `wasmscope wit`: the WIT of a component, or a WIT document or package laid out as one text.
 */

import { WasmError } from '../engine/base/errors.ts';
import { decode } from '../engine/binary/decode.ts';
import { isComponentSource, loadComponent } from '../engine/component/load.ts';
import { witOf } from '../engine/component/wit/from-component.ts';
import { printWit } from '../engine/component/wit/print.ts';
import { parseArguments } from './arguments.ts';
import { EXIT, Failure, UsageError } from './failure.ts';
import { writeText } from './output.ts';
import { readProgram } from './read.ts';
import { faultReport, printable } from './report.ts';
import { isWit, readWit } from './wit-package.ts';

export function wit(args: readonly string[]): number {
  const { operands, options } = parseArguments(args, { '-o': 'value' });
  if (operands.length !== 1)
    throw new UsageError(operands.length === 0 ? 'wit of what?' : 'wit takes one file');
  const [path] = operands;
  const text = isWit(path) ? readWit(path) : witOfFile(path);
  writeText(options.get('-o')?.[0], (write) => write(text));
  return EXIT.ok;
}

function witOfFile(path: string): string {
  const given = readProgram(path);
  const program = isComponentSource(given) ? given : embeddedWit(path, given);
  if (!program) {
    throw new Failure(`${printable(path)}: a core module has no WIT: this is no component\n`, EXIT.badInput);
  }
  const loaded = loadComponent(program);
  if (!('faults' in loaded)) return printWit(witOf(loaded.valid));
  const source = { path, text: 'text' in program ? program.text : undefined };
  throw new Failure(loaded.faults.map((fault) => faultReport(source, fault)).join(''), EXIT.badInput);
}

/** The WIT that a core module is made for, which tools put into a custom section: an encoded package. */
function embeddedWit(path: string, program: ReturnType<typeof readProgram>) {
  if (!('bytes' in program)) return undefined;
  const { bytes } = program;
  try {
    const section = decode(bytes).customs.find(({ name }) => /^component-type(:|$)/.test(name));
    return section && { bytes: bytes.slice(section.range.start, section.range.end) };
  } catch (error) {
    if (error instanceof WasmError) throw new Failure(faultReport({ path }, error.fault), EXIT.badInput);
    throw error;
  }
}
