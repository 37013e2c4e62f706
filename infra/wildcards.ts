/** A resource with `*` that a policy may name, for these actions alone, and why it cannot be narrower. */
export interface Wildcard {
  /** As cdk-nag shows a resource: a reference as `<LogicalId.Attribute>`. */
  resource: RegExp;
  actions: string[];
  reason: string;
}

/** Actions of which IAM knows no resource: there is nothing narrower than `*`. */
const withoutResource: Wildcard[] = [
  {
    resource: /^\*$/,
    actions: ['xray:PutTraceSegments', 'xray:PutTelemetryRecords', 'xray:GetSamplingRules', 'xray:GetSamplingTargets'],
    reason: 'X-Ray takes no resource: traces belong to the account.',
  },
  {
    resource: /^\*$/,
    actions: ['dynamodb:ListStreams'],
    reason: 'Lists streams of the account; Lambda asks for it before it reads one.',
  },
  {
    resource: /^\*$/,
    actions: [
      'logs:CreateLogDelivery',
      'logs:DeleteLogDelivery',
      'logs:DescribeLogGroups',
      'logs:DescribeResourcePolicies',
      'logs:GetLogDelivery',
      'logs:ListLogDeliveries',
      'logs:PutResourcePolicy',
      'logs:UpdateLogDelivery',
    ],
    reason: 'Step Functions sets up the delivery of its log with them, and they take no resource.',
  },
  {
    resource: /^\*$/,
    actions: [
      'autoscaling:DescribeAutoScalingGroups',
      'autoscaling:DescribeAutoScalingInstances',
      'autoscaling:DescribeWarmPool',
      'ec2:DescribeInstances',
      'ec2:DescribeVolumes',
    ],
    reason: 'Descriptions take no resource; what may be changed is bound to the tag of the installation.',
  },
  {
    resource: /^\*$/,
    actions: [
      'ssm:UpdateInstanceInformation',
      'ssmmessages:CreateControlChannel',
      'ssmmessages:CreateDataChannel',
      'ssmmessages:OpenControlChannel',
      'ssmmessages:OpenDataChannel',
    ],
    reason: 'Session Manager takes no resource; a machine can only speak for itself.',
  },
  {
    resource: /^\*$/,
    actions: ['ecr:GetAuthorizationToken'],
    reason: 'Signs in to the registry and takes no resource; which images are read is bound.',
  },
];

/** Names that are not known before what they name is made. */
const notYetNamed: Wildcard[] = [
  {
    resource: /^arn:aws:scheduler:[a-z0-9-]+:\d+:schedule\/\w+\/\*$/,
    actions: ['scheduler:CreateSchedule', 'scheduler:UpdateSchedule', 'scheduler:DeleteSchedule'],
    reason: 'Schedules are named by their workspace, in the one group of the installation.',
  },
  {
    resource: /^arn:aws:states:[a-z0-9-]+:\d+:execution:\w+-(start|stop|delete)-workspace:\*$/,
    actions: ['states:DescribeExecution', 'states:RedriveExecution'],
    reason: 'Executions are named by their build, below the one state machine.',
  },
  {
    resource: /^arn:aws:ecs:[a-z0-9-]+:\d+:task\/<GatewayCluster\w+>\/\*$/,
    actions: ['ecs:DescribeTasks'],
    reason: 'A replica asks about itself, whose id AWS makes up; only the gateway is in the cluster.',
  },
  {
    resource: /^<AuditBucket\w+\.Arn>\/\*$/,
    actions: ['s3:AbortMultipartUpload', 's3:GetObject', 's3:PutObject'],
    reason: 'Firehose names the files of the audit bucket itself.',
  },
  {
    resource: /^arn:aws:autoscaling:[a-z0-9-]+:\d+:autoScalingGroup:\*:autoScalingGroupName\/\w+-[a-z0-9-]+$/,
    actions: ['autoscaling:DetachInstances', 'autoscaling:PutWarmPool', 'autoscaling:SetDesiredCapacity'],
    reason: 'The ARN of a group holds an id that AWS makes up; its name is given in full.',
  },
  {
    resource: /^arn:aws:ec2:[a-z0-9-]+:\d+:(instance|volume)\/\*$/,
    actions: [
      'ec2:AttachVolume',
      'ec2:CreateTags',
      'ec2:CreateVolume',
      'ec2:DeleteVolume',
      'ec2:ModifyInstanceAttribute',
      'ec2:ModifyInstanceMetadataOptions',
      'ec2:ModifyVolume',
      'ec2:RunInstances',
      'ec2:StartInstances',
      'ec2:StopInstances',
      'ec2:TerminateInstances',
    ],
    reason: 'Ids are not known beforehand; a condition demands the tag of the installation, or its launch template.',
  },
  {
    resource: /^arn:aws:ec2:[a-z0-9-]+:(\d+:network-interface|:image)\/\*$/,
    actions: ['ec2:RunInstances'],
    reason: 'What a launch takes beside its machine; a condition demands one of the launch templates of the pools.',
  },
];

export const wildcards: Wildcard[] = [...withoutResource, ...notYetNamed];

/** Why a policy may name the resource for the action; `undefined` when nobody has written a reason. */
export const reasonFor = (action: string, resource: string): string | undefined =>
  wildcards.find((known) => known.resource.test(resource) && known.actions.includes(action))?.reason;
