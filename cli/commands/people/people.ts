import { moment, table } from '../../io/format.ts';
import { harmless } from '../../io/harmless.ts';
import { allOf } from '../../io/pages.ts';
import { connect, type Options } from '../../server/connect.ts';

export const listPeople = async (options: Options): Promise<void> => {
  const cli = connect(options);
  const people = await allOf((query) => cli.client.listPeople({ query }));
  cli.print(people, () =>
    table(
      ['NAME', 'FULL NAME', 'ROLES', 'SIGNED IN', 'STATUS'],
      people.map(({ name, displayName, roles, signedInAt, active }) => [
        name,
        displayName,
        roles.join(','),
        signedInAt === undefined ? '' : moment(signedInAt),
        active ? 'active' : 'deactivated',
      ]),
    ),
  );
};

export const deactivatePerson = async (person: string, options: Options): Promise<void> => {
  const cli = connect(options);
  const left = await cli.client.deactivatePerson({ params: { person } });
  cli.print(left, () => `${harmless(left.name)} is deactivated: refused from now on, and their workspaces stop.\n`);
};

export const activatePerson = async (person: string, options: Options): Promise<void> => {
  const cli = connect(options);
  const activated = await cli.client.activatePerson({ params: { person } });
  cli.print(activated, () => `${harmless(activated.name)} is active.\n`);
};
