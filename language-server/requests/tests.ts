/**
 * `wasmscope/tests`: the commands of a script that are tests, for a client that shows and runs them one by one.
 *
 * They stand under the module in front of them. An open document counts as it stands in the editor.
 */

import { commandLabel } from '../../engine/exec/command-label.ts';
import type { Command } from '../../engine/text/script.ts';
import type { Analysis } from '../analysis.ts';
import type { Feature } from '../feature.ts';
import { readProgram } from '../programs.ts';
import { type ScriptTest, type ScriptTests, TestsRequest, type UriParams, uriOf } from '../protocol.ts';

export const testsFeature: Feature = {
  capabilities: () => ({}),
  register(server) {
    server.connection.onRequest(
      TestsRequest,
      server.refusing(async (params: UriParams, token) => {
        const program = await readProgram(uriOf(params), 'tree', server, token);
        return { modules: 'text' in program ? testsIn(program.text) : [] };
      }),
    );
  },
};

/** The tests of a text, in its order. Modules without tests are left out. */
export function testsIn(analysis: Analysis): ScriptTests[] {
  const { document, script } = analysis;
  const range = ({ span: { start, end } }: Command) => ({
    start: document.positionAt(start),
    end: document.positionAt(end),
  });
  const modules: { label: string; range: ScriptTests['range']; tests: ScriptTest[] }[] = [];
  const visit = (command: Command) => {
    if (command.kind === 'module' || command.kind === 'instance') {
      modules.push({ label: commandLabel(command), range: range(command), tests: [] });
    } else if (command.kind === 'thread') for (const inner of command.commands) visit(inner);
    else if (command.kind === 'action' || command.kind.startsWith('assert_')) {
      if (modules.length === 0) modules.push({ label: '', range: range(command), tests: [] });
      modules.at(-1)!.tests.push({ label: commandLabel(command), range: range(command) });
    }
  };
  for (const command of script?.commands ?? []) visit(command);
  return modules.filter(({ tests }) => tests.length > 0);
}
