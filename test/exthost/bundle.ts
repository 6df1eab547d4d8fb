// Bundles the suite for one of VS Code's extension hosts, into out/exthost.
import path from 'node:path';
import { build } from 'esbuild';
import { projectRoot } from '../../scripts/vscode-oss/install.mjs';

/** @returns the bundle's path, relative to the project's root */
export async function bundleSuite(
  host: 'node' | 'web',
  entry: 'entry' | 'activation-entry' | 'stepping-entry' = 'entry',
): Promise<string> {
  const outfile = `out/exthost/${host}-${entry}.js`;
  await build({
    absWorkingDir: projectRoot(),
    entryPoints: [`test/exthost/${entry}.ts`],
    outfile,
    bundle: true,
    format: 'cjs',
    target: 'es2022',
    platform: host === 'node' ? 'node' : 'browser',
    external: ['vscode'],
    // Node's `assert` is all that the suite takes from Node.
    alias: host === 'web' ? { 'node:assert': path.join(projectRoot(), 'test/exthost/assert.ts') } : {},
    define: host === 'web' ? { global: 'globalThis' } : {},
    logLevel: 'error',
  });
  return outfile;
}
