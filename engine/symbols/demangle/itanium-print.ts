/**
 * An Itanium tree as text, spelled as binutils' `c++filt` spells it. A declarator surrounds its name, so types print
 * in two halves: `left` up to where a name would stand, `right` what follows it. Packs are expanded here, because a
 * pattern is printed once for each element. Knows nothing of the grammar.
 */

import { type FunctionNode, type Node, nameNode, type ParamNode, type PointerNode } from './itanium-node.ts';
import { BoundedText, MAX_DEPTH, MAX_STEPS, malformed } from './limits.ts';

/** @throws MALFORMED beyond the limits. */
export function printItanium(node: Node): string {
  const printer = new Printer();
  printer.whole(node);
  return printer.out.text;
}

/** What `T_` means, and what it means inside of the arguments. */
interface Templates {
  readonly args: readonly Node[];
  readonly outer: Templates | undefined;
}

class Printer {
  readonly out = new BoundedText();
  private depth = 0;
  private steps = 0;
  /** Which element of the packs is being printed; -1 outside of expansions. */
  private element = -1;
  private inLambda = 0;
  private inConstraint = false;
  private templates: Templates | undefined;

  whole(node: Node): void {
    this.left(node);
    this.right(node);
  }

  private count(): void {
    if (++this.steps > MAX_STEPS) malformed();
  }

  private left(node: Node): void {
    this.count();
    if (++this.depth > MAX_DEPTH) malformed();
    this.leftOf(node);
    this.depth--;
  }

  private leftOf(node: Node): void {
    const { out } = this;
    switch (node.kind) {
      case 'name':
      case 'std':
        out.add(node.text);
        return;
      case 'nested':
        this.whole(node.scope);
        out.add('::');
        this.whole(node.name);
        return;
      case 'template':
        this.whole(node.name);
        this.templateArguments(node.args);
        return;
      case 'structor':
        out.add(node.prefix);
        this.whole(node.base);
        return;
      case 'conversion':
        out.add('operator ');
        this.whole(node.type);
        return;
      case 'wrap':
        out.add(node.before);
        this.whole(node.node);
        out.add(node.after);
        return;
      case 'qualified':
        this.left(node.type);
        out.add(this.isQualified(node.type, node.qualifier) ? '' : node.qualifier);
        return;
      case 'pointer':
        this.collapsed(node, (sigil, type) => {
          this.left(type);
          this.openDeclarator(type);
          out.add(sigil);
        });
        return;
      case 'member':
        this.left(node.type);
        if (!this.openDeclarator(node.type)) out.add(' ');
        this.whole(node.class);
        out.add('::*');
        return;
      case 'array':
        this.left(node.type);
        return;
      case 'function':
        this.result(node);
        return;
      case 'encoding': {
        const outer = this.templates;
        if (node.templateArgs.length) this.templates = { args: node.templateArgs, outer };
        this.result(node.type);
        this.whole(node.name);
        this.right(node.type);
        this.templates = outer;
        return;
      }
      case 'list':
        this.list(node.items);
        return;
      case 'param':
        if (this.inLambda > 0) out.add(`auto:${node.index + 1}`);
        else this.inArgument(node, (arg) => this.left(arg));
        return;
      case 'expansion':
        this.expansion(node.pattern);
        return;
      case 'lambda':
        out.add('{lambda(');
        this.inLambda++;
        this.list(node.params);
        this.inLambda--;
        out.add(`)#${node.number}}`);
        return;
      case 'expression':
        for (const part of node.parts) {
          if (typeof part === 'string') out.add(part);
          else this.whole(part);
        }
        return;
      case 'sub':
        this.operand(node.node);
        return;
      case 'constraint':
        out.add(' requires ');
        this.inConstraint = true;
        this.whole(node.node);
        this.inConstraint = false;
        return;
      case 'length':
        out.add(String(Math.max(this.packLength(node.pattern), 0)));
        return;
    }
  }

  /** What stands behind the place of the name. */
  private right(node: Node): void {
    this.count();
    if (++this.depth > MAX_DEPTH) malformed();
    switch (node.kind) {
      case 'qualified':
        this.right(node.type);
        break;
      case 'pointer':
        this.collapsed(node, (_, type) => {
          if (this.surrounds(type)) this.out.add(')');
          this.right(type);
        });
        break;
      case 'member':
        if (this.surrounds(node.type)) this.out.add(')');
        this.right(node.type);
        break;
      case 'array':
        if (this.out.last !== ']') this.out.add(' ');
        this.out.add('[');
        if (node.size) this.whole(node.size);
        this.out.add(']');
        this.right(node.type);
        break;
      case 'function':
        this.out.add('(');
        this.list(node.params);
        this.out.add(')');
        for (const qualifier of node.qualifiers) {
          if (typeof qualifier === 'string') this.out.add(qualifier);
          else this.whole(qualifier);
        }
        if (node.result) this.right(node.result);
        break;
      case 'param':
        if (this.inLambda === 0) this.inArgument(node, (arg) => this.right(arg));
        break;
      default:
    }
    this.depth--;
  }

  private result({ result }: FunctionNode): void {
    if (!result) return;
    this.left(result);
    if (!this.hasRight(result)) this.out.add(' ');
  }

  /** The parenthesis of `(*)` in a pointer to a function or an array; whether one is needed. */
  private openDeclarator(type: Node): boolean {
    const kind = this.kindOf(type);
    if (kind !== 'array' && kind !== 'function') return false;
    if (kind === 'array' && this.out.last !== ' ') this.out.add(' ');
    this.out.add('(');
    return true;
  }

  private surrounds(type: Node): boolean {
    const kind = this.kindOf(type);
    return kind === 'array' || kind === 'function';
  }

  /** What decides about parentheses: the kind of a type without qualifiers and without parameters in between. */
  private kindOf(node: Node): Node['kind'] {
    if (node.kind === 'qualified') return this.kindOf(node.type);
    if (node.kind !== 'param' || this.inLambda > 0) return node.kind;
    return this.inArgument(node, (arg) => this.kindOf(arg));
  }

  private hasRight(node: Node): boolean {
    switch (node.kind) {
      case 'array':
      case 'function':
        return true;
      case 'pointer':
      case 'member':
      case 'qualified':
        return this.hasRight(node.type);
      case 'param':
        return this.inLambda === 0 && this.inArgument(node, (arg) => this.hasRight(arg));
      default:
        return false;
    }
  }

  private isQualified(node: Node, qualifier: string): boolean {
    if (node.kind === 'qualified')
      return node.qualifier === qualifier || this.isQualified(node.type, qualifier);
    if (node.kind !== 'param' || this.inLambda > 0) return false;
    return this.inArgument(node, (arg) => this.isQualified(arg, qualifier));
  }

  /** A reference to a reference is a reference: `T&&` with `T` = `int&` is `int&`. */
  private collapsed(node: PointerNode, print: (sigil: PointerNode['sigil'], type: Node) => void): void {
    if (node.sigil === '*') {
      print(node.sigil, node.type);
      return;
    }
    this.collapse(node.type, node.sigil, print);
  }

  private collapse(
    type: Node,
    sigil: PointerNode['sigil'],
    print: (sigil: PointerNode['sigil'], type: Node) => void,
  ): void {
    this.count();
    if (type.kind === 'pointer' && type.sigil !== '*') {
      this.collapse(type.type, type.sigil === '&' ? '&' : sigil, print);
      return;
    }
    if (type.kind !== 'param' || this.inLambda > 0) {
      print(sigil, type);
      return;
    }
    this.inArgument(type, (arg) => this.collapse(arg, sigil, print));
  }

  /**
   * What a parameter stands for here, inside an expansion an element of its pack; parameters in it are those of the
   * template around.
   */
  private inArgument<T>(node: ParamNode, visit: (arg: Node) => T): T {
    this.count();
    const { templates } = this;
    let arg = templates?.args[node.index];
    if (!arg && this.inConstraint) arg = nameNode(`T${node.index > 0 ? node.index - 1 : ''}`);
    if (!arg) malformed();
    if (arg.kind === 'list' && this.element >= 0) arg = arg.items[this.element] ?? malformed();
    if (++this.depth > MAX_DEPTH) malformed();
    this.templates = templates?.outer;
    const result = visit(arg);
    this.templates = templates;
    this.depth--;
    return result;
  }

  private templateArguments(args: readonly Node[]): void {
    if (this.out.last === '<') this.out.add(' ');
    this.out.add('<');
    this.list(args);
    if (this.out.last === '>') this.out.add(' ');
    this.out.add('>');
  }

  /**
   * With commas between the items that print as something: an empty pack does not. `c++filt` writes `A<B<int>>` rather
   * than `A<B<int> >` behind such a pack, as if the space of the comma were still there, and so do we.
   */
  private list(items: readonly Node[]): void {
    const { out } = this;
    let any = false;
    for (const item of items) {
      const { text } = out;
      if (any) out.add(', ');
      const { length } = out.text;
      this.whole(item);
      if (out.text.length > length) any = true;
      else if (any) out.rewind(text, ' ');
    }
  }

  private expansion(pattern: Node): void {
    const length = this.packLength(pattern);
    if (length < 0) {
      this.operand(pattern);
      this.out.add('...');
      return;
    }
    const outer = this.element;
    for (let i = 0; i < length; i++) {
      if (i > 0) this.out.add(', ');
      this.element = i;
      this.whole(pattern);
    }
    this.element = outer;
  }

  private operand(node: Node): void {
    const bare =
      (node.kind === 'name' && node.simple) ||
      (node.kind === 'nested' && node.name.kind !== 'template') ||
      (node.kind === 'wrap' && !node.after);
    if (!bare) this.out.add('(');
    this.whole(node);
    if (!bare) this.out.add(')');
  }

  /** The length of the first pack in a pattern, or -1. */
  private packLength(pattern: Node): number {
    const pack = this.findPack(pattern);
    return pack ? pack.length : -1;
  }

  private findPack(node: Node): readonly Node[] | undefined {
    this.count();
    if (++this.depth > MAX_DEPTH) malformed();
    const found = this.findPackIn(node);
    this.depth--;
    return found;
  }

  private findPackIn(node: Node): readonly Node[] | undefined {
    switch (node.kind) {
      case 'name':
      case 'std':
      case 'expansion':
      case 'lambda':
      case 'length':
        return undefined;
      case 'param': {
        const arg = this.templates?.args[node.index];
        return arg?.kind === 'list' ? arg.items : undefined;
      }
      case 'nested':
        return this.findPack(node.scope) ?? this.findPack(node.name);
      case 'template':
        return this.findPack(node.name) ?? this.firstPack(node.args);
      case 'structor':
        return this.findPack(node.base);
      case 'wrap':
      case 'sub':
      case 'constraint':
        return this.findPack(node.node);
      case 'conversion':
      case 'qualified':
      case 'pointer':
        return this.findPack(node.type);
      case 'array':
        return this.findPack(node.type) ?? (node.size && this.findPack(node.size));
      case 'member':
        return this.findPack(node.class) ?? this.findPack(node.type);
      case 'function':
        return (node.result && this.findPack(node.result)) ?? this.firstPack(node.params);
      case 'encoding':
        return this.findPack(node.name) ?? this.findPack(node.type);
      case 'list':
        return this.firstPack(node.items);
      case 'expression':
        return this.firstPack(node.parts);
    }
  }

  private firstPack(nodes: readonly (string | Node)[]): readonly Node[] | undefined {
    for (const node of nodes) {
      const found = typeof node === 'string' ? undefined : this.findPack(node);
      if (found) return found;
    }
    return undefined;
  }
}
