// What VS Code loads as the extension's tests, in every host.
import { runMocha } from './mocha-run.ts';

/** Called by VS Code; a rejected promise is a failure. */
export function run(): Promise<void> {
  return runMocha(() => import('./suite.ts'));
}
