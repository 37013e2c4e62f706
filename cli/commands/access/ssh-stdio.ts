import { finished } from 'node:stream/promises';
import { noJitter } from '../../../base/back-off.ts';
import { retry } from '../../../base/retry.ts';
import { sessionPath } from '../../../contracts/agent/wire.ts';
import { ApiError } from '../../../contracts/client/calls.ts';
import type { ErrorName } from '../../../contracts/errors/error-names.ts';
import { berthUrl, tokenFor } from '../../server/address.ts';
import { openSession, type Session, withStartHint } from '../../server/open-session.ts';
import { pipeSession } from '../../server/pipe.ts';
import { knownHostsFile, parseReference, sshHost } from '../../ssh/host.ts';
import { pinHostKey } from '../../ssh/known-hosts.ts';
import { rememberEnd, startForConnection } from '../../wait/start-for-connection.ts';
import { pollMs } from '../../wait/wait.ts';

/** How long to wait for the agent of a running workspace to connect. */
const connectMs = 20_000;

const isApiError = (thrown: unknown, ...names: ErrorName[]): boolean =>
  thrown instanceof ApiError && names.includes(thrown.error);

/** Retries while the workspace is running but its agent is not connected yet. */
const openOnceConnected = (attempt: () => Promise<Session>): Promise<Session> => {
  const deadline = Date.now() + connectMs;
  return retry(attempt, {
    firstDelayMs: pollMs,
    longestDelayMs: pollMs,
    jitter: noJitter,
    isRetryable: (error) => isApiError(error, 'agent_unreachable') && Date.now() <= deadline,
  });
};

const open = async (url: string, workspace: string, start: boolean): Promise<Session> => {
  const attempt = async () => openSession({ url, token: await tokenFor(url), path: sessionPath(workspace, 'ssh') });
  try {
    return await attempt();
  } catch (thrown) {
    if (!start) throw withStartHint(thrown, workspace);
    // `agent_unreachable` includes a workspace that is still starting. Any other error, such as a missing permission,
    // is final: a workspace that the user may not use must not be started.
    if (!isApiError(thrown, 'wrong_state', 'agent_unreachable')) throw thrown;
  }
  await startForConnection(workspace);
  return openOnceConnected(attempt);
};

/**
 * The ProxyCommand that ssh runs to reach a workspace: pins the workspace's host key in ssh's known hosts, then
 * forwards bytes between ssh and the workspace's SSH server.
 */
export const sshStdio = async (name: string, { start = true }: { start?: boolean }): Promise<void> => {
  const workspace = parseReference(name);
  const url = berthUrl();
  const { socket, hostKey } = await open(url, workspace, start);
  // ssh sends its ProxyCommand a SIGHUP when it exits.
  process.once('SIGHUP', () => {
    rememberEnd(workspace);
    process.exit();
  });
  await pinHostKey(knownHostsFile(url), sshHost(workspace), hostKey);
  try {
    await pipeSession(socket, process.stdin, process.stdout);
  } finally {
    rememberEnd(workspace);
    process.stdin.destroy();
    if (!process.stdout.writableFinished) await finished(process.stdout.end());
  }
};
