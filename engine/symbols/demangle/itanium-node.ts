/**
 * The tree that an Itanium name parses to. Substitutions make it a graph without copies; types print around a name
 * (`void (*f)(int)`), which is why a tree is needed at all. Knows neither the grammar nor the printing.
 */

export type Node =
  | NameNode
  | StdNode
  | NestedNode
  | TemplateNode
  | StructorNode
  | ConversionNode
  | WrapNode
  | QualifiedNode
  | PointerNode
  | ArrayNode
  | MemberPointerNode
  | FunctionNode
  | EncodingNode
  | ListNode
  | ParamNode
  | ExpansionNode
  | LambdaNode
  | ExpressionNode
  | SubexpressionNode
  | PackLengthNode
  | ConstraintNode;

/** An identifier, an operator's name or a builtin type: text as it is. `simple` needs no parentheses as an operand. */
export interface NameNode {
  readonly kind: 'name';
  readonly text: string;
  readonly simple?: boolean;
}

/** `Ss` and its kin: the short spelling, and the full one that constructors, destructors and tags need. */
export interface StdNode {
  readonly kind: 'std';
  readonly text: string;
  readonly base: string;
}

/** `scope::name`; the scope of a local name is a function. */
export interface NestedNode {
  readonly kind: 'nested';
  readonly scope: Node;
  readonly name: Node;
}

export interface TemplateNode {
  readonly kind: 'template';
  readonly name: Node;
  readonly args: readonly Node[];
}

/** A constructor or destructor of the class whose unqualified name is `base`. */
export interface StructorNode {
  readonly kind: 'structor';
  readonly prefix: '' | '~';
  readonly base: Node;
}

export interface ConversionNode {
  readonly kind: 'conversion';
  readonly type: Node;
}

/** Text before and after a node: `vtable for `, `[abi:cxx11]`, ` _Complex`. */
export interface WrapNode {
  readonly kind: 'wrap';
  readonly before: string;
  readonly node: Node;
  readonly after: string;
}

/** A type with ` const`, ` volatile`, ` restrict` or a vendor's qualifier behind it. */
export interface QualifiedNode {
  readonly kind: 'qualified';
  readonly type: Node;
  readonly qualifier: string;
}

export interface PointerNode {
  readonly kind: 'pointer';
  readonly sigil: '*' | '&' | '&&';
  readonly type: Node;
}

export interface ArrayNode {
  readonly kind: 'array';
  readonly type: Node;
  readonly size: Node | undefined;
}

export interface MemberPointerNode {
  readonly kind: 'member';
  readonly class: Node;
  readonly type: Node;
}

/** `qualifiers` are texts with a space in front, as they stand behind the parameters: ` const`, ` &`, ` noexcept`. */
export interface FunctionNode {
  readonly kind: 'function';
  readonly result: Node | undefined;
  readonly params: readonly Node[];
  readonly qualifiers: readonly (string | Node)[];
}

export interface EncodingNode {
  readonly kind: 'encoding';
  readonly name: Node;
  readonly type: FunctionNode;
  /** What `T_` means in the name and the signature. */
  readonly templateArgs: readonly Node[];
}

/** `J…E`: the arguments of a pack. */
export interface ListNode {
  readonly kind: 'list';
  readonly items: readonly Node[];
}

/**
 * `T_`. What it stands for depends on where it is printed: one substitution may be reached from two templates, and in
 * the signature of a lambda it is `auto`.
 */
export interface ParamNode {
  readonly kind: 'param';
  readonly index: number;
}

export interface ExpansionNode {
  readonly kind: 'expansion';
  readonly pattern: Node;
}

export interface LambdaNode {
  readonly kind: 'lambda';
  readonly params: readonly Node[];
  readonly number: number;
}

/** Texts and nodes in a row. */
export interface ExpressionNode {
  readonly kind: 'expression';
  readonly parts: readonly (string | Node)[];
}

/** `requires …` behind a function. It may name parameters whose arguments the name does not tell. */
export interface ConstraintNode {
  readonly kind: 'constraint';
  readonly node: Node;
}

/** An operand: printed in parentheses unless it is a plain name. */
export interface SubexpressionNode {
  readonly kind: 'sub';
  readonly node: Node;
}

/** `sizeof...`: how many elements the pack in `pattern` has. */
export interface PackLengthNode {
  readonly kind: 'length';
  readonly pattern: Node;
}

export function nameNode(text: string): NameNode {
  return { kind: 'name', text, simple: true };
}
