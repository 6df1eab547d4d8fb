/**
 * `wasmscope/instantiation`: what is instantiated when a component starts, in which order, and what is linked to what. Of a file
 * that is no component, or none that is valid, nothing.
 */

import type { Range } from 'vscode-languageserver';
import { WasmError } from '../../engine/base/errors.ts';
import { isComponent } from '../../engine/binary/decode.ts';
import { decodeComponent } from '../../engine/component/binary/decode.ts';
import { type PlanNode, planOf } from '../../engine/component/plan.ts';
import { type ValidComponent, validateComponent } from '../../engine/component/valid/validate.ts';
import { SUPPORTED } from '../../engine/isa/features.ts';
import type { Analysis } from '../analysis.ts';
import type { Feature } from '../feature.ts';
import { readProgram } from '../programs.ts';
import { type InstantiationNode, InstantiationRequest, type UriParams, uriOf } from '../protocol.ts';

export const instantiationFeature: Feature = {
  capabilities: () => ({}),
  register(server) {
    server.connection.onRequest(
      InstantiationRequest,
      server.refusing(async (params: UriParams, token) => {
        const program = await readProgram(uriOf(params), 'tree', server, token);
        return { root: 'text' in program ? planOfText(program.text) : planOfBytes(program.bytes) };
      }),
    );
  },
};

/** Of the component that a text is; a script has several, and none of them is what starts. */
export function planOfText(analysis: Analysis): InstantiationNode | null {
  const [component] = analysis.components;
  if (analysis.script || !component?.valid) return null;
  const { document } = analysis;
  const text = document.getText();
  const { map } = component.assembly;
  const rangeAt = (offset: number): Range | undefined => {
    const span = offset === 0 ? component.span : map.spanAt(offset);
    if (!span) return undefined;
    const length = text.slice(span.start, span.end).search(/[\r\n]/);
    const end = length < 0 ? span.end : span.start + length;
    return { start: document.positionAt(span.start), end: document.positionAt(end) };
  };
  return shown(planOf(component.valid.component).root, rangeAt);
}

function planOfBytes(bytes: Uint8Array): InstantiationNode | null {
  const valid = isComponent(bytes) ? judged(bytes) : undefined;
  return valid ? shown(planOf(valid.component).root, () => undefined) : null;
}

/** Core modules inside are not looked into: they change nothing about the plan. */
function judged(bytes: Uint8Array): ValidComponent | undefined {
  try {
    return validateComponent(decodeComponent(bytes), SUPPORTED, () => {});
  } catch (error) {
    if (error instanceof WasmError) return undefined;
    throw error;
  }
}

function shown(node: PlanNode, rangeAt: (offset: number) => Range | undefined): InstantiationNode {
  const { id, kind, name, of, number, range, source, start, links, children, isOpen } = node;
  return {
    id,
    kind,
    name,
    of,
    number,
    offset: range.start,
    range: rangeAt(range.start),
    source: source === undefined ? undefined : { offset: source, range: rangeAt(source) },
    start: start && { ...start, range: start.offset === undefined ? undefined : rangeAt(start.offset) },
    links,
    children: children.map((child) => shown(child, rangeAt)),
    isOpen,
  };
}
