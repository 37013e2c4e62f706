import { randomUUID } from 'node:crypto';
import { sanitizeLine } from '../../../base/sanitize.ts';
import type { Client } from '../../../contracts/client/calls.ts';
import { parameterLabel } from '../../../contracts/templates/check-parameters.ts';
import type { Parameter } from '../../../contracts/templates/parameters.ts';
import { canPrompt, prompt } from '../../io/prompt.ts';
import { connect, type Options, waitRetryMs } from '../../server/connect.ts';
import { missingParameters, parseParameters } from '../../text/parameters.ts';
import { runningText } from '../../text/workspace-text.ts';
import { waitForWorkspace } from '../../wait/wait.ts';

interface CreateOptions extends Options {
  template: string;
  version?: number;
  parameter: string[];
  wait?: boolean;
}

export const parameterDefinitions = async (client: Client, template: string, version: number | undefined) => {
  if (version === undefined) return (await client.getTemplate({ params: { template } })).active.parameters;
  return (await client.getTemplateVersion({ params: { template, version } })).parameters;
};

/** Prompts for the required parameters that have no value. */
const promptForParameters = async (definitions: readonly Parameter[], options: CreateOptions): Promise<string[]> => {
  const assignments: string[] = [];
  if (!canPrompt(options)) return assignments;
  for (const definition of missingParameters(definitions, options.parameter)) {
    const { name, description } = definition;
    const hint = description === undefined ? '' : ` (${sanitizeLine(description)})`;
    const value = await prompt(`${sanitizeLine(parameterLabel(definition))}${hint}: `);
    if (value === undefined) break;
    assignments.push(`${name}=${value}`);
  }
  return assignments;
};

export const create = async (name: string, options: CreateOptions): Promise<void> => {
  const cli = connect(options, options.wait ? waitRetryMs : undefined);
  const { template, version } = options;
  const definitions = await parameterDefinitions(cli.client, template, version);
  const assignments = [...options.parameter, ...(await promptForParameters(definitions, options))];
  const parameters = parseParameters(definitions, assignments, { complete: true });
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
