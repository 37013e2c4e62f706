import * as z from 'zod';
import { KubernetesKindSettings } from '../../contracts/settings/kubernetes.ts';
import { InstanceType, PoolName, VmSpares } from '../../contracts/settings/vm.ts';
import { exactlyOneOf } from './rules.ts';
import { arn, httpsUrl, resourceId } from './values.ts';

export const ClusterSettings = z
  .strictObject({
    new: z
      .strictObject({
        admins: z.array(arn('iam', 'a role')).min(1, 'must name who may administer the cluster').max(20),
      })
      .optional(),
    existing: z
      .strictObject({
        name: z.string().min(1).max(100),
        endpoint: httpsUrl,
        certificateAuthority: z
          .base64({ error: 'must be the base64-encoded certificate that `aws eks describe-cluster` shows' })
          .min(100),
        oidcIssuer: httpsUrl,
      })
      .optional(),
    architecture: z
      .enum(['amd64', 'arm64'])
      .default('amd64')
      .describe('The nodes’ architecture, for which the agent’s image is built'),
    agentImage: z.string().max(400).optional().describe('By default built and pushed by the deployment'),
    ...KubernetesKindSettings.omit({ installation: true, agent: true }).extend({
      namespace: KubernetesKindSettings.shape.namespace.default('berth-workspaces'),
    }).shape,
  })
  .check(exactlyOneOf('new', 'existing'));

export const VmPoolSettings = z.strictObject({
  name: PoolName,
  instanceTypes: z.array(InstanceType).min(1).max(10).describe('In order of preference'),
  architecture: z.enum(['arm64', 'x86_64']).default('arm64'),
  ami: resourceId('ami').optional().describe('Defaults to the latest Amazon Linux 2023'),
  rootDevice: z
    .string()
    .regex(/^\/dev\/(sd|xvd)[a-z][0-9]{0,2}$/, 'must be a device name, for example /dev/xvda or /dev/sda1')
    .default('/dev/xvda')
    .describe('The image’s root device, as `aws ec2 describe-images` names it; `diskGiB` sizes it'),
  diskGiB: z.int().min(8).max(1_000).default(30),
  cap: z.int().min(1).max(10_000).describe('The most VMs in the pool, whether leased, spare or stopped'),
  spares: VmSpares.prefault({}),
});
export type VmPoolSettings = z.output<typeof VmPoolSettings>;
