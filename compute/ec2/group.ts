import {
  type AutoScalingClient,
  DescribeAutoScalingGroupsCommand,
  DescribeAutoScalingInstancesCommand,
  DescribeWarmPoolCommand,
  DetachInstancesCommand,
  type Instance,
  PutWarmPoolCommand,
  SetDesiredCapacityCommand,
} from '@aws-sdk/client-auto-scaling';
import type { VmPool } from '../../contracts/vm-settings.ts';
import { BerthError } from '../../core/errors.ts';
import type { GroupMember } from './choose.ts';
import { codeOf } from './explain.ts';
import type { GroupSize } from './spares.ts';

/** A pool's Auto Scaling group as it is. */
export interface Group extends GroupSize {
  members: GroupMember[];
  /** How many machines its warm pool holds. */
  warm: number;
}

const memberOf = (instance: Instance): GroupMember => ({
  instanceId: instance.InstanceId ?? '',
  instanceType: instance.InstanceType ?? '',
  zone: instance.AvailabilityZone ?? '',
  lifecycle: instance.LifecycleState ?? '',
  healthy: instance.HealthStatus?.toLowerCase() === 'healthy',
});

/** What is asked of the group of one pool; no call looks at any other machine. */
export const groupCalls = (client: AutoScalingClient) => {
  const look = async ({ name, autoScalingGroup }: VmPool): Promise<Group> => {
    const { AutoScalingGroups = [] } = await client.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [autoScalingGroup] }),
    );
    const [group] = AutoScalingGroups;
    if (group === undefined) {
      throw new BerthError(
        'compute_failed',
        `The Auto Scaling group of the pool ${name} is not there. Ask your administrator to deploy Berth again.`,
      );
    }
    return {
      members: (group.Instances ?? []).map(memberOf),
      desired: group.DesiredCapacity ?? 0,
      prepared: group.WarmPoolConfiguration?.MaxGroupPreparedCapacity ?? 0,
      warm: group.WarmPoolSize ?? 0,
    };
  };

  const warmMembers = async ({ autoScalingGroup }: VmPool): Promise<GroupMember[]> => {
    const members: GroupMember[] = [];
    let NextToken: string | undefined;
    do {
      const page = await client.send(
        new DescribeWarmPoolCommand({ AutoScalingGroupName: autoScalingGroup, NextToken }),
      );
      members.push(...(page.Instances ?? []).map(memberOf));
      NextToken = page.NextToken;
    } while (NextToken !== undefined);
    return members;
  };

  const isMember = async (instanceId: string): Promise<boolean> => {
    const { AutoScalingInstances = [] } = await client.send(
      new DescribeAutoScalingInstancesCommand({ InstanceIds: [instanceId] }),
    );
    return AutoScalingInstances.length > 0;
  };

  return {
    look,
    warmMembers,

    /**
     * Takes a machine out of the group, so that neither scale-in nor an instance refresh nor a health check ends it.
     * `false`: it cannot leave just now; ask again.
     */
    detach: async ({ autoScalingGroup }: VmPool, instanceId: string, leaves: 'refill' | 'shrink'): Promise<boolean> => {
      try {
        await client.send(
          new DetachInstancesCommand({
            AutoScalingGroupName: autoScalingGroup,
            InstanceIds: [instanceId],
            ShouldDecrementDesiredCapacity: leaves === 'shrink',
          }),
        );
        return true;
      } catch (error) {
        if (codeOf(error) !== 'ValidationError' && codeOf(error) !== 'ValidationException') throw error;
        return !(await isMember(instanceId));
      }
    },

    setDesired: async ({ autoScalingGroup }: VmPool, desired: number): Promise<void> => {
      await client.send(
        new SetDesiredCapacityCommand({
          AutoScalingGroupName: autoScalingGroup,
          DesiredCapacity: desired,
          HonorCooldown: false,
        }),
      );
    },

    /** Bounds the machines of group and warm pool together. What the group does not run of them is kept stopped. */
    setPrepared: async ({ autoScalingGroup }: VmPool, prepared: number): Promise<void> => {
      await client.send(
        new PutWarmPoolCommand({
          AutoScalingGroupName: autoScalingGroup,
          PoolState: 'Stopped',
          MinSize: 0,
          MaxGroupPreparedCapacity: prepared,
        }),
      );
    },
  };
};
export type GroupCalls = ReturnType<typeof groupCalls>;
