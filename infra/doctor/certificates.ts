import { type ACMClient, type CertificateDetail, DescribeCertificateCommand } from '@aws-sdk/client-acm';
import { fail, ok, type Verdict, warn } from '../../contracts/doctor.ts';
import { type Check, type Context, unlessAbsent } from './check.ts';
import { idsOf } from './deployment.ts';

const dayMs = 86_400_000;
/** ACM renews 60 days before the end; what is left with 30 will not renew by itself. */
const soonDays = 30;

const covers = (names: string[], host: string): boolean =>
  names.includes(host) || names.includes(host.replace(/^[^.]+/, '*'));

const states: Partial<Record<string, string>> = {
  PENDING_VALIDATION: 'waits for proof of the domain: make the CNAME records that ACM shows for it',
  EXPIRED: 'has expired: renew it, or import its successor',
  FAILED: 'could not be issued: ACM shows why',
  REVOKED: 'is revoked: take another',
};

/** What is to be said of one certificate that is to serve these hosts. */
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
      ? 'ACM does not renew what was imported: import its successor in its place.'
      : 'ACM renews it as long as its CNAME records are in DNS: make them again.';
  return [
    ...missing.map((host) => fail(`The ${what} is not for ${host}.`, `Take one for ${hosts.join(', ')}.`)),
    ...(days < 0 ? [fail(`The ${what} has expired.`, todo)] : []),
    ...(days >= 0 && days < soonDays ? [warn(`The ${what} expires in ${days} days.`, todo)] : []),
    ...(missing.length === 0 && days >= soonDays ? [ok(`The ${what} is valid for ${days} days.`)] : []),
  ];
};

const verdictsOf = async (acm: ACMClient, CertificateArn: string, what: string, hosts: string[], now: Date) => {
  const asked = acm.send(new DescribeCertificateCommand({ CertificateArn }));
  const found = await unlessAbsent(['ResourceNotFoundException'], asked);
  const todo = 'Correct domain.certificates; `aws acm list-certificates` shows what there is.';
  if (found?.Certificate === undefined) return [fail(`There is no certificate ${CertificateArn}, the ${what}.`, todo)];
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

const judgeFurther = async ({ settings, further, addresses, now }: Context): Promise<Verdict[]> => {
  const hosts = [addresses.gateway, `*.${addresses.apps}`];
  const verdicts = settings.gateway.regions.map(({ region, certificate = '' }) => {
    const acm = further.get(region)?.acm;
    return acm === undefined ? [] : verdictsOf(acm, certificate, `certificate in ${region}`, hosts, now);
  });
  return (await Promise.all(verdicts)).flat();
};

/** Those a company brings along. */
export const givenCertificates: Check = {
  name: 'certificates',
  when: 'before',
  asks: 'aws',
  run: async (context) => {
    const given = context.settings.domain.certificates;
    if (given === undefined) return [];
    return [...(await judge(context, [given.regional], [given.portal])), ...(await judgeFurther(context))];
  },
};

/** Those that were made in the hosted zone. */
export const madeCertificates: Check = {
  name: 'certificates',
  when: 'after',
  asks: 'aws',
  run: (context) => {
    const { berth, portal } = context.deployment;
    const type = 'AWS::CertificateManager::Certificate';
    return judge(context, idsOf(berth, type), idsOf(portal, type));
  },
};
