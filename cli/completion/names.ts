import type { Command } from 'commander';
import type { Client } from '../../contracts/client/calls.ts';
import type { Parameter } from '../../contracts/templates/parameters.ts';
import { connect } from '../server/connect.ts';
import { shareRecipientText, shareTargetText } from '../text/share-text.ts';

/** The timeout of requests for completion: users do not wait longer after pressing Tab. */
const timeoutMs = 2_000;
const query = { limit: 100 };

/** A completion candidate. */
export interface Candidate {
  value: string;
  description?: string;
}

/** The part of the command line before the word that is being completed. */
export interface CommandLine {
  command?: Command;
  arguments_: string[];
  /** The last value of each option, by its attribute's name. */
  options: Record<string, string>;
}

type Fetch = (client: Client, options: { signal: AbortSignal }, line: CommandLine) => Promise<Candidate[]>;
type Source = (line: CommandLine) => Promise<Candidate[]>;

/** For callers that need names without the context of a command line. */
export const emptyLine: CommandLine = { arguments_: [], options: {} };

/** Fetches names from the server. Returns none on failure: Tab must not print errors, and the command reports them. */
const fromServer =
  (fetchNames: Fetch): Source =>
  async (line) => {
    const none = (): Candidate[] => [];
    const { client } = connect({}, 0);
    return fetchNames(client, { signal: AbortSignal.timeout(timeoutMs) }, line).catch(none);
  };

const files: Source = async () => [{ value: ':files' }];

const templates = fromServer(async (client, options) => {
  const { items } = await client.listTemplates({ query }, options);
  return items.map(({ name, description }) => ({ value: name, description }));
});

/** The template of the workspace that a command names, or the template that the command names itself. */
const templateOf = async (...[client, options, line]: Parameters<Fetch>): Promise<string> => {
  const [name = ''] = line.arguments_;
  if (line.command?.registeredArguments[0]?.name() !== 'workspace') return name;
  return (await client.getWorkspace({ params: { workspace: name } }, options)).template.name;
};

/** Candidates such as `size=small` for a parameter with options, and `name=` for free text. */
const assignmentsOf = (definition: Parameter): Candidate[] => {
  const label = definition.displayName ?? definition.description;
  const description = label === undefined ? {} : { description: label };
  const assign = (value: string) => ({ value: `${definition.name}=${value}`, ...description });
  if (definition.type === 'bool') return ['true', 'false'].map(assign);
  if (definition.type === 'list' || definition.options === undefined) return [assign('')];
  return definition.options.map(({ value }) => assign(String(value)));
};

/** The sources of candidates, by the name of an argument or option. */
export const names: Readonly<Record<string, Source>> = {
  folder: files,
  settings: files,
  template: templates,
  source: async (line) => [...(await files(line)), ...(await templates(line))],
  workspace: fromServer(async (client, options) => {
    const { items } = await client.listWorkspaces({ query }, options);
    return items.map(({ name, status, template }) => ({ value: name, description: `${status}, ${template.name}` }));
  }),
  app: fromServer(async (client, options, { arguments_: [workspace = ''] }) => {
    const { apps } = await client.getWorkspace({ params: { workspace } }, options);
    return apps.map(({ name, displayName }) => ({ value: name, description: displayName }));
  }),
  share: fromServer(async (client, options, { arguments_: [workspace = ''] }) => {
    const { items } = await client.listShares({ params: { workspace } }, options);
    return items.map((share) => ({
      value: share.id,
      description: `${shareTargetText(share)}, ${shareRecipientText(share)}`,
    }));
  }),
  id: fromServer(async (client, options) => {
    const { items } = await client.listTokens({ query }, options);
    return items.map(({ id, name }) => ({ value: id, description: name }));
  }),
  parameter: fromServer(async (client, options, line) => {
    const template = line.options['template'] ?? (await templateOf(client, options, line));
    const { active } = await client.getTemplate({ params: { template } }, options);
    return active.parameters.flatMap(assignmentsOf);
  }),
};
