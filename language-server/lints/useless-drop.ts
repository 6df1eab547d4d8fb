/**
 * `drop` of an expression that only computes: no trap, no call, no effect.
 */

import { DiagnosticTag } from 'vscode-languageserver';
import { removing } from '../facts/edits.ts';
import { pureStart, rootsOf, spanOfNodes } from './function-view.ts';
import type { FunctionLint } from './lint.ts';

export const uselessDrop: FunctionLint = {
  code: 'useless-drop',
  severity: 'hint',
  tag: DiagnosticTag.Unnecessary,
  *check(fn) {
    const { flow, tree } = fn;
    for (let i = 1; i < flow.length; i++) {
      const { node } = flow[i];
      if (node.instr.name !== 'drop') continue;
      const start = pureStart(flow, i - 1);
      if (start < 0) continue;
      const roots = rootsOf(flow, start, i, node);
      yield {
        span: roots ? spanOfNodes(tree, roots) : fn.head(node),
        message: 'this value is computed and dropped, and computing it has no effect',
        fix: roots && {
          title: 'Remove the value and its drop',
          edits: [removing(tree.tokens.text, spanOfNodes(tree, roots))],
        },
      };
    }
  },
};
