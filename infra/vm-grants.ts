import { ArnFormat, type Stack } from 'aws-cdk-lib';
import type { SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import type { IRole } from 'aws-cdk-lib/aws-iam';
import type { VmPool } from '../contracts/vm-settings.ts';
import { allow, type Worker } from './worker.ts';

export interface VmGrantsProps {
  stack: Stack;
  /** What machines and volumes of this installation are tagged with. */
  installation: string;
  machineRole: IRole;
  securityGroup: SecurityGroup;
  pools: VmPool[];
}

/**
 * Permissions of compute/ec2, by what it does. EC2 names what is yet to be made by `*`; so what is there must carry the
 * installation's tag, and what is made must be given it.
 */
export class VmGrants {
  readonly #props: VmGrantsProps;
  readonly #isOurs: Record<string, unknown>;

  constructor(props: VmGrantsProps) {
    this.#props = props;
    this.#isOurs = { StringEquals: { 'aws:ResourceTag/berth:installation': props.installation } };
  }

  /** None of these takes a resource. */
  look(worker: Worker): void {
    allow(
      worker,
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

  /** A machine towards running for a workspace, with its home. */
  start(worker: Worker): void {
    const { stack, installation, machineRole, pools, securityGroup } = this.#props;
    const templates = pools.map(({ launchTemplate }) => this.#ec2('launch-template', launchTemplate.id));
    const subnets = new Set(pools.flatMap((pool) => pool.subnets.map(({ id }) => this.#ec2('subnet', id))));
    const tagged = { StringEquals: { 'aws:RequestTag/berth:installation': installation } };
    allow(worker, ['ec2:RunInstances'], [this.#ec2('instance', '*')], {
      ...tagged,
      ArnEquals: { 'ec2:LaunchTemplate': templates },
    });
    allow(
      worker,
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
    allow(worker, ['iam:PassRole'], [machineRole.roleArn], {
      StringEquals: { 'iam:PassedToService': 'ec2.amazonaws.com' },
    });
    allow(worker, ['ec2:CreateVolume'], [this.#ec2('volume', '*')], tagged);
    allow(worker, ['ec2:CreateTags'], [this.#ec2('instance', '*'), this.#ec2('volume', '*')], {
      StringEquals: { 'ec2:CreateAction': ['RunInstances', 'CreateVolume'] },
    });
    allow(
      worker,
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
    allow(worker, ['autoscaling:SetDesiredCapacity'], this.#groups());
  }

  /** A machine out of its group and to its end, and its home. */
  end(worker: Worker): void {
    allow(
      worker,
      ['ec2:DeleteVolume', 'ec2:StopInstances', 'ec2:TerminateInstances'],
      [this.#ec2('instance', '*'), this.#ec2('volume', '*')],
      this.#isOurs,
    );
    allow(worker, ['autoscaling:DetachInstances', 'autoscaling:PutWarmPool'], this.#groups());
  }

  /** The groups to their sizes. */
  resize(worker: Worker): void {
    allow(worker, ['autoscaling:PutWarmPool', 'autoscaling:SetDesiredCapacity'], this.#groups());
  }

  #ec2(resource: string, resourceName: string): string {
    return this.#props.stack.formatArn({ service: 'ec2', resource, resourceName });
  }

  /** A group's ARN holds an id that nobody knows beforehand. */
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
