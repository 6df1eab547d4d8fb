/**
 * `wasi:http/types`: all of it together, and `http-error-code`.
 */

import { type HostInstance, hostFunction, hostInstance, repOf } from '../../../component/host.ts';
import { POLLABLE } from '../poll.ts';
import { ERROR, INPUT_STREAM, OUTPUT_STREAM } from '../streams.ts';
import { NONE, some } from '../values.ts';
import { BODY_FUNCTIONS, BODY_RESOURCES } from './bodies.ts';
import { errorCase } from './errors.ts';
import { FIELDS, FIELDS_FUNCTIONS } from './fields.ts';
import { INCOMING_FUNCTIONS, INCOMING_RESOURCES } from './incoming.ts';
import { OUTGOING_FUNCTIONS, OUTGOING_RESOURCES } from './outgoing.ts';

export function httpTypesInterface(): HostInstance {
  return hostInstance({
    pollable: POLLABLE,
    'input-stream': INPUT_STREAM,
    'output-stream': OUTPUT_STREAM,
    'io-error': ERROR,
    fields: FIELDS,
    headers: FIELDS,
    trailers: FIELDS,
    ...BODY_RESOURCES,
    ...INCOMING_RESOURCES,
    ...OUTGOING_RESOURCES,
    ...FIELDS_FUNCTIONS,
    ...BODY_FUNCTIONS,
    ...INCOMING_FUNCTIONS,
    ...OUTGOING_FUNCTIONS,
    'http-error-code': hostFunction(([error]) => {
      const { cause, owner } = repOf(ERROR, error);
      return owner === 'http' ? some(errorCase(cause)) : NONE;
    }),
  });
}
