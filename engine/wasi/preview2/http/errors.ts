/**
 * `error-code` of `wasi:http/types`: failures of the host's as the guest sees them, and the other way round.
 */

import type { CaseValue, ComponentValue } from '../../../component/values.ts';
import type { HostError } from '../../host.ts';
import { HTTP_ERRORS, HttpError, type HttpErrorCode } from '../../http.ts';
import { caseNamed, hostErrors, NONE, option, optional, some } from '../values.ts';

/** Codes that say how large something was. */
const SIZED: ReadonlySet<HttpErrorCode> = new Set([
  'HTTP-request-body-size',
  'HTTP-request-header-section-size',
  'HTTP-request-trailer-section-size',
  'HTTP-response-header-section-size',
  'HTTP-response-body-size',
  'HTTP-response-trailer-section-size',
]);

/** Payloads of the other codes that have one, when nothing more is known. */
const UNKNOWN: Partial<Record<HttpErrorCode, ComponentValue>> = {
  'DNS-error': [NONE, NONE],
  'TLS-alert-received': [NONE, NONE],
  'HTTP-request-header-size': NONE,
  'HTTP-request-trailer-size': [NONE, NONE],
  'HTTP-response-header-size': [NONE, NONE],
  'HTTP-response-trailer-size': [NONE, NONE],
  'HTTP-response-transfer-coding': NONE,
  'HTTP-response-content-coding': NONE,
};

/** A failure as an `error-code`; one that is not of HTTP is an `internal-error`. */
export function errorCase(error: HostError): CaseValue {
  if (!(error instanceof HttpError)) return caseNamed(HTTP_ERRORS, 'internal-error', some(error.message));
  const { http, size, message } = error;
  if (http === 'internal-error') return caseNamed(HTTP_ERRORS, http, some(message));
  if (!SIZED.has(http)) return caseNamed(HTTP_ERRORS, http, UNKNOWN[http]);
  // Bodies may be larger than a u32; sections are not.
  const isBody = http.endsWith('body-size');
  return caseNamed(HTTP_ERRORS, http, option(size === undefined || isBody ? size : Number(size)));
}

export const httpErrors = hostErrors(errorCase);

/** What a guest says went wrong. */
export function errorOf({ case: chosen, payload }: CaseValue): HttpError {
  const code = HTTP_ERRORS[chosen];
  const message = code === 'internal-error' ? optional(payload!) : undefined;
  return new HttpError(code, message === undefined ? code : `${code}: ${message as string}`);
}
