/** Tag instances (spec 4.2.10): what exceptions are thrown with. Equal by identity, not by type. */

import type { FuncType } from '../isa/types.ts';

export class TagInst {
  readonly addr: number;
  readonly type: FuncType;
  readonly typeId: number;

  constructor(addr: number, type: FuncType, typeId: number) {
    this.addr = addr;
    this.type = type;
    this.typeId = typeId;
  }
}
