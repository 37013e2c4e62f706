import { randomUUID } from 'node:crypto';
import { sanitizeLine } from '../../../base/sanitize.ts';
import type { Home } from '../../../contracts/workspaces/homes.ts';
import { CliError, usageError } from '../../io/errors.ts';
import { exitCodes } from '../../io/exit-codes.ts';
import { dateTime, table } from '../../io/format.ts';
import { fetchAllPages } from '../../io/pages.ts';
import { canPrompt, confirm, whyNoPrompt } from '../../io/prompt.ts';
import { type Cli, connect, type Options } from '../../server/connect.ts';
import { parseParameters } from '../../text/parameters.ts';
import { parameterDefinitions } from '../workspaces/create.ts';

const knownAs = ({ knownAs: { owner, name } }: Home): string =>
  owner === undefined && name === undefined ? '' : `${owner ?? '?'}/${name ?? '?'}`;

const stateOf = ({ state, problem }: Home): string =>
  state === 'kept' ? 'kept' : `being destroyed${problem === undefined ? '' : `: ${problem}`}`;

export const listHomes = async (options: Options): Promise<void> => {
  const cli = connect(options);
  const homes = await fetchAllPages((query) => cli.client.listHomes({ query }));
  cli.print(homes, () =>
    homes.length === 0
      ? 'There are no unowned homes.\n'
      : table(
          ['ID', 'KNOWN AS', 'TEMPLATE', 'COMPUTE', 'SINCE', 'STATE'],
          homes.map((home) => [
            home.id,
            knownAs(home),
            home.knownAs.template ?? '',
            home.kind,
            home.since === '' ? '' : dateTime(home.since),
            stateOf(home),
          ]),
        ),
  );
};

const findHome = async (cli: Cli, id: string): Promise<Home> => {
  const found = (await fetchAllPages((query) => cli.client.listHomes({ query }))).find((home) => home.id === id);
  if (found !== undefined) return found;
  const what = `There is no unowned home with the ID ${JSON.stringify(id)}.`;
  throw new CliError('not_found', `${what} List them with: berth homes`, exitCodes.notFound);
};

interface AdoptOptions extends Options {
  owner: string;
  name?: string;
  template?: string;
  version?: number;
  parameter: string[];
}

export const adoptHome = async (home: string, options: AdoptOptions): Promise<void> => {
  const cli = connect(options);
  const { owner, name, version } = options;
  const template = options.template ?? (await findHome(cli, home)).knownAs.template;
  const definitions = template === undefined ? [] : await parameterDefinitions(cli.client, template, version);
  const parameters = parseParameters(definitions, options.parameter, { complete: template !== undefined });
  const body = {
    owner,
    parameters,
    ...(name === undefined ? {} : { name }),
    ...(template === undefined ? {} : { template }),
    ...(version === undefined ? {} : { version }),
  };
  const adopted = await cli.client.adoptHome({ params: { home }, body }, { idempotencyKey: randomUUID() });
  const workspace = sanitizeLine(`${adopted.owner.name}/${adopted.name}`);
  cli.print(adopted, () => `The home ${home} belongs to ${workspace} now. Start it with: berth start ${workspace}\n`);
};

const confirmDiscard = async (home: Home, options: Options): Promise<boolean> => {
  const label = sanitizeLine([home.id, knownAs(home)].filter(Boolean).join(', known as '));
  if (canPrompt(options)) return confirm(`Destroy the home ${label} and all its files?`);
  const reason = whyNoPrompt(options);
  throw usageError(`${label} was not discarded, because ${reason}. Add --yes to destroy it with all its files.`);
};

export const discardHome = async (id: string, options: Options & { yes?: boolean }): Promise<void> => {
  const cli = connect(options);
  if (!options.yes && !(await confirmDiscard(await findHome(cli, id), options))) {
    throw new CliError('build_canceled', `The home ${id} was not discarded.`, exitCodes.failed);
  }
  const discarded = await cli.client.discardHome({ params: { home: id } });
  cli.print(
    discarded,
    () => `The home ${id} is being destroyed, which takes minutes. "berth homes" lists it until then.\n`,
  );
};
