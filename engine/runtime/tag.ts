/** Tag instances (spec 4.2.10): what exceptions are thrown with. Equal by identity, not by type. */

import type { FuncType } from '../isa/types.ts';

export class TagInst {
  readonly addr: number;
  /** Holds canonical value types. */
  readonly type: FuncType;
  readonly typeId: number;
  /** For people: `$error`, or its index in the module that defines it. */
  readonly name: string;

  constructor(addr: number, type: FuncType, typeId: number, name: string) {
    this.addr = addr;
    this.type = type;
    this.typeId = typeId;
    this.name = name;
  }
}
