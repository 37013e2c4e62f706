import { setTimeout as after } from 'node:timers/promises';
import type { Client } from '../../../contracts/client/client.ts';
import type { Workspace } from '../../../contracts/workspaces/workspace.ts';

const pollMs = 20;
const timeoutMs = 60_000;

/** Polls every 20 ms until a workspace has the status. Throws when it failed, or after a minute. */
export const until = async (client: Client, id: string, is: (workspace: Workspace) => boolean): Promise<Workspace> => {
  for (const startedAt = Date.now(); ; await after(pollMs)) {
    const workspace = await client.getWorkspace({ params: { workspace: id } });
    if (is(workspace)) return workspace;
    const { status, failure } = workspace;
    if (status === 'failed') throw new Error(`${workspace.name} failed: ${failure?.message}`);
    if (Date.now() - startedAt > timeoutMs) throw new Error(`${workspace.name} is still ${status} after a minute`);
  }
};

export const isReady = ({ status, agent }: Workspace): boolean => status === 'running' && agent?.status === 'ready';
export const isStopped = ({ status }: Workspace): boolean => status === 'stopped';
export const isDeleted = ({ status }: Workspace): boolean => status === 'deleted';
