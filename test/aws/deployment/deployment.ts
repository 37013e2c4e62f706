import { join } from 'node:path';
import type { DynamoDBRecord } from 'aws-lambda';
import { cognitoIdentity } from '../../../adapters/identity/cognito.ts';
import { localSealer } from '../../../adapters/sealer/local.ts';
import { streamHandler } from '../../../adapters/table/dynamodb/stream-records.ts';
import { bundleAgent } from '../../../agent/bundle.ts';
import type { Log } from '../../../base/log.ts';
import { processKind } from '../../../compute/process/process.ts';
import { computeRegistry } from '../../../compute/registry.ts';
import { type Client, createClient } from '../../../contracts/client/client.ts';
import { AutostartWake, StopWake } from '../../../contracts/workspaces/workflows.ts';
import { replicaRules } from '../../../core/connections/agents/replicas.ts';
import { gatewayRules } from '../../../core/connections/gateway-rules.ts';
import type { ComputeKind } from '../../../core/ports/compute-kind.ts';
import type { Rules } from '../../../core/rules.ts';
import { publishTemplate } from '../../../core/templates/publishing/publish.ts';
import { createApi } from '../../../functions/api/api.ts';
import { allHandlers } from '../../../functions/api/handlers.ts';
import type { Runtime } from '../../../functions/runtime.ts';
import { autostartDue } from '../../../functions/schedule/autostart.ts';
import { stopDue } from '../../../functions/schedule/stop.ts';
import { bindSteps } from '../../../functions/steps/steps.ts';
import { auditChanges } from '../../../functions/stream/audit.ts';
import { workspaceChanges } from '../../../functions/stream/workspaces.ts';
import { startService } from '../../../gateway/service.ts';
import { deleted } from '../../compute/contract.ts';
import { fetchFrom } from '../../support/clients/handler-fetch.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { givenUserPool, type UserPool } from '../doubles/cognito.ts';
import { mapEventSource } from '../doubles/event-source.ts';
import { type Functions, startLambda } from '../doubles/lambda.ts';
import { startMoto } from '../doubles/moto.ts';
import { type Account, givenAccount } from './account.ts';

export interface Deployment {
  account: Account;
  /** A client of the API, signed in through the user pool. */
  signIn(name: string, groups?: string[]): Promise<Client>;
  /** Calls a deployed function, as a schedule does. */
  invoke(name: string, event: unknown): Promise<unknown>;
  /** Whether a workspace has compute that is not stopped. */
  isComputing(workspaceId: string): Promise<boolean>;
  /** The records that reached the failure destination of the change stream. */
  failed: DynamoDBRecord[];
  /** The messages that Berth logged as errors. */
  errors: string[];
  end(): Promise<void>;
}

interface Context {
  rules: Rules;
  account: Account;
  pool: UserPool;
  folder: string;
  log: Log;
}

const agentSecret = 'a secret of the deployment';
const agentKey = async () => agentSecret;
const sealer = localSealer('another secret of the deployment');

const identityOf = ({ issuer, clientId, fetchJwks }: UserPool) => cognitoIdentity({ issuer, clientId, fetchJwks });

const startGateway = ({ rules, pool, log }: Context) =>
  startService({
    port: 0,
    peerPort: 0,
    listenHost: '127.0.0.1',
    replicaHost: '127.0.0.1',
    drainMs: 0,
    appDomain: 'apps.berth.example',
    portalUrl: 'https://berth.example',
    secureCookies: true,
    rules: gatewayRules(rules, identityOf(pool), { agentKey, identities: {}, sealer }),
    replicas: replicaRules({ ...rules, agentKey: agentSecret }),
    log,
  });

const openProcessKind = async (folder: string): Promise<ComputeKind<unknown>> => {
  const agentFile = join(folder, 'agent.cjs');
  await bundleAgent(agentFile);
  return processKind({
    dataDir: folder,
    agentFile,
    node: process.execPath,
    clock: () => new Date(),
  }) as ComputeKind<unknown>;
};

const runtimeOf = (
  { rules, account, pool, log }: Context,
  kind: ComputeKind<unknown>,
  gatewayUrl: string,
): Runtime => ({
  rules,
  identity: identityOf(pool),
  compute: computeRegistry([kind]),
  workflows: account.workflows,
  scheduler: account.scheduler,
  audit: account.audit,
  agentKey,
  sealer,
  appAddress: { scheme: 'https', domain: 'apps.berth.example' },
  gatewayUrl,
  signIn: { issuer: pool.issuer, clientId: pool.clientId, scope: 'openid profile email' },
  log,
});

const followStream = async (account: Account, runtime: Runtime, onFailure: (record: DynamoDBRecord) => void) => {
  const source = { streams: account.streams, table: account.name, retries: 5, onFailure };
  return [
    await mapEventSource({ ...source, handler: streamHandler(workspaceChanges(runtime)) }),
    await mapEventSource({ ...source, handler: streamHandler(auditChanges(runtime)) }),
  ];
};

/**
 * Berth as it is deployed, in an account of doubles: its handlers with real SDK clients, its workflows in moto's
 * interpreter, the gateway as a service, and processes as compute.
 */
export const givenDeployment = async (name: string, dynamo: string, templates: string[]): Promise<Deployment> => {
  await using opened = new AsyncDisposableStack();
  const folder = temporaryFolder();
  const errors: string[] = [];
  const log: Log = (level, message, fields) => {
    if (level === 'error') errors.push(`${message} ${String(fields?.['error'] ?? '')}`);
  };
  let functions: Functions = {};
  const lambda = await startLambda(() => functions);
  opened.defer(lambda.stop);
  const moto = await startMoto({ lambdaPort: lambda.port });
  opened.defer(moto.stop);
  const account = await givenAccount(name, { moto: moto.endpoint, dynamo });
  opened.defer(account.close);
  const roleGroups = { admin: 'platform-admins' };
  const rules: Rules = { table: account.table, clock: () => new Date(), log: () => undefined, roleGroups };
  const context = { rules, account, pool: await givenUserPool(moto.endpoint), folder, log };
  const gateway = await startGateway(context);
  opened.defer(gateway.close);
  const kind = await openProcessKind(folder);
  opened.defer(async () => {
    for await (const { workspaceId } of kind.listOwned()) await untilDestroyed(kind, workspaceId);
  });
  const runtime = runtimeOf(context, kind, `http://127.0.0.1:${gateway.port}`);
  functions = {
    ...bindSteps(runtime),
    stop: (wake) => stopDue(runtime)(StopWake.parse(wake)),
    autostart: (wake) => autostartDue(runtime)(AutostartWake.parse(wake)),
  };
  for (const yaml of templates) await publishTemplate(rules, 'system', { yaml, source: name });
  const failed: DynamoDBRecord[] = [];
  for (const mapping of await followStream(account, runtime, (record) => failed.push(record)))
    opened.defer(mapping.close);
  const fetch = fetchFrom(createApi(runtime, allHandlers));
  const all = opened.move();
  return {
    account,
    signIn: async (person, groups = []) => {
      const { accessToken } = await context.pool.signIn(person, groups);
      return createClient({ baseUrl: 'https://berth.example', token: () => accessToken, fetch });
    },
    invoke: async (functionName, event) => functions[functionName]?.(event),
    isComputing: async (id) => !['absent', 'stopped'].includes((await kind.observe({ id })).state),
    failed,
    errors,
    end: () => all.disposeAsync(),
  };
};

const untilDestroyed = async (kind: ComputeKind<unknown>, id: string): Promise<void> => {
  for (;;) {
    const progress = await kind.destroy(deleted(id));
    if (progress.settled) return;
    await new Promise((resolve) => setTimeout(resolve, progress.again));
  }
};
