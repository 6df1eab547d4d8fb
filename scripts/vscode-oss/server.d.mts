// The types of server.mjs for TypeScript tests.
import type { CodeServer } from './install.mjs';
export const QUIET_SETTINGS: Record<string, unknown>;
export interface Server {
  port: number;
  /** Its exit code, once it has ended. */
  exited: Promise<number | null>;
  log(): string;
  /** Ends the whole process group. */
  stop(): Promise<void>;
}
export function installExtension(
  codeServer: CodeServer,
  profile: string,
  vsix: string,
  env?: Record<string, string | undefined>,
): Promise<void>;
export function startServer(
  codeServer: CodeServer,
  options: {
    profile: string;
    port: number;
    args?: string[];
    env?: Record<string, string | undefined>;
    workspaceTrust?: boolean;
  },
): Promise<Server>;
export function freePort(wanted: number): Promise<number>;
