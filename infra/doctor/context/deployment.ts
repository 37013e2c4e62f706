import {
  type CloudFormationClient,
  DescribeStacksCommand,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation';
import type { Settings } from '../../settings/settings.ts';
import type { Clients } from './clients.ts';

export interface DeployedStack {
  name: string;
  status: string;
  /** Output keys. */
  outputs: string[];
  resources: { id: string; type: string; physicalId: string }[];
}

/** The stacks of an installation, as they are named in infra/build-app.ts and infra/regions/further-regions.ts. */
export interface Deployment {
  stateful?: DeployedStack | undefined;
  stateless?: DeployedStack | undefined;
  portal?: DeployedStack | undefined;
  /** The gateway's stacks by further region; `undefined` for a region without a stack. */
  gateways?: ReadonlyMap<string, DeployedStack | undefined>;
}

export const gatewayStackName = (name: string, region: string): string => `${name}-Gateway-${region}`;

/** CloudFormation reports a missing stack as a `ValidationError`, its name for most errors. */
const isAbsent = (error: unknown): boolean =>
  error instanceof Error && error.name === 'ValidationError' && error.message.includes('does not exist');

const stackOf = async (client: CloudFormationClient, name: string): Promise<DeployedStack | undefined> => {
  try {
    const { Stacks: [stack] = [] } = await client.send(new DescribeStacksCommand({ StackName: name }));
    if (stack === undefined) return undefined;
    const resources: DeployedStack['resources'] = [];
    for await (const { StackResourceSummaries = [] } of paginateListStackResources({ client }, { StackName: name })) {
      for (const {
        LogicalResourceId: id = '',
        ResourceType: type = '',
        PhysicalResourceId,
      } of StackResourceSummaries) {
        if (PhysicalResourceId !== undefined) resources.push({ id, type, physicalId: PhysicalResourceId });
      }
    }
    const outputs = (stack.Outputs ?? []).map(({ OutputKey = '' }) => OutputKey);
    return { name, status: stack.StackStatus ?? '', outputs, resources };
  } catch (error) {
    if (isAbsent(error)) return undefined;
    throw error;
  }
};

/** The clients of the regions that have stacks. */
interface Regions {
  aws: Clients;
  edge: Clients;
  further: ReadonlyMap<string, Clients>;
}

export const findDeployment = async ({ name }: Settings, { aws, edge, further }: Regions): Promise<Deployment> => {
  const [stateful, stateless, portal, ...gateways] = await Promise.all([
    stackOf(aws.cloudformation, `${name}Kept`),
    stackOf(aws.cloudformation, name),
    stackOf(edge.cloudformation, `${name}Portal`),
    ...[...further].map(([region, { cloudformation }]) => stackOf(cloudformation, gatewayStackName(name, region))),
  ]);
  return {
    stateful,
    stateless,
    portal,
    gateways: new Map([...further.keys()].map((region, index) => [region, gateways[index]])),
  };
};

export const isDeployed = ({ stateful, stateless }: Deployment): boolean =>
  stateful !== undefined && stateless !== undefined;

/** Returns the physical ids of a stack's resources of these types whose logical ids start with `begin`. */
export const idsOf = (stack: DeployedStack | undefined, types: string | string[], begin = ''): string[] =>
  (stack?.resources ?? [])
    .filter(({ id, type }) => [types].flat().includes(type) && id.startsWith(begin))
    .map(({ physicalId }) => physicalId);
