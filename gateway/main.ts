import { ECSClient } from '@aws-sdk/client-ecs';
import { KMSClient } from '@aws-sdk/client-kms';
import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { agentIdentities } from '../adapters/agent-identity/identities.ts';
import { secretAgentKey } from '../adapters/agent-key.ts';
import { awsClient } from '../adapters/aws-client.ts';
import { cognitoIdentity } from '../adapters/identity/cognito.ts';
import { kmsSealer } from '../adapters/sealer/kms.ts';
import { dynamoClient } from '../adapters/table/dynamodb/client.ts';
import { dynamoTable } from '../adapters/table/dynamodb/table.ts';
import { jsonLog } from '../base/log.ts';
import { replicaRules } from '../core/connections/agents/replicas.ts';
import { gatewayRules } from '../core/connections/gateway-rules.ts';
import type { Rules } from '../core/rules.ts';
import { berthTokenMatcher } from './access/berth-tokens.ts';
import { ownTask, watchTask } from './peers/ecs-task.ts';
import { isMetadataUrl, replicaHost } from './peers/replica-host.ts';
import { type Service, startService } from './service.ts';
import { readSettings } from './settings.ts';

/** Runs the gateway as its own service, behind a load balancer that terminates TLS and redirects http to https. */

/** A check costs two reads for each person with open connections. Revocations are polled independently of it. */
const recheckEveryMs = 10_000;

/** An agent waits 10 s to be admitted. After two timeouts of KMS it is admitted without the owner's git key. */
const kmsLimits = { requestTimeoutMs: 2_000, maxAttempts: 2 };

const log = jsonLog((line) => void process.stdout.write(line));

const start = async (): Promise<Service> => {
  const settings = readSettings(process.env);
  const { issuer, clientId, region } = settings;
  const agentKey = secretAgentKey(new SecretsManagerClient(awsClient({ region })), settings.agentKeySecret);
  const { maxAttempts, requestTimeoutMs } = kmsLimits;
  const kms = new KMSClient({ ...awsClient({ region, requestTimeoutMs }), maxAttempts });
  const sealer = kmsSealer(kms, settings.sealingKey);
  const table = dynamoTable(dynamoClient({ region }), settings.table);
  const { roleGroups, installation } = settings;
  const rules: Rules = { table, clock: () => new Date(), log, roleGroups, installation };
  const identity = cognitoIdentity({ issuer, clientId });
  const identities = agentIdentities(settings.agentIdentities);
  const service = await startService({
    ...settings,
    rules: gatewayRules(rules, identity, { agentKey, identities, sealer }),
    replicas: replicaRules({ ...rules, agentKey: await agentKey() }),
    replicaHost: await replicaHost(settings.replicaHost),
    secureCookies: true,
    behindLoadBalancer: true,
    isBerthToken: berthTokenMatcher(issuer),
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
