/**
 * Sections and other small facts of the module grammar that reading and writing share (spec 5.5).
 */

import type { ExternKind } from '../module/module.ts';

/** Section ids (spec 5.5.2). */
export const SECTION = {
  custom: 0,
  type: 1,
  import: 2,
  function: 3,
  table: 4,
  memory: 5,
  global: 6,
  export: 7,
  start: 8,
  element: 9,
  code: 10,
  data: 11,
  dataCount: 12,
  tag: 13,
} as const;

/** The order in which sections stand in a module, custom ones aside. */
export const SECTION_ORDER: readonly number[] = [
  SECTION.type,
  SECTION.import,
  SECTION.function,
  SECTION.table,
  SECTION.memory,
  SECTION.tag,
  SECTION.global,
  SECTION.export,
  SECTION.start,
  SECTION.element,
  SECTION.dataCount,
  SECTION.code,
  SECTION.data,
];

const NAMES: readonly string[] = [
  'custom',
  'type',
  'import',
  'function',
  'table',
  'memory',
  'global',
  'export',
  'start',
  'element',
  'code',
  'data',
  'data count',
  'tag',
];

/** What the spec calls the section with this id; undefined when there is none. */
export function sectionName(id: number): string | undefined {
  return NAMES[id];
}

const COMPONENT_NAMES: readonly string[] = [
  'custom',
  'core module',
  'core instance',
  'core type',
  'component',
  'instance',
  'alias',
  'type',
  'canon',
  'start',
  'import',
  'export',
  'value',
];

/** What the component model calls a component's section with this id; undefined when there is none. */
export function componentSectionName(id: number): string | undefined {
  return COMPONENT_NAMES[id];
}

/** Ids of a component's sections that hold a file: a module, a component. */
export const COMPONENT_FILES: ReadonlySet<number> = new Set([1, 4]);

/** Kinds of imports and exports by their byte (spec 5.5.5). */
export const EXTERN_KINDS: readonly ExternKind[] = ['func', 'table', 'memory', 'global', 'tag'];

/** `\0asm` and version 1, layer 0. */
export const HEADER: readonly number[] = [0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00];
