import { ECSClient } from '@aws-sdk/client-ecs';
import { KMSClient } from '@aws-sdk/client-kms';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { agentIdentities } from '../adapters/agent-identity/identities.ts';
import { secretAgentKey } from '../adapters/agent-key.ts';
import { awsClient } from '../adapters/aws-client.ts';
import { cognitoIdentity, deployedProvider } from '../adapters/identity/cognito.ts';
import { kmsSealer } from '../adapters/sealer/kms.ts';
import { dynamoTable } from '../adapters/table/dynamodb.ts';
import { dynamoClient } from '../adapters/table/dynamodb-client.ts';
import { gatewayRules } from '../core/connections/gateway-rules.ts';
import { replicaRules } from '../core/connections/replicas.ts';
import type { Rules } from '../core/rules.ts';
import { ownTask, watchTask } from './ecs-task.ts';
import { jsonLog } from './json-log.ts';
import { ownTokenOf } from './own-token.ts';
import { isMetadataUrl, replicaHost } from './replica-host.ts';
import { type Service, startService } from './service.ts';
import { readSettings } from './settings.ts';

/** The gateway as a service of its own, behind a load balancer that ends TLS and redirects what is not https. */

/** Each look costs two reads per person at work; acts of Berth are seen within a second anyway, without one. */
const recheckEveryMs = 10_000;

/** An agent waits 10 s to be let in; it comes without a git key when KMS does not answer twice. */
const sealingPatience = { requestTimeoutMs: 2_000, maxAttempts: 2 };

const log = jsonLog((line) => void process.stdout.write(line));

const start = async (): Promise<Service> => {
  const settings = readSettings(process.env);
  const { issuer, clientId, region } = settings;
  const agentKey = secretAgentKey(new SecretsManagerClient(awsClient({ region })), settings.agentKeySecret);
  const { maxAttempts, requestTimeoutMs } = sealingPatience;
  const kms = new KMSClient({ ...awsClient({ region, requestTimeoutMs }), maxAttempts });
  const sealer = kmsSealer(kms, settings.sealingKey);
  const table = dynamoTable(dynamoClient({ region }), settings.table);
  const { roleGroups, installation } = settings;
  const rules: Rules = { table, clock: () => new Date(), roleGroups, installation };
  const identity = cognitoIdentity({ issuer, clientId, provider: deployedProvider });
  const identities = agentIdentities(settings.agentIdentities);
  const service = await startService({
    ...settings,
    rules: gatewayRules(rules, identity, { agentKey, identities, sealer }),
    replicas: replicaRules({ ...rules, agentKey: await agentKey() }),
    replicaHost: await replicaHost(settings.replicaHost),
    secureCookies: true,
    behindLoadBalancer: true,
    isOwnToken: ownTokenOf(issuer),
    recheckEveryMs,
    log,
  });
  if (isMetadataUrl(settings.replicaHost)) {
    const ecs = new ECSClient(awsClient({ region: settings.replicaRegion }));
    watchTask(ecs, await ownTask(settings.replicaHost), service.leave, log);
  }
  return service;
};

const fail = (thrown: unknown): void => {
  log('error', 'the gateway failed', { error: thrown });
  process.exit(1);
};

start().then((service) => {
  let ending = false;
  const end = () => {
    if (ending) return;
    ending = true;
    service.drain().then(() => process.exit(0), fail);
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
}, fail);
