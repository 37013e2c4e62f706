import { randomUUID } from 'node:crypto';
import type { Home } from '../../../contracts/workspaces/homes.ts';
import { ask, isInteractive } from '../../io/ask.ts';
import { exitCodes } from '../../io/exit-codes.ts';
import { CliError, usageError } from '../../io/failure.ts';
import { moment, table } from '../../io/format.ts';
import { harmless } from '../../io/harmless.ts';
import { allOf } from '../../io/pages.ts';
import { type Cli, connect, type Options } from '../../server/connect.ts';
import { readParameters } from '../../text/parameters.ts';
import { definitionsOf } from '../workspaces/create.ts';

const knownAs = ({ knownAs: { owner, name } }: Home): string =>
  owner === undefined && name === undefined ? '' : `${owner ?? '?'}/${name ?? '?'}`;

const stateOf = ({ state, problem }: Home): string =>
  state === 'kept' ? 'kept' : `being destroyed${problem === undefined ? '' : `: ${problem}`}`;

export const listHomes = async (options: Options): Promise<void> => {
  const cli = connect(options);
  const homes = await allOf((query) => cli.client.listHomes({ query }));
  cli.print(homes, () =>
    homes.length === 0
      ? 'Every home has its workspace.\n'
      : table(
          ['ID', 'KNOWN AS', 'TEMPLATE', 'COMPUTE', 'SINCE', 'STATE'],
          homes.map((home) => [
            home.id,
            knownAs(home),
            home.knownAs.template ?? '',
            home.kind,
            home.since === '' ? '' : moment(home.since),
            stateOf(home),
          ]),
        ),
  );
};

const findHome = async (cli: Cli, id: string): Promise<Home> => {
  const found = (await allOf((query) => cli.client.listHomes({ query }))).find((home) => home.id === id);
  if (found !== undefined) return found;
  const what = `There is no home without a workspace of the id ${JSON.stringify(id)}.`;
  throw new CliError('not_found', `${what} List them with: berth homes`, exitCodes.notFound);
};

export interface AdoptOptions extends Options {
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
  const definitions = template === undefined ? [] : await definitionsOf(cli.client, template, version);
  const parameters = readParameters(definitions, options.parameter, { complete: template !== undefined });
  const body = {
    owner,
    parameters,
    ...(name === undefined ? {} : { name }),
    ...(template === undefined ? {} : { template }),
    ...(version === undefined ? {} : { version }),
  };
  const adopted = await cli.client.adoptHome({ params: { home }, body }, { idempotencyKey: randomUUID() });
  const named = `${adopted.owner.name}/${adopted.name}`;
  cli.print(
    adopted,
    () => `${harmless(named)} has the home ${home}. Its next start finds the files: berth start ${harmless(named)}\n`,
  );
};

const confirmed = async (home: Home): Promise<boolean> => {
  const named = harmless([home.id, knownAs(home)].filter(Boolean).join(', known as '));
  if (!isInteractive()) {
    throw usageError(
      `${named} was not discarded: nobody can be asked here. Add --yes to destroy it with all its files.`,
    );
  }
  const answer = await ask(`Destroy the home ${named} and all its files? [y/N] `);
  if (answer === undefined) process.stderr.write('\n');
  return /^y(es)?$/i.test(answer?.trim() ?? '');
};

export const discardHome = async (id: string, options: Options & { yes?: boolean }): Promise<void> => {
  const cli = connect(options);
  if (!options.yes && !(await confirmed(await findHome(cli, id)))) {
    throw new CliError('build_canceled', `The home ${id} was not discarded.`, exitCodes.failed);
  }
  const discarded = await cli.client.discardHome({ params: { home: id } });
  cli.print(discarded, () => `The home ${id} is being destroyed, within minutes. "berth homes" shows it until then.\n`);
};
