import { randomUUID } from 'node:crypto';
import type { Workspace } from '../../../contracts/workspaces/workspace.ts';
import { usageError } from '../../io/failure.ts';
import { allOf } from '../../io/pages.ts';
import { type Cli, connect, type Options, waitingPatienceMs } from '../../server/connect.ts';
import { readParameters } from '../../text/parameters.ts';
import { runningText } from '../../text/workspace-text.ts';
import { waitForWorkspace } from '../../wait/wait.ts';
import { definitionsOf } from './create.ts';

export interface UpdateOptions extends Options {
  parameter: string[];
  wait?: boolean;
  all?: boolean;
}

/** Starts a workspace with its template's active version unless it has it; with `--all`, each of the user's own. */
export const update = async (name: string | undefined, options: UpdateOptions): Promise<void> => {
  if ((name === undefined) !== (options.all === true))
    throw usageError('Name a workspace, or add --all for all of them.');
  const cli = connect(options, options.wait ? waitingPatienceMs : undefined);
  const names =
    name === undefined ? (await allOf((query) => cli.client.listWorkspaces({ query }))).map(({ id }) => id) : [name];
  const updated: Workspace[] = [];
  for (const one of names) updated.push(await updateOne(cli, one, options));
  if (cli.json) cli.print(name === undefined ? updated : updated[0], String);
};

const updateOne = async (cli: Cli, name: string, options: UpdateOptions): Promise<Workspace> => {
  const workspace = await cli.client.getWorkspace({ params: { workspace: name } });
  const { template } = workspace;
  const version = template.activeVersion ?? template.version;
  if (version === template.version) {
    return said(cli, workspace, `${workspace.name} has the active version of ${template.name} already, ${version}.\n`);
  }
  const definitions = await definitionsOf(cli.client, template.name, version);
  const parameters = readParameters(definitions, options.parameter, { complete: false });
  const input = { params: { workspace: workspace.id }, body: { version, parameters } };
  const started = await cli.client.startWorkspace(input, { idempotencyKey: randomUUID() });
  if (!options.wait) {
    cli.note(`Follow it with: berth logs -f ${started.name}`);
    return said(
      cli,
      started,
      `${started.name} starts with version ${version} of ${template.name}; it had ${template.version}.\n`,
    );
  }
  cli.note(`Updating ${started.name} from version ${template.version} of ${template.name} to ${version}`);
  const ready = (await waitForWorkspace(cli, started, 'running')) ?? started;
  return said(cli, ready, runningText(ready));
};

/** Prints the text only without `--json`, which prints a single JSON value at the end. */
const said = (cli: Cli, workspace: Workspace, text: string): Workspace => {
  if (!cli.json) cli.print(workspace, () => text);
  return workspace;
};
