// Installs the VS Codes that the tests in a browser want: `node test/e2e/harness/prepare.ts`. scripts/test.mjs runs it beside the first
// stages, because it waits for the network most of the time. Who needs one that is not there yet waits for it, or installs it.
import { DEFAULT_VERSION, installCodeServer } from '../../../scripts/vscode-oss/install.mjs';
import { whyNoBrowser } from './page.ts';
import { OLDEST_VERSION } from './serve.ts';

if (!whyNoBrowser())
  for (const version of [DEFAULT_VERSION, OLDEST_VERSION]) await installCodeServer({ version });
