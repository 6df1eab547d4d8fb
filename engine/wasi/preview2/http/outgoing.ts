/**
 * Requests of the guest's own (`wasi:http/types` and `wasi:http/outgoing-handler`): `outgoing-request`,
 * `request-options`, `future-incoming-response`, `incoming-response`.
 */

import {
  type HostFunction,
  type HostInstance,
  handleOf,
  hostFunction,
  hostInstance,
  hostResource,
  repOf,
} from '../../../component/host.ts';
import type { CaseValue, ComponentValue } from '../../../component/values.ts';
import type { Time } from '../../host.ts';
import {
  type HttpClient,
  HttpError,
  type HttpRequest,
  type HttpResponse,
  type HttpTimeouts,
} from '../../http.ts';
import { perform } from '../../steps.ts';
import { pollable } from '../poll.ts';
import { err, fallible, ok, option, optional } from '../values.ts';
import { BodyOnce, Future, OUTGOING_BODY, OutgoingBody } from './bodies.ts';
import { httpErrors } from './errors.ts';
import { FIELDS, Fields, fieldsOf } from './fields.ts';
import { isAuthority, isPathWithQuery, methodCase, methodOf, schemeCase, schemeOf } from './words.ts';

class OutgoingRequest {
  method = 'GET';
  path: string | undefined;
  scheme: string | undefined;
  authority: string | undefined;
  readonly headers: Fields;
  readonly body: OutgoingBody;
  isBodyAsked = false;

  constructor(headers: Fields) {
    this.headers = new Fields(headers.entries, true);
    this.body = new OutgoingBody(headers, 'HTTP-request-body-size');
  }
}

interface Options {
  connect?: Time;
  firstByte?: Time;
  betweenBytes?: Time;
}

interface IncomingResponse {
  readonly head: HttpResponse;
  readonly body: BodyOnce;
}

interface FutureResponse {
  readonly future: Future<IncomingResponse>;
  cancel(): void;
}

const OUTGOING_REQUEST = hostResource<OutgoingRequest>('outgoing-request');
const REQUEST_OPTIONS = hostResource<Options>('request-options');
const INCOMING_RESPONSE = hostResource<IncomingResponse>('incoming-response');
const FUTURE_RESPONSE = hostResource<FutureResponse>('future-incoming-response', ({ cancel }) => cancel());

export const OUTGOING_RESOURCES = {
  'outgoing-request': OUTGOING_REQUEST,
  'request-options': REQUEST_OPTIONS,
  'incoming-response': INCOMING_RESPONSE,
  'future-incoming-response': FUTURE_RESPONSE,
};

/** A method of requests that answers with an empty `result`: whether it liked what it was given. */
function setter(set: (self: OutgoingRequest, value: ComponentValue) => boolean): HostFunction {
  return hostFunction(([self, value]) => (set(repOf(OUTGOING_REQUEST, self), value) ? ok() : err()));
}

function timeout(name: keyof Options): readonly [get: HostFunction, set: HostFunction] {
  return [
    hostFunction(([self]) => option(repOf(REQUEST_OPTIONS, self)[name])),
    hostFunction(([self, duration]) => {
      repOf(REQUEST_OPTIONS, self)[name] = optional(duration) as Time | undefined;
      return ok();
    }),
  ];
}

const [connect, setConnect] = timeout('connect');
const [firstByte, setFirstByte] = timeout('firstByte');
const [betweenBytes, setBetweenBytes] = timeout('betweenBytes');

export const OUTGOING_FUNCTIONS: Readonly<Record<string, HostFunction>> = {
  '[constructor]outgoing-request': hostFunction(([headers]) =>
    handleOf(OUTGOING_REQUEST, new OutgoingRequest(repOf(FIELDS, headers))),
  ),
  '[method]outgoing-request.body': hostFunction(([self]) => {
    const request = repOf(OUTGOING_REQUEST, self);
    if (request.isBodyAsked) return err();
    request.isBodyAsked = true;
    return ok(handleOf(OUTGOING_BODY, request.body));
  }),
  '[method]outgoing-request.method': hostFunction(([self]) =>
    methodCase(repOf(OUTGOING_REQUEST, self).method),
  ),
  '[method]outgoing-request.set-method': setter((self, value) => {
    const method = methodOf(value as CaseValue);
    if (method !== undefined) self.method = method;
    return method !== undefined;
  }),
  '[method]outgoing-request.path-with-query': hostFunction(([self]) =>
    option(repOf(OUTGOING_REQUEST, self).path),
  ),
  '[method]outgoing-request.set-path-with-query': setter((self, value) => {
    const path = optional(value) as string | undefined;
    if (path !== undefined && !isPathWithQuery(path)) return false;
    self.path = path;
    return true;
  }),
  '[method]outgoing-request.scheme': hostFunction(([self]) =>
    schemeCase(repOf(OUTGOING_REQUEST, self).scheme),
  ),
  '[method]outgoing-request.set-scheme': setter((self, value) => {
    const given = optional(value) as CaseValue | undefined;
    const scheme = given && schemeOf(given);
    if (given && scheme === undefined) return false;
    self.scheme = scheme;
    return true;
  }),
  '[method]outgoing-request.authority': hostFunction(([self]) =>
    option(repOf(OUTGOING_REQUEST, self).authority),
  ),
  '[method]outgoing-request.set-authority': setter((self, value) => {
    const authority = optional(value) as string | undefined;
    if (authority !== undefined && !isAuthority(authority)) return false;
    self.authority = authority;
    return true;
  }),
  '[method]outgoing-request.headers': hostFunction(([self]) =>
    handleOf(FIELDS, repOf(OUTGOING_REQUEST, self).headers),
  ),
  '[constructor]request-options': hostFunction(() => handleOf(REQUEST_OPTIONS, {})),
  '[method]request-options.connect-timeout': connect,
  '[method]request-options.set-connect-timeout': setConnect,
  '[method]request-options.first-byte-timeout': firstByte,
  '[method]request-options.set-first-byte-timeout': setFirstByte,
  '[method]request-options.between-bytes-timeout': betweenBytes,
  '[method]request-options.set-between-bytes-timeout': setBetweenBytes,
  '[method]incoming-response.status': hostFunction(([self]) => repOf(INCOMING_RESPONSE, self).head.status),
  '[method]incoming-response.headers': hostFunction(([self]) =>
    fieldsOf(repOf(INCOMING_RESPONSE, self).head.headers),
  ),
  '[method]incoming-response.consume': hostFunction(([self]) =>
    repOf(INCOMING_RESPONSE, self).body.consume(),
  ),
  '[method]future-incoming-response.subscribe': hostFunction(([self]) => {
    const { future } = repOf(FUTURE_RESPONSE, self);
    return pollable(() => future.waiting());
  }),
  '[method]future-incoming-response.get': hostFunction(([self]) =>
    repOf(FUTURE_RESPONSE, self).future.get((response) => handleOf(INCOMING_RESPONSE, response)),
  ),
};

/** `client` is undefined where the guest may send no requests. */
export function outgoingHandlerInterface(client: HttpClient | undefined): HostInstance {
  return hostInstance({
    ...OUTGOING_RESOURCES,
    handle: fallible(httpErrors, ([request, options]) => {
      const rep = repOf(OUTGOING_REQUEST, request);
      const given = optional(options);
      const timeouts: HttpTimeouts = given === undefined ? {} : repOf(REQUEST_OPTIONS, given);
      const head = headOf(rep);
      if (!client?.allows(head)) throw new HttpError('HTTP-request-denied');
      const { body, response, cancel } = client.send(head, timeouts);
      // Nobody can ask for it any more.
      if (!rep.isBodyAsked) void perform(rep.body.finish(undefined));
      rep.body.attach(body);
      const future = new Future(response.then(({ head, body }) => ({ head, body: new BodyOnce(body) })));
      let isOver = false;
      void response.then(
        () => {
          isOver = true;
        },
        () => {
          isOver = true;
        },
      );
      return handleOf(FUTURE_RESPONSE, { future, cancel: () => (isOver ? undefined : cancel()) });
    }),
  });
}

function headOf({ method, scheme = 'https', authority, path, headers }: OutgoingRequest): HttpRequest {
  if (scheme !== 'http' && scheme !== 'https') throw new HttpError('HTTP-protocol-error', `scheme ${scheme}`);
  if (!authority) throw new HttpError('HTTP-request-URI-invalid', 'a request needs an authority');
  return { method, scheme, authority, path: path || '/', headers: headers.entries };
}
