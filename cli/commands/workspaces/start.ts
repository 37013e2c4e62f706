import { randomUUID } from 'node:crypto';
import { connect, type Options, waitRetryMs } from '../../server/connect.ts';
import { parseParameters } from '../../text/parameters.ts';
import { runningText } from '../../text/workspace-text.ts';
import { waitForWorkspace } from '../../wait/wait.ts';
import { parameterDefinitions } from './create.ts';

interface StartOptions extends Options {
  version?: number;
  parameter: string[];
  wait?: boolean;
  /** Restarts a running workspace too, without a change of its parameters. */
  restart?: true;
}

export const start = async (workspace: string, options: StartOptions): Promise<void> => {
  const cli = connect(options, options.wait ? waitRetryMs : undefined);
  const { version, restart } = options;
  const body = {
    ...(version === undefined ? {} : { version }),
    ...(options.parameter.length === 0 ? {} : { parameters: await parametersOf() }),
    ...(restart && { parameters: {} }),
  };
  async function parametersOf() {
    const { template } = await cli.client.getWorkspace({ params: { workspace } });
    const definitions = await parameterDefinitions(cli.client, template.name, version ?? template.version);
    return parseParameters(definitions, options.parameter, { complete: false });
  }
  const started = await cli.client.startWorkspace({ params: { workspace }, body }, { idempotencyKey: randomUUID() });
  if (!options.wait) {
    if (started.status === 'running') return cli.print(started, () => runningText(started));
    cli.print(started, () => `${started.name} is being started.\n`);
    return cli.note(`Follow it with: berth logs -f ${started.name}`);
  }
  cli.note(`Starting ${started.name}`);
  const ready = (await waitForWorkspace(cli, started, 'running')) ?? started;
  cli.print(ready, () => runningText(ready));
};
