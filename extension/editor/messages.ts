/**
 * Messages between the module editor and its page. Plain data; imported by both sides.
 */

import type { ModuleSummary } from '../language/protocol.ts';

export type ToPage =
  | { readonly type: 'summary'; readonly name: string; readonly summary: ModuleSummary }
  | { readonly type: 'problem'; readonly message: string };

export type FromPage =
  | { readonly type: 'ready' }
  | { readonly type: 'command'; readonly command: 'debug' | 'run' | 'openAsWat' };
