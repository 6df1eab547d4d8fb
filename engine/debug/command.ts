/**
 * A function of a command module, as others import it: every call makes an instance, runs its start function, and calls the
 * function in there.
 *
 * That is written in WebAssembly, not in JavaScript, so that the call can stop and wait anywhere like any other; only
 * making the instance is the host's.
 */

import { usage } from '../base/errors.ts';
import { decode } from '../binary/decode.ts';
import { SUPPORTED } from '../isa/features.ts';
import { FUNCREF, type FuncType, typeName, type ValType } from '../isa/types.ts';
import type { FuncInst } from '../runtime/func.ts';
import { instantiate } from '../runtime/instantiate.ts';
import type { Store } from '../runtime/store.ts';
import { assemble } from '../text/assemble.ts';
import { parseTree } from '../text/tree.ts';

/** What a fresh instance is called with: its start function first. */
export interface Fresh {
  readonly start: FuncInst | undefined;
  readonly func: FuncInst;
}

/** A function of this type that asks for an instance at each call. `name` is for people. */
export function commandFunction(store: Store, name: string, type: FuncType, fresh: () => Fresh): FuncInst {
  const { bytes, faults } = assemble(parseTree(source(name, type)));
  // Only types that the module itself defines cannot be written here.
  if (faults.length > 0)
    usage(`preload: ${name}: a command's function cannot have these types: ${faults[0].message}`);
  const make = store.addHostFunc({
    type: { kind: 'func', params: [], results: [FUNCREF, FUNCREF] },
    name: `instantiate ${name}`,
    call: () => {
      const { start, func } = fresh();
      return [
        { type: FUNCREF, ref: start ?? null },
        { type: FUNCREF, ref: func },
      ];
    },
  });
  const inst = instantiate(store, decode(bytes), () => make, SUPPORTED);
  return inst.exportedFunc('call')!;
}

function source(name: string, { params, results }: FuncType): string {
  const list = (keyword: string, types: readonly ValType[]): string =>
    types.length === 0 ? '' : ` (${keyword} ${types.map((type) => typeName(type)).join(' ')})`;
  const given = params.map((_, i) => `(local.get ${i})`).join(' ');
  return `(module
    (type $start (func))
    (type $func (func${list('param', params)}${list('result', results)}))
    (import "" "fresh" (func $fresh (result funcref funcref)))
    (func ${quoted(name)} (export "call") (type $func)
      (local $s funcref) (local $f funcref)
      (call $fresh) (local.set $f) (local.set $s)
      (if (i32.eqz (ref.is_null (local.get $s)))
        (then (call_ref $start (ref.cast (ref $start) (local.get $s)))))
      ${given} (call_ref $func (ref.cast (ref $func) (local.get $f)))))`;
}

/** A name as the text format has it: `$"lib.run"`. */
function quoted(name: string): string {
  const escaped = name.replace(
    /[\u0000-\u001f"\\\u007f]/g,
    (char) => `\\u{${char.charCodeAt(0).toString(16)}}`,
  );
  return `$"${escaped}"`;
}
