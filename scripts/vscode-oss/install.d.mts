// The types of install.mjs for TypeScript tests.
export const DEFAULT_VERSION: string;
export interface CodeServer {
  /** Absolute path of the Node that runs it. */
  node: string;
  /** Absolute path of code-server's entry script. */
  entry: string;
  version: string;
}
export function installCodeServer(options?: {
  version?: string;
  root?: string;
  log?: (line: string) => void;
}): Promise<CodeServer>;
export function projectRoot(): string;
