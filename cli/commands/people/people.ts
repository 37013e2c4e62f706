import { sanitizeLine } from '../../../base/sanitize.ts';
import { dateTime, table } from '../../io/format.ts';
import { fetchAllPages } from '../../io/pages.ts';
import { connect, type Options } from '../../server/connect.ts';

export const listPeople = async (options: Options): Promise<void> => {
  const cli = connect(options);
  const people = await fetchAllPages((query) => cli.client.listPeople({ query }));
  cli.print(people, () =>
    table(
      ['NAME', 'FULL NAME', 'ROLES', 'SIGNED IN', 'STATUS'],
      people.map(({ name, displayName, roles, signedInAt, active }) => [
        name,
        displayName,
        roles.join(','),
        signedInAt === undefined ? '' : dateTime(signedInAt),
        active ? 'active' : 'deactivated',
      ]),
    ),
  );
};

export const deactivatePerson = async (person: string, options: Options): Promise<void> => {
  const cli = connect(options);
  const deactivated = await cli.client.deactivatePerson({ params: { person } });
  cli.print(
    deactivated,
    () => `${sanitizeLine(deactivated.name)} is deactivated. Their workspaces are being stopped.\n`,
  );
};

export const activatePerson = async (person: string, options: Options): Promise<void> => {
  const cli = connect(options);
  const activated = await cli.client.activatePerson({ params: { person } });
  cli.print(activated, () => `${sanitizeLine(activated.name)} is active.\n`);
};
