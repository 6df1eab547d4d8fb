/**
 * Component values as WASI's interfaces write and read them: options, results, enums, flags, and functions that
 * answer with errors.
 */

import { type HostFunction, type HostResult, hostFunction } from '../../component/host.ts';
import type { CaseValue, ComponentValue } from '../../component/values.ts';
import { HostError, type Later } from '../host.ts';
import { isPromise, perform, type Steps } from '../steps.ts';

export const NONE: CaseValue = { case: 0 };

export function some(payload: ComponentValue): CaseValue {
  return { case: 1, payload };
}

/** `option<T>` of what may be undefined. */
export function option(payload: ComponentValue | undefined): CaseValue {
  return payload === undefined ? NONE : some(payload);
}

/** What is in an `option<T>`. */
export function optional(value: ComponentValue): ComponentValue | undefined {
  const { case: chosen, payload } = value as CaseValue;
  return chosen === 0 ? undefined : payload;
}

export function ok(payload?: ComponentValue): CaseValue {
  return payload === undefined ? { case: 0 } : { case: 0, payload };
}

export function err(payload?: ComponentValue): CaseValue {
  return payload === undefined ? { case: 1 } : { case: 1, payload };
}

/** The case of a variant or enum by its place in a list of names. */
export function caseNamed<T extends string>(
  names: readonly T[],
  name: T,
  payload?: ComponentValue,
): CaseValue {
  const number = names.indexOf(name);
  return payload === undefined ? { case: number } : { case: number, payload };
}

/** The name of a variant's or enum's case. */
export function nameOfCase<T extends string>(names: readonly T[], value: ComponentValue): T {
  return names[(value as CaseValue).case];
}

export function payloadOf(value: ComponentValue): ComponentValue | undefined {
  return (value as CaseValue).payload;
}

/** Whether bit `i` of a flags value is set. */
export function hasFlag(value: ComponentValue, i: number): boolean {
  return (((value as number) >>> i) & 1) === 1;
}

/** A length that the guest gives, as a number, and at most `most`. */
export function lengthOf(value: ComponentValue, most: number): number {
  return (value as bigint) > BigInt(most) ? most : Number(value);
}

/** What a function comes to: its result, or steps to it. */
export type Answer = HostResult | Steps<HostResult>;

/** A function of which `run` gives the result; it may have to wait. */
export function steps(run: (args: readonly ComponentValue[]) => Answer): HostFunction {
  return hostFunction((args) => come(run(args)));
}

/** Turns an error that a guest is told of into its payload; undefined for others, which end the program. */
export type ErrorPayload = (error: unknown) => ComponentValue | undefined;

/** A function of type `result<…, error>`: `run` gives what is in `ok`, or throws. */
export function fallible(
  toError: ErrorPayload,
  run: (args: readonly ComponentValue[]) => Answer,
): HostFunction {
  return hostFunction((args) => attempt(toError, () => run(args)));
}

/** The `result` of something that gives what is in `ok`, or throws. */
export function attempt(toError: ErrorPayload, run: () => Answer): Later<HostResult> {
  const failed = (error: unknown): HostResult => {
    const payload = toError(error);
    if (payload === undefined) throw error;
    return err(payload);
  };
  try {
    const answer = come(run());
    return isPromise(answer) ? answer.then(ok, failed) : ok(answer);
  } catch (error) {
    return failed(error);
  }
}

/** The result, now or later. */
function come(answer: Answer): Later<HostResult> {
  const isSteps = typeof (answer as Partial<Steps<HostResult>> | undefined)?.next === 'function';
  return isSteps ? perform(answer as Steps<HostResult>) : (answer as HostResult);
}

/** What `fallible` needs for an enum of errors that `HostError`s stand for. */
export function hostErrors(payloadOf: (error: HostError) => ComponentValue): ErrorPayload {
  return (error) => (error instanceof HostError ? payloadOf(error) : undefined);
}
