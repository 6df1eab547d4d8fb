/**
 * The WIT of a component: its imports and exports as a world, and the interfaces that they name as packages.
 *
 * Types are recognised by their names (types.ts): a type that another interface exports becomes a `use`, one that has a
 * name here is written by it, everything else is written out. What is written can be read: a type that is mentioned where it
 * has no name gets one there. A component that was not made from WIT may have what WIT cannot say (core modules, components,
 * values, functions that are called as interfaces are); that is left out, and told in the documentation of the world.
 */

import type { ExternName } from '../model.ts';
import { type ExternNameParts, parseExternName } from '../names.ts';
import type { AnyType, ComponentType, Entity, FuncType, ResourceType, ValType } from '../types.ts';
import type { ValidComponent } from '../valid/validate.ts';
import {
  type ExternItem,
  type FuncItem,
  type InterfaceItem,
  type InterfaceMember,
  ident,
  type NamedType,
  NOWHERE,
  type PackageItem,
  type PackageName,
  packageKey,
  type TopItem,
  type TypeDef,
  type TypeItem,
  type UseItem,
  type UsePath,
  type WitDocument,
  type WitFunc,
  type WitType,
  type WorldMember,
} from './ast.ts';

/** The package and the world that a component gets, which has no names for them itself. */
const ROOT: PackageName = { namespace: 'root', name: 'component', span: NOWHERE };

/**
 * The WIT of a valid component: `package root:component`, its world, and the packages that the world names. Of a WIT
 * package that is encoded as a component (only types, each with the item's name inside): that package.
 */
export function witOf({ component, type }: ValidComponent): WitDocument {
  const attributes = new Map<string, ExternName['attributes']>();
  for (const { name } of [...component.imports, ...component.exports])
    attributes.set(name.text, name.attributes);
  const maker = new WitMaker(attributes);
  const encoded = encodedItems(type);
  return encoded ? maker.package(encoded) : maker.document(type);
}

/** An interface (an instance) or a world (a component), in the type that has also what it uses. */
interface EncodedItem {
  readonly outer: ComponentType;
  readonly path: UsePath;
  readonly entity: Extract<Entity, { kind: 'instance' | 'component' }>;
}

/** The items of an encoded package; undefined of any other component. */
function encodedItems({ imports, exports }: ComponentType): readonly EncodedItem[] | undefined {
  if (imports.size > 0 || exports.size === 0) return undefined;
  const items: EncodedItem[] = [];
  for (const [label, exported] of exports) {
    const outer = exported.kind === 'type' && exported.of.kind === 'component' ? exported.of : undefined;
    const [name, entity] = (outer?.exports.size === 1 && [...outer.exports][0]) || [];
    const parsed = name === undefined ? undefined : parseExternName(name);
    if (!outer || !entity || !parsed?.ok || parsed.value.kind !== 'interface') return undefined;
    if (entity.kind !== 'instance' && entity.kind !== 'component') return undefined;
    const path = pathOf(parsed.value);
    if (path.name.name !== label) return undefined;
    items.push({ outer, path, entity });
  }
  return items;
}

/** What a name of a type belongs to: an interface, or the world. */
interface Owner {
  /** Undefined for the world and for interfaces that are written inside of it. */
  readonly path: UsePath | undefined;
}

interface Home {
  readonly owner: Owner;
  readonly name: string;
}

/** The types that have names where something is written. */
interface Place {
  readonly owner: Owner;
  readonly names: Map<AnyType, string>;
  /** The same for resources, however many names they have elsewhere. */
  readonly resources: Map<ResourceType['resource'], string>;
  /** All names that something has here. */
  readonly taken: Set<string>;
  /** What gives names to types that are only mentioned here. */
  readonly added: (UseItem | TypeItem)[];
}

function placeOf(owner: Owner, taken: Iterable<string>): Place {
  return { owner, names: new Map(), resources: new Map(), taken: new Set(taken), added: [] };
}

const NO_HEAD = { gates: [], span: NOWHERE } as const;

class WitMaker {
  private readonly attributes: ReadonlyMap<string, ExternName['attributes']>;
  private readonly homes = new Map<AnyType, Home>();
  private readonly resources = new Map<ResourceType['resource'], Home>();
  private readonly packages = new Map<string, { name: PackageName; items: Map<string, InterfaceItem> }>();
  /** The package of the document, which is not named in it. */
  private own: string | undefined;
  /** What WIT cannot say. */
  private readonly left: string[] = [];

  constructor(attributes: ReadonlyMap<string, ExternName['attributes']>) {
    this.attributes = attributes;
  }

  document(type: ComponentType): WitDocument {
    const root = this.world(type, 'root');
    return { package: ROOT, items: [root, ...this.packageItems()] };
  }

  package(items: readonly EncodedItem[]): WitDocument {
    const own = items[0].path.package!;
    this.own = packageKey(own);
    const worlds: TopItem[] = [];
    for (const { outer, path, entity } of items) {
      for (const [name, used] of outer.imports) {
        const parsed = parseExternName(name);
        if (used.kind !== 'instance' || !parsed.ok || parsed.value.kind !== 'interface') continue;
        this.addInterface(pathOf(parsed.value), used);
      }
      if (entity.kind === 'instance') this.addInterface(path, entity);
      else worlds.push(this.world(entity.type, path.name.name));
    }
    const others = this.packageItems().filter((item) => packageKey(item.package) !== this.own);
    const interfaces = this.packages.get(this.own)?.items.values() ?? [];
    return { package: own, items: [...interfaces, ...worlds, ...others] };
  }

  /** A path as it is written: without the package if that is the document's own. */
  private shown(path: UsePath): UsePath {
    return packageKey(path.package!) === this.own ? { ...path, package: undefined } : path;
  }

  private packageItems(): PackageItem[] {
    return [...this.packages.values()].map(({ name, items }) => ({
      ...NO_HEAD,
      kind: 'package',
      package: name,
      items: [...items.values()],
    }));
  }

  private world(type: ComponentType, name: string): TopItem {
    const world = placeOf({ path: undefined }, [...type.imports.keys(), ...type.exports.keys()]);
    const methods = new Map<string, FuncItem[]>();
    const interfaces: WorldMember[] = [];
    const types: WorldMember[] = [];
    const funcs: WorldMember[] = [];
    for (const [name, entity] of type.imports) {
      const member = this.member('import', name, entity, world, methods);
      if (!member) continue;
      if (member.kind === 'use' || member.kind === 'type') types.push(member);
      else if (member.kind === 'import' && member.what.kind === 'func') funcs.push(member);
      else interfaces.push(member);
    }
    const exports: WorldMember[] = [];
    for (const [name, entity] of type.exports) {
      const member = this.member('export', name, entity, world, methods);
      if (member) exports.push(member);
    }
    const members = [...interfaces, ...together([...world.added, ...types]), ...funcs, ...exports];
    const docs = this.left.length > 0 ? `Not shown: ${this.left.join(', ')}` : undefined;
    return { ...NO_HEAD, kind: 'world', name: ident(name), members, docs };
  }

  private member(
    kind: 'import' | 'export',
    text: string,
    entity: Entity,
    world: Place,
    methods: Map<string, FuncItem[]>,
  ): WorldMember | undefined {
    const parsed = parseExternName(text);
    const name: ExternNameParts = parsed.ok ? parsed.value : { kind: 'label', label: text };
    switch (entity.kind) {
      case 'instance': {
        if (name.kind === 'interface') {
          const path = pathOf(name);
          this.addInterface(path, entity);
          return { ...NO_HEAD, kind, what: { kind: 'path', path: this.shown(path) } };
        }
        const label = ident(text);
        const implemented = this.attributes.get(text)?.find((one) => one.kind === 'implements')?.value;
        const interfaceName = implemented === undefined ? undefined : parseExternName(implemented);
        if (interfaceName?.ok && interfaceName.value.kind === 'interface') {
          const path = pathOf(interfaceName.value);
          this.addInterface(path, entity);
          return { ...NO_HEAD, kind, name: label, what: { kind: 'path', path: this.shown(path) } };
        }
        const members = this.members(entity, { path: undefined });
        return { ...NO_HEAD, kind, name: label, what: { kind: 'interface', members } } satisfies ExternItem;
      }
      case 'func': {
        if (name.kind !== 'label') {
          const of = name.kind === 'interface' ? undefined : methods.get(name.resource);
          if (of) of.push(methodItem(name as MethodName, this.func(entity.type, world)));
          else this.left.push(`${kind} ${text}: func`);
          return undefined;
        }
        const what = { kind: 'func', type: this.func(entity.type, world) } as const;
        return { ...NO_HEAD, kind, name: ident(text), what };
      }
      case 'type':
        return this.typeMember(text, entity, world, methods);
      default:
        this.left.push(`${kind} ${text}: ${entity.kind}`);
        return undefined;
    }
  }

  /** An interface that has a package is written once, whether imported or exported. */
  private addInterface(path: UsePath, entity: Extract<Entity, { kind: 'instance' }>): void {
    const name = path.package!;
    const key = packageKey(name);
    let of = this.packages.get(key);
    if (!of) this.packages.set(key, (of = { name, items: new Map() }));
    const own = path.name.name;
    // Also one that is there already: its types get their names.
    const members = this.members(entity, { path });
    const known = of.items.get(own);
    if (known && known.members.length >= members.length) return;
    of.items.set(own, { ...NO_HEAD, kind: 'interface', name: ident(own), members });
  }

  private members({ type }: Extract<Entity, { kind: 'instance' }>, owner: Owner): readonly InterfaceMember[] {
    const place = placeOf(owner, type.exports.keys());
    const types: InterfaceMember[] = [];
    const funcs: InterfaceMember[] = [];
    const methods = new Map<string, FuncItem[]>();
    for (const [name, entity] of type.exports) {
      if (entity.kind === 'type') types.push(this.typeMember(name, entity, place, methods));
      else if (entity.kind === 'func') this.addFunc(name, entity.type, place, methods, funcs);
      else this.left.push(`${name}: ${entity.kind}`);
    }
    return [...together([...place.added, ...types]), ...funcs];
  }

  private addFunc(
    text: string,
    type: FuncType,
    place: Place,
    methods: Map<string, FuncItem[]>,
    funcs: InterfaceMember[],
  ): void {
    const parsed = parseExternName(text);
    const name = parsed.ok ? parsed.value : undefined;
    if (!name || name.kind === 'label') {
      const made = this.func(type, place);
      funcs.push({ ...NO_HEAD, kind: 'func', name: ident(text), role: 'function', type: made });
      return;
    }
    const of = name.kind === 'interface' ? undefined : methods.get(name.resource);
    if (of) of.push(methodItem(name as MethodName, this.func(type, place)));
    else this.left.push(`${text}: func`);
  }

  /** A type that is exported under a name: the use of another, or a definition. */
  private typeMember(
    text: string,
    { type, of }: Extract<Entity, { kind: 'type' }>,
    place: Place,
    methods?: Map<string, FuncItem[]>,
  ): UseItem | TypeItem {
    const own = place.names.get(of);
    const home = this.homeOf(of);
    this.name(type, text, place);
    if (
      own === undefined &&
      home &&
      home.owner.path &&
      home.owner !== place.owner &&
      !isSamePath(home.owner, place.owner)
    ) {
      const as = home.name === text ? undefined : ident(text);
      return {
        ...NO_HEAD,
        kind: 'use',
        path: this.shown(home.owner.path),
        names: [{ name: ident(home.name), as }],
      };
    }
    const def: TypeDef =
      own !== undefined && own !== text
        ? { kind: 'alias', type: { kind: 'id', name: ident(own), span: NOWHERE } }
        : this.define(of, text, place, methods);
    return { ...NO_HEAD, kind: 'type', name: ident(text), def };
  }

  /** Where a type has its name already. */
  private homeOf(type: AnyType): Home | undefined {
    return this.homes.get(type) ?? (type.kind === 'resource' ? this.resources.get(type.resource) : undefined);
  }

  private name(type: AnyType, name: string, place: Place): void {
    place.names.set(type, name);
    if (type.kind === 'resource' && !place.resources.has(type.resource))
      place.resources.set(type.resource, name);
    if (!this.homes.has(type)) this.homes.set(type, { owner: place.owner, name });
    if (type.kind === 'resource' && !this.resources.has(type.resource)) {
      this.resources.set(type.resource, { owner: place.owner, name });
    }
  }

  private define(type: AnyType, name: string, place: Place, methods?: Map<string, FuncItem[]>): TypeDef {
    switch (type.kind) {
      case 'resource': {
        const list: FuncItem[] = [];
        methods?.set(name, list);
        return { kind: 'resource', methods: list };
      }
      case 'record':
        return { kind: 'record', fields: this.named(type.fields, place) };
      case 'variant':
        return {
          kind: 'variant',
          cases: type.cases.map(({ label, type: payload }) => ({
            name: ident(label),
            type: payload && this.type(payload, place),
          })),
        };
      case 'enum':
      case 'flags':
        return { kind: type.kind, labels: type.labels.map((label) => ({ name: ident(label) })) };
      case 'func':
      case 'instance':
      case 'component':
        this.left.push(`${name}: ${type.kind} type`);
        return { kind: 'alias', type: { kind: 'prim', prim: 'string', span: NOWHERE } };
      default:
        return { kind: 'alias', type: this.structure(type, place) };
    }
  }

  private func({ async, params, result }: FuncType, place: Place): WitFunc {
    return { async, params: this.named(params, place), result: result && this.type(result, place) };
  }

  private named(fields: FuncType['params'], place: Place): NamedType[] {
    return fields.map(({ label, type }) => ({ name: ident(label), type: this.type(type, place) }));
  }

  /** A type where it is used: by its name here, or written out. */
  private type(type: ValType, place: Place): WitType {
    const name = this.nameIn(place, type);
    return name === undefined
      ? this.structure(type, place)
      : { kind: 'id', name: ident(name), span: NOWHERE };
  }

  /** What a type is called here; undefined for one that has no name. Its name elsewhere is brought here by a `use`. */
  private nameIn(place: Place, type: AnyType): string | undefined {
    const known =
      place.names.get(type) ?? (type.kind === 'resource' ? place.resources.get(type.resource) : undefined);
    const home = this.homeOf(type);
    if (known !== undefined || !home) return known;
    if (isSamePath(home.owner, place.owner)) return home.name;
    const { path } = home.owner;
    const own = freeName(place, home.name);
    this.name(type, own, place);
    if (path) {
      const as = own === home.name ? undefined : ident(own);
      place.added.push({
        ...NO_HEAD,
        kind: 'use',
        path: this.shown(path),
        names: [{ name: ident(home.name), as }],
      });
      return own;
    }
    // What is written inside of a world cannot be used: a type is defined again, a resource becomes another one.
    if (type.kind === 'resource') this.left.push(`that resource ${own} is the same everywhere`);
    place.added.push({ ...NO_HEAD, kind: 'type', name: ident(own), def: this.define(type, own, place) });
    return own;
  }

  private structure(type: ValType, place: Place): WitType {
    const span = NOWHERE;
    const of = (part: ValType) => this.type(part, place);
    switch (type.kind) {
      case 'prim':
        return { kind: 'prim', prim: type.prim, span };
      case 'list':
        return { kind: 'list', element: of(type.element), length: type.length, span };
      case 'map':
        return { kind: 'map', key: of(type.key), value: of(type.value), span };
      case 'tuple':
        return { kind: 'tuple', types: type.types.map(of), span };
      case 'option':
        return { kind: 'option', type: of(type.type), span };
      case 'result':
        return { kind: 'result', ok: type.ok && of(type.ok), error: type.error && of(type.error), span };
      case 'own':
      case 'borrow': {
        const name = this.nameIn(place, type.type) ?? this.nameNow(place, type.type);
        if (type.kind === 'own') return { kind: 'id', name: ident(name), span };
        return { kind: 'borrow', name: ident(name), span };
      }
      case 'stream':
      case 'future':
        return { kind: type.kind, type: type.type && of(type.type), span };
      default:
        // WIT writes these only where they are defined.
        return { kind: 'id', name: ident(this.nameNow(place, type)), span };
    }
  }

  /** Defines a type that has no name anywhere. */
  private nameNow(place: Place, type: ValType | ResourceType): string {
    const own = freeName(place, `unnamed-${type.kind}`);
    this.name(type, own, place);
    place.added.push({ ...NO_HEAD, kind: 'type', name: ident(own), def: this.define(type, own, place) });
    return own;
  }
}

/** Uses of one interface become one, in front of the definitions that follow. */
function together<T extends { kind: string }>(members: readonly (T | UseItem)[]): (T | UseItem)[] {
  const out: (T | UseItem)[] = [];
  const uses = new Map<string, number>();
  for (const member of members) {
    if (member.kind !== 'use') {
      out.push(member);
      continue;
    }
    const use = member as UseItem;
    const { package: of, name } = use.path;
    const key = `${of ? packageKey(of) : ''}/${name.name}`;
    const at = uses.get(key);
    if (at === undefined) {
      uses.set(key, out.length);
      out.push(use);
    } else {
      const first = out[at] as UseItem;
      out[at] = { ...first, names: [...first.names, ...use.names] };
    }
  }
  return out;
}

/** A name that nothing has here yet; it is taken then. */
function freeName({ taken }: Place, wanted: string): string {
  let name = wanted;
  while (taken.has(name)) name += '-x';
  taken.add(name);
  return name;
}

function isSamePath(a: Owner, b: Owner): boolean {
  if (!a.path || !b.path) return a === b;
  return packageKey(a.path.package!) === packageKey(b.path.package!) && a.path.name.name === b.path.name.name;
}

function pathOf(name: Extract<ExternNameParts, { kind: 'interface' }>): UsePath {
  const { namespace, package: of, projection, version } = name;
  return { package: { namespace, name: of, version, span: NOWHERE }, name: ident(projection), span: NOWHERE };
}

type MethodName = Extract<ExternNameParts, { kind: 'constructor' | 'method' | 'static' }>;

function methodItem(name: MethodName, type: WitFunc): FuncItem {
  if (name.kind === 'constructor') {
    // What a constructor gives is its resource, unless it may fail.
    const result = type.result?.kind === 'result' ? type.result : undefined;
    return {
      ...NO_HEAD,
      kind: 'func',
      name: ident('constructor'),
      role: 'constructor',
      type: { ...type, result },
    };
  }
  const params = name.kind === 'method' ? type.params.slice(1) : type.params;
  return { ...NO_HEAD, kind: 'func', name: ident(name.name), role: name.kind, type: { ...type, params } };
}
