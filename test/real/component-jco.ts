/**
 * What jco makes of a component, for tests and benchmarks: its JavaScript, instantiated by the host's WebAssembly; or a program
 * for Node on jco's own implementation of WASI 0.2. And what jco makes of programs for WASI 0.1: commands of 0.2, by its adapter.
 */

import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { installed, unpacked } from '../packages.ts';

const PACKAGE = '@bytecodealliance/jco-transpile';

export type Imports = Readonly<Record<string, unknown>>;
export type Exports = Readonly<Record<string, (value: unknown) => unknown>>;

/** Why jco is not there; false if it is. `adapter`: what is asked of `adapted`, too. */
export function jcoMissing(...needs: 'adapter'[]): string | false {
  const found = installed(PACKAGE);
  if ('why' in found) return found.why;
  const command = needs.length > 0 ? unpacked('@bytecodealliance/jco') : found;
  return 'why' in command ? command.why : false;
}

/** What jco makes of a component: a function that instantiates it. */
export async function transpiled(bytes: Uint8Array, name: string): Promise<(imports: Imports) => Exports> {
  const files = await generated(bytes, { name, instantiation: { tag: 'sync' }, noNodejsCompat: true });
  const out = path.resolve('out/component-jco');
  mkdirSync(out, { recursive: true });
  const modules = new Map<string, WebAssembly.Module>();
  for (const [file, content] of files) {
    if (file.endsWith('.wasm')) modules.set(file, new WebAssembly.Module(new Uint8Array(content)));
  }
  const script = path.join(out, `${name}-${process.pid}.mjs`);
  writeFileSync(script, files.find(([file]) => file.endsWith('.js'))![1]);
  const { instantiate } = (await import(pathToFileURL(script).href)) as {
    instantiate(getModule: (file: string) => WebAssembly.Module, imports: Imports): Exports;
  };
  return (imports) => instantiate((file) => modules.get(file)!, imports);
}

/** What `jco run` runs in Node: a script that calls `wasi:cli/run` with the arguments behind it. Gives its path. */
export async function commandFor(bytes: Uint8Array, name: string): Promise<string> {
  const map = ['cli', 'clocks', 'filesystem', 'http', 'io', 'random', 'sockets'].map((of) => [
    `wasi:${of}/*`,
    `@bytecodealliance/preview2-shim/${of}#*`,
  ]);
  const files = await generated(bytes, { name, map });
  // Where jco's own packages are found.
  const out = path.resolve(folderOf(PACKAGE), '../../..', 'commands', `${name}-${process.pid}`);
  mkdirSync(out, { recursive: true });
  for (const [file, content] of files) {
    if (!file.includes('/')) writeFileSync(path.join(out, file), content);
  }
  writeFileSync(path.join(out, 'package.json'), '{"type":"module"}');
  const script = path.join(out, 'run-command.js');
  writeFileSync(
    script,
    `process.argv[1] = ${JSON.stringify(name)};
const { run } = await import('./${name}.js');
try {
  await run.run();
  await new Promise((resolve) => setTimeout(resolve));
  process.exit(0);
} catch (error) {
  console.error(error);
  process.exit(1);
}
`,
  );
  return script;
}

/** What `jco new --wasi-command` makes of a module. */
export async function adapted(core: Uint8Array): Promise<Uint8Array> {
  const { componentNew } = await import(
    pathToFileURL(path.join(folderOf(PACKAGE), 'dist/wasm-tools.js')).href
  );
  const found = unpacked('@bytecodealliance/jco');
  if ('why' in found) throw new Error(found.why);
  const adapter = readFileSync(path.join(found.folder, 'lib/wasi_snapshot_preview1.command.wasm'));
  return new Uint8Array(await componentNew(core, [['wasi_snapshot_preview1', adapter]]));
}

function folderOf(name: typeof PACKAGE): string {
  const found = installed(name);
  if ('why' in found) throw new Error(found.why);
  return found.folder;
}

async function generated(bytes: Uint8Array, options: object): Promise<[string, Uint8Array][]> {
  const module = await import(
    pathToFileURL(path.join(folderOf(PACKAGE), 'vendor/js-component-bindgen-component.js')).href
  );
  await module.$init;
  const { files } = module.generate(bytes, { noTypescript: true, ...options });
  return files;
}
