import type { Command } from 'commander';
import type { Client } from '../../contracts/client/calls.ts';
import type { Parameter } from '../../contracts/templates/parameters.ts';
import { connect } from '../server/connect.ts';
import { whatText, withText } from '../text/share-text.ts';

/** The timeout of requests for completion, because nobody waits longer after pressing Tab. */
const patienceMs = 2_000;
const query = { limit: 100 };

/** A completion candidate. */
export interface Candidate {
  value: string;
  description?: string;
}

/** The part of the command line before the word that is being completed. */
export interface Words {
  command?: Command;
  arguments_: string[];
  /** The last value of each option, by its attribute's name. */
  options: Record<string, string>;
}

type Ask = (client: Client, options: { signal: AbortSignal }, words: Words) => Promise<Candidate[]>;
type Names = (words: Words) => Promise<Candidate[]>;

/** For callers that need names without the context of a command line. */
export const noWords: Words = { arguments_: [], options: {} };

/** Fetches names from the server. Returns none on failure: Tab must not print errors, and the command reports them. */
const asked =
  (ask: Ask): Names =>
  async (words) => {
    const quiet = (): Candidate[] => [];
    const { client } = connect({}, 0);
    return ask(client, { signal: AbortSignal.timeout(patienceMs) }, words).catch(quiet);
  };

const files: Names = async () => [{ value: ':files' }];

const templates = asked(async (client, options) => {
  const { items } = await client.listTemplates({ query }, options);
  return items.map(({ name, description }) => ({ value: name, description }));
});

/** The template of the workspace that a command names, or the template that the command names itself. */
const templateBehind: (...asked: Parameters<Ask>) => Promise<string> = async (client, options, words) => {
  const [name = ''] = words.arguments_;
  if (words.command?.registeredArguments[0]?.name() !== 'workspace') return name;
  return (await client.getWorkspace({ params: { workspace: name } }, options)).template.name;
};

/** Candidates such as `size=small` for a parameter with options, and `name=` for free text. */
const assignmentsOf = (definition: Parameter): Candidate[] => {
  const about = definition.displayName ?? definition.description;
  const description = about === undefined ? {} : { description: about };
  const assign = (value: string) => ({ value: `${definition.name}=${value}`, ...description });
  if (definition.type === 'bool') return ['true', 'false'].map(assign);
  if (definition.type === 'list' || definition.options === undefined) return [assign('')];
  return definition.options.map(({ value }) => assign(String(value)));
};

/** The sources of candidates, by the name of an argument or option. */
export const names: Readonly<Record<string, Names>> = {
  folder: files,
  settings: files,
  template: templates,
  what: async (words) => [...(await files(words)), ...(await templates(words))],
  workspace: asked(async (client, options) => {
    const { items } = await client.listWorkspaces({ query }, options);
    return items.map(({ name, status, template }) => ({ value: name, description: `${status}, ${template.name}` }));
  }),
  app: asked(async (client, options, { arguments_: [workspace = ''] }) => {
    const { apps } = await client.getWorkspace({ params: { workspace } }, options);
    return apps.map(({ name, displayName }) => ({ value: name, description: displayName }));
  }),
  share: asked(async (client, options, { arguments_: [workspace = ''] }) => {
    const { items } = await client.listShares({ params: { workspace } }, options);
    return items.map((share) => ({ value: share.id, description: `${whatText(share)}, ${withText(share)}` }));
  }),
  id: asked(async (client, options) => {
    const { items } = await client.listTokens({ query }, options);
    return items.map(({ id, name }) => ({ value: id, description: name }));
  }),
  parameter: asked(async (client, options, words) => {
    const template = words.options['template'] ?? (await templateBehind(client, options, words));
    const { active } = await client.getTemplate({ params: { template } }, options);
    return active.parameters.flatMap(assignmentsOf);
  }),
};
