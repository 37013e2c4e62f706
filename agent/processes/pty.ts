import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Environment } from './environment.ts';

/** The part of @lydell/node-pty that is used. PTYs are opened with `encoding: null`, so that they carry bytes. */
export interface Pty {
  readonly pid: number;
  /** Non-blocking. PtyInput writes to it; node-pty's `write` is not used. */
  readonly fd: number;
  onData(listener: (data: Buffer) => void): unknown;
  onExit(listener: (end: { exitCode: number; signal?: number }) => void): unknown;
  resize(columns: number, rows: number): void;
  pause(): void;
  resume(): void;
  /** Closes the terminal, so that its programs get a SIGHUP. */
  destroy(): void;
  /** Once this is destroyed, `fd` is closed and its number may belong to another file. */
  readonly _socket: { readonly destroyed: boolean };
}

interface PtyModule {
  spawn(
    file: string,
    args: string[],
    options: { name: string; cols: number; rows: number; cwd: string; env: Environment; encoding: null },
  ): Pty;
}

/** Changes the size of a terminal. */
export const resizePty = (pty: Pty, columns: number, rows: number): void => {
  try {
    pty.resize(columns, rows);
  } catch (thrown) {
    // The shell closed its side and its exit event is about to follow.
    if (!String(thrown).includes('EBADF')) throw thrown;
  }
};

/** Where the bundler found the module. esbuild replaces it (bundle.ts); it is not defined when run from source. */
declare const BERTH_PTY_MODULE: string | undefined;

const moduleToLoad = (): string => {
  const configured = process.env['BERTH_AGENT_PTY'];
  if (configured !== undefined) return configured;
  const bundled = typeof BERTH_PTY_MODULE === 'string' ? BERTH_PTY_MODULE : undefined;
  return bundled !== undefined && existsSync(bundled) ? bundled : '@lydell/node-pty';
};

/**
 * Loads the native module, with the first terminal only so that an idle agent stays small: from `BERTH_AGENT_PTY`, else
 * from its path when the agent was bundled, else from a node_modules folder beside the agent. Throws a message for the
 * person.
 */
export const loadPty = (): PtyModule => {
  try {
    return createRequire(process.argv[1] as string)(moduleToLoad()) as PtyModule;
  } catch (cause) {
    throw new Error(
      'A terminal cannot be opened: the workspace has no PTY module for its platform. Ask your template’s author to provide @lydell/node-pty. Commands without a terminal (berth exec) work.',
      { cause },
    );
  }
};
