/**
 * Substitution of resources and of names of types: what instantiating a component does to the types of its exports
 * (Explainer.md, Type Checking).
 *
 * What does not change stays the same object. One substitution makes one new object of each old one, so that names stay
 * names.
 */

import {
  type AnyType,
  type CaseType,
  type ComponentType,
  type Entity,
  type Field,
  type FuncType,
  freeResources,
  type InstanceType,
  type Path,
  type Resource,
  type ResourceType,
  type ValType,
} from '../types.ts';

export class Substitution {
  readonly resources = new Map<Resource, Resource>();
  /** Names that stand for other names. */
  readonly names = new Map<AnyType, AnyType>();
  private readonly done = new Map<AnyType, AnyType>();

  entity(entity: Entity): Entity {
    switch (entity.kind) {
      case 'core module':
        return entity;
      case 'func':
        return { kind: 'func', type: this.func(entity.type) };
      case 'instance':
        return { kind: 'instance', type: this.instance(entity.type) };
      case 'component':
        return { kind: 'component', type: this.component(entity.type) };
      case 'value':
        return { kind: 'value', type: this.value(entity.type) };
      case 'type':
        return { kind: 'type', type: this.type(entity.type), of: this.type(entity.of) };
    }
  }

  type(type: AnyType): AnyType {
    switch (type.kind) {
      case 'func':
        return this.func(type);
      case 'instance':
        return this.instance(type);
      case 'component':
        return this.component(type);
      case 'resource':
        return this.resource(type);
      default:
        return this.value(type);
    }
  }

  /** Forgets what was made of what, because more resources are known now. */
  forget(): void {
    this.done.clear();
  }

  entities(entities: ReadonlyMap<string, Entity>): ReadonlyMap<string, Entity> {
    return new Map([...entities].map(([name, entity]) => [name, this.entity(entity)]));
  }

  /** The same paths by the new resources. */
  paths(paths: ReadonlyMap<Resource, Path>): ReadonlyMap<Resource, Path> {
    const out = new Map<Resource, Path>();
    for (const [resource, path] of paths) {
      const now = this.resources.get(resource) ?? resource;
      if (!out.has(now)) out.set(now, path);
    }
    return out;
  }

  private once<T extends AnyType>(type: T, make: () => T): T {
    const known = this.names.get(type) ?? this.done.get(type);
    if (known) return known as T;
    const made = this.touches(type) ? make() : type;
    this.done.set(type, made);
    return made;
  }

  /** False if nothing in the type changes; names may stand anywhere. */
  private touches(type: AnyType): boolean {
    if (this.names.size > 0) return true;
    for (const resource of freeResources(type)) if (this.resources.has(resource)) return true;
    return false;
  }

  private resource(type: ResourceType): ResourceType {
    return this.once(type, () => {
      const resource = this.resources.get(type.resource);
      return resource ? { kind: 'resource', resource } : type;
    });
  }

  private func(type: FuncType): FuncType {
    return this.once(type, () => ({
      ...type,
      params: this.fields(type.params),
      result: type.result && this.value(type.result),
    }));
  }

  private instance(type: InstanceType): InstanceType {
    return this.once(type, () => ({
      kind: 'instance',
      exports: this.entities(type.exports),
      defined: type.defined,
      explicit: this.paths(type.explicit),
    }));
  }

  private component(type: ComponentType): ComponentType {
    return this.once(type, () => ({
      ...type,
      imports: this.entities(type.imports),
      exports: this.entities(type.exports),
      explicit: this.paths(type.explicit),
    }));
  }

  private fields(fields: readonly Field[]): readonly Field[] {
    return fields.map(({ label, type }) => ({ label, type: this.value(type) }));
  }

  private value(type: ValType): ValType {
    if (type.kind === 'prim') return (this.names.get(type) as ValType | undefined) ?? type;
    return this.once(type, () => this.newValue(type));
  }

  private newValue(type: ValType): ValType {
    switch (type.kind) {
      case 'record':
        return { ...type, fields: this.fields(type.fields) };
      case 'variant':
        return {
          ...type,
          cases: type.cases.map(
            ({ label, type: of }): CaseType => (of ? { label, type: this.value(of) } : { label }),
          ),
        };
      case 'list':
        return { ...type, element: this.value(type.element) };
      case 'map':
        return { ...type, key: this.value(type.key), value: this.value(type.value) };
      case 'tuple':
        return { ...type, types: type.types.map((one) => this.value(one)) };
      case 'option':
        return { ...type, type: this.value(type.type) };
      case 'result':
        return { ...type, ok: type.ok && this.value(type.ok), error: type.error && this.value(type.error) };
      case 'own':
      case 'borrow':
        return { ...type, type: this.resource(type.type) };
      case 'stream':
      case 'future':
        return { ...type, type: type.type && this.value(type.type) };
      default:
        return type;
    }
  }
}
