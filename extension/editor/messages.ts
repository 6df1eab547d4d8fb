/**
 * Messages between the module editor and its page. Plain data; imported by both sides. All ranges are offsets in the
 * file, `end` exclusive.
 *
 * The page asks, and the editor answers by the question's number; what was asked before the bytes changed gets no answer.
 */

import type {
  BinarySummary,
  ByteInfo,
  ByteQuery,
  ByteRanges,
  ByteReferences,
  ByteTarget,
  ByteTree,
  ByteWat,
} from '../language/byte-protocol.ts';

export interface ByteRange {
  readonly start: number;
  readonly end: number;
}

/** The fields of a range as columns (ByteLeaves of the protocol), as small as can be. */
export interface Leaves {
  readonly start: number;
  readonly end: number;
  readonly words: readonly string[];
  readonly ends: Uint32Array;
  /** Indices into BYTE_TONES. */
  readonly tones: Uint8Array;
  /** Indices into `words`; -1 is none. */
  readonly labels: Int32Array;
  readonly sections: Int32Array;
  readonly instructions: Int32Array;
  readonly faults: Int32Array;
}

/** A value of the program that is being debugged, at the byte asked about. */
export interface LiveValue {
  readonly name: string;
  readonly value: string;
}

/** What the page asks: the parameters and the answer of each question. */
export interface Questions {
  bytes: { params: ByteRange; answer: Uint8Array };
  leaves: { params: ByteRange; answer: Leaves };
  info: { params: { offset: number }; answer: ByteInfo };
  /** ByteCards, as JSON. */
  cards: { params: ByteRange; answer: string };
  /** Of the program that is stopped, if it is of this module; empty otherwise. */
  live: { params: { offset: number }; answer: readonly LiveValue[] };
  tree: { params: { path: readonly number[] }; answer: ByteTree };
  wat: { params: { offset: number }; answer: ByteWat | null };
  find: { params: ByteQuery; answer: ByteRanges };
  definition: { params: { offset: number }; answer: readonly ByteTarget[] };
  references: { params: { offset: number }; answer: ByteReferences };
  summary: { params: Record<string, never>; answer: SummaryAnswer };
}

export type Question = keyof Questions;

/** A module's summary, and the one it is compared with where a diff editor shows both. */
export interface SummaryAnswer {
  readonly summary: BinarySummary;
  readonly before?: { readonly name: string; readonly summary: BinarySummary };
}

/** What the program that is being debugged, and the user, have to say about single bytes. */
export interface Marks {
  /** The instruction of the focused frame. */
  readonly current?: ByteRange;
  readonly breakpoints: readonly { readonly offset: number; readonly enabled: boolean }[];
}

/** How a user likes the editor; kept over all modules. */
export interface Layout {
  /** 0: as many as fit. */
  readonly perRow: number;
  /** Undefined: where there is room. */
  readonly tree: boolean | undefined;
  readonly details: boolean | undefined;
  readonly treeWidth: number;
  readonly detailsWidth: number;
}

/** What the commands of the editor make the page do. */
export type Action =
  | 'find'
  | 'findNext'
  | 'findPrevious'
  | 'definition'
  | 'references'
  | 'back'
  | 'forward'
  | 'bytes'
  | 'summary'
  | 'selectField';

export type ToPage =
  | {
      readonly type: 'opened';
      readonly name: string;
      readonly size: number;
      readonly layout: Layout;
      /** The first bytes, so that there is something to see at once. */
      readonly head: Uint8Array;
      /** The fields of some of them. */
      readonly leaves?: Leaves;
      readonly page: 'bytes' | 'summary';
    }
  /** The file cannot be read. */
  | { readonly type: 'failed'; readonly name: string; readonly message: string }
  /** The bytes have changed: everything is to be asked again. */
  | { readonly type: 'changed'; readonly size: number; readonly changed: ByteRange }
  | { readonly type: 'answer'; readonly id: number; readonly answer: unknown }
  | { readonly type: 'refused'; readonly id: number; readonly message: string }
  | { readonly type: 'marks'; readonly marks: Marks; readonly reveal: boolean }
  | { readonly type: 'goTo'; readonly start: number; readonly end: number }
  /** The diff has another side now, or none: the summary is to be asked again. */
  | { readonly type: 'compared' }
  | { readonly type: 'do'; readonly action: Action };

/** What the page is told without having asked. */
export type Told = Exclude<ToPage, { readonly type: 'answer' | 'refused' }>;

export type PageCommand =
  | 'debug'
  | 'run'
  | 'openAsWat'
  | 'module.goTo'
  | 'module.copyAs'
  | 'module.toggleBreakpoint'
  | 'module.openFunction';

export type FromPage =
  | { readonly type: 'ready' }
  /** What it was told by `opened` or `failed`. */
  | { readonly type: 'shown' }
  | { readonly type: 'ask'; readonly id: number; readonly question: Question; readonly params: object }
  /** An answer is not wanted any more. */
  | { readonly type: 'forget'; readonly id: number }
  | { readonly type: 'command'; readonly command: PageCommand }
  | { readonly type: 'selected'; readonly start: number; readonly end: number; readonly caret: number }
  | { readonly type: 'focused'; readonly focused: boolean }
  | { readonly type: 'layout'; readonly layout: Layout }
  | { readonly type: 'copy'; readonly text: string }
  | { readonly type: 'openDocument'; readonly uri: string; readonly line: number }
  | { readonly type: 'openLink'; readonly url: string };
