// The measurement of steps alone, for the benchmark.
import { runMocha } from './mocha-run.ts';

/** Called by VS Code; a rejected promise is a failure. */
export function run(): Promise<void> {
  return runMocha(() => import('./stepping.ts'));
}
