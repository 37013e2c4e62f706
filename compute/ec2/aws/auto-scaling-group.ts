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
import type { VmPool } from '../../../contracts/settings/vm.ts';
import { BerthError } from '../../../core/errors.ts';
import { errorCode } from './errors.ts';

export interface GroupSize {
  /** Instances that run. */
  desired: number;
  /** All instances, those of the warm pool included. */
  prepared: number;
}

/** An instance as its Auto Scaling group reported it. */
export interface GroupMember {
  instanceId: string;
  instanceType: string;
  zone: string;
  /** `InService`, `Pending`, `Warmed:Stopped`, … */
  lifecycle: string;
  healthy: boolean;
}

/** A pool's Auto Scaling group as AWS reported it. */
export interface Group extends GroupSize {
  members: GroupMember[];
  /** How many instances the warm pool has. */
  warm: number;
}

const memberOf = (instance: Instance): GroupMember => ({
  instanceId: instance.InstanceId ?? '',
  instanceType: instance.InstanceType ?? '',
  zone: instance.AvailabilityZone ?? '',
  lifecycle: instance.LifecycleState ?? '',
  healthy: instance.HealthStatus?.toLowerCase() === 'healthy',
});

/** Auto Scaling returns a validation error when an instance is not in the group, or no longer. */
export const isValidationError = (error: unknown): boolean => /^Validation(Error|Exception)$/.test(errorCode(error));

/** Requests about the group of one pool. */
export const autoScalingGroups = (client: AutoScalingClient) => {
  const describe = async ({ name, autoScalingGroup }: VmPool): Promise<Group> => {
    const { AutoScalingGroups = [] } = await client.send(
      new DescribeAutoScalingGroupsCommand({ AutoScalingGroupNames: [autoScalingGroup] }),
    );
    const [group] = AutoScalingGroups;
    if (group === undefined) {
      throw new BerthError('compute_failed', `The Auto Scaling group of the pool ${name} does not exist.`, {
        remedy: 'Ask your administrator to deploy Berth again.',
      });
    }
    return {
      members: (group.Instances ?? []).map(memberOf),
      desired: group.DesiredCapacity ?? 0,
      prepared: group.WarmPoolConfiguration?.MaxGroupPreparedCapacity ?? 0,
      warm: group.WarmPoolSize ?? 0,
    };
  };

  const listWarmPool = async ({ autoScalingGroup }: VmPool): Promise<GroupMember[]> => {
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

  const detachAll = async (
    { autoScalingGroup }: VmPool,
    instanceIds: string[],
    leaves: 'refill' | 'shrink',
  ): Promise<void> => {
    await client.send(
      new DetachInstancesCommand({
        AutoScalingGroupName: autoScalingGroup,
        InstanceIds: instanceIds,
        ShouldDecrementDesiredCapacity: leaves === 'shrink',
      }),
    );
  };

  return {
    describe: describe,
    listWarmPool: listWarmPool,
    /**
     * Detaches all of them, at most 20, or fails without detaching any, for example because one is not in the group.
     */
    detachAll,

    /**
     * Detaches an instance, so that neither scale-in nor an instance refresh nor a health check terminates it.
     * `false`: it cannot be detached at the moment; try again.
     */
    detach: async (pool: VmPool, instanceId: string, leaves: 'refill' | 'shrink'): Promise<boolean> => {
      try {
        await detachAll(pool, [instanceId], leaves);
        return true;
      } catch (error) {
        if (!isValidationError(error)) throw error;
        return !(await isMember(instanceId));
      }
    },

    setDesiredCapacity: async ({ autoScalingGroup }: VmPool, desired: number): Promise<void> => {
      await client.send(
        new SetDesiredCapacityCommand({
          AutoScalingGroupName: autoScalingGroup,
          DesiredCapacity: desired,
          HonorCooldown: false,
        }),
      );
    },

    /** Limits the instances of group and warm pool together. Those that the group does not run are kept stopped. */
    setPreparedCapacity: async ({ autoScalingGroup }: VmPool, prepared: number): Promise<void> => {
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
export type AutoScalingGroups = ReturnType<typeof autoScalingGroups>;
