/**
 * The types of WIT as types of components (types.ts): what a host or a launch configuration needs to read and write values
 * of them. Resources that WIT defines are new ones.
 */

import { parseVersion } from '../names.ts';
import {
  type AnyType,
  type Field,
  type FuncType,
  primType,
  type ResourceType,
  type ValType,
} from '../types.ts';
import type { FuncItem, Gate, TypeItem, WitType } from './ast.ts';
import { witPartsOf } from './parts.ts';
import type { ResolvedInterface } from './resolve.ts';

/** Which gated items count. */
export interface Gates {
  /** Features of `@unstable` that are on; undefined: all. */
  readonly features?: ReadonlySet<string>;
}

/** True if an item counts: its features are on, and its version is not to come. */
export function isEnabled(gates: readonly Gate[], { features }: Gates, version: string | undefined): boolean {
  return gates.every(({ kind, value }) => {
    if (kind === 'unstable') return !features || features.has(value);
    return kind !== 'since' || version === undefined || !isLater(value, version);
  });
}

function isLater(a: string, b: string): boolean {
  const [x, y] = [parseVersion(a), parseVersion(b)];
  if (!x.ok || !y.ok) return false;
  for (const part of ['major', 'minor', 'patch'] as const) {
    if (x.value[part] !== y.value[part]) return x.value[part] > y.value[part];
  }
  return false;
}

/** Types in a row that name each other; more have no meaning here. */
const MAX_DEPTH = 200;

export class WitTypes {
  private readonly gates: Gates;
  private readonly values = new Map<TypeItem, AnyType | undefined>();
  private nextResource = 0;
  private depth = 0;

  constructor(gates: Gates = {}) {
    this.gates = gates;
  }

  /** The type that a name stands for in an interface; undefined if it is elsewhere or nothing. */
  typeOf(of: ResolvedInterface, name: string): AnyType | undefined {
    return this.named(name, of);
  }

  /** The type of a function of an interface; undefined where it has types that are elsewhere, or is gated. */
  funcType(of: ResolvedInterface, func: FuncItem): FuncType | undefined {
    const { params, result, async } = func.type;
    if (!isEnabled(func.gates, this.gates, undefined)) return undefined;
    const fields: Field[] = [];
    for (const { name, type } of params) {
      const made = this.value(type, of);
      if (!made) return undefined;
      fields.push({ label: name.name, type: made });
    }
    const made = result && this.value(result, of);
    return result && !made ? undefined : { kind: 'func', async, params: fields, result: made };
  }

  /** The type that a name stands for; undefined if it is elsewhere. */
  private named(name: string, of: ResolvedInterface): AnyType | undefined {
    const found = of.types.get(name);
    if (!found?.item || !found.origin) return undefined;
    const { item, origin } = found;
    if (this.values.has(item)) return this.values.get(item);
    if (this.depth > MAX_DEPTH) return undefined;
    // A type that depends on itself is told of elsewhere.
    this.values.set(item, undefined);
    this.depth++;
    const made = this.definition(item, origin);
    this.depth--;
    this.values.set(item, made);
    return made;
  }

  private definition({ def }: TypeItem, of: ResolvedInterface): AnyType | undefined {
    switch (def.kind) {
      case 'alias': {
        if (def.type.kind !== 'id') return this.value(def.type, of);
        return this.named(def.type.name.name, of);
      }
      case 'record': {
        const fields: Field[] = [];
        for (const { name, type } of def.fields) {
          const made = this.value(type, of);
          if (!made) return undefined;
          fields.push({ label: name.name, type: made });
        }
        return { kind: 'record', fields };
      }
      case 'variant': {
        const cases: { label: string; type?: ValType }[] = [];
        for (const { name, type } of def.cases) {
          const made = type && this.value(type, of);
          if (type && !made) return undefined;
          cases.push({ label: name.name, type: made });
        }
        return { kind: 'variant', cases };
      }
      case 'enum':
      case 'flags':
        return { kind: def.kind, labels: def.labels.map(({ name }) => name.name) };
      case 'resource':
        return { kind: 'resource', resource: { number: this.nextResource++ } } satisfies ResourceType;
    }
  }

  private value(type: WitType, of: ResolvedInterface): ValType | undefined {
    const parts = witPartsOf(type).map((part) => this.value(part, of));
    if (parts.includes(undefined)) return undefined;
    const values = parts as ValType[];
    switch (type.kind) {
      case 'prim':
        return primType(type.prim);
      case 'list':
        return { kind: 'list', element: values[0], length: type.length };
      case 'map':
        return { kind: 'map', key: values[0], value: values[1] };
      case 'tuple':
        return { kind: 'tuple', types: values };
      case 'option':
        return { kind: 'option', type: values[0] };
      case 'result':
        return { kind: 'result', ok: type.ok && values[0], error: type.error && values[type.ok ? 1 : 0] };
      case 'stream':
      case 'future':
        return { kind: type.kind, type: values[0] };
      case 'own':
      case 'borrow': {
        const named = this.named(type.name.name, of);
        return named?.kind === 'resource' ? { kind: type.kind, type: named } : undefined;
      }
      case 'id': {
        const named = this.named(type.name.name, of);
        if (named?.kind === 'resource') return { kind: 'own', type: named };
        return named as ValType | undefined;
      }
    }
  }
}
