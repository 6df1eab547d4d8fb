/**
 * The code actions of the language server, in the order in which they are offered.
 */

import type { Action } from './action.ts';
import { addMissing } from './add-missing.ts';
import { addResults } from './add-results.ts';
import { branches } from './branches.ts';
import { addElse } from './else.ts';
import { exportsAndImports } from './exports.ts';
import { fold } from './fold.ts';
import { fromNotes } from './from-notes.ts';
import { indices } from './indices.ts';
import { fixAll, lintFixes } from './lint-fixes.ts';
import { literals } from './literals.ts';
import { removeUnused } from './remove-unused.ts';
import { tailCall } from './tail-call.ts';
import { types } from './types.ts';

export const ACTIONS: readonly Action[] = [
  fromNotes,
  addMissing,
  addResults,
  addElse,
  removeUnused,
  lintFixes,
  literals,
  indices,
  branches,
  tailCall,
  exportsAndImports,
  types,
  fold,
  fixAll,
];
