import { GetHostedZoneCommand } from '@aws-sdk/client-route-53';
import { fail, ok, type Verdict, warn, whyUnreachable } from '../../../contracts/doctor.ts';
import { type Check, type Context, unlessAbsent } from '../context/check.ts';

const bare = (name: string): string => name.replace(/\.$/, '').toLowerCase();

/**
 * ACM cannot validate a certificate through a zone that DNS does not delegate to: the deployment would wait for hours.
 */
const delegation = async (zone: string, servers: string[], { nameServers }: Context): Promise<Verdict> => {
  const todo = `In the parent zone or at the registrar, set the name servers of ${zone} to ${servers.join(', ')}.`;
  let known: string[];
  try {
    known = await nameServers(zone);
  } catch (error) {
    if (['ENOTFOUND', 'ENODATA'].includes((error as NodeJS.ErrnoException).code ?? '')) {
      return fail(`The zone ${zone} is not delegated in DNS: no certificate can be validated.`, todo);
    }
    return warn(`The delegation of the zone ${zone} could not be looked up: ${whyUnreachable(error)}.`, 'Try again.');
  }
  return known.some((server) => servers.includes(bare(server)))
    ? ok(`DNS delegates ${zone} to the hosted zone.`)
    : fail(`DNS delegates ${zone} to ${known.join(', ')}, not to this zone: no certificate can be validated.`, todo);
};

export const hostedZone: Check = {
  name: 'hosted zone',
  when: 'before',
  queries: 'aws',
  run: async (context) => {
    const given = context.settings.domain.hostedZone;
    if (given === undefined) return [];
    const request = context.aws.route53.send(new GetHostedZoneCommand({ Id: given.id }));
    const found = await unlessAbsent(['NoSuchHostedZone'], request);
    const todo = 'Correct domain.hostedZone; `aws route53 list-hosted-zones` lists the zones.';
    if (found === undefined) return [fail(`The hosted zone ${given.id} does not exist in the account.`, todo)];
    const name = bare(found.HostedZone?.Name ?? '');
    if (name !== given.name) return [fail(`The hosted zone ${given.id} is for ${name}, not for ${given.name}.`, todo)];
    if (found.HostedZone?.Config?.PrivateZone) {
      return [
        fail(
          `The hosted zone ${given.id} is private: people cannot resolve it, and ACM cannot validate certificates.`,
          todo,
        ),
      ];
    }
    const servers = (found.DelegationSet?.NameServers ?? []).map(bare);
    return [ok(`The hosted zone ${given.id} is for ${name}.`), await delegation(name, servers, context)];
  },
};
