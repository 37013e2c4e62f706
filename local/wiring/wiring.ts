import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { dirname, join } from 'node:path';
import { openAuditSegments } from '../../adapters/audit/segments.ts';
import { oidcIdentity } from '../../adapters/identity/oidc.ts';
import { cronerScheduler } from '../../adapters/scheduler/croner.ts';
import { localSealer } from '../../adapters/sealer/local.ts';
import { openSqliteTable } from '../../adapters/table/sqlite/table.ts';
import { localWorkflows } from '../../adapters/workflows/local.ts';
import { every } from '../../base/every.ts';
import type { Log } from '../../base/log.ts';
import { processKind } from '../../compute/process/process.ts';
import { computeRegistry } from '../../compute/registry.ts';
import { InstallationLimits } from '../../contracts/templates/sharing-limits.ts';
import { WorkflowName } from '../../contracts/workspaces/workflows.ts';
import { gatewayRules } from '../../core/connections/gateway-rules.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { ComputeKind } from '../../core/ports/compute-kind.ts';
import type { Rules } from '../../core/rules.ts';
import { createApi } from '../../functions/api/api.ts';
import { allHandlers } from '../../functions/api/handlers.ts';
import type { Runtime } from '../../functions/runtime.ts';
import { autostartDue } from '../../functions/schedule/autostart.ts';
import { forgetConnections } from '../../functions/schedule/forget-connections.ts';
import { stopDue } from '../../functions/schedule/stop.ts';
import { sweep } from '../../functions/schedule/sweep.ts';
import { bindSteps } from '../../functions/steps/steps.ts';
import { auditChanges } from '../../functions/stream/audit.ts';
import { workspaceChanges } from '../../functions/stream/workspaces.ts';
import { berthTokenMatcher } from '../../gateway/access/berth-tokens.ts';
import { createGateway, type Gateway } from '../../gateway/gateway.ts';
import type { DataDir } from '../data/data-dir.ts';
import { buildsFrom } from '../data/restore-detection.ts';
import { defaultBodyMs } from '../http/body-limit.ts';
import { pendingWork } from '../http/pending-work.ts';
import { serveHttp } from '../http/server.ts';
import type { BerthOptions } from '../settings/options.ts';
import { writeDevTokens } from '../sign-in/dev-tokens.ts';
import { signingKey } from '../sign-in/keys.ts';
import { createSignIn } from '../sign-in/provider.ts';
import { localProvider, roleGroups } from '../sign-in/seeded-people.ts';
import { openSignInStore } from '../sign-in/store.ts';
import { pumpChanges } from '../stream/change-pump.ts';
import { createIncidents, listIncidents } from '../stream/incidents.ts';
import { publishTemplates } from './bundled-templates.ts';
import { serialQueue } from './serial-queue.ts';
import { stopAllWorkspaces } from './stop-all-workspaces.ts';

const root = dirname(dirname(import.meta.dirname));

/** The context in which each part is started. */
export interface StartContext {
  options: BerthOptions;
  clock: Clock;
  data: DataDir;
  port: number;
  /** The domain of app hosts, `localhost:8080` for example. */
  domain: string;
  origin: string;
  agentFile: string;
  /** Closes, in reverse order, the parts that were opened so far. */
  opened: AsyncDisposableStack;
}

/** Opens the stores that outlive the process: table, audit segments and sign-in sessions. */
export const openStores = async ({ options, clock, data, origin, opened }: StartContext) => {
  const table = openSqliteTable(data.path('table.sqlite'), {
    consumers: ['workspaces', 'audit'],
    onFailure: (error) => options.log('error', 'the table failed', { error }),
  });
  opened.defer(table.close);
  const audit = await openAuditSegments(data.path('audit'));
  opened.defer(audit.close);
  const firstBuild = await buildsFrom(table, data, clock, options.log);
  const signInStore = openSignInStore(data.path('sign-in.sqlite'));
  opened.defer(signInStore.close);
  const signIn = createSignIn({
    origin,
    key: signingKey(data.path('signing-key.json')),
    cookieSecret: data.secret('cookies'),
    adapter: signInStore.adapter,
    log: options.log,
  });
  const incidents = createIncidents(options.log, clock);
  return { table, audit, signIn, incidents, numbering: firstBuild === undefined ? {} : { buildsFrom: firstBuild } };
};
type Stores = Awaited<ReturnType<typeof openStores>>;

export const openGateway = (
  { options, clock, data, domain, origin, opened }: StartContext,
  { table, signIn, numbering }: Stores,
) => {
  const agentSecret = data.secret('agents');
  const installation = InstallationLimits.parse(options.limits ?? {});
  const { homeRetention } = options;
  const retention = homeRetention === undefined ? {} : { homeRetention };
  const rules: Rules = { table, clock, log: options.log, roleGroups, installation, ...numbering, ...retention };
  const identity = oidcIdentity({
    provider: localProvider,
    issuer: signIn.config.issuer,
    audience: signIn.audience,
    jwks: signIn.jwks,
  });
  const keys = { agentKey: async () => agentSecret, sealer: localSealer(data.secret('sealing')) };
  const gateway = createGateway({
    rules: gatewayRules(rules, identity, { ...keys, identities: options.identities ?? {} }),
    appDomain: domain,
    portalUrl: origin,
    secureCookies: false,
    isBerthToken: berthTokenMatcher(signIn.config.issuer),
    ...(options.activityEveryMs === undefined ? {} : { activityEveryMs: options.activityEveryMs }),
    log: options.log,
  });
  opened.defer(gateway.close);
  return { gateway, trusted: { rules, identity, ...keys } };
};
type Trusted = ReturnType<typeof openGateway>['trusted'];

/** Opens compute, workflows and schedules. */
export const openWorkflows = (
  { options, clock, port, domain, agentFile, opened }: StartContext,
  { audit, signIn, table, incidents }: Stores,
  trusted: Trusted,
) => {
  const { log, dataDir, moreKinds = [] } = options;
  const processes = processKind({ dataDir, agentFile, node: process.execPath, clock });
  const kinds = [processes as ComputeKind<unknown>, ...moreKinds];
  opened.defer(async () => void (await stopAllWorkspaces(kinds, log, options.stopWithinMs)));
  const wakes = pendingWork();
  opened.defer(wakes.settled);
  // Thousands of autostart schedules may fire at the same moment, for example at 08:00.
  const enqueue = serialQueue();
  const scheduler = cronerScheduler(
    {
      stop: (wake) => wakes.follow(enqueue(() => stopDue(runtime)(wake))),
      autostart: (wake) => wakes.follow(enqueue(() => autostartDue(runtime)(wake))),
    },
    (error) => log('error', 'a scheduled stop or autostart failed', { error }),
  );
  opened.defer(scheduler.close);
  const workflows = localWorkflows({
    definitions: workflowDefinitions(),
    steps: () => steps,
    onFailure: (execution, error) => log('error', 'a workflow failed', { execution, error }),
  });
  opened.defer(workflows.close);
  const runtime: Runtime = {
    ...trusted,
    compute: computeRegistry(kinds),
    workflows,
    scheduler,
    audit,
    appAddress: { scheme: 'http', domain },
    gatewayUrl: `http://127.0.0.1:${port}`,
    signIn: signIn.config,
    support: options.support,
    incidents: () => listIncidents(incidents, table, clock),
    log,
  };
  const steps = bindSteps(runtime);
  return { runtime, kinds };
};

/** Publishes templates and writes development tokens before anything is served. Returns the tokens' file. */
export const prepareStart = async (
  { options, data, origin }: StartContext,
  { rules, log }: Runtime,
  kinds: ComputeKind<unknown>[],
): Promise<string> => {
  // Agents that survived a crash reconnect to the address they were given, so after a change of address they must be
  // stopped. It is stored only afterwards: if this start is killed in between, the next one stops them.
  const hasMoved = (data.load('origin') ?? origin) !== origin;
  if (!hasMoved || (await stopAllWorkspaces(kinds, log, options.stopWithinMs))) data.store('origin', origin);
  for (const folder of options.templateFolders ?? [join(root, 'templates')]) await publishTemplates(rules, folder, log);
  const tokensFile = data.path('dev-tokens.json');
  await writeDevTokens(rules, tokensFile);
  return tokensFile;
};

/** Starts the change stream and accepts requests from people and agents. */
export const openTraffic = async (
  { options, origin, domain, opened }: StartContext,
  runtime: Runtime,
  { table, signIn, incidents }: Stores,
  { server, gateway }: { server: Server; gateway: Gateway },
): Promise<void> => {
  const { log, withoutPortal, bodyMs = defaultBodyMs } = options;
  const consumers = {
    workspaces: (log: Log) => workspaceChanges({ ...runtime, log }),
    audit: (log: Log) => auditChanges({ ...runtime, log }),
  };
  const pump = pumpChanges(table, consumers, { log, incidents });
  opened.defer(pump.close);
  await forgetConnections(runtime);
  const api = createApi(runtime, allHandlers);
  const http = serveHttp(server, { origin, domain, api, signIn, gateway, log, portal: withoutPortal !== true, bodyMs });
  opened.defer(http.close);
};

/** Runs one complete sweep, then periodic sweeps of what is due. */
export const openSweep = async (
  { options, clock, opened }: StartContext,
  runtime: Runtime,
  { table }: Stores,
): Promise<void> => {
  const { log, sweepEveryMs = 30_000 } = options;
  const sweepNow = sweep(runtime);
  await sweepNow({ everything: true });
  const sweepAgain = async () => {
    table.deleteExpired(clock());
    await sweepNow({ everything: false });
  };
  const stopSweeps = every(
    { periodMs: (tookMs) => tookMs + sweepEveryMs, onError: (error) => log('error', 'the sweep failed', { error }) },
    sweepAgain,
  );
  opened.defer(stopSweeps);
};

const workflowDefinitions = (): Record<WorkflowName, object> =>
  Object.fromEntries(
    WorkflowName.options.map((name) => [
      name,
      JSON.parse(readFileSync(join(root, 'workflows', `${name}.asl.json`), 'utf8')) as object,
    ]),
  ) as Record<WorkflowName, object>;
