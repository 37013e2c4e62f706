import { randomUUID } from 'node:crypto';
import type { Client } from '../../../contracts/client/calls.ts';
import { parameterLabel } from '../../../contracts/templates/check-parameters.ts';
import type { Parameter } from '../../../contracts/templates/parameters.ts';
import { ask, isInteractive } from '../../io/ask.ts';
import { harmless } from '../../io/harmless.ts';
import { connect, type Options, waitingPatienceMs } from '../../server/connect.ts';
import { missingParameters, readParameters } from '../../text/parameters.ts';
import { runningText } from '../../text/workspace-text.ts';
import { waitForWorkspace } from '../../wait/wait.ts';

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

/** Prompts for the required parameters that have no value. */
const askedParameters = async (definitions: readonly Parameter[], options: CreateOptions): Promise<string[]> => {
  const assignments: string[] = [];
  if (!isInteractive() || options.json) return assignments;
  for (const definition of missingParameters(definitions, options.parameter)) {
    const { name, description } = definition;
    const about = description === undefined ? '' : ` (${harmless(description)})`;
    const value = await ask(`${harmless(parameterLabel(definition))}${about}: `);
    if (value === undefined) break;
    assignments.push(`${name}=${value}`);
  }
  return assignments;
};

export const create = async (name: string, options: CreateOptions): Promise<void> => {
  const cli = connect(options, options.wait ? waitingPatienceMs : undefined);
  const { template, version } = options;
  const definitions = await definitionsOf(cli.client, template, version);
  const assignments = [...options.parameter, ...(await askedParameters(definitions, options))];
  const parameters = readParameters(definitions, assignments, { complete: true });
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
