/**
 * What an expression is, before anything is computed: a place that holds a value, a function, or a computation.
 */

import type { ExpressionScope } from './expression-scope.ts';
import { isNameIn, itemNamed } from './expression-scope.ts';
import { type Expression, parseExpression } from './expressions.ts';

/** Expressions that say where something is. */
export const PLACES: ReadonlySet<string> = new Set(['name', 'index', 'member', 'element', 'object']);

/** What kind of expression a text is, if it is to be computed: no literal, and no function. */
export function computedKind(text: string, scope: ExpressionScope): Expression['kind'] | undefined {
  if (!/[$@[(]/.test(text)) return undefined;
  try {
    const expression = parseExpression(text, isNameIn(scope));
    const given = expression.kind === 'number' || isFunction(expression, scope);
    return given ? undefined : expression.kind;
  } catch {
    return undefined;
  }
}

export function isFunction(expression: Expression, scope: ExpressionScope): boolean {
  if (expression.kind === 'index') return expression.space === 'func';
  return expression.kind === 'name' && itemNamed(scope, expression.name, expression.of)?.space === 'func';
}
