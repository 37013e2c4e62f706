import { randomUUID } from 'node:crypto';
import { connect, type Options, waitingPatienceMs } from '../connect.ts';
import { waitForWorkspace } from '../wait.ts';

export const stop = async (workspace: string, options: Options & { wait?: boolean }): Promise<void> => {
  const cli = connect(options, options.wait ? waitingPatienceMs : undefined);
  const stopping = await cli.client.stopWorkspace({ params: { workspace } }, { idempotencyKey: randomUUID() });
  if (!options.wait) return cli.print(stopping, () => `${stopping.name} is being stopped.\n`);
  cli.note(`Stopping ${stopping.name}`);
  const stopped = (await waitForWorkspace(cli, stopping, 'stopped')) ?? stopping;
  cli.print(stopped, () => `${stopped.name} is stopped. Its home is kept.\n`);
};
