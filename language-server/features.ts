/**
 * The features of the language server, in alphabetical order. Each is one constant of one file in requests/.
 */

import type { Feature } from './feature.ts';
import { binarySummaryFeature } from './requests/binary-summary.ts';
import { byteCardsFeature } from './requests/byte-cards.ts';
import { byteFindFeature } from './requests/byte-find.ts';
import { byteInfoFeature } from './requests/byte-info.ts';
import { bytePlacesFeature } from './requests/byte-places.ts';
import { byteWatFeature } from './requests/byte-wat.ts';
import { callHierarchyFeature } from './requests/call-hierarchy.ts';
import { codeActionFeature } from './requests/code-actions.ts';
import { codeLensFeature } from './requests/code-lenses.ts';
import { completionFeature } from './requests/completion.ts';
import { declarationFeature } from './requests/declaration.ts';
import { definitionFeature } from './requests/definition.ts';
import { diagnosticsFeature } from './requests/diagnostics.ts';
import { documentHighlightFeature } from './requests/document-highlight.ts';
import { documentLinkFeature } from './requests/document-links.ts';
import { documentSymbolFeature } from './requests/document-symbols.ts';
import { exportsFeature } from './requests/exports.ts';
import { foldingRangeFeature } from './requests/folding-ranges.ts';
import { formattingFeature } from './requests/formatting.ts';
import { functionsFeature } from './requests/functions.ts';
import { hoverFeature } from './requests/hover.ts';
import { implementationFeature } from './requests/implementation.ts';
import { inlayHintFeature } from './requests/inlay-hints.ts';
import { inlineValueFeature } from './requests/inline-values.ts';
import { instantiationFeature } from './requests/instantiation.ts';
import { linkedEditingFeature } from './requests/linked-editing.ts';
import { moduleSummaryFeature } from './requests/module-summary.ts';
import { printFeature } from './requests/print.ts';
import { referencesFeature } from './requests/references.ts';
import { renameFeature } from './requests/rename.ts';
import { selectionRangeFeature } from './requests/selection-ranges.ts';
import { semanticTokensFeature } from './requests/semantic-tokens.ts';
import { signatureHelpFeature } from './requests/signature-help.ts';
import { testsFeature } from './requests/tests.ts';
import { typeDefinitionFeature } from './requests/type-definition.ts';
import { typeHierarchyFeature } from './requests/type-hierarchy.ts';
import { workspaceSymbolFeature } from './requests/workspace-symbols.ts';

export const FEATURES: readonly Feature[] = [
  binarySummaryFeature,
  byteCardsFeature,
  byteFindFeature,
  byteInfoFeature,
  bytePlacesFeature,
  byteWatFeature,
  callHierarchyFeature,
  codeActionFeature,
  codeLensFeature,
  completionFeature,
  declarationFeature,
  definitionFeature,
  diagnosticsFeature,
  documentHighlightFeature,
  documentLinkFeature,
  documentSymbolFeature,
  exportsFeature,
  foldingRangeFeature,
  formattingFeature,
  functionsFeature,
  hoverFeature,
  implementationFeature,
  inlayHintFeature,
  inlineValueFeature,
  instantiationFeature,
  linkedEditingFeature,
  moduleSummaryFeature,
  printFeature,
  referencesFeature,
  renameFeature,
  selectionRangeFeature,
  semanticTokensFeature,
  signatureHelpFeature,
  testsFeature,
  typeDefinitionFeature,
  typeHierarchyFeature,
  workspaceSymbolFeature,
];
