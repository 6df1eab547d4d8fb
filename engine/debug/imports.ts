/**
 * Imports written in JavaScript: what a user's module exports becomes functions, memories, globals and tables of the
 * store, and the instance's exports become JavaScript that such imports may call.
 *
 * The module's default export (or the module itself) is an object `{module: {name: import}}`, or a function that
 * makes one from `{instance, memory, global, table, tag}`. Values convert as the WebAssembly JavaScript API has it.
 * Functions may be async; exports may be called from inside an import. What the module exports as `main` may be run instead of an
 * export of the program. Knows no file and no debugger.
 */

import { unlinkable, usage } from '../base/errors.ts';
import {
  EXTERNREF,
  F32,
  F64,
  FUNCREF,
  type FuncType,
  HEAP,
  heapOf,
  I32,
  I64,
  isRef,
  type ValType,
} from '../isa/types.ts';
import { FuncInst, type HostContext } from '../runtime/func.ts';
import { GlobalInst } from '../runtime/global.ts';
import { describeImport, type Imports, type WantedImport } from '../runtime/instantiate.ts';
import { type HostMemory, MemInst } from '../runtime/memory.ts';
import type { Extern, ModuleInst } from '../runtime/module-inst.ts';
import type { Store } from '../runtime/store.ts';
import { TableInst } from '../runtime/table.ts';
import { defaultValue, fromJS, type RefValue, toJS, type Value } from '../runtime/values.ts';
import { JsExceptions } from './js-exceptions.ts';

/** Calls a function of the store from JavaScript. Throws what ends the call. */
export type InvokeFromJs = (func: FuncInst, args: readonly Value[]) => Value[];

/** JavaScript imports, ready to link. */
export interface JsImports {
  readonly lookup: Imports;
  /** The module name whose globals are the strings that their names say; the user's `importedStringConstants`. */
  readonly stringConstants?: string;
  /** A function of the host that calls the user's `main` with the instance; undefined if there is none. */
  readonly main: FuncInst | undefined;
  /** Makes the exports of the instance visible to the imports. */
  attach(inst: ModuleInst): void;
}

/**
 * Reads a user's imports. `given` is a module's namespace; `invoke` is used for calls of exports outside of any host
 * call. Throws a usage fault when it is nothing of the kind, and what the user's own function throws.
 */
export async function readJsImports(store: Store, given: unknown, invoke: InvokeFromJs): Promise<JsImports> {
  const bridge = new JsBridge(store, invoke);
  const exported = isObject(given) && 'default' in given ? given.default : given;
  const object: unknown = typeof exported === 'function' ? await exported(bridge.tools) : exported;
  if (!isObject(object)) {
    usage(
      'imports: the module must export an object {module: {name: function}} or a function that gives one',
    );
  }
  const stringConstants = isObject(given) ? given.importedStringConstants : undefined;
  if (stringConstants !== undefined && typeof stringConstants !== 'string') {
    usage('imports: importedStringConstants must be a string');
  }
  const main = isObject(given) ? given.main : undefined;
  if (main !== undefined && typeof main !== 'function') usage('imports: main must be a function');
  return {
    stringConstants,
    main: main && bridge.mainOf(main as (instance: unknown) => unknown),
    lookup: (wanted) => bridge.find(object, wanted),
    attach: (inst) => bridge.attach(inst),
  };
}

const TYPE_NAMES: Readonly<Record<string, ValType>> = {
  i32: I32,
  i64: I64,
  f32: F32,
  f64: F64,
  funcref: FUNCREF,
  anyfunc: FUNCREF,
  externref: EXTERNREF,
};

interface LimitsDescriptor {
  initial?: number;
  minimum?: number;
  maximum?: number;
}

/** Both directions between the store's things and JavaScript's. */
class JsBridge {
  readonly #store: Store;
  readonly #invoke: InvokeFromJs;
  /** What the imports hold, by the JavaScript object that stands for it, and back. */
  readonly #externs = new WeakMap<object, Extern>();
  readonly #objects = new Map<Extern, object>();
  /** The host calls that run now, innermost last: exports called inside one run inside it. */
  readonly #calls: HostContext[] = [];
  readonly #exceptions: JsExceptions;
  /** Glue that others wrote asks whether it is one of the host's. */
  readonly #instance: { exports: Readonly<Record<string, unknown>> } = Object.create(
    globalThis.WebAssembly?.Instance?.prototype ?? Object.prototype,
    { exports: { value: {}, writable: true, enumerable: true } },
  );

  /** What a user's function is called with. */
  readonly tools = {
    instance: this.#instance,
    memory: (descriptor: LimitsDescriptor & { shared?: boolean }): object => this.#memory(descriptor),
    global: (type: string, value?: unknown, options: { mutable?: boolean } = {}): object =>
      this.#global(type, value, options.mutable === true),
    table: (descriptor: LimitsDescriptor & { element?: string }, init?: unknown): object =>
      this.#table(descriptor, init),
    tag: (descriptor: { parameters?: readonly string[] }): object => this.#tag(descriptor),
  };

  constructor(store: Store, invoke: InvokeFromJs) {
    this.#store = store;
    this.#invoke = invoke;
    this.#exceptions = new JsExceptions(store, {
      toJs: (value) => this.#toJs(value),
      fromJs: (type, value) => this.#fromJs(type, value),
    });
  }

  attach(inst: ModuleInst): void {
    const exports: Record<string, unknown> = Object.create(null);
    for (const [name, extern] of inst.exports) exports[name] = this.#toObject(extern);
    this.#instance.exports = Object.freeze(exports);
  }

  mainOf(main: (instance: unknown) => unknown): FuncInst {
    const type: FuncType = { kind: 'func', params: [], results: [] };
    const typeId = this.#store.typeIdOf(type);
    return this.#hostFunc(() => main(this.#instance), { module: 'imports', name: 'main', type, typeId });
  }

  find(imports: Record<string, unknown>, wanted: WantedImport): Extern | undefined {
    const namespace = own(imports, wanted.module);
    const value = isObject(namespace) ? own(namespace, wanted.name) : undefined;
    if (value === undefined) return undefined;
    if (isObject(value) || typeof value === 'function') {
      const known = this.#externs.get(value);
      if (known) return known;
    }
    return this.#adopt(value, wanted);
  }

  /** A plain JavaScript value for an import: the kind that is wanted says what it must be. */
  #adopt(value: unknown, wanted: WantedImport): Extern {
    const refuse = (expected: string): never => {
      const what = `"${wanted.module}" "${wanted.name}": ${describeImport(wanted)} wanted, ${kindOf(value)} given`;
      const message = `${what}: ${expected}`;
      return unlinkable(`incompatible import type ${message}`, [{ message, offset: wanted.offset }]);
    };
    switch (wanted.kind) {
      case 'func':
        if (typeof value !== 'function') return refuse('give a JavaScript function');
        return this.#hostFunc(value as (...args: unknown[]) => unknown, wanted);
      case 'global': {
        const { type, mutable } = wanted.type;
        if (mutable) return refuse('give what global(type, value, {mutable: true}) makes');
        try {
          return this.#store.addGlobal({ type, mutable }, this.#fromJs(type, value));
        } catch (error) {
          return refuse(error instanceof Error ? error.message : String(error));
        }
      }
      case 'memory':
        if (!isHostMemory(value)) return refuse('give what memory({initial, maximum}) makes');
        return this.#store.addMemory(adoptedType(wanted.type, value), value);
      case 'table':
        return refuse('give what table({element, initial, maximum}) makes');
      case 'tag': {
        const { type, typeId, module, name } = wanted;
        const make = () => this.#store.addTag(type, typeId, `${module}.${name}`);
        const tag = this.#exceptions.adopt(value, make);
        if (!tag) return refuse('give what tag({parameters}) makes, or a WebAssembly.Tag');
        this.#objects.set(tag, value as object);
        this.#externs.set(value as object, tag);
        return tag;
      }
    }
  }

  #hostFunc(
    f: (...args: unknown[]) => unknown,
    {
      module,
      name,
      type,
      typeId,
    }: Pick<Extract<WantedImport, { kind: 'func' }>, 'module' | 'name' | 'type' | 'typeId'>,
  ): FuncInst {
    const toResults = (result: unknown): Value[] => {
      const { results } = type;
      if (results.length === 0) return [];
      if (results.length === 1) return [this.#fromJs(results[0], result)];
      const list = Array.from(result as Iterable<unknown>);
      if (list.length !== results.length) {
        throw new TypeError(`${results.length} results expected, ${list.length} returned`);
      }
      return results.map((t, i) => this.#fromJs(t, list[i]));
    };
    const failed = (error: unknown): never => {
      throw this.#exceptions.fromJs(error);
    };
    const call = (args: readonly Value[], context: HostContext) => {
      this.#calls.push(context);
      try {
        const result = f(...args.map((arg) => this.#toJs(arg)));
        return isThenable(result) ? Promise.resolve(result).then(toResults, failed) : toResults(result);
      } catch (error) {
        return failed(error);
      } finally {
        this.#calls.pop();
      }
    };
    return this.#store.addHostFunc({ type, name: `${module}.${name}`, call }, typeId);
  }

  #memory(descriptor: LimitsDescriptor & { shared?: boolean }): object {
    const limits = limitsOf(descriptor, 'memory');
    const shared = descriptor.shared === true;
    if (shared && limits.max === undefined) throw new TypeError('memory: a shared one needs {maximum}');
    const mem = this.#store.addMemory({ limits, is64: false, shared, pageSizeLog2: 16 });
    return this.#toObject(mem);
  }

  #global(typeText: string, value: unknown, mutable: boolean): object {
    const type = TYPE_NAMES[typeText];
    if (type === undefined) throw new TypeError(`global: unknown type ${JSON.stringify(typeText)}`);
    const first = value === undefined && !isExtern(type) ? defaultValue(type) : this.#fromJs(type, value);
    return this.#toObject(this.#store.addGlobal({ type, mutable }, first));
  }

  #table(descriptor: LimitsDescriptor & { element?: string }, init: unknown): object {
    const element = TYPE_NAMES[descriptor?.element ?? 'funcref'];
    if (element === undefined || !isRef(element))
      throw new TypeError('table: element must be "funcref" or "externref"');
    const limits = limitsOf(descriptor, 'table');
    const first = this.#fromJs(element, init ?? null) as RefValue;
    return this.#toObject(this.#store.addTable({ limits, is64: false, element }, first.ref));
  }

  #tag(descriptor: { parameters?: readonly string[] }): object {
    const { parameters } = descriptor ?? {};
    if (!Array.isArray(parameters)) throw new TypeError('tag: {parameters} must be a list of types');
    const params = parameters.map((name: string) => {
      const type = TYPE_NAMES[name];
      if (type === undefined) throw new TypeError(`tag: unknown type ${JSON.stringify(name)}`);
      return type;
    });
    const type: FuncType = { kind: 'func', params, results: [] };
    return this.#toObject(this.#store.addTag(type, this.#store.typeIdOf(type), 'tag'));
  }

  /** The one JavaScript object that stands for a thing of the store. */
  #toObject(extern: Extern): object {
    let object = this.#objects.get(extern);
    if (!object) {
      object = this.#makeObject(extern);
      this.#objects.set(extern, object);
      this.#externs.set(object, extern);
    }
    return object;
  }

  #makeObject(extern: Extern): object {
    if (extern instanceof FuncInst) return this.#makeFunction(extern);
    if (extern instanceof MemInst) return extern.hostMemory ?? memoryObject(extern);
    if (extern instanceof GlobalInst) return this.#makeGlobal(extern);
    if (extern instanceof TableInst) return this.#makeTable(extern);
    return this.#exceptions.tagObject(extern);
  }

  #makeFunction(func: FuncInst): object {
    const { params, results } = this.#store.canonicalTypeOf(func);
    const call = (...args: unknown[]): unknown => {
      const values = params.map((type, i) => this.#fromJs(type, args[i]));
      const context = this.#calls.at(-1);
      const out = this.#called(() => (context ? context.invoke(func, values) : this.#invoke(func, values)));
      const converted = out.map((value) => this.#toJs(value));
      return results.length < 2 ? converted[0] : converted;
    };
    Object.defineProperty(call, 'name', { value: String(func.inst ? func.idx : (func.host?.name ?? '')) });
    Object.defineProperty(call, 'length', { value: params.length });
    return call;
  }

  /** Makes exceptions of Wasm what JavaScript can catch. */
  #called(call: () => Value[]): Value[] {
    try {
      return call();
    } catch (error) {
      throw this.#exceptions.toJs(error);
    }
  }

  #makeGlobal(global: GlobalInst): object {
    const read = (): unknown => this.#toJs(global.value);
    const write = (value: unknown): void => {
      if (!global.type.mutable) throw new TypeError("an immutable global's value cannot be changed");
      global.value = this.#fromJs(global.type.type, value);
    };
    return {
      get value() {
        return read();
      },
      set value(value: unknown) {
        write(value);
      },
      valueOf: read,
    };
  }

  #makeTable(table: TableInst): object {
    const { element } = table.type;
    const at = (index: number): number => {
      if (!(index >= 0 && index < table.elems.length))
        throw new RangeError(`table index ${index} is out of bounds`);
      return index;
    };
    const refOf = (value: unknown): unknown => (this.#fromJs(element, value) as RefValue).ref;
    return {
      get length() {
        return table.elems.length;
      },
      get: (index: number) => this.#toJs({ type: element, ref: table.elems[at(index)] }),
      set: (index: number, value: unknown = null) => {
        table.elems[at(index)] = refOf(value);
        this.#store.tableVersion++;
      },
      grow: (delta: number, value: unknown = null) => {
        const old = table.grow(delta, refOf(value));
        this.#store.tableVersion++;
        if (old < 0) throw new RangeError(`a table cannot grow by ${delta}`);
        return old;
      },
    };
  }

  #toJs(value: Value): unknown {
    const js = toJS(value);
    return js instanceof FuncInst ? this.#toObject(js) : js;
  }

  #fromJs(type: ValType, value: unknown): Value {
    const known = typeof value === 'function' ? this.#externs.get(value) : undefined;
    return fromJS(type, known instanceof FuncInst && !isExtern(type) ? known : value, this.#store.canon);
  }
}

function own(object: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(object, key) ? object[key] : undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function isThenable(value: unknown): value is PromiseLike<unknown> {
  return isObject(value) && typeof value.then === 'function';
}

function isExtern(type: ValType): boolean {
  return isRef(type) && heapOf(type) === HEAP.extern;
}

function isHostMemory(value: unknown): value is HostMemory {
  if (!isObject(value) || typeof value.grow !== 'function') return false;
  return value.buffer instanceof ArrayBuffer || isShared(value.buffer);
}

/** Not every host has the constructor's name. */
function isShared(buffer: unknown): boolean {
  return Object.prototype.toString.call(buffer) === '[object SharedArrayBuffer]';
}

/** JavaScript does not tell a memory's maximum: take the one that is wanted, as far as it can be true. */
function adoptedType(wanted: MemInst['type'], { buffer }: HostMemory): MemInst['type'] {
  const min = buffer.byteLength / 2 ** wanted.pageSizeLog2;
  return { ...wanted, shared: isShared(buffer), limits: { ...wanted.limits, min } };
}

/** A memory that is none of the host's, in the same shape. */
function memoryObject(mem: MemInst): object {
  return {
    get buffer() {
      return mem.view.buffer;
    },
    grow(delta: number): number {
      const old = mem.grow(delta);
      if (old < 0) throw new RangeError(`a memory cannot grow by ${delta} pages`);
      return old;
    },
  };
}

function limitsOf(descriptor: LimitsDescriptor, what: string): { min: number; max?: number } {
  const min = descriptor?.initial ?? descriptor?.minimum;
  const max = descriptor?.maximum;
  const whole = (n: unknown): boolean => typeof n === 'number' && Number.isInteger(n) && n >= 0;
  if (!whole(min)) throw new TypeError(`${what}: {initial} must be a whole number`);
  if (max !== undefined && !(whole(max) && max >= min!)) {
    throw new TypeError(`${what}: {maximum} must be a whole number that is not below initial`);
  }
  return { min: min!, max };
}

function kindOf(value: unknown): string {
  if (value === null) return 'null';
  if (typeof value === 'function') return 'a function';
  if (typeof value === 'object') return `an object (${value.constructor?.name ?? 'Object'})`;
  return `a ${typeof value}`;
}
