import {
  type CloudFormationClient,
  DescribeStacksCommand,
  paginateListStackResources,
} from '@aws-sdk/client-cloudformation';
import type { Settings } from '../settings.ts';
import type { Clients } from './clients.ts';

export interface DeployedStack {
  name: string;
  status: string;
  /** Keys of its outputs. */
  outputs: string[];
  resources: { id: string; type: string; physicalId: string }[];
}

/** The stacks of an installation, as they are named in infra/build-app.ts. */
export interface Deployment {
  kept?: DeployedStack | undefined;
  berth?: DeployedStack | undefined;
  portal?: DeployedStack | undefined;
}

/** A stack that does not exist is a `ValidationError`, like much else. */
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

export const findDeployment = async ({ name }: Settings, aws: Clients, edge: Clients): Promise<Deployment> => {
  const [kept, berth, portal] = await Promise.all([
    stackOf(aws.cloudformation, `${name}Kept`),
    stackOf(aws.cloudformation, name),
    stackOf(edge.cloudformation, `${name}Portal`),
  ]);
  return { kept, berth, portal };
};

export const isDeployed = ({ kept, berth }: Deployment): boolean => kept !== undefined && berth !== undefined;

/** Physical ids of a stack's resources of these types, those alone whose logical id begins like this. */
export const idsOf = (stack: DeployedStack | undefined, types: string | string[], begin = ''): string[] =>
  (stack?.resources ?? [])
    .filter(({ id, type }) => [types].flat().includes(type) && id.startsWith(begin))
    .map(({ physicalId }) => physicalId);
