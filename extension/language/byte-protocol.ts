/**
 * The language server's messages about the bytes of a binary, as the extension sends them (docs/protocol.md describes
 * them for other clients). Plain data only, and the extension's own copy of these shapes. All ranges are offsets in
 * the file, `end` exclusive; all texts are plain.
 */

import type { SummaryFault, SummaryItem } from './protocol.ts';

export interface ByteFault {
  readonly message: string;
  readonly offset?: number;
  readonly notes: readonly { readonly message: string; readonly offset?: number }[];
}

/** A node of the path from the file to a byte. */
export interface ByteStep {
  /** `file`, `section`, `entry`, `func`, `instruction`, `field`, `bytes`, `malformed`, … */
  readonly kind: string;
  readonly title: string;
  readonly start: number;
  readonly end: number;
}

/** Of a LEB128: seven bits a byte. If `needed` is less than there are groups, it is longer than it must be. */
export interface LebGroups {
  readonly signed: boolean;
  readonly needed: number;
  readonly groups: readonly {
    readonly offset: number;
    readonly byte: number;
    readonly bits: number;
    readonly shift: number;
    readonly more: boolean;
  }[];
}

export interface InstructionCard {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly funcIdx?: number;
  /** `[i32 i32] -> [i32]`. */
  readonly type: string;
  readonly sentence: string;
  readonly traps: readonly string[];
  readonly stack?: { readonly before: string; readonly after?: string; readonly reachable: boolean };
  readonly fault?: ByteFault;
  readonly labels?: readonly string[];
  readonly wat?: { readonly line: number; readonly text: string };
}

/** `wasmscope/byteInfo`: all about one byte. */
export interface ByteInfo {
  readonly offset: number;
  readonly path: readonly ByteStep[];
  /** Which child at each level of `wasmscope/byteTree` leads to the byte. */
  readonly treePath: readonly number[];
  readonly start: number;
  readonly end: number;
  readonly kind: string;
  readonly label: string;
  readonly form?: string;
  /** The bytes in hexadecimal, the first 64. */
  readonly bytes: string;
  readonly value?: string;
  readonly leb?: LebGroups;
  readonly meaning: readonly string[];
  readonly instruction?: InstructionCard;
  readonly clause: { readonly title: string; readonly url: string };
  /** 0 to 1: of the whole file. */
  readonly share: number;
  readonly sectionShare?: number;
  readonly fault?: ByteFault;
}

/** What `byteInfo` says of a field, without what is of one byte or is shared: numbers are indices in the lists of ByteCards. */
export interface ByteCardField
  extends Omit<
    ByteInfo,
    'offset' | 'path' | 'meaning' | 'instruction' | 'clause' | 'share' | 'sectionShare'
  > {
  readonly path: readonly number[];
  readonly instruction?: number;
  readonly clause: number;
}

/** `wasmscope/byteCards`: the cards of a range. Each is of all bytes up to the next one, the last up to its field's end. */
export interface ByteCards {
  readonly start: number;
  readonly end: number;
  readonly steps: readonly ByteStep[];
  readonly clauses: readonly ByteInfo['clause'][];
  readonly words: readonly string[];
  readonly instructions: readonly (Omit<InstructionCard, 'sentence' | 'type' | 'labels'> & {
    readonly sentence: number;
    readonly type: number;
    readonly labels?: readonly number[];
  })[];
  readonly fields: readonly ByteCardField[];
  readonly cards: readonly {
    readonly offset: number;
    readonly field: number;
    readonly meaning: readonly number[];
  }[];
}

/** What a view colours a field by; `tones` of ByteLeaves are indices into this list, which only grows. */
export const BYTE_TONES = [
  'frame',
  'length',
  'opcode',
  'index',
  'type',
  'number',
  'flags',
  'text',
  'data',
  'malformed',
] as const;

/**
 * `wasmscope/byteLeaves`: the fields of a range as columns. Field `i` begins where field `i - 1` ends, the first one at
 * `start`. Words are numbers in `words`; -1 is none.
 */
export interface ByteLeaves {
  readonly size: number;
  readonly start: number;
  readonly end: number;
  readonly words: readonly string[];
  readonly ends: readonly number[];
  readonly labels: readonly number[];
  readonly tones: readonly number[];
  readonly sections: readonly number[];
  readonly instructions: readonly number[];
  readonly faults: readonly number[];
}

export interface ByteTreeNode extends ByteStep {
  readonly leaf: boolean;
  readonly value?: string;
  readonly fault?: string;
}

/** `wasmscope/byteTree`: what a node of the structure is made of. */
export interface ByteTree {
  readonly node: ByteTreeNode;
  readonly children: readonly ByteTreeNode[];
}

/** `wasmscope/byteWat`: the function that has a byte, as text. */
export interface ByteWat {
  readonly funcIdx: number;
  readonly title: string;
  readonly start: number;
  readonly end: number;
  /** Its document; absent for a function of a nested module. */
  readonly uri?: string;
  /** Absent where a function is too long to be printed for a view. */
  readonly text?: string;
  /** For each line of `text` the offset of its first instruction, -1 where it has none. */
  readonly offsets?: readonly number[];
  readonly line?: number;
}

/** What `wasmscope/byteFind` looks for: one of these. */
export interface ByteQuery {
  /** Bytes in hexadecimal, `??` for any. */
  readonly pattern?: string;
  readonly text?: string;
  readonly anyCase?: boolean;
  /** Instructions that follow each other, `…` for any in between. */
  readonly instructions?: string;
  /** A part of a name. */
  readonly name?: string;
}

export interface ByteRanges {
  /** Start and end of each, one after the other, ascending by start. */
  readonly ranges: readonly number[];
  readonly titles?: readonly string[];
  /** There are more than were asked for. */
  readonly more: boolean;
}

export interface ByteTarget {
  readonly kind: string;
  readonly title: string;
  readonly start: number;
  readonly end: number;
}

export interface ByteReferences extends ByteRanges {
  readonly target?: ByteTarget;
}

export interface SummarySection {
  readonly name: string;
  readonly start: number;
  readonly end: number;
  readonly count?: number;
  readonly sections?: readonly SummarySection[];
}

export interface SummaryPlace extends SummaryItem {
  readonly offset?: number;
}

export interface SizedFunction extends SummaryPlace {
  readonly idx: number;
  readonly size: number;
}

/** `wasmscope/binarySummary`: what a binary is and holds. */
export interface BinarySummary {
  readonly size: number;
  readonly kind: 'module' | 'component' | 'unknown';
  /** For people: `a WASI command`. */
  readonly what: string;
  readonly sections: readonly SummarySection[];
  readonly imports: readonly SummaryPlace[];
  readonly exports: readonly SummaryPlace[];
  readonly memories: readonly SummaryPlace[];
  readonly tables: readonly SummaryPlace[];
  readonly counts: readonly { readonly what: string; readonly count: number }[];
  readonly start?: SummaryPlace;
  readonly functions: {
    readonly imported: number;
    readonly defined: number;
    readonly size: number;
    readonly largest: readonly SizedFunction[];
  };
  readonly features: readonly { readonly name: string; readonly offset: number; readonly needs: string }[];
  readonly producers: readonly {
    readonly field: string;
    readonly values: readonly { readonly name: string; readonly version: string }[];
  }[];
  readonly targetFeatures: readonly string[];
  readonly debugInfo: readonly string[];
  readonly fault?: SummaryFault;
  readonly warnings: readonly SummaryFault[];
}

/** What one part of a binary is replaced by: `data`, as base64, stands in place of `[start, end)`. */
export interface BinaryChange {
  readonly start: number;
  readonly end: number;
  readonly data: string;
}
