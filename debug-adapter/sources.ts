/**
 * The requests for texts: `source`, for clients that cannot open our disassembly URIs by themselves.
 */

import type { DebugProtocol } from '@vscode/debugprotocol';
import { type Context, programOf, RequestError } from './context.ts';

const MIME_TYPE = 'text/x-wat';

export async function source(
  context: Context,
  args: DebugProtocol.SourceArguments,
): Promise<DebugProtocol.SourceResponse['body']> {
  const { documents } = programOf(context);
  const wanted = args.source ?? { sourceReference: args.sourceReference };
  const named = documents.docOf(wanted);
  const doc = named === undefined ? undefined : await documents.currentDoc(named, wanted);
  if (doc === undefined) throw new RequestError(`no such source: ${wanted.path ?? args.sourceReference}`);
  return { content: await documents.text(doc), mimeType: MIME_TYPE };
}
