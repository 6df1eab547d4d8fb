/**
 * Instructions that leave out which memory or table they mean, in modules that have several.
 */

import { Tok } from '../../engine/text/lexer.ts';
import { everyNode, immediates, type Node } from '../facts/code.ts';
import { inserting } from '../facts/edits.ts';
import type { FunctionView } from './function-view.ts';
import type { FunctionLint } from './lint.ts';

const OF_MEMORY: ReadonlySet<string> = new Set(['memory', 'memories', 'memarg', 'memargLane', 'dataMemory']);
const OF_TABLE: ReadonlySet<string> = new Set(['table', 'tables', 'tableType', 'elemTable']);

export const omittedIndex: FunctionLint = {
  code: 'omitted-index',
  severity: 'off',
  *check(fn) {
    const { memories, tables } = fn.several;
    if (!memories && !tables) return;
    for (const node of everyNode(fn.body)) {
      const isMemory = OF_MEMORY.has(node.instr.shape);
      if (!(isMemory ? memories : tables && OF_TABLE.has(node.instr.shape)) || given(fn, node)) continue;
      const twice = node.instr.shape === 'memories' || node.instr.shape === 'tables';
      const { starts } = fn.tree.tokens;
      yield {
        span: fn.head(node),
        message: `which ${isMemory ? 'memory' : 'table'} is meant is left out: it is number 0`,
        fix: {
          title: 'Say which',
          edits: [inserting(starts[node.keyword + 1], twice ? ' 0 0' : ' 0')],
        },
      };
    }
  },
};

function given(fn: FunctionView, node: Node): boolean {
  const { kinds } = fn.tree.tokens;
  const tokens = immediates(fn.tree, node);
  const indices = tokens.filter((token) => kinds[token] === Tok.Id || kinds[token] === Tok.Int).length;
  const { shape } = node.instr;
  // `table.init $e` and `memory.init $d` name their segment; a lane is a number too.
  if (shape === 'elemTable' || shape === 'dataMemory' || shape === 'memargLane') return indices > 1;
  return kinds[tokens[0]] === Tok.Id || kinds[tokens[0]] === Tok.Int;
}
