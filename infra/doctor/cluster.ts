import { type Cluster, DescribeClusterCommand, paginateListAccessEntries } from '@aws-sdk/client-eks';
import { fail, ok, type Verdict, warn } from '../../contracts/doctor.ts';
import type { Settings } from '../settings.ts';
import { type Check, unlessAbsent } from './check.ts';
import { idsOf } from './deployment.ts';

type Existing = NonNullable<NonNullable<Settings['kubernetes']>['existing']>;

const judgeNetwork = ({ name }: Existing, { resourcesVpcConfig: vpc }: Cluster): Verdict[] => {
  // The functions are outside of any VPC.
  if (vpc?.endpointPublicAccess === false) {
    return [
      fail(
        `The cluster ${name} is only reached from its VPC; Berth's functions are outside.`,
        'Open its public endpoint.',
      ),
    ];
  }
  const from = vpc?.publicAccessCidrs ?? [];
  if (from.length === 0 || from.includes('0.0.0.0/0')) return [];
  return [
    warn(
      `The cluster ${name} is only reached from ${from.join(', ')}; the functions have no fixed addresses.`,
      'Open its public endpoint to 0.0.0.0/0: whoever asks must still sign in with a role that has an access entry.',
    ),
  ];
};

/** What is to be said of a cluster that is there before Berth. */
export const judgeCluster = (existing: Existing, cluster: Cluster): Verdict[] => {
  const { name } = existing;
  const mode = cluster.accessConfig?.authenticationMode;
  const differs = (setting: keyof Existing, value: string | undefined) =>
    value === existing[setting]
      ? []
      : [fail(`The cluster ${name} has another ${setting}: ${value}.`, `Correct kubernetes.existing.${setting}.`)];
  const wrong = [
    ...(cluster.status === 'ACTIVE'
      ? []
      : [fail(`The cluster ${name} is ${cluster.status}, not ACTIVE.`, 'See EKS for why.')]),
    ...(mode === 'API' || mode === 'API_AND_CONFIG_MAP'
      ? []
      : [
          fail(
            `The cluster ${name} knows no access entries (authentication mode ${mode}).`,
            `Run: aws eks update-cluster-config --name ${name} --access-config authenticationMode=API_AND_CONFIG_MAP`,
          ),
        ]),
    ...differs('endpoint', cluster.endpoint),
    ...differs('oidcIssuer', cluster.identity?.oidc?.issuer),
    ...differs('certificateAuthority', cluster.certificateAuthority?.data),
    ...judgeNetwork(existing, cluster),
  ];
  return wrong.length > 0 ? wrong : [ok(`The cluster ${name} is active and as the settings say.`)];
};

export const cluster: Check = {
  name: 'cluster',
  when: 'before',
  asks: 'aws',
  run: async ({ aws, settings: { kubernetes, region } }) => {
    const existing = kubernetes?.existing;
    if (existing === undefined) return [];
    const asked = aws.eks.send(new DescribeClusterCommand({ name: existing.name }));
    const found = await unlessAbsent(['ResourceNotFoundException'], asked);
    if (found?.cluster === undefined) {
      return [fail(`There is no cluster ${existing.name} in ${region}.`, 'Correct kubernetes.existing.name.')];
    }
    return judgeCluster(existing, found.cluster);
  },
};

/** Whether the functions that move workspaces are let into the cluster. */
export const clusterAccess: Check = {
  name: 'cluster access',
  when: 'after',
  asks: 'aws',
  run: async ({ aws, settings: { kubernetes }, deployment: { berth } }) => {
    if (kubernetes === undefined) return [];
    const [clusterName] = kubernetes.existing ? [kubernetes.existing.name] : idsOf(berth, 'AWS::EKS::Cluster');
    const again = 'Deploy again: npm run deploy -- -c settings=berth.config.yaml';
    if (clusterName === undefined) return [fail('The stack has no cluster.', again)];
    const principals: string[] = [];
    for await (const { accessEntries = [] } of paginateListAccessEntries({ client: aws.eks }, { clusterName })) {
      principals.push(...accessEntries);
    }
    const roles = idsOf(berth, 'AWS::IAM::Role');
    const entries = principals.filter((arn) => roles.includes(arn.split('/').at(-1) ?? ''));
    const wanted = idsOf(berth, 'AWS::EKS::AccessEntry').length;
    return [
      entries.length > 0 && entries.length >= wanted
        ? ok(`${entries.length} functions are let into the cluster ${clusterName}.`)
        : fail(
            `The cluster ${clusterName} lets in ${entries.length} of ${wanted} functions that move workspaces.`,
            again,
          ),
    ];
  },
};
