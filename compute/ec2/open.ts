import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { EC2Client } from '@aws-sdk/client-ec2';
import type { VmSettings } from '../../contracts/settings/vm.ts';
import type { KindDependencies } from '../installable-kind.ts';
import type { Ec2VmOptions } from './context.ts';
import { ec2VmKind } from './ec2.ts';

/** Adaptive retries, so that a throttled request waits instead of failing. */
export const ec2VmOptions = (settings: VmSettings, { table, clock, aws }: KindDependencies): Ec2VmOptions => {
  const client = { ...aws.clientSettings({ region: settings.region }), retryMode: 'adaptive' };
  return { ec2: new EC2Client(client), autoScaling: new AutoScalingClient(client), table, settings, clock };
};

export const open = (settings: VmSettings, dependencies: KindDependencies) =>
  ec2VmKind(ec2VmOptions(settings, dependencies));
