import { apiHealth, gateway, portal } from './addresses.ts';
import { agentKey } from './agent-key.ts';
import { audit } from './audit.ts';
import { bootstrap } from './bootstrap.ts';
import { givenCertificates, madeCertificates } from './certificates.ts';
import type { Check } from './check.ts';
import { cluster, clusterAccess } from './cluster.ts';
import { clusterEndpoint } from './cluster-endpoint.ts';
import { consumers } from './consumers.ts';
import { encryptionKey } from './encryption-key.ts';
import { failureQueues } from './failure-queues.ts';
import { hostedZone } from './hosted-zone.ts';
import { clientSecret, identityProvider } from './identity-provider.ts';
import { machines } from './machines.ts';
import { network } from './network.ts';
import { functionQuota, quotas, shardQuota } from './quotas.ts';
import { table } from './table.ts';
import { vmQuotas } from './vm-quotas.ts';

/** All that is asked once credentials and stacks are known, in the order in which it is told. */
export const checks: readonly Check[] = [
  bootstrap,
  hostedZone,
  givenCertificates,
  network,
  quotas,
  functionQuota,
  shardQuota,
  vmQuotas,
  machines,
  encryptionKey,
  identityProvider,
  clientSecret,
  cluster,
  clusterEndpoint,
  madeCertificates,
  apiHealth,
  portal,
  gateway,
  table,
  consumers,
  audit,
  failureQueues,
  agentKey,
  clusterAccess,
];
