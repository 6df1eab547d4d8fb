/**
 * What jco makes of a component, for tests and benchmarks: its JavaScript, instantiated by the host's WebAssembly.
 */

import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { installed } from '../packages.ts';

const PACKAGE = '@bytecodealliance/jco-transpile';

export type Imports = Readonly<Record<string, unknown>>;
export type Exports = Readonly<Record<string, (value: unknown) => unknown>>;

/** What jco makes of a component: a function that instantiates it. */
export async function transpiled(bytes: Uint8Array, name: string): Promise<(imports: Imports) => Exports> {
  const found = installed(PACKAGE);
  if ('why' in found) throw new Error(found.why);
  const { folder } = found;
  const module = await import(
    pathToFileURL(path.join(folder, 'vendor/js-component-bindgen-component.js')).href
  );
  await module.$init;
  const { files } = module.generate(bytes, {
    name,
    noTypescript: true,
    instantiation: { tag: 'sync' },
    noNodejsCompat: true,
  }) as { files: [string, Uint8Array][] };
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
