import { ArnFormat, type Stack } from 'aws-cdk-lib';
import type { SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { VmPool } from '../../contracts/settings/vm.ts';
import { allow, type Workload } from '../functions/workload.ts';

export interface VmGrantsProps {
  stack: Stack;
  /** The condition that instances and volumes have this installation's tag. */
  installation: string;
  machineRole: IRole;
  securityGroup: SecurityGroup;
  pools: VmPool[];
}

/**
 * The permissions of compute/ec2, by operation. The ids of new resources are not known, so policies use `*`: existing
 * resources must have the installation's tag, and new ones must be created with it.
 */
export class VmGrants {
  readonly #props: VmGrantsProps;
  readonly #isOurs: Record<string, unknown>;

  constructor(props: VmGrantsProps) {
    this.#props = props;
    this.#isOurs = { StringEquals: { 'aws:ResourceTag/berth:installation': props.installation } };
  }

  /** Describing groups and instances. These actions support no resources. */
  describe(workload: Workload): void {
    allow(
      workload,
      [
        'autoscaling:DescribeAutoScalingGroups',
        'autoscaling:DescribeAutoScalingInstances',
        'autoscaling:DescribeWarmPool',
        'ec2:DescribeInstances',
        'ec2:DescribeVolumes',
      ],
      ['*'],
    );
  }

  /** Leasing and starting an instance for a workspace, with its home. */
  start(workload: Workload): void {
    const { stack, installation, machineRole, pools, securityGroup } = this.#props;
    const templates = pools.map(({ launchTemplate }) => this.#ec2('launch-template', launchTemplate.id));
    const subnets = new Set(pools.flatMap((pool) => pool.subnets.map(({ id }) => this.#ec2('subnet', id))));
    const tagged = { StringEquals: { 'aws:RequestTag/berth:installation': installation } };
    allow(workload, ['ec2:RunInstances'], [this.#ec2('instance', '*')], {
      ...tagged,
      ArnEquals: { 'ec2:LaunchTemplate': templates },
    });
    allow(
      workload,
      ['ec2:RunInstances'],
      [
        ...templates,
        ...subnets,
        this.#ec2('security-group', securityGroup.securityGroupId),
        this.#ec2('network-interface', '*'),
        this.#ec2('volume', '*'),
        stack.formatArn({ service: 'ec2', account: '', resource: 'image', resourceName: '*' }),
      ],
      { ArnEquals: { 'ec2:LaunchTemplate': templates } },
    );
    allow(workload, ['iam:PassRole'], [machineRole.roleArn], {
      StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' },
    });
    allow(workload, ['ec2:CreateVolume'], [this.#ec2('volume', '*')], tagged);
    allow(workload, ['ec2:CreateTags'], [this.#ec2('instance', '*'), this.#ec2('volume', '*')], {
      StringEquals: { 'ec2:CreateAction': ['RunInstances', 'CreateVolume'] },
    });
    allow(
      workload,
      [
        'ec2:AttachVolume',
        'ec2:CreateTags',
        'ec2:ModifyInstanceAttribute',
        'ec2:ModifyInstanceMetadataOptions',
        'ec2:ModifyVolume',
        'ec2:StartInstances',
      ],
      [this.#ec2('instance', '*'), this.#ec2('volume', '*')],
      this.#isOurs,
    );
    allow(workload, ['autoscaling:SetDesiredCapacity'], this.#groups());
  }

  /** Detaching and terminating an instance, and tagging a home whose workspace is unknown. */
  end(workload: Workload): void {
    allow(workload, ['ec2:StopInstances', 'ec2:TerminateInstances'], [this.#ec2('instance', '*')], this.#isOurs);
    allow(workload, ['ec2:CreateTags'], [this.#ec2('volume', '*')], this.#isOurs);
    allow(workload, ['autoscaling:DetachInstances', 'autoscaling:PutWarmPool'], this.#groups());
  }

  /** Deleting the home of a deleted workspace. The function that sizes the pools does not get this grant. */
  deleteHomes(workload: Workload): void {
    allow(workload, ['ec2:DeleteVolume'], [this.#ec2('volume', '*')], this.#isOurs);
  }

  /** Setting the sizes of the groups. */
  resize(workload: Workload): void {
    allow(workload, ['autoscaling:PutWarmPool', 'autoscaling:SetDesiredCapacity'], this.#groups());
  }

  #ec2(resource: string, resourceName: string): string {
    return this.#props.stack.formatArn({ service: 'ec2', resource, resourceName });
  }

  /** The ARN of a group contains an id that AWS generates. */
  #groups(): string[] {
    return this.#props.pools.map(({ autoScalingGroup }) =>
      this.#props.stack.formatArn({
        service: 'autoscaling',
        resource: 'autoScalingGroup',
        resourceName: `*:autoScalingGroupName/${autoScalingGroup}`,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
    );
  }
}
