import { cluster, clusterAccess } from './compute/cluster.ts';
import { clusterEndpoint } from './compute/cluster-endpoint.ts';
import { machines } from './compute/vm-pools.ts';
import type { Check } from './context/check.ts';
import { agentKey } from './deployed/agent-key.ts';
import { audit } from './deployed/audit.ts';
import { consumers } from './deployed/consumers.ts';
import { failureQueues } from './deployed/failure-queues.ts';
import { table } from './deployed/table.ts';
import { givenCertificates, madeCertificates } from './network/certificates.ts';
import { apiHealth, gateway, portal } from './network/endpoints.ts';
import { hostedZone } from './network/hosted-zone.ts';
import { network } from './network/vpc.ts';
import { bootstrap } from './prerequisites/bootstrap.ts';
import { encryptionKey } from './prerequisites/encryption-key.ts';
import { clientSecret, identityProvider } from './prerequisites/identity-provider.ts';
import { functionQuota, quotas, shardQuota } from './prerequisites/quotas.ts';
import { rates } from './prerequisites/request-rates.ts';
import { vmQuotas } from './prerequisites/vm-quotas.ts';

/** The checks that run once credentials and stacks are known, in the order of the report. */
export const checks: readonly Check[] = [
  bootstrap,
  hostedZone,
  givenCertificates,
  network,
  quotas,
  functionQuota,
  shardQuota,
  vmQuotas,
  rates,
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
