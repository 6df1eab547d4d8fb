/**
 * Expressions for what is inside of a value: fields by name or number, and what something can be put behind.
 */

/** A field's name, and the expression that gives it: `$p.x`, `$p.$"a b"`, `$p.0`. */
export function memberName(path: string, name: string): [name: string, expression: string] {
  const plain = /^(?:[A-Za-z_]\w*|\d+)$/.test(name);
  return [name, plain ? `${path}.${name}` : `${path}.$${JSON.stringify(name)}`];
}

/** An expression that something can be put behind. */
export function wrapped(expression: string): string {
  return /^(?:@\d+|[$\w"[\].]+)$/.test(expression) ? expression : `(${expression})`;
}
