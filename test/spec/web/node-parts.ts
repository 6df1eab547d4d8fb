/** In the place of Node's other modules in a browser: what tests import and do not use there. */

export const isMainThread = true;
export const parentPort = undefined;
export const workerData = undefined;

export class Worker {}

export function fileURLToPath(url: string): string {
  return url;
}

export function createHash(): never {
  throw new Error('nothing is hashed here');
}
