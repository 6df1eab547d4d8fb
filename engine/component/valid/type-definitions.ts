/**
 * Validation of types (Binary.md, Type Definitions): from definitions with indices to types without.
 */

import { invalid } from '../../base/errors.ts';
import { I32, I64 } from '../../isa/types.ts';
import { layoutOf, MAX_VALUE_SIZE } from '../abi.ts';
import type {
  Declaration,
  DefType,
  DefValType,
  ExternType,
  FuncTypeDef,
  ResourceTypeDef,
  ValTypeRef,
} from '../model.ts';
import { isKebab } from '../names.ts';
import {
  type AnyType,
  type CaseType,
  type ComponentType,
  type Entity,
  type Field,
  type FuncType,
  freeInEntity,
  hasBorrow,
  type InstanceType,
  primType,
  type Resource,
  type ResourceType,
  type ValType,
} from '../types.ts';
import { aliased } from './aliases.ts';
import { funcId } from './core-matching.ts';
import { checkCoreType } from './core-types.ts';
import { checkExternName } from './extern-names.ts';
import { Scope } from './scope.ts';

/** The type that a definition defines. */
export function defineType(scope: Scope, type: DefType, offset: number): AnyType {
  const made = makeType(scope, type, offset);
  scope.weigh(made, offset);
  return made;
}

function makeType(scope: Scope, type: DefType, offset: number): AnyType {
  switch (type.kind) {
    case 'func':
      return makeFunc(scope, type, offset);
    case 'resource':
      return makeResource(scope, type, offset);
    case 'component':
      return makeComponentType(scope, type.decls);
    case 'instance':
      return makeInstanceType(scope, type.decls);
    default: {
      const made = makeValue(scope, type, offset);
      if (layoutOf(made, I64).size >= MAX_VALUE_SIZE) {
        invalid(offset, `type exceeds maximum byte size of ${MAX_VALUE_SIZE - 1}`);
      }
      return made;
    }
  }
}

/** The value type that is referred to. */
export function valueType(scope: Scope, ref: ValTypeRef, offset: number): ValType {
  if (typeof ref === 'string') return primType(ref);
  const type = scope.at('type', ref, offset);
  switch (type.kind) {
    case 'func':
    case 'instance':
    case 'component':
    case 'resource':
      return invalid(offset, `type index ${ref} is not a defined type`);
    default:
      return type;
  }
}

function makeValue(scope: Scope, type: DefValType, offset: number): ValType {
  const value = (ref: ValTypeRef) => valueType(scope, ref, offset);
  const optional = (ref: ValTypeRef | undefined) => (ref === undefined ? undefined : value(ref));
  switch (type.kind) {
    case 'prim':
      return primType(type.prim);
    case 'record': {
      if (type.fields.length === 0) invalid(offset, 'record type must have at least one field');
      const names = new Labels('record field', 'field', offset);
      return {
        kind: 'record',
        fields: type.fields.map(
          ({ label, type: of }): Field => ({ label: names.add(label), type: value(of) }),
        ),
      };
    }
    case 'variant': {
      if (type.cases.length === 0) invalid(offset, 'variant type must have at least one case');
      const names = new Labels('variant case', 'case', offset);
      return {
        kind: 'variant',
        cases: type.cases.map(
          ({ label, type: of }): CaseType => ({ label: names.add(label), type: optional(of) }),
        ),
      };
    }
    case 'list':
      if (type.length === 0) invalid(offset, 'fixed-length lists must have more than zero elements');
      return { kind: 'list', element: value(type.element), length: type.length };
    case 'map': {
      const key = value(type.key);
      if (key.kind !== 'prim' || ['f32', 'f64', 'error-context'].includes(key.prim)) {
        invalid(offset, 'map keys must be bool, an integer, char or string');
      }
      return { kind: 'map', key, value: value(type.value) };
    }
    case 'tuple':
      if (type.types.length === 0) invalid(offset, 'tuple type must have at least one type');
      return { kind: 'tuple', types: type.types.map(value) };
    case 'flags': {
      if (type.labels.length === 0) invalid(offset, 'flags must have at least one entry');
      if (type.labels.length > 32) invalid(offset, 'cannot have more than 32 flags');
      const names = new Labels('flag', 'flag', offset);
      return { kind: 'flags', labels: type.labels.map((label) => names.add(label)) };
    }
    case 'enum': {
      if (type.labels.length === 0) invalid(offset, 'enum type must have at least one variant');
      const names = new Labels('enum tag', 'tag', offset);
      return { kind: 'enum', labels: type.labels.map((label) => names.add(label)) };
    }
    case 'option':
      return { kind: 'option', type: value(type.type) };
    case 'result':
      return { kind: 'result', ok: optional(type.ok), error: optional(type.error) };
    case 'own':
    case 'borrow':
      return { kind: type.kind, type: scope.typeAt('resource', type.typeIdx, offset) };
    case 'stream':
    case 'future': {
      const element = optional(type.type);
      if (type.kind === 'stream' && element?.kind === 'prim' && element.prim === 'char') {
        invalid(offset, '`stream<char>` is not valid at this time');
      }
      if (element && hasBorrow(element)) invalid(offset, `\`${type.kind}\` cannot contain a \`borrow\` type`);
      return { kind: type.kind, type: element };
    }
  }
}

/** Labels that must be in kebab case and differ from each other. */
class Labels {
  private readonly seen = new Map<string, string>();
  private readonly what: string;
  private readonly short: string;
  private readonly offset: number;

  /** `what` names one of them, `short` one that came before. */
  constructor(what: string, short: string, offset: number) {
    this.what = what;
    this.short = short;
    this.offset = offset;
  }

  add(label: string): string {
    const { seen, what, offset } = this;
    if (label === '') invalid(offset, `${what} name cannot be empty`);
    if (!isKebab(label)) invalid(offset, `${what} name \`${label}\` is not in kebab case`);
    const key = label.toLowerCase();
    const previous = seen.get(key);
    if (previous !== undefined) {
      invalid(offset, `${what} name \`${label}\` conflicts with previous ${this.short} name \`${previous}\``);
    }
    seen.set(key, label);
    return label;
  }
}

function makeFunc(scope: Scope, { async, params, result }: FuncTypeDef, offset: number): FuncType {
  const names = new Labels('function parameter', 'parameter', offset);
  const fields = params.map(
    ({ label, type }): Field => ({ label: names.add(label), type: valueType(scope, type, offset) }),
  );
  const made = result === undefined ? undefined : valueType(scope, result, offset);
  if (made && hasBorrow(made)) invalid(offset, 'function result cannot contain a `borrow` type');
  return { kind: 'func', async, params: fields, result: made };
}

function makeResource(scope: Scope, { rep, dtor }: ResourceTypeDef, offset: number): ResourceType {
  if (scope.kind !== 'component') {
    invalid(offset, 'resources can only be defined within a concrete component');
  }
  if (rep !== I32 && rep !== I64) invalid(offset, 'resources can only be represented by `i32` or `i64`');
  if (dtor !== undefined) {
    const { canon } = scope.shared;
    if (!canon.isSubId(scope.at('core func', dtor, offset), funcId(canon, [rep], []))) {
      invalid(offset, `core function ${dtor} has wrong signature for a destructor`);
    }
  }
  const resource: Resource = { ...scope.newResource(), rep };
  scope.defined.add(resource);
  scope.local.add(resource);
  return { kind: 'resource', resource };
}

/** The type of what is imported or exported; the types at fault are at `offset`. */
export function externEntity(scope: Scope, type: ExternType, offset: number): Entity {
  switch (type.kind) {
    case 'core module':
      return { kind: type.kind, type: scope.moduleTypeAt(type.typeIdx, offset) };
    case 'func':
      return { kind: type.kind, type: scope.typeAt('func', type.typeIdx, offset) };
    case 'component':
      return { kind: type.kind, type: scope.typeAt('component', type.typeIdx, offset) };
    case 'instance':
      return { kind: type.kind, type: scope.typeAt('instance', type.typeIdx, offset) };
    case 'value':
      if ('eq' in type.bound) return { kind: 'value', type: scope.at('value', type.bound.eq, offset).type };
      return { kind: 'value', type: valueType(scope, type.bound.type, offset) };
    case 'type': {
      if (type.bound === 'resource') {
        const made: ResourceType = { kind: 'resource', resource: scope.newResource() };
        return { kind: 'type', type: made, of: made };
      }
      const of = scope.at('type', type.bound.eq, offset);
      return { kind: 'type', type: newName(of), of };
    }
  }
}

/** The same type under a new name. */
export function newName<T extends AnyType>(type: T): T {
  return { ...type };
}

function makeComponentType(parent: Scope, decls: readonly Declaration[]): ComponentType {
  const scope = new Scope('component type', parent.shared, parent);
  for (const decl of decls) declare(scope, decl);
  return finishComponent(scope, decls[decls.length - 1]?.end ?? 0);
}

/** The type of a component whose definitions were all seen. */
export function finishComponent(scope: Scope, offset: number): ComponentType {
  const { imports, exports, imported, explicit } = scope;
  for (const entity of imports.values()) {
    for (const resource of freeInEntity(entity)) {
      if (scope.defined.has(resource)) invalid(offset, 'local resource type found in imports');
    }
  }
  const defined = new Map<Resource, readonly string[]>();
  for (const entity of exports.values()) {
    for (const resource of freeInEntity(entity)) {
      if (!scope.defined.has(resource)) continue;
      const path = explicit.get(resource);
      if (!path) invalid(offset, 'local resource type found in export but not exported itself');
      defined.set(resource, path);
    }
  }
  return { kind: 'component', imports, exports, imported, defined, explicit };
}

function makeInstanceType(parent: Scope, decls: readonly Declaration[]): InstanceType {
  const scope = new Scope('instance type', parent.shared, parent);
  for (const decl of decls) declare(scope, decl);
  const { exports, explicit } = scope;
  const defined = new Map([...explicit].filter(([resource]) => scope.defined.has(resource)));
  return { kind: 'instance', exports, defined, explicit };
}

/** Validates a declarator. */
function declare(scope: Scope, decl: Declaration): void {
  const { offset } = decl;
  switch (decl.kind) {
    case 'core type':
      checkCoreType(scope, decl);
      break;
    case 'type':
      scope.push('type', defineType(scope, decl.type, offset));
      break;
    case 'alias':
      aliased(scope, decl);
      break;
    case 'import':
    case 'export decl': {
      const what = decl.kind === 'import' ? 'import' : 'export';
      importOrExport(scope, what, decl.name, externEntity(scope, decl.type, offset), offset);
    }
  }
}

/** Adds something under a name to the imports or exports of a scope. */
export function importOrExport(
  scope: Scope,
  what: 'import' | 'export',
  name: Extract<Declaration, { kind: 'import' }>['name'],
  entity: Entity,
  offset: number,
): void {
  const added = scope.add(what, name.text, entity, offset);
  checkExternName(what === 'import' ? scope.importNames : scope.exportNames, what, name, added);
  (what === 'import' ? scope.imports : scope.exports).set(name.text, added);
}
