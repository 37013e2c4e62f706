import { connect, type Options } from '../connect.ts';
import { facts } from '../format.ts';

export const whoami = async (options: Options): Promise<void> => {
  const cli = connect(options);
  const me = await cli.client.me();
  cli.print(me, () =>
    facts([
      ['Name', me.name],
      ['Full name', me.displayName],
      ['E-mail', me.email],
      ['Roles', me.roles.join(', ')],
      ['Groups', me.groups.join(', ')],
      ['Berth', cli.url],
    ]),
  );
};
