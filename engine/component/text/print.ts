/**
 * Component bytes to text (Explainer.md): definitions in their order, written in full, with a map to byte offsets.
 *
 * The text assembles to the same definitions. Names come from the name section; other items are written by index, which a
 * comment shows where it is defined (`(;3;)`). Custom sections are annotations. Modules inside are printed by the core
 * text format's printer.
 */

import { encodeUtf8 } from '../../base/utf8.ts';
import { Entry, MapBuilder, type TextMap } from '../../text/map.ts';
import { type Printed, printModule } from '../../text/print.ts';
import { escaped, writtenId } from '../../text/strings.ts';
import { encodeNames, type SortNames } from '../binary/encode.ts';
import { NAME_SECTION } from '../binary/names.ts';
import {
  type Component,
  type CoreModuleDef,
  type Declaration,
  type Definition,
  type ExternName,
  type ExternType,
  SORTS,
  type Sort,
  type SortIdx,
  sortOf,
} from '../model.ts';
import { canonText } from './print-canon.ts';
import { coreTypeText, defTypeText, type Refs, valTypeText } from './print-types.ts';

export interface PrintComponentOptions {
  /** Write `$names`; on unless this is false. */
  readonly names?: boolean;
  /** Nest operands of core code in their instructions. */
  readonly folded?: boolean;
  /** Write custom sections as annotations; on unless this is false. */
  readonly customs?: boolean;
  readonly indent?: string;
}

/** The annotation of a module or component inside that has no name of its own, although the one around names it. */
export const UNNAMED = 'unnamed';

/** A whole component, as text that assembles to the same definitions. */
export function printComponent(component: Component, options: PrintComponentOptions = {}): Printed {
  const printer = new Printer(component.bytes, options);
  printer.component(component, '');
  printer.text += '\n';
  return { text: printer.text, map: printer.finish() };
}

/** A literal of any text. */
export function stringText(text: string): string {
  return `"${escaped(encodeUtf8(text), true)}"`;
}

/** The names of one component's items. */
class Ids implements Refs {
  private readonly ids = new Map<Sort, readonly (string | undefined)[]>();
  /** Names that another item has already: an annotation says them. */
  private readonly doubles = new Map<Sort, Map<number, string>>();
  /** True if the name section says just what the text's names say. */
  readonly isExact: boolean;
  /** The component's own name. */
  readonly component: string | undefined;

  constructor(component: Component, names: boolean) {
    const { bytes, customs } = component;
    const sections = customs.filter(({ name }) => name === NAME_SECTION);
    const sorts: [Sort, [number, string][]][] = [];
    for (const sort of SORTS) {
      const taken = new Set<string>();
      const ids: (string | undefined)[] = [];
      const list: [number, string][] = [];
      const doubles = new Map<number, string>();
      for (let idx = 0; idx < component.spaces[sort].length; idx++) {
        const name = names ? component.names.of(sort, idx) : undefined;
        if (name === undefined) continue;
        let unique = name;
        for (let n = idx; taken.has(unique); n++) unique = `${name}#${n}`;
        if (unique !== name) {
          // What stands behind a module's name is the module's own.
          if (sort === 'core module') continue;
          doubles.set(idx, name);
        }
        taken.add(unique);
        ids[idx] = writtenId(unique);
        list.push([idx, name]);
      }
      this.ids.set(sort, ids);
      this.doubles.set(sort, doubles);
      sorts.push([sort, list]);
    }
    this.component = names ? component.names.component : undefined;
    const again = encodeNames(this.component, sorts satisfies SortNames);
    const [section] = sections;
    this.isExact =
      sections.length === 1 &&
      section === customs[customs.length - 1] &&
      section.after === component.definitions.length &&
      again !== undefined &&
      sameBytes(again, bytes.subarray(section.range.start, section.range.end));
  }

  /** How an item is referred to. */
  ref(sort: Sort, idx: number): string {
    return this.id(sort, idx) ?? String(idx);
  }

  id(sort: Sort, idx: number): string | undefined {
    return this.ids.get(sort)![idx];
  }

  name(sort: Sort, idx: number): string | undefined {
    return this.doubles.get(sort)!.get(idx);
  }
}

/** A scope without names: a type. */
const BY_INDEX: Refs = { ref: (_sort, idx) => String(idx), id: () => undefined, name: () => undefined };

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i]);
}

class Printer {
  text = '';
  private readonly map = new MapBuilder();
  private readonly options: PrintComponentOptions;
  private readonly step: string;
  /** The bytes of the outermost component. */
  private readonly source: Uint8Array;

  constructor(source: Uint8Array, options: PrintComponentOptions) {
    this.source = source;
    this.options = options;
    this.step = options.indent ?? '  ';
  }

  finish(): TextMap {
    return this.map.finish();
  }

  /** `(component …)`; `head` stands behind the keyword. */
  component(component: Component, indent: string, head?: string): void {
    const { names = true, customs = true } = this.options;
    const ids = new Ids(component, names);
    const own = ids.component === undefined ? '' : ` ${writtenId(ids.component)}`;
    this.text += `(component${head ?? own}`;
    const inner = indent + this.step;
    let next = 0;
    const printCustoms = (n: number) => {
      for (; next < component.customs.length && component.customs[next].after <= n; next++) {
        const { name, range } = component.customs[next];
        if (!customs || (name === NAME_SECTION && ids.isExact)) continue;
        // Names that are written as names need no section.
        if (name === NAME_SECTION && names && hasNames(component)) continue;
        const content = escaped(component.bytes.subarray(range.start, range.end));
        this.text += `\n${inner}(@custom ${stringText(name)}${content === '' ? '' : ` "${content}"`})`;
      }
    };
    component.definitions.forEach((def, i) => {
      printCustoms(i);
      this.text += `\n${inner}`;
      this.definition(def, ids, inner);
    });
    printCustoms(component.definitions.length);
    this.text += ')';
  }

  private definition(def: Definition, ids: Refs, indent: string): void {
    const start = this.text.length;
    const entry = this.map.length;
    this.map.add(Entry.Item, def.offset, start, start);
    if (def.kind === 'core module') this.coreModule(def, ids, indent);
    else if (def.kind === 'component') {
      const isUnnamed = ids.id('component', def.idx) !== undefined && !def.component.names.component;
      const head = this.named('component', def.idx, ids) + (isUnnamed ? ` (@${UNNAMED})` : '');
      this.component(def.component, indent, head);
    } else this.text += this.form(def, ids, indent);
    this.map.ends[entry] = this.text.length;
  }

  /** ` $name (;3;)`: what a definition binds. */
  private named(sort: Sort, idx: number, ids: Refs): string {
    const id = ids.id(sort, idx);
    const name = ids.name(sort, idx);
    const given = name === undefined ? '' : ` (@name ${stringText(name)})`;
    return `${id === undefined ? '' : ` ${id}`} (;${idx};)${given}`;
  }

  private coreModule({ module, idx, range }: CoreModuleDef, ids: Refs, indent: string): void {
    const { names = true, folded, customs } = this.options;
    const printed = printModule(module, { names, folded, customs, indent: this.step });
    const own = names ? module.names.module : undefined;
    const head = own ? `(module ${writtenId(own)}` : '(module';
    const id = ids.id('core module', idx);
    let name = this.named('core module', idx, ids);
    if (own && writtenId(own) !== id) name += ` (@name ${stringText(own)})`;
    else if (own === undefined && id !== undefined) name += ` (@${UNNAMED})`;
    const body = printed.text.slice(head.length).trimEnd();
    const base = this.text.length + '(core module'.length + name.length;
    const lines = [0];
    for (let i = body.indexOf('\n'); i >= 0; i = body.indexOf('\n', i + 1)) lines.push(i + 1);
    // Positions of the module's own text move with its lines.
    const moved = (position: number) => {
      const at = Math.max(0, position - head.length);
      return base + at + indent.length * (lineAt(lines, at) - 1);
    };
    this.text += `(core module${name}${body.replaceAll('\n', `\n${indent}`)}`;
    printed.map.moved(moved).appendTo(this.map, range.start);
  }

  /** Every definition that is no module and no component. */
  private form(
    def: Exclude<Definition, { kind: 'core module' | 'component' }>,
    ids: Refs,
    indent: string,
  ): string {
    switch (def.kind) {
      case 'core instance': {
        const head = `(core instance${this.named('core instance', def.idx, ids)}`;
        if (def.expr.kind === 'exports') {
          const exports = def.expr.exports.map(
            ({ name, item }) =>
              `(export ${stringText(name)} (${coreWord(item.sort)} ${ids.ref(item.sort, item.idx)}))`,
          );
          return this.list(head, exports, indent);
        }
        const args = def.expr.args.map(
          ({ name, instanceIdx }) =>
            `(with ${stringText(name)} (instance ${ids.ref('core instance', instanceIdx)}))`,
        );
        const module = ids.ref('core module', def.expr.moduleIdx);
        return `${this.list(`${head} (instantiate ${module}`, args, indent)})`;
      }
      case 'instance': {
        const head = `(instance${this.named('instance', def.idx, ids)}`;
        if (def.expr.kind === 'exports') {
          const exports = def.expr.exports.map(
            ({ name, item }) => `(export ${nameText(name)} ${itemText(item, ids)})`,
          );
          return this.list(head, exports, indent);
        }
        const args = def.expr.args.map(
          ({ name, item }) => `(with ${stringText(name)} ${itemText(item, ids)})`,
        );
        const component = ids.ref('component', def.expr.componentIdx);
        return `${this.list(`${head} (instantiate ${component}`, args, indent)})`;
      }
      case 'core type':
      case 'type':
      case 'alias':
      case 'import':
        return this.declaration(def, ids, indent);
      case 'canon': {
        const isLift = def.canon.kind === 'lift';
        const head = this.named(isLift ? 'func' : 'core func', def.idx, ids);
        const type = def.canon.kind === 'lift' ? ` (type ${ids.ref('type', def.canon.typeIdx)})` : '';
        return `(${isLift ? 'func' : 'core func'}${head}${type} ${canonText(def.canon, ids)})`;
      }
      case 'start': {
        const args = def.args.map((idx) => ` (value ${ids.ref('value', idx)})`).join('');
        let results = '';
        for (let i = 0; i < def.results; i++) {
          results += ` (result (value${this.named('value', def.idx + i, ids)}))`;
        }
        return `(start ${ids.ref('func', def.funcIdx)}${args}${results})`;
      }
      case 'export': {
        const named = this.named(def.item.sort, def.idx, ids);
        const type = def.type ? ` ${externText(def.type, ids, '')}` : '';
        return `(export${named} ${nameText(def.name)} ${itemText(def.item, ids)}${type})`;
      }
      case 'value':
        return `(value${this.named('value', def.idx, ids)} ${valTypeText(def.type, ids)} (binary "${escaped(this.source.subarray(def.value.start, def.value.end))}"))`;
    }
  }

  /** A form whose parts stand on lines of their own if there are several. */
  private list(head: string, parts: readonly string[], indent: string): string {
    if (parts.length <= 1) return `${[head, ...parts].join(' ')})`;
    return `${head}${parts.map((part) => `\n${indent}${this.step}${part}`).join('')})`;
  }

  /** A definition that may be a declarator of a type as well. */
  private declaration(def: Declaration, ids: Refs, indent: string): string {
    switch (def.kind) {
      case 'core type': {
        const first = this.named('core type', def.idx, ids);
        return coreTypeText(def.type, first, (i) => this.named('core type', def.idx + i, ids), ids, {
          indent,
          step: this.step,
        });
      }
      case 'type': {
        const head = `(type${this.named('type', def.idx, ids)}`;
        const { type } = def;
        if (type.kind !== 'component' && type.kind !== 'instance')
          return `${head} ${defTypeText(type, ids)})`;
        const inner = indent + this.step;
        const decls = type.decls.map((decl) => this.declaration(decl, BY_INDEX, inner + this.step));
        if (decls.length === 0) return `${head} (${type.kind}))`;
        const lines = decls.map((decl) => `\n${inner}${this.step}${decl}`).join('');
        return `${head}\n${inner}(${type.kind}${lines}))`;
      }
      case 'alias': {
        const item = `(${def.sort}${this.named(def.sort, def.idx, ids)})`;
        const { target } = def;
        if (target.kind === 'outer') return `(alias outer ${target.count} ${target.idx} ${item})`;
        const instance = ids.ref(target.kind === 'export' ? 'instance' : 'core instance', target.instanceIdx);
        return `(alias ${target.kind} ${instance} ${stringText(target.name)} ${item})`;
      }
      case 'import':
      case 'export decl': {
        const sort = sortOf(def);
        const named = this.named(sort, def.idx, ids);
        const word = def.kind === 'import' ? 'import' : 'export';
        return `(${word} ${nameText(def.name)} ${externText(def.type, ids, named)})`;
      }
    }
  }
}

function hasNames(component: Component): boolean {
  if (component.names.component !== undefined) return true;
  return SORTS.some((sort) =>
    component.spaces[sort].some((_, idx) => component.names.of(sort, idx) !== undefined),
  );
}

/** The line of a position, counted from 1. */
function lineAt(starts: readonly number[], position: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const mid = (low + high + 1) >> 1;
    if (starts[mid] <= position) low = mid;
    else high = mid - 1;
  }
  return low + 1;
}

function coreWord(sort: Sort): string {
  return sort.slice('core '.length);
}

function itemText({ sort, idx }: SortIdx, ids: Refs): string {
  return `(${sort} ${ids.ref(sort, idx)})`;
}

/** A name with its attributes. */
function nameText({ text, attributes }: ExternName): string {
  return [stringText(text), ...attributes.map(({ kind, value }) => `(${kind} ${stringText(value)})`)].join(
    ' ',
  );
}

/** What an import or export is; `named` is what it binds. */
function externText(type: ExternType, ids: Refs, named: string): string {
  switch (type.kind) {
    case 'core module':
      return `(core module${named} (type ${ids.ref('core type', type.typeIdx)}))`;
    case 'func':
    case 'component':
    case 'instance':
      return `(${type.kind}${named} (type ${ids.ref('type', type.typeIdx)}))`;
    case 'type':
      return type.bound === 'resource'
        ? `(type${named} (sub resource))`
        : `(type${named} (eq ${ids.ref('type', type.bound.eq)}))`;
    case 'value':
      return 'eq' in type.bound
        ? `(value${named} (eq ${ids.ref('value', type.bound.eq)}))`
        : `(value${named} ${valTypeText(type.bound.type, ids)})`;
  }
}
