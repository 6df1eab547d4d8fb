/**
 * Messages between a memory view and its page. Plain data; imported by both sides. Addresses are byte offsets.
 */

export type ToMemoryPage =
  /** The memory as it is now: at first, and whenever its bytes may have changed. */
  | { readonly type: 'memory'; readonly name: string; readonly length: number }
  | { readonly type: 'bytes'; readonly offset: number; readonly bytes: Uint8Array }
  /** `quiet`: the page follows an expression, nobody asked now. */
  | { readonly type: 'goTo'; readonly offset: number; readonly quiet?: boolean }
  | { readonly type: 'found'; readonly offset: number; readonly count: number }
  /** The address that was typed means nothing, or the bytes cannot be written. */
  | { readonly type: 'problem'; readonly message: string }
  /** The session is over: what is shown stays. */
  | { readonly type: 'ended' };

export type FromMemoryPage =
  | { readonly type: 'ready' }
  | { readonly type: 'read'; readonly offset: number; readonly count: number }
  /** A number, or an expression of the debugger. */
  | { readonly type: 'goTo'; readonly text: string }
  /** From now on the page goes where the expression leads whenever the program stops; none: it stays. */
  | { readonly type: 'follow'; readonly text: string | undefined }
  | { readonly type: 'find'; readonly pattern: readonly (number | undefined)[]; readonly from: number }
  | { readonly type: 'write'; readonly offset: number; readonly bytes: Uint8Array }
  /** The user wants the program to stop at accesses to these bytes. */
  | { readonly type: 'watch'; readonly offset: number; readonly count: number };
