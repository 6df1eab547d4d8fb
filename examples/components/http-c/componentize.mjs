// Makes a component of a core module, for build.sh: node componentize.mjs core.wasm world.wit WORLD component.wasm
import { readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { pathToFileURL } from 'node:url';

const [core, wit, world, component] = process.argv.slice(2);
// jco is where the shell is, not beside this file.
const { resolve } = createRequire(path.resolve('package.json'));
const { componentEmbed, componentNew } = await import(pathToFileURL(resolve('@bytecodealliance/jco')).href);
const embedded = await componentEmbed({ binary: readFileSync(core), witSource: readFileSync(wit, 'utf8'), world });
writeFileSync(component, await componentNew(embedded, []));
