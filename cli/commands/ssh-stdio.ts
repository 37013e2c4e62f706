import { finished } from 'node:stream/promises';
import { ApiError } from '../../contracts/calls.ts';
import { sessionPath } from '../../contracts/wire.ts';
import { berthUrl, tokenFor } from '../address.ts';
import { openSession, type Session, sayingHowToStart } from '../open-session.ts';
import { pipeSession } from '../pipe.ts';
import { hostOf, knownHostsFile, referenceIn } from '../ssh/host.ts';
import { pinHostKey } from '../ssh/known-hosts.ts';

const open = async (url: string, workspace: string, start: boolean): Promise<Session> => {
  const attempt = async () => openSession({ url, token: await tokenFor(url), path: sessionPath(workspace, 'ssh') });
  try {
    return await attempt();
  } catch (thrown) {
    if (!start) throw sayingHowToStart(thrown, workspace);
    // One that is just starting is waited for as well.
    const isStartable = thrown instanceof ApiError && ['wrong_state', 'agent_unreachable'].includes(thrown.error);
    if (!isStartable) throw thrown;
  }
  const { startAndWait } = await import('../start-and-wait.ts');
  await startAndWait(workspace);
  return attempt();
};

/**
 * What ssh runs to reach a workspace (its ProxyCommand): tells ssh the workspace's host key, then passes bytes between
 * ssh and the workspace's SSH server.
 */
export const sshStdio = async (name: string, { start = false }: { start?: boolean }): Promise<void> => {
  const workspace = referenceIn(name);
  const url = berthUrl();
  const { socket, hostKey } = await open(url, workspace, start);
  await pinHostKey(knownHostsFile(url), hostOf(workspace), hostKey);
  try {
    await pipeSession(socket, process.stdin, process.stdout);
  } finally {
    process.stdin.destroy();
    if (!process.stdout.writableFinished) await finished(process.stdout.end());
  }
};
