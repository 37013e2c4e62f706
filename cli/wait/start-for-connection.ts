import { randomUUID } from 'node:crypto';
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { sanitizeLine } from '../../base/sanitize.ts';
import type { Workspace } from '../../contracts/workspaces/workspace.ts';
import { CliError } from '../io/errors.ts';
import { exitCodes } from '../io/exit-codes.ts';
import { connect, waitRetryMs } from '../server/connect.ts';
import { configFolder } from '../sign-in/files.ts';
import { waitForWorkspace } from './wait.ts';

/** The longest interval at which an editor that lost its connection reconnects. */
const reconnectMs = 10 * 60_000;

/** A stop closes connections at most this long before the workspace is stopped. */
const stopMs = 60_000;

/** The file's mtime is when a connection to the workspace last ended or was last refused by `refuseToStart`. */
const endFile = (workspace: string): string => join(configFolder(), 'ssh', 'ended', workspace);

/** Records that a connection ended, because the next one may be an editor that reconnects automatically. */
export const rememberEnd = (workspace: string): void => {
  const file = endFile(workspace);
  mkdirSync(dirname(file), { recursive: true, mode: 0o700 });
  writeFileSync(file, '', { mode: 0o600 });
};

/** Whether the stop closed a connection from this machine recently, so that the same program may be reconnecting. */
const mayBeReconnecting = (reference: string, { updatedAt }: Workspace): boolean => {
  const ended = statSync(endFile(reference), { throwIfNoEntry: false })?.mtimeMs ?? 0;
  return ended > Date.parse(updatedAt) - stopMs && Date.now() - ended < reconnectMs;
};

const refusal = (message: string) => new CliError('wrong_state', sanitizeLine(message), exitCodes.failed);

/**
 * Throws if a connection must not start the workspace. If its last start failed, each reconnect of an editor would fail
 * again. If it stopped because it was idle, an unattended editor would keep it running.
 */
const refuseToStart = (reference: string, workspace: Workspace): void => {
  const { name, status, failure, build } = workspace;
  const remedy = `Start it with: berth start ${reference} --wait`;
  if (status === 'failed') throw refusal(`${name} failed to start. ${failure?.message ?? ''} ${remedy}`);
  if (status !== 'stopped' || build.reason !== 'autostop') return;
  if (process.stderr.isTTY || !mayBeReconnecting(reference, workspace)) return;
  rememberEnd(reference);
  throw refusal(`${name} was stopped because it was idle, and an automatic reconnect does not start it. ${remedy}`);
};

/**
 * Starts a workspace for a connection, or joins a start that is in progress, and waits until the workspace is running.
 * Steps are written to stderr. An unhealthy workspace is not an error, because its user has to connect to repair it.
 */
export const startForConnection = async (reference: string): Promise<void> => {
  const cli = connect({}, waitRetryMs);
  const params = { workspace: reference };
  const found = await cli.client.getWorkspace({ params });
  refuseToStart(reference, found);
  if (found.status !== 'running') {
    const started = await cli.client.startWorkspace({ params, body: {} }, { idempotencyKey: randomUUID() });
    cli.note(`Starting ${started.name}`);
  }
  const running = await waitForWorkspace(cli, found, 'running', { usable: false });
  if (running?.unhealthy !== undefined) cli.note(sanitizeLine(running.unhealthy.message));
};
