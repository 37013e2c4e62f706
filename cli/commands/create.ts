import { randomUUID } from 'node:crypto';
import type { Client } from '../../contracts/calls.ts';
import { connect, type Options, waitingPatienceMs } from '../connect.ts';
import { readParameters } from '../parameters.ts';
import { waitForWorkspace } from '../wait.ts';
import { runningText } from '../workspace-text.ts';

export interface CreateOptions extends Options {
  template: string;
  version?: number;
  parameter: string[];
  wait?: boolean;
}

export const definitionsOf = async (client: Client, template: string, version: number | undefined) => {
  if (version === undefined) return (await client.getTemplate({ params: { template } })).active.parameters;
  return (await client.getTemplateVersion({ params: { template, version } })).parameters;
};

export const create = async (name: string, options: CreateOptions): Promise<void> => {
  const cli = connect(options, options.wait ? waitingPatienceMs : undefined);
  const { template, version } = options;
  const definitions = await definitionsOf(cli.client, template, version);
  const parameters = readParameters(definitions, options.parameter, { complete: true });
  const body = { name, template, parameters, ...(version === undefined ? {} : { version }) };
  const created = await cli.client.createWorkspace({ body }, { idempotencyKey: randomUUID() });
  if (!options.wait) {
    cli.print(created, () => `${created.name} is being created.\n`);
    return cli.note(`Follow it with: berth logs -f ${created.name}`);
  }
  cli.note(`Creating ${created.name}`);
  const ready = (await waitForWorkspace(cli, created, 'running')) ?? created;
  cli.print(ready, () => runningText(ready));
};
