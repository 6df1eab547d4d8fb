/**
 * What the names of WIT documents mean (WIT.md, Name resolution): interfaces and worlds of packages, uses, types.
 *
 * Several documents are resolved together: those of one package share its interfaces. What is in none of them (another
 * package, another file) is *elsewhere*, and no fault. Every name is a symbol, so that editors can go from one to the other.
 */

import { type Fault, faultIn, type Note, type Span } from '../../base/errors.ts';
import {
  type Annotated,
  type ExternItem,
  type FuncItem,
  type Ident,
  type IncludeItem,
  type InterfaceItem,
  type InterfaceMember,
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
  type WorldItem,
  type WorldMember,
} from './ast.ts';
import { mentioned, witPartsOf } from './parts.ts';

export type WitSymbolKind =
  | 'interface'
  | 'world'
  | 'type'
  | 'resource'
  | 'func'
  | 'field'
  | 'case'
  | 'param'
  | 'import';

/** What a name is defined as. */
export interface WitDef {
  readonly kind: WitSymbolKind;
  readonly name: string;
  /** The number of the document, and where the name stands in it. */
  readonly document: number;
  readonly span: Span;
  /** The whole item. */
  readonly item: Span;
  readonly docs?: string;
}

/** A name in a document. */
export interface WitSymbol {
  readonly document: number;
  readonly span: Span;
  /** Undefined: what it means is elsewhere. */
  readonly def: WitDef | undefined;
  readonly role: 'def' | 'use';
}

export interface WitFault {
  readonly document: number;
  readonly fault: Fault;
}

/** An interface, or the inside of a world: what it names. */
export interface ResolvedInterface {
  readonly def: WitDef | undefined;
  readonly members: readonly InterfaceMember[];
  /** Types that are defined or used here. */
  readonly types: ReadonlyMap<string, ResolvedType>;
  readonly funcs: ReadonlyMap<string, FuncItem>;
}

/** A type that has a name. */
export interface ResolvedType {
  readonly def: WitDef;
  /** Undefined for a type that is elsewhere. */
  readonly item: TypeItem | undefined;
  /** Where it is defined itself, if it is used here. */
  readonly origin: ResolvedInterface | undefined;
  readonly originName: string;
}

/** What is named in an interface or world, by where that stands. */
export interface WitScope {
  readonly document: number;
  readonly span: Span;
  readonly of: ResolvedInterface;
}

/** An interface or world that none of the documents has. */
export interface WitElsewhere {
  readonly document: number;
  readonly span: Span;
  /** `wasi:io/streams@0.2.0` */
  readonly key: string;
}

export interface Resolution {
  readonly faults: readonly WitFault[];
  readonly elsewhere: readonly WitElsewhere[];
  readonly symbols: readonly WitSymbol[];
  /** Interfaces by `namespace:package/name@version`. */
  readonly interfaces: ReadonlyMap<string, ResolvedInterface>;
  readonly scopes: readonly WitScope[];
}

/** What an interface is called everywhere: `wasi:io/streams@0.2.0`. */
export function interfaceKey(of: PackageName | undefined, name: string): string {
  if (!of) return name;
  const version = of.version === undefined ? '' : `@${of.version}`;
  return `${packageKey({ ...of, version: undefined })}/${name}${version}`;
}

/** Interfaces in a row that use each other; more would overflow the stack. */
const MAX_CHAIN = 500;

/** Resolves documents together. */
export function resolveWit(documents: readonly WitDocument[]): Resolution {
  return new Resolver(documents).resolve();
}

/** An interface or world where it stands. */
interface Owner<T> {
  readonly item: T;
  readonly document: number;
  readonly package: PackageName | undefined;
  readonly def: WitDef;
}

/** What a world names, but for interfaces that have names already: those are the same in every world. */
interface WorldNames {
  readonly import: Map<string, WitDef | undefined>;
  readonly export: Map<string, WitDef | undefined>;
  /** Interfaces that it imports or exports, as the world calls them. */
  readonly interfaces: Set<string>;
}

class Resolver {
  private readonly documents: readonly WitDocument[];
  private readonly faults: WitFault[] = [];
  private readonly symbols: WitSymbol[] = [];
  private readonly scopes: WitScope[] = [];
  private readonly elsewhere: WitElsewhere[] = [];
  private readonly interfaces = new Map<string, Owner<InterfaceItem>>();
  private readonly worlds = new Map<string, Owner<WorldItem>>();
  /** Names that top-level uses give, by document. */
  private readonly topUses: Map<string, UsePath>[] = [];
  private readonly resolved = new Map<InterfaceItem, ResolvedInterface>();
  private readonly open = new Set<InterfaceItem>();
  private readonly defs = new Map<Ident, WitDef>();
  private readonly namesOf = new Map<WorldItem, WorldNames>();
  private readonly openWorlds = new Set<WorldItem>();

  constructor(documents: readonly WitDocument[]) {
    this.documents = documents;
  }

  resolve(): Resolution {
    this.documents.forEach((document, i) => {
      this.topUses.push(new Map());
      this.collect(document.items, document.package, i);
    });
    for (const [i, document] of this.documents.entries()) this.topItems(document.items, document.package, i);
    const interfaces = new Map<string, ResolvedInterface>();
    for (const [key, owner] of this.interfaces) interfaces.set(key, this.interfaceOf(owner));
    for (const owner of this.worlds.values()) this.world(owner);
    const { faults, symbols, scopes, elsewhere } = this;
    return { faults, elsewhere, symbols, interfaces, scopes };
  }

  private collect(items: readonly TopItem[], name: PackageName | undefined, document: number): void {
    for (const item of items) {
      if (item.kind === 'package') this.collect(item.items, item.package, document);
      else if (item.kind === 'interface') this.own(this.interfaces, this.worlds, item, name, document);
      else if (item.kind === 'world') this.own(this.worlds, this.interfaces, item, name, document);
      else {
        const as = item.as ?? item.path.name;
        this.topUses[document].set(as.name, item.path);
      }
    }
  }

  private own<T extends InterfaceItem | WorldItem>(
    into: Map<string, Owner<T>>,
    other: ReadonlyMap<string, Owner<InterfaceItem | WorldItem>>,
    item: T,
    name: PackageName | undefined,
    document: number,
  ): void {
    const key = interfaceKey(name, item.name.name);
    const def = this.define(item.kind, item.name, item, document);
    const first = into.get(key) ?? other.get(key);
    if (first) this.duplicate(item.kind, item.name, first.def, document);
    else into.set(key, { item, document, package: name, def });
  }

  private topItems(items: readonly TopItem[], name: PackageName | undefined, document: number): void {
    for (const item of items) {
      if (item.kind === 'package') this.topItems(item.items, item.package, document);
      else if (item.kind === 'top use') this.path(item.path, name, document, true);
    }
  }

  private define(
    kind: WitSymbolKind,
    name: Ident,
    item: Pick<Annotated, 'span' | 'docs'>,
    document: number,
  ): WitDef {
    const known = this.defs.get(name);
    if (known) return known;
    const def: WitDef = {
      kind,
      name: name.name,
      document,
      span: name.span,
      item: item.span,
      docs: item.docs,
    };
    this.symbols.push({ document, span: name.span, def, role: 'def' });
    this.defs.set(name, def);
    return def;
  }

  private use(span: Span, def: WitDef | undefined, document: number): void {
    this.symbols.push({ document, span, def, role: 'use' });
  }

  private fault(document: number, span: Span, message: string, notes: readonly Note[] = []): void {
    this.faults.push({ document, fault: faultIn('invalid', span, message, notes) });
  }

  private duplicate(what: string, name: Ident, first: WitDef, document: number): void {
    const notes = first.document === document ? [{ message: 'first defined here', span: first.span }] : [];
    this.fault(document, name.span, `${what} \`${name.name}\` is defined more than once`, notes);
  }

  /** The interface or world of a path; undefined if it is elsewhere. */
  private path(
    path: UsePath,
    name: PackageName | undefined,
    document: number,
    isTop = false,
  ): Owner<InterfaceItem | WorldItem> | undefined {
    const found = this.find(path, name, document, isTop);
    this.use(path.name.span, found?.def, document);
    // What a top-level use has named is told there.
    const isRenamed = !isTop && !path.package && this.topUses[document].has(path.name.name);
    if (!found && !isRenamed) {
      const key = interfaceKey(path.package ?? name, path.name.name);
      this.elsewhere.push({ document, span: path.span, key });
    }
    return found;
  }

  private find(
    path: UsePath,
    name: PackageName | undefined,
    document: number,
    isTop: boolean,
  ): Owner<InterfaceItem | WorldItem> | undefined {
    const renamed = path.package || isTop ? undefined : this.topUses[document].get(path.name.name);
    if (renamed) return this.find(renamed, name, document, true);
    const key = interfaceKey(path.package ?? name, path.name.name);
    return this.interfaces.get(key) ?? this.worlds.get(key);
  }

  private interfaceOf(owner: Owner<InterfaceItem>): ResolvedInterface {
    const { item } = owner;
    const known = this.resolved.get(item);
    if (known) return known;
    this.open.add(item);
    const resolved = this.members(item.members, owner);
    this.open.delete(item);
    this.resolved.set(item, resolved);
    return resolved;
  }

  /** The members of an interface, of a world, or of an interface inside of a world. */
  private members(
    members: readonly (InterfaceMember | WorldMember)[],
    owner: Owner<InterfaceItem | WorldItem>,
    inside?: ExternItem,
  ): ResolvedInterface {
    const { document } = owner;
    const types = new Map<string, ResolvedType>();
    const funcs = new Map<string, FuncItem>();
    const names = new Map<string, WitDef>();
    const resolved: ResolvedInterface = {
      def: inside ? undefined : owner.def,
      members: members as readonly InterfaceMember[],
      types,
      funcs,
    };
    this.scopes.push({ document, span: (inside ?? owner.item).span, of: resolved });
    const take = (kind: WitSymbolKind, name: Ident, item: Annotated): WitDef => {
      const def = this.define(kind, name, item, document);
      const first = names.get(name.name);
      if (first) this.duplicate('name', name, first, document);
      else names.set(name.name, def);
      return def;
    };
    // Types may be used before they are defined.
    for (const member of members) {
      if (member.kind === 'type') {
        const kind = member.def.kind === 'resource' ? 'resource' : 'type';
        const def = take(kind, member.name, member);
        types.set(member.name.name, { def, item: member, origin: resolved, originName: member.name.name });
      } else if (member.kind === 'use') this.useItem(member, owner, types, names);
      else if (member.kind === 'func') {
        take('func', member.name, member);
        funcs.set(member.name.name, member);
      }
    }
    for (const member of members) {
      if (member.kind === 'type') this.typeItem(member, types, document);
      else if (member.kind === 'func') this.func(member.type, types, document);
    }
    for (const member of members) if (member.kind === 'type') this.checkCycle(member, resolved, document);
    return resolved;
  }

  private useItem(
    item: UseItem,
    owner: Owner<InterfaceItem | WorldItem>,
    types: Map<string, ResolvedType>,
    names: Map<string, WitDef>,
  ): void {
    const { document } = owner;
    const found = this.path(item.path, owner.package, document);
    let from: ResolvedInterface | undefined;
    if (found?.item.kind === 'world')
      this.fault(document, item.path.span, 'types are used from interfaces, not from worlds');
    else if (found && this.open.has(found.item as InterfaceItem)) {
      this.fault(document, item.path.span, `interface \`${item.path.name.name}\` depends on itself`);
    } else if (found && this.open.size > MAX_CHAIN) {
      this.fault(document, item.path.span, 'too many interfaces that use each other');
    } else if (found) from = this.interfaceOf(found as Owner<InterfaceItem>);
    for (const { name, as } of item.names) {
      const used = from?.types.get(name.name);
      if (from && !used) {
        const known = [...from.types.keys()].join(', ');
        this.fault(
          document,
          name.span,
          `type \`${name.name}\` not defined in interface \`${item.path.name.name}\``,
          [{ message: known === '' ? 'it has no types' : `it has ${known}` }],
        );
      }
      if (used || as) this.use(name.span, used?.def, document);
      const own = as ?? name;
      // What is elsewhere is defined by its use, as far as this document is concerned.
      const def = as || !used ? this.define(used?.def.kind ?? 'type', own, item, document) : used.def;
      const first = names.get(own.name);
      if (first) this.duplicate('name', own, first, document);
      else names.set(own.name, { ...def, document, span: own.span });
      types.set(own.name, {
        def,
        item: used?.item,
        origin: used?.origin,
        originName: used?.originName ?? name.name,
      });
    }
  }

  private typeItem({ def }: TypeItem, types: ReadonlyMap<string, ResolvedType>, document: number): void {
    switch (def.kind) {
      case 'alias':
        this.type(def.type, types, document);
        break;
      case 'record':
        this.labels(def.fields, 'field', document);
        for (const { type } of def.fields) this.type(type, types, document);
        break;
      case 'variant':
        this.labels(def.cases, 'case', document);
        for (const { type } of def.cases) if (type) this.type(type, types, document);
        break;
      case 'enum':
      case 'flags':
        this.labels(def.labels, 'case', document);
        break;
      case 'resource': {
        const names = new Map<string, WitDef>();
        for (const method of def.methods) {
          const own = this.define('func', method.name, method, document);
          const first = names.get(method.name.name);
          if (first) this.duplicate('method', method.name, first, document);
          names.set(method.name.name, own);
          this.func(method.type, types, document);
        }
      }
    }
  }

  private labels(
    labels: readonly { readonly name: Ident; readonly docs?: string; readonly type?: WitType }[],
    kind: 'field' | 'case' | 'param',
    document: number,
  ): void {
    const names = new Map<string, WitDef>();
    for (const { name, docs, type } of labels) {
      const span = { start: name.span.start, end: type?.span.end ?? name.span.end };
      const def = this.define(kind, name, { span, docs }, document);
      const first = names.get(name.name.toLowerCase());
      if (first) this.duplicate(kind, name, first, document);
      else names.set(name.name.toLowerCase(), def);
    }
  }

  private func(
    { params, result }: WitFunc,
    types: ReadonlyMap<string, ResolvedType>,
    document: number,
  ): void {
    this.labels(params, 'param', document);
    for (const { type } of params) this.type(type, types, document);
    if (result) this.type(result, types, document);
  }

  private type(type: WitType, types: ReadonlyMap<string, ResolvedType>, document: number): void {
    for (const part of witPartsOf(type)) this.type(part, types, document);
    if (type.kind !== 'id' && type.kind !== 'own' && type.kind !== 'borrow') return;
    const { name } = type;
    const found = types.get(name.name);
    this.use(name.span, found?.def, document);
    if (!found) {
      this.fault(document, name.span, `type \`${name.name}\` does not exist in this interface`);
    } else if (type.kind !== 'id' && !mayBeResource(found)) {
      this.fault(document, name.span, `type \`${name.name}\` is used in a handle, but is no resource`);
    }
  }

  /** Types that consist of themselves have no size. */
  private checkCycle(item: TypeItem, of: ResolvedInterface, document: number): void {
    const seen = new Set<TypeItem>();
    const work = [item];
    for (let next = work.pop(); next; next = work.pop()) {
      for (const name of mentioned(next)) {
        const named = of.types.get(name);
        const found = named?.origin === of ? named.item : undefined;
        if (found === item) {
          this.fault(document, item.name.span, `type \`${item.name.name}\` depends on itself`);
          return;
        }
        if (found && !seen.has(found)) {
          seen.add(found);
          work.push(found);
        }
      }
    }
  }

  private world(owner: Owner<WorldItem>): void {
    const { item } = owner;
    const resolved = this.members(item.members, owner);
    for (const member of item.members) {
      if (member.kind === 'import' || member.kind === 'export') this.extern(member, owner, resolved);
    }
    this.worldNames(owner);
  }

  /** What a world names by itself, with what it includes (WIT.md, Union of Worlds with `include`). */
  private worldNames(owner: Owner<WorldItem>): WorldNames {
    const { item, document } = owner;
    const known = this.namesOf.get(item);
    if (known) return known;
    const names: WorldNames = { import: new Map(), export: new Map(), interfaces: new Set() };
    this.namesOf.set(item, names);
    this.openWorlds.add(item);
    for (const member of item.members) {
      if (member.kind === 'type') names.import.set(member.name.name, undefined);
      else if (member.kind === 'use') {
        for (const { name, as } of member.names) names.import.set((as ?? name).name, undefined);
      } else if (member.kind === 'import' || member.kind === 'export') {
        if (!member.name) names.interfaces.add((member.what as { path: UsePath }).path.name.name);
        else this.nameOnce(names[member.kind], member.kind, member.name, member, document);
      }
    }
    for (const member of item.members) if (member.kind === 'include') this.include(member, owner, names);
    this.openWorlds.delete(item);
    return names;
  }

  private nameOnce(
    names: Map<string, WitDef | undefined>,
    what: string,
    name: Ident,
    item: Annotated,
    document: number,
  ): void {
    const def = this.define('import', name, item, document);
    const first = names.get(name.name);
    if (first) this.duplicate(what, name, first, document);
    names.set(name.name, def);
  }

  private include(item: IncludeItem, owner: Owner<WorldItem>, into: WorldNames): void {
    const { document } = owner;
    const found = this.path(item.path, owner.package, document);
    if (!found) return;
    const { name } = item.path;
    if (found.item.kind !== 'world') {
      this.fault(document, item.path.span, `\`${name.name}\` is an interface: only worlds are included`);
      return;
    }
    if (this.openWorlds.has(found.item)) {
      this.fault(document, item.path.span, `world \`${name.name}\` includes itself`);
      return;
    }
    if (this.openWorlds.size > MAX_CHAIN) {
      this.fault(document, item.path.span, 'too many worlds that include each other');
      return;
    }
    const from = this.worldNames(found as Owner<WorldItem>);
    const renamed = new Map<string, Ident>();
    for (const { name: old, as } of item.names) {
      const def = from.import.get(old.name) ?? from.export.get(old.name);
      this.use(old.span, def, document);
      this.define('import', as, item, document);
      if (!from.import.has(old.name) && !from.export.has(old.name))
        this.notIncluded(old, name, from, document);
      renamed.set(old.name, as);
    }
    for (const interfaceName of from.interfaces) into.interfaces.add(interfaceName);
    for (const what of ['import', 'export'] as const) {
      for (const [old, def] of from[what]) {
        const as = renamed.get(old);
        const now = as?.name ?? old;
        if (into[what].has(now)) {
          const notes = [{ message: `\`include ${name.name} with { ${old} as … }\` gives it another name` }];
          this.fault(document, as?.span ?? item.path.span, `${what} \`${now}\` is there already`, notes);
        } else into[what].set(now, as ? this.defs.get(as) : def);
      }
    }
  }

  private notIncluded(name: Ident, world: Ident, from: WorldNames, document: number): void {
    const known = [...new Set([...from.import.keys(), ...from.export.keys()])];
    const message = from.interfaces.has(name.name)
      ? `\`${name.name}\` is an interface, whose name stays as it is`
      : known.length > 0
        ? `it has ${known.join(', ')}`
        : 'it has no names of its own';
    const text = `world \`${world.name}\` has no import or export called \`${name.name}\``;
    this.fault(document, name.span, text, [{ message }]);
  }

  private extern(member: ExternItem, owner: Owner<WorldItem>, world: ResolvedInterface): void {
    const { document } = owner;
    if (member.name) this.define('import', member.name, member, document);
    switch (member.what.kind) {
      case 'path':
        this.path(member.what.path, owner.package, document);
        break;
      case 'func':
        this.func(member.what.type, world.types, document);
        break;
      case 'interface':
        this.members(member.what.members, owner, member);
    }
  }
}

/** True unless a type is known to be none, by whatever names it is given. */
function mayBeResource(type: ResolvedType): boolean {
  const seen = new Set<ResolvedType>();
  for (let next: ResolvedType | undefined = type; next && !seen.has(next); ) {
    seen.add(next);
    const def: TypeDef | undefined = next.item?.def;
    if (def?.kind !== 'alias') return !def || def.kind === 'resource';
    if (def.type.kind !== 'id') return false;
    next = next.origin?.types.get(def.type.name.name);
  }
  return true;
}
