// Bundles the TypeScript tests whose path contains the filter and runs them with node --test.
import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import path from 'node:path';
import { build } from 'esbuild';

const root = path.resolve(import.meta.dirname, '..');
process.chdir(root);
const filter = process.argv[2] ?? '';
const files = globSync('test/**/*.test.ts')
  .filter((f) => f.includes(filter))
  .sort();
if (!files.length) {
  console.error(`no test file matches '${filter}'`);
  process.exit(2);
}
await build({
  entryPoints: files,
  outdir: 'out/test',
  outbase: 'test',
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node24',
  sourcemap: true,
  packages: 'external',
  outExtension: { '.js': '.mjs' },
  logLevel: 'warning',
});
const outs = files.map((f) => path.join('out', f.replace(/\.ts$/, '.mjs')));
const r = spawnSync(process.execPath, ['--enable-source-maps', '--test', ...outs], { stdio: 'inherit' });
process.exit(r.status ?? 1);
