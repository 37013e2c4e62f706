import { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import { EC2Client } from '@aws-sdk/client-ec2';
import { awsClient } from '../../../adapters/aws-client.ts';
import { ec2VmKind } from '../../../compute/ec2/ec2.ts';
import type { Ec2VmOptions } from '../../../compute/ec2/world.ts';
import type { ComputeKind } from '../../../compute/kind.ts';
import { VmSettings } from '../../../contracts/vm-settings.ts';
import type { Rules } from '../../../core/rules.ts';

/** What the VMs of the settings' pools are worked with. A call that is throttled waits instead of failing. */
export const awsVmOptions = (given: unknown, { table, clock }: Rules): Ec2VmOptions => {
  const settings = VmSettings.parse(given);
  const client = { ...awsClient({ region: settings.region }), retryMode: 'adaptive' };
  return { ec2: new EC2Client(client), autoScaling: new AutoScalingClient(client), table, settings, clock };
};

export const awsVms = (given: unknown, rules: Rules): ComputeKind<unknown> =>
  ec2VmKind(awsVmOptions(given, rules)) as ComputeKind<unknown>;
