/**
 * How loud each lint is: its own default, or what `wasmscope.lint.<code>` says.
 */

import { type Settings, settingAt } from '../settings.ts';
import { SEVERITIES, type Severity } from './lint.ts';
import { LINTS } from './table.ts';

export class Levels {
  readonly #levels: ReadonlyMap<string, Severity>;
  /** The same for two settings that agree on every lint. */
  readonly key: string;

  constructor(settings: Settings) {
    const given = settingAt(settings, 'lint', {}) as Readonly<Record<string, unknown>>;
    this.#levels = new Map(
      LINTS.map(({ code, severity }) => {
        const level = given[code];
        return [code, SEVERITIES.includes(level as Severity) ? (level as Severity) : severity];
      }),
    );
    this.key = [...this.#levels.values()].map((level) => SEVERITIES.indexOf(level)).join('');
  }

  of(code: string): Severity {
    return this.#levels.get(code) ?? 'off';
  }

  isOn(code: string): boolean {
    return this.of(code) !== 'off';
  }
}
