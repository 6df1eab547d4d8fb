/**
 * Messages between a memory view and its page. Plain data; imported by both sides. Addresses are byte offsets.
 */

export type ToMemoryPage =
  /** The memory as it is now: at first, and whenever its bytes may have changed. */
  | { readonly type: 'memory'; readonly name: string; readonly length: number }
  | { readonly type: 'bytes'; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly type: 'goTo'; readonly offset: number }
  /** The address that was typed means nothing. */
  | { readonly type: 'problem'; readonly message: string }
  /** The session is over: what is shown stays. */
  | { readonly type: 'ended' };

export type FromMemoryPage =
  | { readonly type: 'ready' }
  | { readonly type: 'read'; readonly offset: number; readonly count: number }
  /** A number, or an expression of the debugger. */
  | { readonly type: 'goTo'; readonly text: string };
