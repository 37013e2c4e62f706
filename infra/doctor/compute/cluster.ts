import { type Cluster, DescribeClusterCommand, paginateListAccessEntries } from '@aws-sdk/client-eks';
import { fail, ok, type Verdict, warn } from '../../../contracts/doctor.ts';
import type { Settings } from '../../settings/settings.ts';
import { type Check, unlessAbsent } from '../context/check.ts';
import { idsOf } from '../context/deployment.ts';

type Existing = NonNullable<NonNullable<Settings['kubernetes']>['existing']>;

const judgeNetwork = ({ name }: Existing, { resourcesVpcConfig: vpc }: Cluster): Verdict[] => {
  // Berth's functions run outside of any VPC.
  if (vpc?.endpointPublicAccess === false) {
    return [
      fail(
        `The cluster ${name} can be reached only from its VPC, and Berth's functions run outside of it.`,
        'Enable its public endpoint.',
      ),
    ];
  }
  const from = vpc?.publicAccessCidrs ?? [];
  if (from.length === 0 || from.includes('0.0.0.0/0')) return [];
  return [
    warn(
      `The cluster ${name} can be reached only from ${from.join(', ')}, and Berth's functions have no fixed addresses.`,
      'Open its public endpoint to 0.0.0.0/0. Every request still needs a role with an access entry.',
    ),
  ];
};

/** Checks an existing cluster against the settings. */
const judgeCluster = (existing: Existing, cluster: Cluster): Verdict[] => {
  const { name } = existing;
  const mode = cluster.accessConfig?.authenticationMode;
  const differs = (setting: keyof Existing, value: string | undefined) =>
    value === existing[setting]
      ? []
      : [fail(`The cluster ${name} has a different ${setting}: ${value}.`, `Correct kubernetes.existing.${setting}.`)];
  const wrong = [
    ...(cluster.status === 'ACTIVE'
      ? []
      : [fail(`The cluster ${name} is ${cluster.status}, not ACTIVE.`, 'See the reason in the EKS console.')]),
    ...(mode === 'API' || mode === 'API_AND_CONFIG_MAP'
      ? []
      : [
          fail(
            `The cluster ${name} does not support access entries (authentication mode ${mode}).`,
            `Run aws eks update-cluster-config --name ${name} --access-config authenticationMode=API_AND_CONFIG_MAP.`,
          ),
        ]),
    ...differs('endpoint', cluster.endpoint),
    ...differs('oidcIssuer', cluster.identity?.oidc?.issuer),
    ...differs('certificateAuthority', cluster.certificateAuthority?.data),
    ...judgeNetwork(existing, cluster),
  ];
  return wrong.length > 0 ? wrong : [ok(`The cluster ${name} is active and matches the settings.`)];
};

export const cluster: Check = {
  name: 'cluster',
  when: 'before',
  queries: 'aws',
  run: async ({ aws, settings: { kubernetes, region } }) => {
    const existing = kubernetes?.existing;
    if (existing === undefined) return [];
    const request = aws.eks.send(new DescribeClusterCommand({ name: existing.name }));
    const found = await unlessAbsent(['ResourceNotFoundException'], request);
    if (found?.cluster === undefined) {
      return [fail(`The cluster ${existing.name} does not exist in ${region}.`, 'Correct kubernetes.existing.name.')];
    }
    return judgeCluster(existing, found.cluster);
  },
};

/** Checks the access entries of the functions that manage pods. */
export const clusterAccess: Check = {
  name: 'cluster access',
  when: 'after',
  queries: 'aws',
  run: async ({ aws, settings: { kubernetes }, deployment: { stateless } }) => {
    if (kubernetes === undefined) return [];
    const [clusterName] = kubernetes.existing ? [kubernetes.existing.name] : idsOf(stateless, 'AWS::EKS::Cluster');
    const deployAgain = 'Run npm run deploy -- -c settings=berth.config.yaml.';
    if (clusterName === undefined) return [fail('The stack has no cluster.', deployAgain)];
    const principals: string[] = [];
    for await (const { accessEntries = [] } of paginateListAccessEntries({ client: aws.eks }, { clusterName })) {
      principals.push(...accessEntries);
    }
    const roles = idsOf(stateless, 'AWS::IAM::Role');
    const entries = principals.filter((arn) => roles.includes(arn.split('/').at(-1) ?? ''));
    const wanted = idsOf(stateless, 'AWS::EKS::AccessEntry').length;
    return [
      entries.length > 0 && entries.length >= wanted
        ? ok(`${entries.length} functions have access to the cluster ${clusterName}.`)
        : fail(
            `Only ${entries.length} of ${wanted} functions that manage pods have access to the cluster ${clusterName}.`,
            deployAgain,
          ),
    ];
  },
};
