/**
 * A served request as a call of a component: which function answers it, and what became of it (wasi:http/proxy).
 */

import { usage } from '../../../base/errors.ts';
import { exportedFunctions, type Invocation } from '../../../component/program.ts';
import type { ComponentType } from '../../../component/types.ts';
import type { HttpServed } from '../../http.ts';
import { type HandlerArguments, handlerArguments } from './incoming.ts';

const HANDLE = /^wasi:http\/incoming-handler@0\.2\.[^#]*#handle$/;

/** Throws a usage fault if the component answers no requests. */
export function checkHandler(type: ComponentType): void {
  if (!find(type)) usage('the component has no `wasi:http/incoming-handler`: it answers no requests');
}

/** The call that answers a request; `outcome` says afterwards what the guest has made of it. */
export function prepareHandler(
  type: ComponentType,
  served: HttpServed,
): { readonly invocation: Invocation; readonly outcome: HandlerArguments['outcome'] } {
  const found = find(type) ?? usage('the component answers no requests');
  const { args, outcome } = handlerArguments(served);
  const { method, path = '' } = served.request;
  return {
    invocation: { ...found, args, isCommand: false, label: `${method} ${path}` },
    outcome,
  };
}

function find(type: ComponentType): Pick<Invocation, 'path' | 'type'> | undefined {
  for (const [name, found] of exportedFunctions(type)) if (HANDLE.test(name)) return found;
  return undefined;
}
