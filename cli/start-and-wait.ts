import { randomUUID } from 'node:crypto';
import { connect, waitingPatienceMs } from './connect.ts';
import { waitForWorkspace } from './wait.ts';

/** Starts a workspace, as its last start was, and waits until it runs; each step is told on stderr. */
export const startAndWait = async (workspace: string): Promise<void> => {
  const cli = connect({}, waitingPatienceMs);
  const started = await cli.client.startWorkspace(
    { params: { workspace }, body: {} },
    { idempotencyKey: randomUUID() },
  );
  cli.note(`Starting ${started.name}`);
  await waitForWorkspace(cli, started, 'running');
};
