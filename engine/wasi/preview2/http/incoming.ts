/**
 * What a served request is made of (`wasi:http/types`): `incoming-request`, `outgoing-response`, `response-outparam`.
 */

import { trap } from '../../../component/canon/traps.ts';
import {
  type HostFunction,
  handleOf,
  hostFunction,
  hostResource,
  type ResourceValue,
  repOf,
} from '../../../component/host.ts';
import type { CaseValue } from '../../../component/values.ts';
import type { HttpError, HttpRequest, HttpServed } from '../../http.ts';
import { HttpError as Failure } from '../../http.ts';
import { perform } from '../../steps.ts';
import { err, fallible, ok, option } from '../values.ts';
import { BodyOnce, OUTGOING_BODY, OutgoingBody } from './bodies.ts';
import { errorOf, httpErrors } from './errors.ts';
import { FIELDS, Fields, fieldsOf } from './fields.ts';
import { methodCase, schemeCase } from './words.ts';

interface IncomingRequest {
  readonly head: HttpRequest;
  readonly body: BodyOnce;
}

const INCOMING_REQUEST = hostResource<IncomingRequest>('incoming-request');

class OutgoingResponse {
  status = 200;
  readonly headers: Fields;
  readonly body: OutgoingBody;
  #isBodyAsked = false;

  constructor(headers: Fields) {
    this.headers = new Fields(headers.entries, true);
    this.body = new OutgoingBody(headers, 'HTTP-response-body-size');
  }

  get isBodyAsked(): boolean {
    return this.#isBodyAsked;
  }

  askBody(): OutgoingBody | undefined {
    if (this.#isBodyAsked) return undefined;
    this.#isBodyAsked = true;
    return this.body;
  }
}

const OUTGOING_RESPONSE = hostResource<OutgoingResponse>('outgoing-response');

/** Where the answer to a request goes. */
class ResponseOutparam {
  readonly served: HttpServed;
  readonly #set: (outcome: OutgoingBody | HttpError) => void;

  constructor(served: HttpServed, set: (outcome: OutgoingBody | HttpError) => void) {
    this.served = served;
    this.#set = set;
  }

  answer(response: OutgoingResponse): void {
    const { status, headers, body } = response;
    const sink = this.served.respond({ status, headers: headers.entries });
    // Nobody can ask for it any more.
    if (!response.isBodyAsked) void perform(body.finish(undefined));
    body.attach(sink);
    this.#set(body);
  }

  refuse(error: HttpError): void {
    this.#set(error);
  }
}

const RESPONSE_OUTPARAM = hostResource<ResponseOutparam>('response-outparam');

/** The two arguments of `wasi:http/incoming-handler#handle`. */
export interface HandlerArguments {
  readonly args: readonly [request: ResourceValue, out: ResourceValue];
  /** When the guest is done: what it has made of it; undefined: nothing. */
  outcome(): Promise<'answered' | HttpError | undefined>;
}

/** A request as the guest's handler gets it. */
export function handlerArguments(served: HttpServed): HandlerArguments {
  let outcome: OutgoingBody | HttpError | undefined;
  const request = { head: served.request, body: new BodyOnce(served.body) };
  const out = new ResponseOutparam(served, (what) => {
    outcome = what;
  });
  return {
    args: [handleOf(INCOMING_REQUEST, request), handleOf(RESPONSE_OUTPARAM, out)],
    async outcome() {
      if (!(outcome instanceof OutgoingBody)) return outcome;
      await outcome.settled();
      return 'answered';
    },
  };
}

export const INCOMING_RESOURCES = {
  'incoming-request': INCOMING_REQUEST,
  'outgoing-response': OUTGOING_RESPONSE,
  'response-outparam': RESPONSE_OUTPARAM,
};

export const INCOMING_FUNCTIONS: Readonly<Record<string, HostFunction>> = {
  '[method]incoming-request.method': hostFunction(([self]) =>
    methodCase(repOf(INCOMING_REQUEST, self).head.method),
  ),
  '[method]incoming-request.path-with-query': hostFunction(([self]) =>
    option(repOf(INCOMING_REQUEST, self).head.path),
  ),
  '[method]incoming-request.scheme': hostFunction(([self]) =>
    schemeCase(repOf(INCOMING_REQUEST, self).head.scheme),
  ),
  '[method]incoming-request.authority': hostFunction(([self]) =>
    option(repOf(INCOMING_REQUEST, self).head.authority),
  ),
  '[method]incoming-request.headers': hostFunction(([self]) =>
    fieldsOf(repOf(INCOMING_REQUEST, self).head.headers),
  ),
  '[method]incoming-request.consume': hostFunction(([self]) => repOf(INCOMING_REQUEST, self).body.consume()),
  '[constructor]outgoing-response': hostFunction(([headers]) =>
    handleOf(OUTGOING_RESPONSE, new OutgoingResponse(repOf(FIELDS, headers))),
  ),
  '[method]outgoing-response.status-code': hostFunction(([self]) => repOf(OUTGOING_RESPONSE, self).status),
  '[method]outgoing-response.set-status-code': hostFunction(([self, status]) => {
    if ((status as number) < 100 || (status as number) > 999) return err();
    repOf(OUTGOING_RESPONSE, self).status = status as number;
    return ok();
  }),
  '[method]outgoing-response.headers': hostFunction(([self]) =>
    handleOf(FIELDS, repOf(OUTGOING_RESPONSE, self).headers),
  ),
  '[method]outgoing-response.body': hostFunction(([self]) => {
    const body = repOf(OUTGOING_RESPONSE, self).askBody();
    return body ? ok(handleOf(OUTGOING_BODY, body)) : err();
  }),
  '[method]response-outparam.send-informational': fallible(httpErrors, ([self, status, headers]) => {
    const { served } = repOf(RESPONSE_OUTPARAM, self);
    const { entries } = repOf(FIELDS, headers);
    if ((status as number) < 100 || (status as number) > 199) throw new Failure('HTTP-protocol-error');
    if (!served.inform) throw new Failure('internal-error', 'informational responses are not supported');
    served.inform({ status: status as number, headers: entries });
    return undefined;
  }),
  '[static]response-outparam.set': hostFunction(([out, response]) => {
    const { case: chosen, payload } = response as CaseValue;
    const param = repOf(RESPONSE_OUTPARAM, out);
    if (payload === undefined) return trap('response-outparam.set was called without a response');
    if (chosen === 0) param.answer(repOf(OUTGOING_RESPONSE, payload));
    else param.refuse(errorOf(payload as CaseValue));
    return undefined;
  }),
};
