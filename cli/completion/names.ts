import type { Client } from '../../contracts/calls.ts';
import { connect } from '../connect.ts';
import { whatText, withText } from '../share-text.ts';
import type { Candidate } from './complete.ts';

/** Longer than that nobody waits for a Tab. */
const patienceMs = 2_000;
const query = { limit: 100 };

type Ask = (client: Client, options: { signal: AbortSignal }, words: readonly string[]) => Promise<Candidate[]>;
type Names = (words: readonly string[]) => Promise<Candidate[]>;

/** What Berth knows; nothing when it cannot be asked, as a Tab is no place for an error: the command itself will tell. */
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

/** By the names of arguments and options. */
export const names: Readonly<Record<string, Names>> = {
  folder: files,
  settings: files,
  template: templates,
  what: async (words) => [...(await files(words)), ...(await templates(words))],
  workspace: asked(async (client, options) => {
    const { items } = await client.listWorkspaces({ query }, options);
    return items.map(({ name, status, template }) => ({ value: name, description: `${status}, ${template.name}` }));
  }),
  app: asked(async (client, options, [workspace = '']) => {
    const { apps } = await client.getWorkspace({ params: { workspace } }, options);
    return apps.map(({ name, displayName }) => ({ value: name, description: displayName }));
  }),
  share: asked(async (client, options, [workspace = '']) => {
    const { items } = await client.listShares({ params: { workspace } }, options);
    return items.map((share) => ({ value: share.id, description: `${whatText(share)}, ${withText(share)}` }));
  }),
  id: asked(async (client, options) => {
    const { items } = await client.listTokens({ query }, options);
    return items.map(({ id, name }) => ({ value: id, description: name }));
  }),
  parameter: asked(async () => []),
};
