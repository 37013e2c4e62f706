import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Writable } from 'node:stream';
import type { Environment } from './environment.ts';

/** What is used of @lydell/node-pty, opened with `encoding: null`, so that it speaks bytes. */
export interface Pty {
  readonly pid: number;
  onData(listener: (data: Buffer) => void): unknown;
  onExit(listener: (end: { exitCode: number; signal?: number }) => void): unknown;
  write(data: Buffer): void;
  resize(columns: number, rows: number): void;
  pause(): void;
  resume(): void;
  /** Closes the terminal, so that what runs on it gets a hang-up. */
  destroy(): void;
  /** Where `write` writes to: it has no other way to say that the terminal is behind. */
  readonly _socket: Writable;
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
    // The shell closed its side and its exit is about to be told: there is nothing to resize any more.
    if (!String(thrown).includes('EBADF')) throw thrown;
  }
};

/** Where the bundler found the module; replaced by esbuild (bundle.ts), absent when run from source. */
declare const BERTH_PTY_MODULE: string | undefined;

const moduleToLoad = (): string => {
  const told = process.env['BERTH_AGENT_PTY'];
  if (told !== undefined) return told;
  const bundled = typeof BERTH_PTY_MODULE === 'string' ? BERTH_PTY_MODULE : undefined;
  return bundled !== undefined && existsSync(bundled) ? bundled : '@lydell/node-pty';
};

/**
 * The native module, loaded with the first terminal so that an idle agent stays small: from `BERTH_AGENT_PTY`, else from
 * where it lay when the agent was bundled, else from a node_modules beside the agent. Throws a sentence for the person.
 */
export const loadPty = (): PtyModule => {
  try {
    return createRequire(process.argv[1] as string)(moduleToLoad()) as PtyModule;
  } catch (cause) {
    throw new Error(
      'A terminal cannot be opened: the workspace has no PTY module for its platform. Ask your template’s author to provide @lydell/node-pty; commands without a terminal (berth exec) work.',
      { cause },
    );
  }
};
