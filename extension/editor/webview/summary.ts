/**
 * The summary page of a module: sizes, sections, imports, exports, functions, and two buttons.
 *
 * Runs in the webview. Text from a file only ever becomes text nodes.
 */

import './summary.css';
import type { ModuleSummary, SummaryFault, SummaryFunction, SummaryItem } from '../../language/protocol.ts';
import type { FromPage, ToPage } from '../messages.ts';
import type { SummaryStrings } from '../strings.ts';
import { filled, pageStrings } from './strings.ts';

declare function acquireVsCodeApi(): { postMessage(message: FromPage): void };

/** Rows that a list shows before "Show all": a large module has tens of thousands. */
const FIRST_ROWS = 200;

const vscode = acquireVsCodeApi();
const page = document.getElementById('page') as HTMLElement;
const strings = pageStrings<SummaryStrings>(page);

window.addEventListener('message', ({ data }: MessageEvent<ToPage>) => {
  page.removeAttribute('aria-busy');
  page.replaceChildren(
    ...(data.type === 'summary' ? summaryPage(data.name, data.summary) : [problem(data.message)]),
  );
});
vscode.postMessage({ type: 'ready' });

function summaryPage(name: string, summary: ModuleSummary): Node[] {
  const { sections, imports, exports, functions, fault, warnings = [] } = summary;
  const head = element('header', {}, [
    element('h1', {}, [name]),
    element('p', { class: 'facts' }, [facts(summary)]),
    element('p', { class: 'actions' }, [
      button(strings.debug, 'debug', 'primary'),
      button(strings.run, 'run', ''),
      button(strings.openAsWat, 'openAsWat', ''),
    ]),
  ]);
  return [
    head,
    ...(fault ? [problem(faultText(fault))] : []),
    ...warnings.map(warning),
    block(strings.sections, sections.length, [sectionTable(summary)]),
    block(strings.exports, exports.length, [list(exports, itemRow)]),
    block(strings.imports, imports.length, [list(imports, itemRow)]),
    block(strings.functions, functions.length, [list(functions, functionRow)]),
  ];
}

function facts({ size, sections, functions }: ModuleSummary): string {
  const defined = functions.filter((fn) => fn.size !== undefined).length;
  return [
    bytes(size),
    count(sections.length, strings.oneSection, strings.manySections),
    count(defined, strings.oneFunction, strings.manyFunctions),
  ].join(' · ');
}

function sectionTable({ size, sections }: ModuleSummary): Node {
  const head = element(
    'tr',
    {},
    [strings.section, strings.offset, strings.size, strings.share].map((text) =>
      element('th', { scope: 'col' }, [text]),
    ),
  );
  const rows = sections.map((section) => {
    const share = size ? (100 * section.size) / size : 0;
    const bar = element(
      'meter',
      { min: '0', max: '100', value: String(share), 'aria-label': `${share.toFixed(1)} %` },
      [],
    );
    return element('tr', {}, [
      element('td', {}, [section.name]),
      element('td', { class: 'number' }, [hex(section.offset)]),
      element('td', { class: 'number' }, [bytes(section.size)]),
      element('td', { class: 'share' }, [bar, ` ${share.toFixed(1)} %`]),
    ]);
  });
  return element('table', {}, [element('thead', {}, [head]), element('tbody', {}, rows)]);
}

function itemRow({ name, detail }: SummaryItem): Node[] {
  return [element('td', { class: 'name' }, [name]), element('td', { class: 'detail' }, [detail])];
}

function functionRow({ idx, name, detail, offset, size }: SummaryFunction): Node[] {
  return [
    element('td', { class: 'number' }, [String(idx)]),
    element('td', { class: 'name' }, [name]),
    element('td', { class: 'detail' }, [detail]),
    element('td', { class: 'number' }, [offset === undefined ? strings.imported : hex(offset)]),
    element('td', { class: 'number' }, [size === undefined ? '' : bytes(size)]),
  ];
}

function list<T>(items: readonly T[], cells: (item: T) => Node[]): Node {
  const row = (item: T) => element('tr', {}, cells(item));
  const body = element('tbody', {}, items.slice(0, FIRST_ROWS).map(row));
  const table = element('table', {}, [body]);
  if (items.length <= FIRST_ROWS) return table;
  const more = element('button', { type: 'button' }, [filled(strings.showAll, items.length)]);
  more.addEventListener('click', () => {
    body.append(...items.slice(FIRST_ROWS).map(row));
    more.remove();
  });
  return element('div', {}, [table, more]);
}

function block(title: string, size: number, content: Node[]): Node {
  const heading = element('summary', {}, [
    element('h2', {}, [`${title} `, element('span', { class: 'count' }, [String(size)])]),
  ]);
  return element('details', size ? { open: '' } : {}, [
    heading,
    ...(size ? content : [element('p', {}, [strings.none])]),
  ]);
}

function button(label: string, command: 'debug' | 'run' | 'openAsWat', className: string): Node {
  const made = element('button', { type: 'button', class: className }, [label]);
  made.addEventListener('click', () => vscode.postMessage({ type: 'command', command }));
  return made;
}

function problem(message: string): Node {
  return element('p', { class: 'problem', role: 'alert' }, [message]);
}

function warning(fault: SummaryFault): Node {
  return element('p', { class: 'warning' }, [filled(strings.warning, faultText(fault))]);
}

function element(
  tag: string,
  attributes: Record<string, string>,
  children: readonly (Node | string)[],
): HTMLElement {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function hex(offset: number): string {
  return `0x${offset.toString(16)}`;
}

function count(n: number, one: string, many: string): string {
  return n === 1 ? one : filled(many, n);
}

function faultText({ message, offset }: SummaryFault): string {
  return offset === undefined ? message : filled(strings.fault, message, hex(offset));
}

/** Bytes with a unit a person reads: `61 bytes`, `13.4 KiB`. */
function bytes(size: number): string {
  if (size < 1024) return count(size, strings.oneByte, strings.bytes);
  return size < 1024 * 1024 ? `${(size / 1024).toFixed(1)} KiB` : `${(size / 1024 / 1024).toFixed(1)} MiB`;
}
