import { randomUUID } from 'node:crypto';
import type { Workspace } from '../../../contracts/workspaces/workspace.ts';
import { usageError } from '../../io/errors.ts';
import { fetchAllPages } from '../../io/pages.ts';
import { type Cli, connect, type Options, waitRetryMs } from '../../server/connect.ts';
import { parseParameters } from '../../text/parameters.ts';
import { runningText } from '../../text/workspace-text.ts';
import { waitForWorkspace } from '../../wait/wait.ts';
import { parameterDefinitions } from './create.ts';

interface UpdateOptions extends Options {
  parameter: string[];
  wait?: boolean;
  all?: boolean;
}

/** Starts a workspace with its template's active version unless it has it; with `--all`, each of the user's own. */
export const update = async (name: string | undefined, options: UpdateOptions): Promise<void> => {
  if ((name === undefined) !== (options.all === true))
    throw usageError('Specify a workspace, or add --all to update all of yours.');
  const cli = connect(options, options.wait ? waitRetryMs : undefined);
  const names =
    name === undefined
      ? (await fetchAllPages((query) => cli.client.listWorkspaces({ query }))).map(({ id }) => id)
      : [name];
  const updated: Workspace[] = [];
  for (const one of names) updated.push(await updateOne(cli, one, options));
  if (cli.json) cli.print(name === undefined ? updated : updated[0], String);
};

const updateOne = async (cli: Cli, name: string, options: UpdateOptions): Promise<Workspace> => {
  const workspace = await cli.client.getWorkspace({ params: { workspace: name } });
  const { template } = workspace;
  const version = template.activeVersion ?? template.version;
  if (version === template.version) {
    return printUnlessJson(
      cli,
      workspace,
      `${workspace.name} already has the active version of ${template.name}, ${version}.\n`,
    );
  }
  const definitions = await parameterDefinitions(cli.client, template.name, version);
  const parameters = parseParameters(definitions, options.parameter, { complete: false });
  const input = { params: { workspace: workspace.id }, body: { version, parameters } };
  const started = await cli.client.startWorkspace(input, { idempotencyKey: randomUUID() });
  if (!options.wait) {
    cli.note(`Follow it with: berth logs -f ${started.name}`);
    return printUnlessJson(
      cli,
      started,
      `${started.name} is being updated from version ${template.version} of ${template.name} to ${version}.\n`,
    );
  }
  cli.note(`Updating ${started.name} from version ${template.version} of ${template.name} to ${version}`);
  const ready = (await waitForWorkspace(cli, started, 'running')) ?? started;
  return printUnlessJson(cli, ready, runningText(ready));
};

/** Prints the text only without `--json`, which prints a single JSON value at the end. */
const printUnlessJson = (cli: Cli, workspace: Workspace, text: string): Workspace => {
  if (!cli.json) cli.print(workspace, () => text);
  return workspace;
};
