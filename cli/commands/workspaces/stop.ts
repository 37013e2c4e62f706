import { randomUUID } from 'node:crypto';
import { connect, type Options, waitRetryMs } from '../../server/connect.ts';
import { waitForWorkspace } from '../../wait/wait.ts';

export const stop = async (workspace: string, options: Options & { wait?: boolean }): Promise<void> => {
  const cli = connect(options, options.wait ? waitRetryMs : undefined);
  const stopping = await cli.client.stopWorkspace({ params: { workspace } }, { idempotencyKey: randomUUID() });
  const isStopped = stopping.status === 'stopped';
  if (!options.wait && !isStopped) return cli.print(stopping, () => `${stopping.name} is being stopped.\n`);
  if (!isStopped) cli.note(`Stopping ${stopping.name}`);
  const stopped = isStopped ? stopping : ((await waitForWorkspace(cli, stopping, 'stopped')) ?? stopping);
  cli.print(stopped, () => `${stopped.name} is stopped. Its home is kept.\n`);
};
