/**
 * `wasmscope print --plan`: what is instantiated when a component starts, a line each, indented by what it is in; start functions and
 * what is linked to each stand below.
 */

import { loadComponent } from '../engine/component/load.ts';
import { type PlanLink, type PlanNode, planOf } from '../engine/component/plan.ts';
import { EXIT, Failure } from './failure.ts';
import type { readProgram } from './read.ts';
import { faultReport, printable } from './report.ts';

/** Throws a Failure if the component is not valid. */
export function planText(path: string, program: ReturnType<typeof readProgram>): string {
  const loaded = loadComponent(program);
  if ('faults' in loaded) {
    const source = { path, text: 'text' in program ? program.text : undefined };
    throw new Failure(loaded.faults.map((fault) => faultReport(source, fault)).join(''), EXIT.badInput);
  }
  return nodeLines(planOf(loaded.component).root, '')
    .map((line) => `${printable(line)}\n`)
    .join('');
}

function nodeLines({ number, name, of, start, links, children, isOpen }: PlanNode, indent: string): string[] {
  const before = number === undefined ? '' : `${number}. `;
  const inner = `${indent}  `;
  return [
    `${indent}${before}${name}${of === undefined ? '' : `, instance of ${of}`}${isOpen ? ', and more' : ''}`,
    ...links.flatMap((link) => linkLines(link, `${inner}  `)),
    ...(start ? [`${inner}  runs ${start.name}`] : []),
    ...children.flatMap((child) => nodeLines(child, inner)),
  ];
}

function linkLines({ name, to, items = [], links = [] }: PlanLink, indent: string): string[] {
  const what = items.length > 0 ? `: ${items.join(', ')}` : '';
  return [
    `${indent}${name === '' ? '""' : name} = ${to}${what}`,
    ...links.flatMap((link) => linkLines(link, `${indent}  `)),
  ];
}
