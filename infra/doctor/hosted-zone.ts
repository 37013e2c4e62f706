import { GetHostedZoneCommand } from '@aws-sdk/client-route-53';
import { fail, ok, type Verdict, warn, whyUnreachable } from '../../contracts/doctor.ts';
import { type Check, type Context, unlessAbsent } from './check.ts';

const bare = (name: string): string => name.replace(/\.$/, '').toLowerCase();

/** A zone that nobody is sent to proves no certificate: the deployment would wait for one for hours. */
const delegation = async (zone: string, servers: string[], { nameServers }: Context): Promise<Verdict> => {
  const todo = `In the zone above, or at the registrar, name these servers for ${zone}: ${servers.join(', ')}.`;
  let known: string[];
  try {
    known = await nameServers(zone);
  } catch (error) {
    if (['ENOTFOUND', 'ENODATA'].includes((error as NodeJS.ErrnoException).code ?? '')) {
      return fail(`DNS sends nobody to the zone ${zone}: no certificate could be proven.`, todo);
    }
    return warn(`Whether DNS leads to the zone ${zone} is not known: ${whyUnreachable(error)}.`, 'Try again.');
  }
  return known.some((server) => servers.includes(bare(server)))
    ? ok(`DNS leads to the zone ${zone}.`)
    : fail(`DNS leads to another zone ${zone}, at ${known.join(', ')}: no certificate could be proven.`, todo);
};

export const hostedZone: Check = {
  name: 'hosted zone',
  when: 'before',
  asks: 'aws',
  run: async (context) => {
    const given = context.settings.domain.hostedZone;
    if (given === undefined) return [];
    const asked = context.aws.route53.send(new GetHostedZoneCommand({ Id: given.id }));
    const found = await unlessAbsent(['NoSuchHostedZone'], asked);
    const todo = 'Correct domain.hostedZone; `aws route53 list-hosted-zones` shows what there is.';
    if (found === undefined) return [fail(`There is no hosted zone ${given.id} in the account.`, todo)];
    const name = bare(found.HostedZone?.Name ?? '');
    if (name !== given.name)
      return [fail(`The hosted zone ${given.id} is that of ${name}, not of ${given.name}.`, todo)];
    if (found.HostedZone?.Config?.PrivateZone) {
      return [fail(`The hosted zone ${given.id} is private: neither people nor certificates find it.`, todo)];
    }
    const servers = (found.DelegationSet?.NameServers ?? []).map(bare);
    return [ok(`The hosted zone ${given.id} is ${name}.`), await delegation(name, servers, context)];
  },
};
