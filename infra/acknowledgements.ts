import { Stack, Validations } from 'aws-cdk-lib';
import { CfnPolicy } from 'aws-cdk-lib/aws-iam';
import { flattenCfnReference } from 'cdk-nag/lib/utils/flatten-cfn-reference.js';
import type { IConstruct } from 'constructs';
import { reasonFor } from './wildcards.ts';

/** Where a rule of AwsSolutions is known to be broken, and why that is meant. Paths begin below the stack. */
interface Acknowledged {
  path: RegExp;
  rules: Record<string, string>;
}

const managed = (name: string) => `AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${name}]`;
const ofEks = 'EKS works with its own managed policies, which change with it.';
const ofPublishing = 'CDK’s own function, which puts the built portal into its bucket while a deployment runs.';

const acknowledged: Acknowledged[] = [
  {
    path: /^SignIn\/Pool$/,
    rules: {
      'AwsSolutions-COG2': 'Nobody has a password here: the company’s identity provider asks for the second factor.',
      'AwsSolutions-COG8': 'Threat protection guards passwords, and nobody has one here.',
    },
  },
  {
    path: /^Audit\/Stream$/,
    rules: { 'AwsSolutions-KDS3': 'The customer key is wanted, so that who reads the audit is the company’s to say.' },
  },
  {
    path: /^Audit\/Delivery$/,
    rules: {
      'AwsSolutions-KDF1': 'Its source is the stream, which is encrypted; Firehose refuses a second encryption.',
    },
  },
  {
    path: /^AgentKey\/Secret$/,
    rules: {
      'AwsSolutions-SMG4': 'A new value cuts off every agent that runs; docs/runbook.md tells when and how to do so.',
    },
  },
  {
    path: /^(Schedules|Streams)\/Failures\/Queue$/,
    rules: { 'AwsSolutions-SQS3': 'It is where others’ failures end; an alarm tells of the first message.' },
  },
  {
    path: /^Network\/Vpc\/\w+Subnet\d$/,
    rules: {
      'CloudFormation-Validate::W3010': 'The settings name the zones, for to look them up would take credentials.',
      'Annotation::@aws-cdk/aws-ec2:noSubnetRouteTableId':
        'Nothing here asks for the routes of subnets that are there already.',
    },
  },
  {
    path: /^Network\/Vpc\/PublicSubnet\d\/NatInstance$/,
    rules: {
      'AwsSolutions-EC26': 'It passes packets on and holds nothing.',
      'AwsSolutions-EC28': 'Closer metrics cost as much as the machine.',
      'AwsSolutions-EC29': 'It holds nothing, so it can be made anew at any time.',
    },
  },
  {
    path: /^Api\/\w+$/,
    rules: {
      'AwsSolutions-APIG4':
        'The handlers check each request themselves: tokens of the user pool and API tokens, and people who have left.',
    },
  },
  {
    path: /^Gateway\/Outside$/,
    rules: {
      'AwsSolutions-EC23': 'People and agents come from everywhere; the gateway admits nobody without a token.',
    },
  },
  {
    path: /^Gateway\/Balancer$/,
    rules: { 'AwsSolutions-ELB2': 'They would hold the full addresses of what people do in their apps.' },
  },
  {
    path: /^Gateway\/Cluster$/,
    rules: {
      'AwsSolutions-ECS4': 'Insights cost more a month than a replica; logs and the balancer’s metrics tell enough.',
    },
  },
  {
    path: /^Gateway\/Task$/,
    rules: { 'AwsSolutions-ECS2': 'Names, addresses and ARNs; no secret is among them.' },
  },
  {
    path: /^Compute\/Kubernetes\/Cluster$/,
    rules: {
      ...Object.fromEntries(
        [
          'AmazonEKSClusterPolicy',
          'AmazonEKSComputePolicy',
          'AmazonEKSBlockStoragePolicy',
          'AmazonEKSLoadBalancingPolicy',
          'AmazonEKSNetworkingPolicy',
          'AmazonEKSWorkerNodePolicy',
          'AmazonEC2ContainerRegistryReadOnly',
        ].map((name) => [managed(name), ofEks]),
      ),
      'AwsSolutions-EKS1':
        'The functions are outside of the VPC; each request is signed by a role with an access entry.',
      'CloudFormation-Validate::W9009': 'The construct library writes it; EKS takes it.',
    },
  },
  {
    path: /^Compute\/Vms\/.*Spares$/,
    rules: { 'AwsSolutions-AS3': 'Spares come and go by design; what fails is told by the alarm of the pools.' },
  },
  {
    path: /^Portal\/Files$/,
    rules: { 'AwsSolutions-S1': 'It holds the portal, which anybody may read.' },
  },
  {
    path: /^Portal\/Distribution$/,
    rules: {
      'AwsSolutions-CFR1': 'A company’s people travel; who may sign in is the identity provider’s to say.',
      'AwsSolutions-CFR2':
        'A firewall costs more than all else at rest; the API is throttled, and static files need none.',
      'AwsSolutions-CFR3': 'They would hold queries of the API; the API logs its requests without them.',
    },
  },
  {
    path: /^Custom::CDKBucketDeployment\w+$/,
    rules: Object.fromEntries(
      [
        'AwsSolutions-L1',
        managed('service-role/AWSLambdaBasicExecutionRole'),
        ...['GetBucket', 'GetObject', 'List', 'Abort', 'DeleteObject'].map(
          (verb) => `AwsSolutions-IAM5[Action::s3:${verb}*]`,
        ),
      ].map((rule) => [rule, ofPublishing]),
    ),
  },
];

/** Two resources of CDK's function: all of the built files, and all of the bucket they go to. */
const isPublished = (resource: string): boolean =>
  /^(arn:aws:s3:::cdk-[a-z0-9]+-assets-\d+-[a-z0-9-]+|<PortalFiles\w+\.Arn>)\/\*$/.test(resource);

/** Puts every reason where its rule is broken. What has none is left to fail the synthesis. */
export const acknowledge = (stacks: readonly Stack[]): void => {
  for (const stack of stacks) {
    for (const construct of stack.node.findAll()) {
      const path = construct.node.path.slice(stack.node.path.length + 1);
      for (const { rules } of acknowledged.filter((known) => known.path.test(path))) say(construct, rules);
      if (construct instanceof CfnPolicy) say(construct, wildcardsOf(construct));
    }
  }
};

const say = (construct: IConstruct, rules: Record<string, string>): void => {
  const reasons = Object.entries(rules).map(([id, reason]) => ({ id, reason }));
  if (reasons.length > 0) Validations.of(construct).acknowledge(...reasons);
};

interface Statement {
  Action: string | string[];
  Resource: unknown;
}

/** The findings on wildcards of a policy that have a reason for each of their actions. */
const wildcardsOf = (policy: CfnPolicy): Record<string, string> => {
  const { Statement } = Stack.of(policy).resolve(policy.policyDocument) as { Statement: Statement[] };
  const pairs = Statement.flatMap(({ Action, Resource }) =>
    [Resource]
      .flat()
      .map(flattenCfnReference)
      .filter((resource) => resource.includes('*'))
      .flatMap((resource) => [Action].flat().map((action) => ({ action, resource }))),
  );
  const reasons = Map.groupBy(pairs, ({ resource }) => resource);
  return Object.fromEntries(
    [...reasons].flatMap(([resource, its]) => {
      const given = its.map(({ action }) => (isPublished(resource) ? ofPublishing : reasonFor(action, resource)));
      if (given.includes(undefined)) return [];
      return [[`AwsSolutions-IAM5[Resource::${resource}]`, [...new Set(given)].join(' ')]];
    }),
  );
};
