import { readFileSync } from 'node:fs';
import type { Server } from 'node:http';
import { dirname, join } from 'node:path';
import type * as z from 'zod';
import { openAuditSegments } from '../adapters/audit/segments.ts';
import { oidcIdentity } from '../adapters/identity/oidc.ts';
import { cronerScheduler } from '../adapters/scheduler/croner.ts';
import { localSealer } from '../adapters/sealer/local.ts';
import { openSqliteTable } from '../adapters/table/sqlite.ts';
import { localWorkflows } from '../adapters/workflows/local.ts';
import { bundleAgent } from '../agent/bundle.ts';
import type { ComputeKind } from '../compute/kind.ts';
import { processKind } from '../compute/process/process.ts';
import { computeRegistry } from '../compute/registry.ts';
import { WorkflowName } from '../contracts/events.ts';
import { InstallationLimits } from '../contracts/sharing-limits.ts';
import { gatewayRules } from '../core/connections/gateway-rules.ts';
import type { AgentIdentities, Clock } from '../core/ports.ts';
import type { Rules } from '../core/rules.ts';
import { createApi } from '../functions/api/api.ts';
import { allHandlers } from '../functions/api/handlers.ts';
import type { Log, Runtime } from '../functions/runtime.ts';
import { autostartDue } from '../functions/schedule/autostart.ts';
import { forgetConnections } from '../functions/schedule/forget-connections.ts';
import { stopDue } from '../functions/schedule/stop.ts';
import { sweep } from '../functions/schedule/sweep.ts';
import { bindSteps } from '../functions/steps/steps.ts';
import { auditChanges } from '../functions/stream/audit.ts';
import { workspaceChanges } from '../functions/stream/workspaces.ts';
import { createGateway } from '../gateway/gateway.ts';
import { createHttpServer } from '../gateway/http-server.ts';
import { ownTokenOf } from '../gateway/own-token.ts';
import { usualBodyMs } from './body-limit.ts';
import { pumpChanges } from './change-pump.ts';
import { openDataDir } from './data-dir.ts';
import { writeDevTokens } from './dev-tokens.ts';
import { every } from './every.ts';
import { serveHttp } from './http.ts';
import { inFlight } from './in-flight.ts';
import { listen } from './listen.ts';
import { localProvider, roleGroups } from './people.ts';
import { buildPortal } from './portal.ts';
import type { Settings } from './settings.ts';
import { signingKey } from './sign-in/keys.ts';
import { createSignIn } from './sign-in/provider.ts';
import { openSignInStore } from './sign-in/store.ts';
import { stopEverything } from './stop-everything.ts';
import { publishFolder } from './templates.ts';

const root = dirname(import.meta.dirname);

export interface BerthOptions extends Settings {
  log: Log;
  clock?: Clock;
  /** Folders of templates to publish; by default the ones that come with Berth. */
  templateFolders?: string[];
  /** Kinds of compute beside `process`. */
  moreKinds?: ComputeKind<unknown>[];
  /** Platforms that vouch for the agents of those kinds. */
  identities?: AgentIdentities;
  /** What holds for all workspaces, whatever their templates say; by default the templates decide. */
  limits?: z.input<typeof InstallationLimits>;
  /** Served without a portal, for tests that need none. */
  withoutPortal?: boolean;
  /** How often the sweep looks for what schedules, stream or processes lost. */
  sweepEveryMs?: number;
  activityEveryMs?: number;
  /** How long the body of a request to Berth itself may take. */
  bodyMs?: number;
  /** How long the head of any request may take. */
  headersWithinMs?: number;
  /** Ends a start that is under way: it takes back what it did, and throws the signal's reason. */
  signal?: AbortSignal;
}

export interface Berth {
  url: string;
  runtime: Runtime;
  /** Where each person's API token is. */
  tokensFile: string;
  /** Stops everything it started; workspaces that should run are brought back by the next start. */
  close: () => Promise<void>;
}

/**
 * All of Berth in one process: the deployed handlers and workflows on local adapters. Throws `StartError` with one
 * line for a person when it cannot; whatever it had opened by then is closed.
 */
export const startBerth = async (options: BerthOptions): Promise<Berth> => {
  await using opened = new AsyncDisposableStack();
  try {
    const berth = await openBerth(options, opened);
    options.signal?.throwIfAborted();
    const all = opened.move();
    return { ...berth, close: () => all.disposeAsync() };
  } catch (error) {
    // Ctrl-C reaches the programs that a start runs, too: what breaks after it broke by it.
    options.signal?.throwIfAborted();
    throw error;
  }
};

/**
 * Opens part after part; `opened` closes them the other way round, which is the order that leaves nothing over: first
 * what asks for work (sweep, requests, change stream), then what does it, then the compute that it made, then the state.
 */
const openBerth = async (options: BerthOptions, opened: AsyncDisposableStack): Promise<Omit<Berth, 'close'>> => {
  const { log, clock = () => new Date(), signal } = options;
  const data = openDataDir(options.dataDir);
  opened.defer(data.release);
  const { headersWithinMs } = options;
  const server = createHttpServer(headersWithinMs === undefined ? {} : { headersWithinMs });
  const port = await listen(server, options.port);
  opened.defer(() => closeServer(server));
  if (options.withoutPortal !== true) await buildPortal(signal);
  const domain = `localhost:${port}`;
  const origin = `http://${domain}`;

  const agentFile = data.path('agent.cjs');
  await bundleAgent(agentFile);
  signal?.throwIfAborted();
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
    log,
  });

  const agentSecret = data.secret('agents');
  const agentKey = async () => agentSecret;
  const sealer = localSealer(data.secret('sealing'));
  const installation = InstallationLimits.parse(options.limits ?? {});
  const rules: Rules = { table, clock, roleGroups, installation };
  const identity = oidcIdentity({
    provider: localProvider,
    issuer: signIn.config.issuer,
    audience: signIn.audience,
    jwks: signIn.jwks,
  });
  const gateway = createGateway({
    rules: gatewayRules(rules, identity, { agentKey, identities: options.identities ?? {}, sealer }),
    appDomain: domain,
    portalUrl: origin,
    secureCookies: false,
    isOwnToken: ownTokenOf(signIn.config.issuer),
    ...(options.activityEveryMs === undefined ? {} : { activityEveryMs: options.activityEveryMs }),
    log,
  });
  opened.defer(gateway.close);
  const process_ = processKind({ dataDir: options.dataDir, agentFile, node: process.execPath, clock });
  const kinds = [process_ as ComputeKind<unknown>, ...(options.moreKinds ?? [])];
  opened.defer(() => stopEverything(kinds, log));
  const logError = (message: string) => (error: unknown) => log('error', message, { error });
  const wakes = inFlight();
  opened.defer(wakes.ended);
  const scheduler = cronerScheduler(
    {
      stop: (wake) => wakes.follow(stopDue(runtime)(wake)),
      autostart: (wake) => wakes.follow(autostartDue(runtime)(wake)),
    },
    logError('a stop or an autostart could not be decided'),
  );
  opened.defer(scheduler.close);
  const workflows = localWorkflows({
    definitions: workflowDefinitions(),
    steps: () => steps,
    onFailure: (execution, error) => log('error', 'a workflow broke off', { execution, error }),
  });
  opened.defer(workflows.close);
  const runtime: Runtime = {
    rules,
    identity,
    compute: computeRegistry(kinds),
    workflows,
    scheduler,
    audit,
    agentKey,
    sealer,
    appAddress: { scheme: 'http', domain },
    gatewayUrl: `http://127.0.0.1:${port}`,
    signIn: signIn.config,
    log,
  };
  const steps = bindSteps(runtime);

  // Agents that outlived a crash dial the address they were given; at another one they would never be heard again.
  if (data.changed('origin', origin)) await stopEverything(kinds, log);
  for (const folder of options.templateFolders ?? [join(root, 'templates')]) await publishFolder(rules, folder);
  const tokensFile = data.path('dev-tokens.json');
  await writeDevTokens(rules, tokensFile);
  signal?.throwIfAborted();

  const pump = pumpChanges(table, { workspaces: workspaceChanges(runtime), audit: auditChanges(runtime) }, log);
  opened.defer(pump.close);
  await forgetConnections(rules);
  const http = serveHttp(server, {
    origin,
    domain,
    api: createApi(runtime, allHandlers),
    signIn,
    gateway,
    log,
    portal: options.withoutPortal !== true,
    bodyMs: options.bodyMs ?? usualBodyMs,
  });
  opened.defer(http.close);
  const sweepNow = sweep(runtime);
  await sweepNow({ everything: true });
  const sweepAgain = async () => {
    table.deleteExpired(clock());
    await sweepNow({ everything: false });
  };
  const sweeps = every(options.sweepEveryMs ?? 30_000, sweepAgain, logError('the sweep failed'));
  opened.defer(sweeps.stop);
  return { url: origin, runtime, tokensFile };
};

const workflowDefinitions = (): Record<WorkflowName, object> =>
  Object.fromEntries(
    WorkflowName.options.map((name) => [
      name,
      JSON.parse(readFileSync(join(root, 'workflows', `${name}.asl.json`), 'utf8')) as object,
    ]),
  ) as Record<WorkflowName, object>;

const closeServer = (server: Server) =>
  new Promise<void>((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
