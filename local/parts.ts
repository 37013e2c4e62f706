import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { dirname, join } from 'node:path';
import { openAuditSegments } from '../adapters/audit/segments.ts';
import { oidcIdentity } from '../adapters/identity/oidc.ts';
import { cronerScheduler } from '../adapters/scheduler/croner.ts';
import { localSealer } from '../adapters/sealer/local.ts';
import { openSqliteTable } from '../adapters/table/sqlite.ts';
import { localWorkflows } from '../adapters/workflows/local.ts';
import type { ComputeKind } from '../compute/kind.ts';
import { processKind } from '../compute/process/process.ts';
import { computeRegistry } from '../compute/registry.ts';
import { WorkflowName } from '../contracts/events.ts';
import { InstallationLimits } from '../contracts/sharing-limits.ts';
import { gatewayRules } from '../core/connections/gateway-rules.ts';
import type { Clock } from '../core/ports.ts';
import type { Rules } from '../core/rules.ts';
import { createApi } from '../functions/api/api.ts';
import { allHandlers } from '../functions/api/handlers.ts';
import type { Runtime } from '../functions/runtime.ts';
import { autostartDue } from '../functions/schedule/autostart.ts';
import { forgetConnections } from '../functions/schedule/forget-connections.ts';
import { stopDue } from '../functions/schedule/stop.ts';
import { sweep } from '../functions/schedule/sweep.ts';
import { bindSteps } from '../functions/steps/steps.ts';
import { auditChanges } from '../functions/stream/audit.ts';
import { workspaceChanges } from '../functions/stream/workspaces.ts';
import { createGateway, type Gateway } from '../gateway/gateway.ts';
import { ownTokenOf } from '../gateway/own-token.ts';
import type { BerthOptions } from './berth.ts';
import { usualBodyMs } from './body-limit.ts';
import { pumpChanges } from './change-pump.ts';
import type { DataDir } from './data-dir.ts';
import { writeDevTokens } from './dev-tokens.ts';
import { every } from './every.ts';
import { serveHttp } from './http.ts';
import { inFlight } from './in-flight.ts';
import { localProvider, roleGroups } from './people.ts';
import { signingKey } from './sign-in/keys.ts';
import { createSignIn } from './sign-in/provider.ts';
import { openSignInStore } from './sign-in/store.ts';
import { stopEverything } from './stop-everything.ts';
import { publishFolder } from './templates.ts';

const root = dirname(import.meta.dirname);

/** What the parts are made of, beside the options. */
export interface Ground {
  options: BerthOptions;
  clock: Clock;
  data: DataDir;
  port: number;
  /** `localhost:8080`, which apps have their hosts below. */
  domain: string;
  origin: string;
  agentFile: string;
  /** What the parts that are open by now are closed by. */
  opened: AsyncDisposableStack;
}

/** What outlives the process: table, audit, and who is signed in. */
export const openState = async ({ options, data, origin, opened }: Ground) => {
  const table = openSqliteTable(data.path('table.sqlite'), { consumers: ['workspaces', 'audit'] });
  opened.defer(table.close);
  const audit = await openAuditSegments(data.path('audit'));
  opened.defer(audit.close);
  const signInStore = openSignInStore(data.path('sign-in.sqlite'));
  opened.defer(signInStore.close);
  const signIn = createSignIn({
    origin,
    key: signingKey(data.path('signing-key.json')),
    cookieSecret: data.secret('cookies'),
    adapter: signInStore.adapter,
    log: options.log,
  });
  return { table, audit, signIn };
};
type State = Awaited<ReturnType<typeof openState>>;

export const openGateway = ({ options, clock, data, domain, origin, opened }: Ground, { table, signIn }: State) => {
  const agentSecret = data.secret('agents');
  const installation = InstallationLimits.parse(options.limits ?? {});
  const rules: Rules = { table, clock, roleGroups, installation };
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
    isOwnToken: ownTokenOf(signIn.config.issuer),
    ...(options.activityEveryMs === undefined ? {} : { activityEveryMs: options.activityEveryMs }),
    log: options.log,
  });
  opened.defer(gateway.close);
  return { gateway, trusted: { rules, identity, ...keys } };
};
type Trusted = ReturnType<typeof openGateway>['trusted'];

/** What does the work: compute, workflows and schedules. */
export const openWork = (
  { options, clock, port, domain, agentFile, opened }: Ground,
  { audit, signIn }: State,
  trusted: Trusted,
) => {
  const { log, dataDir, moreKinds = [] } = options;
  const processes = processKind({ dataDir, agentFile, node: process.execPath, clock });
  const kinds = [processes as ComputeKind<unknown>, ...moreKinds];
  opened.defer(() => stopEverything(kinds, log));
  const wakes = inFlight();
  opened.defer(wakes.ended);
  const scheduler = cronerScheduler(
    {
      stop: (wake) => wakes.follow(stopDue(runtime)(wake)),
      autostart: (wake) => wakes.follow(autostartDue(runtime)(wake)),
    },
    (error) => log('error', 'a stop or an autostart could not be decided', { error }),
  );
  opened.defer(scheduler.close);
  const workflows = localWorkflows({
    definitions: workflowDefinitions(),
    steps: () => steps,
    onFailure: (execution, error) => log('error', 'a workflow broke off', { execution, error }),
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
    log,
  };
  const steps = bindSteps(runtime);
  return { runtime, kinds };
};

/** What is to be there before anything is served. Answers the file of the people's API tokens. */
export const prepare = async (
  { options, data, origin }: Ground,
  { rules, log }: Runtime,
  kinds: ComputeKind<unknown>[],
): Promise<string> => {
  // Agents that outlived a crash dial the address they were given; at another one they would never be heard again.
  if (data.changed('origin', origin)) await stopEverything(kinds, log);
  for (const folder of options.templateFolders ?? [join(root, 'templates')]) await publishFolder(rules, folder);
  const tokensFile = data.path('dev-tokens.json');
  await writeDevTokens(rules, tokensFile);
  return tokensFile;
};

/** What brings work: the change stream, people and agents. */
export const openTraffic = async (
  { options, origin, domain, opened }: Ground,
  runtime: Runtime,
  { table, signIn }: State,
  { server, gateway }: { server: Server; gateway: Gateway },
): Promise<void> => {
  const { log, withoutPortal, bodyMs = usualBodyMs } = options;
  const pump = pumpChanges(table, { workspaces: workspaceChanges(runtime), audit: auditChanges(runtime) }, log);
  opened.defer(pump.close);
  await forgetConnections(runtime.rules);
  const api = createApi(runtime, allHandlers);
  const http = serveHttp(server, { origin, domain, api, signIn, gateway, log, portal: withoutPortal !== true, bodyMs });
  opened.defer(http.close);
};

/** Once over everything, then again and again over what is due. */
export const openSweep = async (
  { options, clock, opened }: Ground,
  runtime: Runtime,
  { table }: State,
): Promise<void> => {
  const { log, sweepEveryMs = 30_000 } = options;
  const sweepNow = sweep(runtime);
  await sweepNow({ everything: true });
  const sweepAgain = async () => {
    table.deleteExpired(clock());
    await sweepNow({ everything: false });
  };
  const sweeps = every(sweepEveryMs, sweepAgain, (error) => log('error', 'the sweep failed', { error }));
  opened.defer(sweeps.stop);
};

const workflowDefinitions = (): Record<WorkflowName, object> =>
  Object.fromEntries(
    WorkflowName.options.map((name) => [
      name,
      JSON.parse(readFileSync(join(root, 'workflows', `${name}.asl.json`), 'utf8')) as object,
    ]),
  ) as Record<WorkflowName, object>;
