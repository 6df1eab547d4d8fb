/**
 * A module's summary as Markdown, for issues and pull requests. What comes from the file is escaped, so that it stays text
 * there too. Pure.
 */

import { grown } from './compare.ts';
import type { SummaryAnswer } from './messages.ts';
import { bytesText, type SizeStrings, signedBytes } from './sizes.ts';

export interface MarkdownStrings extends SizeStrings {
  readonly section: string;
  readonly offset: string;
  readonly size: string;
  readonly shareTitle: string;
  readonly sections: string;
  readonly exports: string;
  readonly imports: string;
  readonly functions: string;
  readonly features: string;
  readonly feature: string;
  readonly firstNeed: string;
  readonly name: string;
  readonly type: string;
  readonly memories: string;
  readonly tables: string;
  readonly startFunction: string;
  readonly debugInfo: string;
  readonly noDebugInfo: string;
  readonly before: string;
  readonly after: string;
  readonly change: string;
  readonly comparedWithBefore: string;
}

/** Functions in a text that people read. */
const FUNCTIONS = 25;
const ITEMS = 200;

export function summaryMarkdown(name: string, answer: SummaryAnswer, strings: MarkdownStrings): string {
  const { summary, before } = answer;
  const { size } = summary;
  const lines = [`# ${text(name)}`, '', `${text(summary.what)}, ${bytesText(size, strings)}`, ''];
  const facts: (readonly [string, string])[] = [
    ...summary.memories.map((item) => [strings.memories, `${item.name} ${item.detail}`] as const),
    ...summary.tables.map((item) => [strings.tables, `${item.name} ${item.detail}`] as const),
    ...(summary.start ? [[strings.startFunction, summary.start.name] as const] : []),
    ...summary.producers.map(
      ({ field, values }) => [field, values.map((v) => `${v.name} ${v.version}`.trim()).join(', ')] as const,
    ),
    [strings.debugInfo, summary.debugInfo.join(', ') || strings.noDebugInfo],
  ];
  for (const [title, value] of facts) lines.push(`- ${text(title)}: ${text(value.trim())}`);
  const share = (part: number) => `${((100 * part) / Math.max(size, 1)).toFixed(1)} %`;
  table(
    lines,
    strings.sections,
    [strings.section, strings.offset, strings.size, strings.shareTitle],
    [
      ...summary.sections.map(({ name: title, start, end }) => [
        title,
        `0x${start.toString(16)}`,
        bytesText(end - start, strings),
        share(end - start),
      ]),
    ],
  );
  if (before) {
    const growth = grown(before.summary, summary);
    const titles = [strings.name, strings.before, strings.after, strings.change];
    const rows = [...growth.sections, ...growth.functions].map(({ name: what, before: was, after }) => [
      what,
      was === undefined ? '' : bytesText(was, strings),
      after === undefined ? '' : bytesText(after, strings),
      signedBytes((after ?? 0) - (was ?? 0), strings),
    ]);
    table(lines, strings.comparedWithBefore, titles, rows);
  }
  const item = ({ name: title, detail }: { name: string; detail: string }) => [title, detail];
  table(lines, strings.exports, [strings.name, strings.type], summary.exports.map(item));
  table(lines, strings.imports, [strings.name, strings.type], summary.imports.map(item));
  table(
    lines,
    strings.features,
    [strings.feature, strings.firstNeed, strings.offset],
    summary.features.map(({ name: title, needs, offset }) => [title, needs, `0x${offset.toString(16)}`]),
  );
  table(
    lines,
    strings.functions,
    [strings.name, strings.type, strings.size],
    summary.functions.largest
      .slice(0, FUNCTIONS)
      .map((fn) => [fn.name, fn.detail, bytesText(fn.size, strings)]),
  );
  return `${lines.join('\n').trimEnd()}\n`;
}

function table(lines: string[], title: string, heads: readonly string[], rows: readonly string[][]): void {
  if (rows.length === 0) return;
  const row = (cells: readonly string[]) => `| ${cells.map(text).join(' | ')} |`;
  lines.push('', `## ${text(title)}`, '', row(heads), `|${heads.map(() => ' --- |').join('')}`);
  lines.push(...rows.slice(0, ITEMS).map(row));
}

/** Text that Markdown shows as it is. */
function text(given: string): string {
  return given.replace(/\s+/g, ' ').replace(/[\\`*_[\]<>|#&!~]/g, (sign) => `\\${sign}`);
}
