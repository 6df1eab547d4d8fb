/**
 * The shape of a row of the instruction table: what a row says, and nothing derived from it.
 *
 * One row defines one instruction. Decoder, encoder, validator, text parser, printer, hover, completion, grammar
 * and tests read rows; none of them keeps a list of instructions of its own (design, section 3).
 */

/**
 * The wire code of an instruction as one number: the opcode byte, or `prefix << 12 | subopcode` for the prefixed
 * ones (0xfd05f is `0xfd 0x5f` with the sub-opcode as an unsigned LEB128).
 */
export type InstrCode = number;

/**
 * Shapes of immediates. Decoder, encoder, text parser and printer have one case a shape.
 *
 * | shape | binary | text |
 * |---|---|---|
 * | block | block type | label? type use |
 * | label, labels | index; vector + default | `$l`; `$l*  $l` |
 * | func local global table memory tag type elem data | one index | index (table, memory may be left out: 0) |
 * | tableType | typeidx tableidx (call_indirect) | table? type use |
 * | elemTable | elemidx tableidx (table.init) | table? elem |
 * | dataMemory | dataidx memidx (memory.init) | memory? data |
 * | tables, memories | dst src | both or none |
 * | types | vector of value types (select t) | (result t)* |
 * | heap | heap type | heap type |
 * | refType | heap type; nullability is in the code (ref.test, ref.cast) | reference type |
 * | typeField | typeidx fieldidx | type field |
 * | typeSize | typeidx u32 (array.new_fixed) | type u32 |
 * | typeData, typeElem, typeType | typeidx and a second index | both |
 * | castBranch | flags label heap heap | label reftype reftype |
 * | catches | block type, vector of catch clauses (try_table) | label? type use (catch …)* |
 * | memarg | align, offset (memory index by bit 6 of align) | memory? offset=n? align=n? |
 * | memargLane | memarg, lane byte | memarg lane |
 * | lane, lanes | one byte; sixteen bytes | numbers |
 * | i32 i64 f32 f64 v128 | constants | literals |
 * | zero | a reserved zero byte (atomic.fence) | nothing |
 */
export type Shape =
  | 'none'
  | 'block'
  | 'label'
  | 'labels'
  | 'func'
  | 'local'
  | 'global'
  | 'table'
  | 'memory'
  | 'tag'
  | 'type'
  | 'elem'
  | 'data'
  | 'tableType'
  | 'elemTable'
  | 'dataMemory'
  | 'tables'
  | 'memories'
  | 'types'
  | 'heap'
  | 'refType'
  | 'typeField'
  | 'typeSize'
  | 'typeData'
  | 'typeElem'
  | 'typeType'
  | 'castBranch'
  | 'catches'
  | 'memarg'
  | 'memargLane'
  | 'lane'
  | 'lanes'
  | 'i32'
  | 'i64'
  | 'f32'
  | 'f64'
  | 'v128'
  | 'zero';

/** Features by the names of their proposals; `mvp` is Wasm 1.0. */
export type Feature =
  | 'mvp'
  | 'mutable-globals'
  | 'sign-extension'
  | 'saturating-float-to-int'
  | 'multi-value'
  | 'bulk-memory'
  | 'reference-types'
  | 'simd'
  | 'relaxed-simd'
  | 'tail-call'
  | 'extended-const'
  | 'function-references'
  | 'gc'
  | 'exceptions'
  | 'legacy-exceptions'
  | 'multi-memory'
  | 'memory64'
  | 'threads'
  | 'wide-arithmetic'
  | 'custom-page-sizes';

/** What a row may say beside code, name, shape and type. */
export interface Attrs {
  /** The proposal that brought it; absent: `mvp`. */
  readonly feature?: Feature;
  /** Bytes that the access reads or writes: gives the natural alignment (memarg rows). */
  readonly width?: 1 | 2 | 4 | 8 | 16;
  /** The traps it can raise, in the suite's wording; loads and stores need not say theirs. */
  readonly traps?: readonly string[];
  /** May stand in a constant expression; `extended` needs the feature extended-const. */
  readonly constant?: true | 'extended';
  /** Deprecated names that old texts still use. */
  readonly aliases?: readonly string[];
  /** The name in `Op`, where another row has the same keyword; absent: the keyword with `_` for `.`. */
  readonly op?: string;
}

/**
 * A row: code, name, shape of immediates, type, attributes. The type is `operands -> results` in the text format's
 * words, or `special`: then valid/ has a rule of that instruction's name.
 */
export type Row = readonly [code: InstrCode, name: string, shape: Shape, type: string, attrs?: Attrs];
