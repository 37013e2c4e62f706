import { type ACMClient, type CertificateDetail, DescribeCertificateCommand } from '@aws-sdk/client-acm';
import { fail, ok, type Verdict, warn } from '../../../contracts/doctor.ts';
import { type Check, type Context, unlessAbsent } from '../context/check.ts';
import { idsOf } from '../context/deployment.ts';

const dayMs = 86_400_000;
/** ACM renews a certificate 60 days before it expires, so with 30 days left the renewal has failed. */
const soonDays = 30;

const covers = (names: string[], host: string): boolean =>
  names.includes(host) || names.includes(host.replace(/^[^.]+/, '*'));

const states: Partial<Record<string, string>> = {
  PENDING_VALIDATION: 'is waiting for validation: create the CNAME records that ACM shows',
  EXPIRED: 'has expired: renew it, or import a new one',
  FAILED: 'could not be issued: ACM shows the reason',
  REVOKED: 'was revoked: use another one',
};

/** Checks one certificate against the hosts that it has to serve. */
export const judgeCertificate = (what: string, found: CertificateDetail, hosts: string[], now: Date): Verdict[] => {
  const { Status = '', NotAfter, SubjectAlternativeNames = [], DomainName = '', Type } = found;
  if (Status !== 'ISSUED') {
    return [fail(`The ${what} ${states[Status] ?? `is ${Status}`}.`, `See ${found.CertificateArn} in ACM.`)];
  }
  const days = NotAfter === undefined ? 0 : Math.floor((NotAfter.getTime() - now.getTime()) / dayMs);
  const names = [DomainName, ...SubjectAlternativeNames];
  const missing = hosts.filter((host) => !covers(names, host));
  const todo =
    Type === 'IMPORTED'
      ? 'ACM does not renew imported certificates: import a new one under the same ARN.'
      : 'ACM renews it only while its CNAME records are in DNS: create them again.';
  return [
    ...missing.map((host) =>
      fail(`The ${what} is not valid for ${host}.`, `Use a certificate for ${hosts.join(', ')}.`),
    ),
    ...(days < 0 ? [fail(`The ${what} has expired.`, todo)] : []),
    ...(days >= 0 && days < soonDays ? [warn(`The ${what} expires in ${days} days.`, todo)] : []),
    ...(missing.length === 0 && days >= soonDays ? [ok(`The ${what} is valid for ${days} days.`)] : []),
  ];
};

const verdictsOf = async (acm: ACMClient, CertificateArn: string, what: string, hosts: string[], now: Date) => {
  const request = acm.send(new DescribeCertificateCommand({ CertificateArn }));
  const found = await unlessAbsent(['ResourceNotFoundException'], request);
  const todo = 'Correct domain.certificates; `aws acm list-certificates` lists the certificates.';
  if (found?.Certificate === undefined) return [fail(`The ${what} ${CertificateArn} does not exist.`, todo)];
  return judgeCertificate(what, found.Certificate, hosts, now);
};

const hostsOf = ({ addresses }: Context) => ({
  regional: [addresses.api, addresses.gateway, `*.${addresses.apps}`],
  portal: [addresses.portal],
});

const judge = async (context: Context, regional: string[], portal: string[]): Promise<Verdict[]> => {
  const { aws, edge, now } = context;
  const hosts = hostsOf(context);
  const verdicts = await Promise.all([
    ...regional.map((arn) => verdictsOf(aws.acm, arn, 'regional certificate', hosts.regional, now)),
    ...portal.map((arn) => verdictsOf(edge.acm, arn, "portal's certificate", hosts.portal, now)),
  ]);
  return verdicts.flat();
};

const judgeFurther = async (
  { further, addresses, now }: Context,
  arns: readonly (readonly [region: string, arn: string])[],
): Promise<Verdict[]> => {
  const hosts = [addresses.gateway, `*.${addresses.apps}`];
  const verdicts = arns.map(([region, arn]) => {
    const acm = further.get(region)?.acm;
    return acm === undefined ? [] : verdictsOf(acm, arn, `certificate in ${region}`, hosts, now);
  });
  return (await Promise.all(verdicts)).flat();
};

/** The certificates that the settings name. */
export const givenCertificates: Check = {
  name: 'certificates',
  when: 'before',
  queries: 'aws',
  run: async (context) => {
    const given = context.settings.domain.certificates;
    if (given === undefined) return [];
    const further = context.settings.gateway.regions.map(
      ({ region, certificate = '' }) => [region, certificate] as const,
    );
    return [...(await judge(context, [given.regional], [given.portal])), ...(await judgeFurther(context, further))];
  },
};

/** The certificates that the stacks created in the hosted zone. */
export const madeCertificates: Check = {
  name: 'certificates',
  when: 'after',
  queries: 'aws',
  run: async (context) => {
    const { stateless, portal, gateways = new Map() } = context.deployment;
    const type = 'AWS::CertificateManager::Certificate';
    const further = [...gateways].flatMap(([region, stack]) => idsOf(stack, type).map((arn) => [region, arn] as const));
    return [
      ...(await judge(context, idsOf(stateless, type), idsOf(portal, type))),
      ...(await judgeFurther(context, further)),
    ];
  },
};
