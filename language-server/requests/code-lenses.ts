/**
 * `textDocument/codeLens` and `codeLens/resolve`: how often an item is used, and Run | Debug where something can run.
 *
 * References are counted when a lens is first seen. Commands are the client's: what it did not announce is not
 * offered (docs/protocol.md), and a count without a command is only text.
 */

import {
  type CodeLens,
  type CodeLensParams,
  CodeLensRefreshRequest,
  type Command,
  type Range,
} from 'vscode-languageserver';
import type { Span } from '../../engine/base/errors.ts';
import type { Field } from '../../engine/text/fields.ts';
import { Tok } from '../../engine/text/lexer.ts';
import type { Command as ScriptCommand } from '../../engine/text/script.ts';
import { stringName } from '../../engine/text/strings.ts';
import { SPACES, type Space } from '../../engine/text/symbols.ts';
import { formEnd } from '../../engine/text/tree.ts';
import type { Analysis } from '../analysis.ts';
import { counted } from '../facts/counted.ts';
import { significant } from '../facts/forms.ts';
import { exportNames } from '../facts/item.ts';
import { headToken } from '../facts/place.ts';
import { rangeOf } from '../facts/places.ts';
import { type Turns, takeTurns } from '../facts/turns.ts';
import { useCounts } from '../facts/uses.ts';
import type { Client, Feature } from '../feature.ts';
import type { ModuleAnalysis } from '../module-analysis.ts';
import { settingAt } from '../settings.ts';

/** Commands that the client may announce, and what they are called with. */
export const COMMANDS = {
  /** `uri`, `position` */
  showReferences: 'wasmscope.showReferences',
  /** `uri`, name of the export */
  runExport: 'wasmscope.runExport',
  debugExport: 'wasmscope.debugExport',
  /** `uri`, `range` of the assertion */
  runAssertion: 'wasmscope.runAssertion',
  debugAssertion: 'wasmscope.debugAssertion',
} as const;

export interface Lenses {
  readonly references: boolean;
  readonly run: boolean;
}

/** What a lens carries until it is seen. */
interface Data {
  readonly uri: string;
  readonly space: Space;
  readonly idx: number;
  readonly pos: number;
}

const COUNTED: ReadonlySet<Space> = new Set(['func', 'global', 'type', 'table', 'memory', 'tag']);

export const codeLensFeature: Feature = {
  capabilities: () => ({ codeLensProvider: { resolveProvider: true } }),
  register({ connection, about, analyses, client, onSettings, sent }) {
    connection.onCodeLens(
      about('code lenses', 'symbols', [], (analysis, _: CodeLensParams, { settings, token }) => {
        const wanted: Lenses = {
          references: settingAt<boolean>(settings, 'codeLens.references', true),
          run: settingAt<boolean>(settings, 'codeLens.run', true),
        };
        return codeLenses(analysis, client, wanted, takeTurns(token));
      }),
    );
    connection.onCodeLensResolve(async (lens, token) => {
      const data = lens.data as Data | undefined;
      const analysis = data && (await analyses.prepared(data.uri, 'symbols', token));
      return analysis ? resolveLens(analysis, lens, data, client, takeTurns(token)) : lens;
    });
    if (client.capabilities.workspace?.codeLens?.refreshSupport) {
      onSettings(() => sent('refreshing code lenses', connection.sendRequest(CodeLensRefreshRequest.type)));
    }
  },
};

/** All lenses of a document, in turns; counts are still missing. */
export async function codeLenses(
  analysis: Analysis,
  { commands }: Pick<Client, 'commands'>,
  wanted: Lenses,
  turns: Turns,
): Promise<CodeLens[]> {
  // A disassembled function is a part of a module: its uses are not in this text.
  if (analysis.document.uri.startsWith('wasmscope:')) return [];
  const lenses: CodeLens[] = [];
  for (const module of analysis.modules) {
    for (const field of module.assembly.fields) {
      await turns.pause();
      if (wanted.references) lenses.push(...references(analysis, module, field));
      // What a core module inside of a component exports is nothing that one could call from outside.
      if (wanted.run && !analysis.script && analysis.components.length === 0)
        lenses.push(...runs(analysis, module, field, commands));
    }
  }
  if (wanted.run && analysis.script) {
    await assertions(analysis, analysis.script.commands, commands, lenses, turns);
  }
  return lenses;
}

function references(analysis: Analysis, { tree, assembly }: ModuleAnalysis, field: Field): CodeLens[] {
  const lens = (space: Space, idx: number, span: Span): CodeLens => ({
    range: rangeOf(analysis, span),
    data: { uri: analysis.document.uri, space, idx, pos: span.start } satisfies Data,
  });
  if (field.kind === 'rec') {
    const lenses: CodeLens[] = [];
    const { kinds, starts } = tree.tokens;
    const end = formEnd(tree, field.open);
    for (let at = significant(tree, headToken(tree, field.open) + 1); at < end && kinds[at] === Tok.Open; ) {
      const id = significant(tree, headToken(tree, at) + 1);
      const def = kinds[id] === Tok.Id ? assembly.symbols.defOf(id) : undefined;
      if (def) lenses.push(lens('type', def.idx, { start: starts[at], end: starts[id + 1] }));
      at = significant(tree, formEnd(tree, at));
    }
    return lenses;
  }
  const space = field.space === -1 ? undefined : SPACES[field.space];
  return space && COUNTED.has(space) && field.idx >= 0 ? [lens(space, field.idx, field.head)] : [];
}

/** Run | Debug on a function that is exported in its own form, or on the export of one. */
function runs(
  analysis: Analysis,
  { module, tree, assembly }: ModuleAnalysis,
  field: Field,
  commands: ReadonlySet<string>,
): CodeLens[] {
  const { uri } = analysis.document;
  const named = (name: string, span: Span): CodeLens[] => {
    const range = rangeOf(analysis, span);
    return offered(commands, [
      { title: 'Run', command: COMMANDS.runExport, arguments: [uri, name] },
      { title: 'Debug', command: COMMANDS.debugExport, arguments: [uri, name] },
    ]).map((command) => ({ range, command }));
  };
  if (field.kind === 'func') {
    return field.import ? [] : field.exports.flatMap(({ name }) => named(name, field.head));
  }
  if (field.kind !== 'export') return [];
  const { tokens } = tree;
  const string = headToken(tree, headToken(tree, field.open));
  const form = significant(tree, string + 1);
  if (tokens.kinds[string] !== Tok.String || tokens.kinds[form] !== Tok.Open) return [];
  const use = assembly.symbols.useOf(headToken(tree, headToken(tree, form)));
  const name = stringName(tokens, string);
  if (use?.space !== 'func' || name === undefined || module?.funcs[use.idx]?.import) return [];
  return named(name, { start: tokens.starts[field.open], end: tokens.starts[formEnd(tree, field.open)] });
}

async function assertions(
  analysis: Analysis,
  list: readonly ScriptCommand[],
  commands: ReadonlySet<string>,
  lenses: CodeLens[],
  turns: Turns,
): Promise<void> {
  for (const command of list) {
    await turns.pause();
    const { kind, span } = command;
    if (kind === 'thread') await assertions(analysis, command.commands, commands, lenses, turns);
    if (!kind.startsWith('assert_') && kind !== 'action') continue;
    const range = rangeOf(analysis, span);
    const { uri } = analysis.document;
    const first: Range = { start: range.start, end: range.start };
    for (const found of offered(commands, [
      { title: 'Run', command: COMMANDS.runAssertion, arguments: [uri, range] },
      { title: 'Debug', command: COMMANDS.debugAssertion, arguments: [uri, range] },
    ])) {
      lenses.push({ range: first, command: found });
    }
  }
}

/** Adds the count, and where the client can show them, the command that does. */
export async function resolveLens(
  analysis: Analysis,
  lens: CodeLens,
  { uri, space, idx, pos }: Data,
  { commands }: Pick<Client, 'commands'>,
  turns: Turns,
): Promise<CodeLens> {
  const module = analysis.moduleAt(pos);
  const count = module ? (await useCounts(module, turns)).of(space, idx) : 0;
  const isExported = module !== undefined && exportNames(module, { space, idx }).length > 0;
  // Who uses it is not in this text.
  const title = count === 0 && isExported ? 'exported' : counted(count, 'reference');
  const shows = count > 0 && commands.has(COMMANDS.showReferences);
  const def = module?.assembly.symbols.definition(space, idx);
  const position = analysis.document.positionAt(def?.span.start ?? pos);
  return {
    range: lens.range,
    command: shows
      ? { title, command: COMMANDS.showReferences, arguments: [uri, position] }
      : { title, command: '' },
  };
}

function offered(commands: ReadonlySet<string>, wanted: readonly Command[]): Command[] {
  return wanted.filter(({ command }) => commands.has(command));
}
