/**
 * Loading a component (the one road for data): a text is assembled, bytes are decoded, both are validated.
 *
 * What is wrong is told with its place in the text, where there is one. Knows nothing of imports and of running.
 */

import { type Fault, WasmError } from '../base/errors.ts';
import { isComponent } from '../binary/decode.ts';
import { SUPPORTED } from '../isa/features.ts';
import type { FeatureSet } from '../module/module.ts';
import { parseTree } from '../text/tree.ts';
import { decodeComponent } from './binary/decode.ts';
import type { Component } from './model.ts';
import { assembleComponent, type ComponentAssembly, isComponentText } from './text/assemble.ts';
import { type ValidComponent, validateComponent } from './valid/validate.ts';

export type ComponentSource = { readonly text: string } | { readonly bytes: Uint8Array };

export interface LoadedComponent {
  readonly component: Component;
  /** The types of everything in it. */
  readonly valid: ValidComponent;
  /** What its text came to; undefined for a binary. */
  readonly assembly: ComponentAssembly | undefined;
}

/** True if a program is a component: by its first bytes, or its text's first form. */
export function isComponentSource(source: ComponentSource): boolean {
  if ('bytes' in source) return isComponent(source.bytes);
  // Only texts that may be one are looked at closely.
  return source.text.includes('(component') && isComponentText(parseTree(source.text));
}

/** A component without having been validated, or what keeps it from being one. */
export function readComponent(
  source: ComponentSource,
  options?: { readonly names?: boolean },
):
  | { readonly component: Component; readonly assembly: ComponentAssembly | undefined }
  | { readonly faults: readonly Fault[] } {
  const assembly =
    'text' in source ? assembleComponent(parseTree(source.text), undefined, options) : undefined;
  if (assembly && assembly.faults.length > 0) return { faults: assembly.faults };
  return placed(assembly, () => {
    const component = decodeComponent(assembly?.bytes ?? (source as { bytes: Uint8Array }).bytes);
    return { component, assembly };
  });
}

/** A valid component, or what is wrong with it. */
export function loadComponent(
  source: ComponentSource,
  features: FeatureSet = SUPPORTED,
): LoadedComponent | { readonly faults: readonly Fault[] } {
  const read = readComponent(source);
  if ('faults' in read) return read;
  return placed(read.assembly, () => ({ ...read, valid: validateComponent(read.component, features) }));
}

/** Runs a phase; its fault gets a place in the text. */
function placed<T>(
  assembly: ComponentAssembly | undefined,
  run: () => T,
): T | { readonly faults: readonly Fault[] } {
  try {
    return run();
  } catch (error) {
    if (!(error instanceof WasmError)) throw error;
    return { faults: [inText(error.fault, assembly)] };
  }
}

/** A fault with its place in the text that the component was assembled from. */
export function inText(fault: Fault, assembly: ComponentAssembly | undefined): Fault {
  if (!assembly) return fault;
  const at = <T extends Pick<Fault, 'span' | 'offset'>>(item: T): T => ({
    ...item,
    span: item.span ?? (item.offset === undefined ? undefined : assembly.map.spanAt(item.offset)),
  });
  return { ...at(fault), notes: fault.notes.map(at) };
}
