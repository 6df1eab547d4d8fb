/**
 * WIT documents as text (WIT.md), laid out as the field's own tools do it.
 *
 * Names that are keywords get their `%`. Everything that is in the tree is written; comments that are no documentation
 * are not in it.
 */

import { encodeUtf8 } from '../../base/utf8.ts';
import { escaped } from '../../text/strings.ts';
import type {
  Annotated,
  ExternItem,
  FuncItem,
  InterfaceMember,
  NamedType,
  PackageName,
  TopItem,
  TypeItem,
  UseItem,
  UsePath,
  WitDocument,
  WitFunc,
  WitType,
  WorldMember,
} from './ast.ts';
import { packageKey } from './ast.ts';
import { WIT_KEYWORDS } from './cursor.ts';

/** A whole document. */
export function printWit(document: WitDocument): string {
  const w = new Writer();
  if (document.package) {
    w.docs(document.docs);
    w.line(`package ${packageText(document.package)};`);
    if (document.items.length > 0) w.line('');
  }
  w.items(document.items);
  return w.text;
}

/** A function's type: `func(a: u32) -> string`. */
export function witFuncText(type: WitFunc): string {
  return `${type.async ? 'async ' : ''}func${paramsText(type)}`;
}

/** A type as it is written where it is used. */
export function witTypeText(type: WitType): string {
  switch (type.kind) {
    case 'prim':
      return type.prim;
    case 'id':
      return nameText(type.name.name);
    case 'list': {
      const length = type.length === undefined ? '' : `, ${type.length}`;
      return `list<${witTypeText(type.element)}${length}>`;
    }
    case 'map':
      return `map<${witTypeText(type.key)}, ${witTypeText(type.value)}>`;
    case 'tuple':
      return `tuple<${type.types.map(witTypeText).join(', ')}>`;
    case 'option':
      return `option<${witTypeText(type.type)}>`;
    case 'result': {
      const { ok, error } = type;
      if (error) return `result<${ok ? witTypeText(ok) : '_'}, ${witTypeText(error)}>`;
      return ok ? `result<${witTypeText(ok)}>` : 'result';
    }
    case 'own':
    case 'borrow':
      return `${type.kind}<${nameText(type.name.name)}>`;
    case 'stream':
    case 'future':
      return type.type ? `${type.kind}<${witTypeText(type.type)}>` : type.kind;
  }
}

/** A name, with `%` where it would be a keyword. */
export function nameText(name: string): string {
  return WIT_KEYWORDS.has(name) ? `%${name}` : name;
}

/** `namespace:name@version`. */
function packageText(name: PackageName): string {
  const { namespace, name: own, version } = name;
  return packageKey({ namespace: nameText(namespace), name: nameText(own), version, span: name.span });
}

/** `namespace:name/interface@version`, or the name alone. */
export function pathText({ package: of, name }: UsePath): string {
  if (!of) return nameText(name.name);
  const version = of.version === undefined ? '' : `@${of.version}`;
  return `${nameText(of.namespace)}:${nameText(of.name)}/${nameText(name.name)}${version}`;
}

function paramsText({ params, result }: WitFunc): string {
  const list = params.map(({ name, type }) => `${nameText(name.name)}: ${witTypeText(type)}`).join(', ');
  return `(${list})${result ? ` -> ${witTypeText(result)}` : ''}`;
}

class Writer {
  text = '';
  private indent = '';

  line(text: string): void {
    this.text += text === '' ? '\n' : `${this.indent}${text}\n`;
  }

  docs(docs: string | undefined): void {
    if (docs === undefined) return;
    for (const line of docs.split('\n')) this.line(line === '' ? '///' : `/// ${line}`);
  }

  private head({ docs, gates, externalId }: Annotated): void {
    this.docs(docs);
    for (const { kind, value } of gates) {
      this.line(kind === 'unstable' ? `@unstable(feature = ${value})` : `@${kind}(version = ${value})`);
    }
    if (externalId !== undefined) this.line(`@external-id("${escaped(encodeUtf8(externalId), true)}")`);
  }

  /** `head {`, what is inside, and `}`. */
  private block(head: string, inside: () => void): void {
    this.line(`${head} {`);
    const { indent } = this;
    this.indent += '  ';
    inside();
    this.indent = indent;
    this.line('}');
  }

  /** Things with an empty line between them. */
  private spaced<T>(all: readonly T[], write: (one: T) => void, together: (a: T, b: T) => boolean): void {
    all.forEach((one, i) => {
      if (i > 0 && !together(all[i - 1], one)) this.line('');
      write(one);
    });
  }

  items(items: readonly TopItem[]): void {
    this.spaced(
      items,
      (item) => this.top(item),
      (a, b) => a.kind === 'top use' && b.kind === 'top use',
    );
  }

  private top(item: TopItem): void {
    this.head(item);
    switch (item.kind) {
      case 'top use':
        this.line(`use ${pathText(item.path)}${item.as ? ` as ${nameText(item.as.name)}` : ''};`);
        break;
      case 'package':
        this.block(`package ${packageText(item.package)}`, () => this.items(item.items));
        break;
      case 'interface':
        this.block(`interface ${nameText(item.name.name)}`, () => this.members(item.members));
        break;
      case 'world':
        this.block(`world ${nameText(item.name.name)}`, () =>
          this.spaced(item.members, (member) => this.worldMember(member), worldTogether),
        );
    }
  }

  private members(members: readonly InterfaceMember[]): void {
    this.spaced(
      members,
      (member) => this.member(member),
      (a, b) => a.kind === 'use' && b.kind === 'use',
    );
  }

  private member(item: InterfaceMember): void {
    switch (item.kind) {
      case 'use':
        this.use(item);
        break;
      case 'type':
        this.type(item);
        break;
      case 'func':
        this.func(item);
    }
  }

  private use(item: UseItem): void {
    this.head(item);
    const names = item.names.map(({ name, as }) =>
      as ? `${nameText(name.name)} as ${nameText(as.name)}` : nameText(name.name),
    );
    this.line(`use ${pathText(item.path)}.{${names.join(', ')}};`);
  }

  private func(item: FuncItem): void {
    this.head(item);
    const { name, role, type } = item;
    if (role === 'constructor') this.line(`constructor${paramsText(type)};`);
    else this.line(`${nameText(name.name)}: ${role === 'static' ? 'static ' : ''}${witFuncText(type)};`);
  }

  private type(item: TypeItem): void {
    this.head(item);
    const { def } = item;
    const name = nameText(item.name.name);
    switch (def.kind) {
      case 'alias':
        this.line(`type ${name} = ${witTypeText(def.type)};`);
        break;
      case 'record':
        this.block(`record ${name}`, () => {
          for (const field of def.fields) this.field(field);
        });
        break;
      case 'variant':
        this.block(`variant ${name}`, () => {
          for (const { name: label, type, docs } of def.cases) {
            this.docs(docs);
            this.line(`${nameText(label.name)}${type ? `(${witTypeText(type)})` : ''},`);
          }
        });
        break;
      case 'enum':
      case 'flags':
        this.block(`${def.kind} ${name}`, () => {
          for (const { name: label, docs } of def.labels) {
            this.docs(docs);
            this.line(`${nameText(label.name)},`);
          }
        });
        break;
      case 'resource':
        if (def.methods.length === 0) this.line(`resource ${name};`);
        else {
          this.block(`resource ${name}`, () => {
            for (const method of def.methods) this.func(method);
          });
        }
    }
  }

  private field({ name, type, docs }: NamedType): void {
    this.docs(docs);
    this.line(`${nameText(name.name)}: ${witTypeText(type)},`);
  }

  private worldMember(item: WorldMember): void {
    switch (item.kind) {
      case 'use':
        this.use(item);
        break;
      case 'type':
        this.type(item);
        break;
      case 'include':
        this.head(item);
        if (item.names.length === 0) this.line(`include ${pathText(item.path)};`);
        else {
          this.block(`include ${pathText(item.path)} with`, () => {
            for (const { name, as } of item.names)
              this.line(`${nameText(name.name)} as ${nameText(as.name)},`);
          });
        }
        break;
      default:
        this.extern(item);
    }
  }

  private extern(item: ExternItem): void {
    this.head(item);
    const { kind, name, what } = item;
    const head = name ? `${kind} ${nameText(name.name)}: ` : `${kind} `;
    switch (what.kind) {
      case 'func':
        this.line(`${head}${witFuncText(what.type)};`);
        break;
      case 'path':
        this.line(`${head}${pathText(what.path)};`);
        break;
      case 'interface':
        this.block(`${head}interface`, () => this.members(what.members));
    }
  }
}

/** Imports stand together, exports do, uses do; a type has an empty line in front. */
function worldTogether(a: WorldMember, b: WorldMember): boolean {
  if (b.kind === 'type') return false;
  return (a.kind === 'export') === (b.kind === 'export');
}
