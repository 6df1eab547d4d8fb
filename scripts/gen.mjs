/**
 * Writes the files that are derived from the instruction table: `node scripts/gen.mjs`. With `--check` it writes
 * nothing and exits with 1 if one of them is stale (test/unit/isa-generated.test.ts does the same).
 *
 * What the files look like stands in scripts/gen/*.ts, one module a file; this script only runs them. They are
 * bundled first, so that the table can stay TypeScript on every Node.
 */

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { build } from 'esbuild';

const root = dirname(dirname(fileURLToPath(import.meta.url)));

const outfile = join(root, 'out/gen/files.mjs');
await build({
  entryPoints: [join(root, 'scripts/gen/files.ts')],
  outfile,
  bundle: true,
  format: 'esm',
  platform: 'neutral',
  logLevel: 'warning',
});
const { generatedFiles } = await import(pathToFileURL(outfile).href);

const stale = [];
for (const [path, text] of Object.entries(generatedFiles())) {
  const file = join(root, path);
  if (existsSync(file) && readFileSync(file, 'utf8') === text) continue;
  stale.push(path);
  if (!process.argv.includes('--check')) writeFileSync(file, text);
}

if (process.argv.includes('--check')) {
  for (const path of stale) console.error(`stale: ${path} (run: node scripts/gen.mjs)`);
  process.exitCode = stale.length ? 1 : 0;
} else {
  console.log(stale.length ? `wrote ${stale.join(', ')}` : 'all generated files are fresh');
}
