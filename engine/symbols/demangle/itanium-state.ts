/**
 * What the Itanium grammar remembers while it reads a name: the substitutions seen so far (section 5.1.10). Knows no
 * production.
 */

import { Cursor } from './cursor.ts';
import type { Node } from './itanium-node.ts';
import { malformed } from './limits.ts';

/** What a name tells its encoding. */
export interface NameFacts {
  /** Of the member function, with a space in front of each. */
  qualifiers: string[];
  /** Constructors, destructors and conversions have no result type in the name. */
  noResult: boolean;
  endsWithArgs: boolean;
  /** The arguments that `T_` in the signature means. */
  args: readonly Node[];
}

export class ItaniumState extends Cursor {
  readonly substitutions: Node[] = [];
  /** False in the type of a conversion operator: arguments behind `T_` belong to the operator. */
  takesArgs = true;

  remember(node: Node): Node {
    this.substitutions.push(node);
    return node;
  }

  /** `[<base 36 digits>] _` : 0 without digits, else the number plus one. */
  sequence(): number {
    if (this.eat('_')) return 0;
    const start = this.pos;
    while (isBase36(this.peek())) this.pos++;
    const digits = this.text.slice(start, this.pos);
    if (digits === '' || digits.length > 6) malformed();
    this.expect('_');
    return Number.parseInt(digits, 36) + 1;
  }

  /** `[<decimal>] _` : 0 without digits, else the number plus one. */
  ordinal(): number {
    if (this.eat('_')) return 0;
    const number = this.decimal();
    this.expect('_');
    return number + 1;
  }

  /** `T_`, `T0_`, `TL0__`: the next characters are known to start with T. */
  templateParam(): Node {
    this.expect('T');
    if (this.eat('L')) this.ordinal();
    return { kind: 'param', index: this.ordinal() };
  }

  substitution(): Node {
    return this.substitutions[this.sequence()] ?? malformed();
  }
}

function isBase36(c: string): boolean {
  return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z');
}
