import { Stack, Validations } from 'aws-cdk-lib';
import { CfnPolicy } from 'aws-cdk-lib/aws-iam';
import { flattenCfnReference } from 'cdk-nag/lib/utils/flatten-cfn-reference.js';
import type { IConstruct } from 'constructs';
import { reasonFor } from './wildcard-reasons.ts';

/** Accepted findings at the constructs of a path, which starts below the stack, each with its reason. */
interface Suppression {
  path: RegExp;
  rules: Record<string, string>;
}

const managed = (name: string) => `AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/${name}]`;
const ofEks = 'EKS requires its managed policies, which AWS updates with the service.';
const ofPublishing = 'The CDK’s own function, which uploads the built portal during a deployment.';

const suppressions: Suppression[] = [
  {
    path: /^SignIn\/Pool$/,
    rules: {
      'AwsSolutions-COG2': 'There are no passwords: the company’s identity provider enforces MFA.',
      'AwsSolutions-COG8': 'Threat protection covers sign-in with passwords, and there are none.',
    },
  },
  {
    path: /^Audit\/Stream$/,
    rules: { 'AwsSolutions-KDS3': 'Uses the customer key, so that the company decides who can read the audit.' },
  },
  {
    path: /^Audit\/Delivery$/,
    rules: {
      'AwsSolutions-KDF1': 'Its source is an encrypted stream, for which Firehose refuses a second encryption.',
    },
  },
  {
    path: /^Audit\/Bucket\/ReplicationRole\/DefaultPolicy$/,
    rules: Object.fromEntries(
      ['kms:GenerateDataKey*', 'kms:ReEncrypt*'].map((action) => [
        `AwsSolutions-IAM5[Action::${action}]`,
        'The construct library adds it for replicating the audit bucket.',
      ]),
    ),
  },
  {
    path: /^AgentKey\/Secret$/,
    rules: {
      'AwsSolutions-SMG4': 'A new value disconnects every running agent, so it is not rotated automatically.',
    },
  },
  {
    path: /^(Schedules|Streams)\/Failures\/Queue$/,
    rules: { 'AwsSolutions-SQS3': 'It is itself a dead-letter queue; an alarm reports its first message.' },
  },
  {
    path: /^Network\/Vpc\/\w+Subnet\d$/,
    rules: {
      'CloudFormation-Validate::W3010': 'The settings name the zones: a lookup would need credentials at synthesis.',
      'Annotation::@aws-cdk/aws-ec2:noSubnetRouteTableId': 'The app does not use the route tables of existing subnets.',
    },
  },
  {
    path: /^Network\/Vpc\/PublicSubnet\d\/NatInstance$/,
    rules: {
      'AwsSolutions-EC26': 'It forwards packets and stores nothing.',
      'AwsSolutions-EC28': 'Detailed metrics cost as much as the instance.',
      'AwsSolutions-EC29': 'It stores nothing and can be replaced at any time.',
    },
  },
  {
    path: /^Api\/\w+$/,
    rules: {
      'AwsSolutions-APIG4':
        'The handlers authorize each request themselves, because they also accept API tokens and refuse deactivated people.',
    },
  },
  {
    path: /^Gateway\/Outside$/,
    rules: {
      'AwsSolutions-EC23':
        'People and agents connect from everywhere; the gateway refuses connections without a credential.',
    },
  },
  {
    path: /^Gateway\/Balancer$/,
    rules: {
      'AwsSolutions-ELB2':
        'Connections are logged. Requests contain the URLs that people use in their apps and are logged only if the settings say so.',
    },
  },
  {
    path: /^Gateway\/Cluster$/,
    rules: {
      'AwsSolutions-ECS4':
        'Container Insights costs more than a replica; the logs and the load balancer’s metrics suffice.',
    },
  },
  {
    path: /^Gateway\/Task$/,
    rules: { 'AwsSolutions-ECS2': 'The variables are names, URLs and ARNs, not secrets.' },
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
      'AwsSolutions-EKS1': 'The functions run outside of the VPC; each request needs a role with an access entry.',
      'CloudFormation-Validate::W9009': 'The construct library generates it, and EKS accepts it.',
    },
  },
  {
    path: /^Compute\/Vms\/.*Spares$/,
    rules: {
      'AwsSolutions-AS3':
        'Spares are launched and detached constantly; the function that sizes the pools logs failures.',
    },
  },
  {
    path: /^Portal\/Files$/,
    rules: { 'AwsSolutions-S1': 'It stores the portal, which is public.' },
  },
  {
    path: /^(Portal|Gateway)\/TrafficLogs$/,
    rules: { 'AwsSolutions-S1': 'It stores access logs; logging access to it would need another bucket.' },
  },
  {
    path: /^Portal\/Distribution$/,
    rules: {
      'AwsSolutions-CFR1': 'People travel; the identity provider decides who can sign in.',
      'AwsSolutions-CFR2':
        'A firewall would cost more than all else of an idle installation; the API is throttled, and the other files are static.',
      'AwsSolutions-CFR3': 'CloudWatch delivers the access logs, without queries; the rule knows only the legacy logs.',
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

/** The two resources of the CDK's function: its assets, and the portal's bucket. */
const isPublished = (resource: string): boolean =>
  /^(arn:aws:s3:::cdk-[a-z0-9]+-assets-\d+-[a-z0-9-]+|<PortalFiles\w+\.Arn>)\/\*$/.test(resource);

/** Suppresses every accepted finding at its construct. A finding without a reason fails the synthesis. */
export const suppressFindings = (stacks: readonly Stack[]): void => {
  for (const stack of stacks) {
    for (const construct of stack.node.findAll()) {
      const path = construct.node.path.slice(stack.node.path.length + 1);
      for (const { rules } of suppressions.filter((known) => known.path.test(path))) suppress(construct, rules);
      if (construct instanceof CfnPolicy) suppress(construct, wildcardSuppressions(construct));
    }
  }
};

const suppress = (construct: IConstruct, rules: Record<string, string>): void => {
  const reasons = Object.entries(rules).map(([id, reason]) => ({ id, reason }));
  if (reasons.length > 0) Validations.of(construct).acknowledge(...reasons);
};

interface Statement {
  Action: string | string[];
  Resource: unknown;
}

/** The wildcard findings of a policy for which each action has a reason. */
const wildcardSuppressions = (policy: CfnPolicy): Record<string, string> => {
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
