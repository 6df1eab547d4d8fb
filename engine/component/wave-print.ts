/**
 * WAVE, the way out: values of component types as people write them. The way in, and what WAVE is: wave.ts.
 */

import { WasmError } from '../base/errors.ts';
import { casesOf } from './abi.ts';
import type { Field, ValType } from './types.ts';
import type { CaseValue, ComponentValue, HandleValue } from './values.ts';

/** The longest text that is written of a value, in characters. */
const MOST_TEXT = 2 ** 26;

/** A value of this type as text. Throws an exhaustion fault for one that is longer than anybody reads. */
export function printWave(value: ComponentValue, type: ValType): string {
  const writer = new WaveWriter();
  writer.value(value, type);
  return writer.text;
}

class WaveWriter {
  text = '';

  private write(piece: string): void {
    this.text += piece;
    if (this.text.length > MOST_TEXT) tooLong();
  }

  /** Things with commas between them. */
  private all<T>(items: Iterable<T>, write: (item: T, i: number) => void): void {
    let i = 0;
    for (const item of items) {
      if (i > 0) this.write(', ');
      write(item, i++);
    }
  }

  value(value: ComponentValue, type: ValType): void {
    switch (type.kind) {
      case 'prim':
        this.write(printPrim(value, type.prim));
        break;
      case 'list':
        this.write('[');
        this.all(value as Iterable<ComponentValue>, (one) => this.value(one, type.element));
        this.write(']');
        break;
      case 'tuple':
        this.write('(');
        this.all(value as Iterable<ComponentValue>, (one, i) => this.value(one, type.types[i]));
        this.write(')');
        break;
      case 'map':
        this.write('{');
        this.all(value as Iterable<readonly [ComponentValue, ComponentValue]>, ([k, v]) => {
          this.value(k, type.key);
          this.write(': ');
          this.value(v, type.value);
        });
        this.write('}');
        break;
      case 'record':
        this.record(value as readonly ComponentValue[], type.fields);
        break;
      case 'flags': {
        const bits = value as number;
        const set = type.labels.filter((_, i) => (bits >>> i) & 1);
        this.write(`{${set.map(label).join(', ')}}`);
        break;
      }
      case 'variant':
      case 'enum':
      case 'option':
      case 'result': {
        const { case: number, payload } = value as CaseValue;
        const one = casesOf(type)[number];
        const isError = type.kind === 'result' && number === 1;
        this.write(isError ? 'err' : isReservedCase(type) ? one.label : label(one.label));
        if (!one.type || payload === undefined) break;
        this.write('(');
        this.value(payload, one.type);
        this.write(')');
        break;
      }
      default:
        this.write((value as HandleValue).label);
    }
  }

  /** Options that are none are left out. */
  private record(values: readonly ComponentValue[], fields: readonly Field[]): void {
    const shown = fields
      .map((field, i) => ({ ...field, value: values[i] }))
      .filter(({ type, value }) => type.kind !== 'option' || (value as CaseValue).case !== 0);
    this.write(shown.length > 0 ? '{' : '{:');
    this.all(shown, ({ label: name, type, value }) => {
      this.write(`${label(name)}: `);
      this.value(value, type);
    });
    this.write('}');
  }
}

function tooLong(): never {
  const message = 'the value is too long to be written';
  const notes = [{ message: `more than ${MOST_TEXT} characters` }];
  throw new WasmError({ phase: 'exhaustion', message, notes });
}

/** Cases whose names are WAVE's own words. */
function isReservedCase(type: ValType): boolean {
  return type.kind === 'option' || type.kind === 'result';
}

const KEYWORDS: ReadonlySet<string> = new Set(['true', 'false', 'some', 'none', 'ok', 'err', 'inf', 'nan']);

/** A name, with `%` in front if it would be read as something else. */
function label(name: string): string {
  return KEYWORDS.has(name) ? `%${name}` : name;
}

function printPrim(value: ComponentValue, prim: string): string {
  switch (prim) {
    case 'char':
      return `'${escapedText(value as string, "'")}'`;
    case 'string':
      return `"${escapedText(value as string, '"')}"`;
    case 'f32':
    case 'f64':
      return floatText(value as number, prim === 'f32');
    case 'error-context':
      return (value as HandleValue).label;
    default:
      return String(value);
  }
}

function floatText(value: number, isSingle: boolean): string {
  if (Number.isNaN(value)) return 'nan';
  if (!Number.isFinite(value)) return value < 0 ? '-inf' : 'inf';
  if (Object.is(value, -0)) return '-0';
  if (!isSingle) return String(value);
  // The fewest digits that are this f32 again.
  for (let digits = 1; digits < 9; digits++) {
    const text = Number(value.toPrecision(digits));
    if (Math.fround(text) === value) return String(text);
  }
  return String(value);
}

const ESCAPES: Readonly<Record<string, string>> = { '\n': '\\n', '\t': '\\t', '\r': '\\r', '\\': '\\\\' };

function escapedText(text: string, quote: string): string {
  if (text.length > MOST_TEXT) tooLong();
  if (!/['"\\\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u.test(text)) return text;
  let out = '';
  for (const char of text) {
    const code = char.codePointAt(0)!;
    if (char === quote) out += `\\${char}`;
    else if (ESCAPES[char]) out += ESCAPES[char];
    else if (code < 0x20 || code === 0x7f || /[\p{Cf}\p{Zl}\p{Zp}\p{Cc}]/u.test(char))
      out += `\\u{${code.toString(16)}}`;
    else out += char;
  }
  return out;
}
