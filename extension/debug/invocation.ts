/**
 * What to call: the exported function and its arguments, asked for once and remembered a file.
 *
 * `_start`, or a single exported function without parameters, needs no question. Types come from the language
 * server; arguments are checked again, and finally, by the debugger.
 */

import * as vscode from 'vscode';
import type { ExportedFunction } from '../language/protocol.ts';
import type { LanguageService } from '../language/service.ts';
import { argumentProblem, splitArguments } from './arguments.ts';

/** The launch attribute `invoke`. */
export interface Invocation {
  readonly function: string;
  readonly args: readonly string[];
}

const KEY = 'wasmscope.invocations';

export class Invocations {
  readonly #memento: vscode.Memento;
  readonly #language: LanguageService;
  readonly #log: vscode.LogOutputChannel;

  constructor(memento: vscode.Memento, language: LanguageService, log: vscode.LogOutputChannel) {
    this.#memento = memento;
    this.#language = language;
    this.#log = log;
  }

  /**
   * The invocation for a program: the remembered one while it still fits, a single candidate, or the user's answer.
   * `undefined`: the user turned away. `'none'`: nothing to ask; the debugger says what is wrong.
   */
  async forProgram(uri: vscode.Uri): Promise<Invocation | undefined | 'none'> {
    const functions = await this.#candidates(uri);
    if (functions.length === 0) return 'none';
    const remembered = this.recall(uri);
    if (remembered && fits(remembered, functions)) return remembered;
    const entry =
      functions.find((f) => f.name === '') ??
      functions.find((f) => f.name === '_start') ??
      (functions.length === 1 ? functions[0] : undefined);
    if (entry && entry.params.length === 0) return { function: entry.name, args: [] };
    return this.#ask(uri, functions);
  }

  /** Asks anew, whatever is remembered. */
  async change(uri: vscode.Uri): Promise<Invocation | undefined | 'none'> {
    const functions = await this.#candidates(uri);
    return functions.length === 0 ? 'none' : this.#ask(uri, functions);
  }

  /** A call of this export: its arguments are asked for if it has any. `undefined`: the user turned away. */
  async ofExport(uri: vscode.Uri, name: string): Promise<Invocation | undefined> {
    const found = (await this.#candidates(uri)).find((fn) => fn.name === name);
    // A program with faults is started all the same: the debugger says what is wrong.
    return found ? this.#ask(uri, [found]) : { function: name, args: [] };
  }

  recall(uri: vscode.Uri): Invocation | undefined {
    return this.#memento.get<Record<string, Invocation>>(KEY, {})[uri.toString()];
  }

  /** The functions that could be called: none if the program cannot run, which the debugger explains better. */
  async #candidates(uri: vscode.Uri): Promise<readonly ExportedFunction[]> {
    try {
      const { functions, fault } = await this.#language.exportsOf(uri);
      return fault === undefined ? functions : [];
    } catch (error) {
      this.#log.warn(`${uri.toString(true)}: ${error instanceof Error ? error.message : String(error)}`);
      return [];
    }
  }

  async #ask(uri: vscode.Uri, functions: readonly ExportedFunction[]): Promise<Invocation | undefined> {
    const picked = await pickFunction(functions, this.recall(uri)?.function);
    if (!picked) return undefined;
    const args = await askArguments(picked, this.recall(uri));
    if (!args) return undefined;
    const invocation = { function: picked.name, args };
    const all = this.#memento.get<Record<string, Invocation>>(KEY, {});
    await this.#memento.update(KEY, { ...all, [uri.toString()]: invocation });
    return invocation;
  }
}

function fits({ function: name, args }: Invocation, functions: readonly ExportedFunction[]): boolean {
  const found = functions.find((f) => f.name === name);
  return found !== undefined && found.params.length === args.length;
}

/** `(n: i32, x: f64) → i32`, as pickers and prompts show it. */
export function signature({ params, results }: ExportedFunction): string {
  const inner = params.map((p) => (p.name ? `${p.name}: ${p.type}` : p.type)).join(', ');
  return `(${inner})${results.length ? ` → ${results.join(', ')}` : ''}`;
}

async function pickFunction(
  functions: readonly ExportedFunction[],
  last: string | undefined,
): Promise<ExportedFunction | undefined> {
  if (functions.length === 1) return functions[0];
  const items = functions.map((fn) => ({ label: fn.name, description: signature(fn), fn }));
  items.sort((a, b) => Number(b.label === last) - Number(a.label === last));
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Function to call'),
    placeHolder: vscode.l10n.t('Exported functions'),
    matchOnDescription: true,
  });
  return picked?.fn;
}

async function askArguments(
  fn: ExportedFunction,
  last: Invocation | undefined,
): Promise<readonly string[] | undefined> {
  if (fn.params.length === 0) return [];
  const text = await vscode.window.showInputBox({
    title: `${fn.name}${signature(fn)}`,
    prompt: vscode.l10n.t(
      'Arguments, separated by spaces: {0}',
      fn.params.map((p) => p.name ?? p.type).join(' '),
    ),
    value: last?.function === fn.name ? last.args.join(' ') : '',
    ignoreFocusOut: true,
    validateInput: (value) => argumentProblem(value, fn.params),
  });
  return text === undefined ? undefined : splitArguments(text);
}
