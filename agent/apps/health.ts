import { get } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';
import {
  type AppFailure,
  appFailureOf,
  appFailureText,
  largestResponseHead,
} from '../../contracts/errors/app-failures.ts';
import type { App } from '../../contracts/templates/template-file.ts';
import { durationMs } from '../../contracts/values/duration.ts';
import type { AppHealth } from '../../contracts/workspaces/workspace.ts';
import type { EventLog } from '../common/events.ts';
import { diagnoseApp } from './diagnosis.ts';
import { type AppTarget, connectToTarget, describeTarget } from './target.ts';

const responseTimeoutMs = 2_000;

type Statuses = App['health']['status'];

/** The default of template versions that were published before `health.status` existed. */
const defaultHealthyStatuses: Statuses = '100-499';

const isWithin = (status: number, range: number | string): boolean => {
  const [first, last = first] = String(range).split('-').map(Number);
  return first !== undefined && last !== undefined && status >= first && status <= last;
};

/** Whether a response status counts as healthy. */
const isHealthy = (status: number, statuses: Statuses = defaultHealthyStatuses): boolean =>
  [statuses].flat().some((range) => isWithin(status, range));

/** Requests `GET path`. Resolves to the response status, or to the error when none arrived within 2 s. */
const requestStatus = (target: AppTarget, path: string): Promise<number | Error> =>
  new Promise((resolve) => {
    const request = get({
      path,
      headers: { host: 'localhost', connection: 'close', 'user-agent': 'berth-health-check' },
      createConnection: () => connectToTarget(target),
      maxHeaderSize: largestResponseHead,
      signal: AbortSignal.timeout(responseTimeoutMs),
    });
    request.once('response', (response) => {
      resolve(response.statusCode ?? 0);
      response.destroy();
    });
    // Not `once`: destroying the response may emit another error.
    request.on('error', resolve);
  });

/** Failures whose cause only a diagnosis of the server can find. */
const needsDiagnosis: ReadonlySet<AppFailure | undefined> = new Set(['hung_up', 'malformed', undefined]);

const classifyFailure = async (target: AppTarget, error: Error): Promise<AppFailure> => {
  const failure = appFailureOf(error);
  const found = needsDiagnosis.has(failure) ? await diagnoseApp(target) : 'unknown';
  return found === 'unknown' ? (failure ?? 'hung_up') : found;
};

/** Checks an app once. Returns what is wrong in a sentence or two; `undefined` when it is healthy. */
const checkApp = async ({ name, health }: App, target: AppTarget): Promise<string | undefined> => {
  const status = await requestStatus(target, health.path);
  if (typeof status === 'number') {
    if (isHealthy(status, health.status)) return undefined;
    return `${name} responds to GET ${health.path} with status ${status}. Check its log, or set "health.path" or "health.status" in the template.`;
  }
  const { title, text } = appFailureText(name, await classifyFailure(target, status));
  return `${title}. ${text}`;
};

export interface HealthState {
  health: AppHealth;
  /** Consecutive failed checks. */
  failedChecks: number;
}

/** The state after one more check. An app is unhealthy after `failures` consecutive failed checks. */
export const nextHealth = (state: HealthState, healthy: boolean, failures: number): HealthState => {
  if (healthy) return { health: 'healthy', failedChecks: 0 };
  const misses = state.failedChecks + 1;
  return { health: misses >= failures ? 'unhealthy' : state.health, failedChecks: misses };
};

/**
 * The waits between the first checks. Most apps start within a second, and a person who waits for one should not have
 * to wait for the next regular check. Failures of these early checks do not count.
 */
const startupIntervalsMs = [50, 100, 200, 400, 800];

const formatDuration = (ms: number): string => (ms < 120_000 ? `${ms / 1_000}s` : `${Math.round(ms / 60_000)}m`);

/** Reports changes of an app's health as events. The first of them ends the app's step of the build. */
const createReporter = (app: App, target: AppTarget, events: EventLog) => {
  const step = `app-${app.name}`;
  const title = `App ${app.displayName ?? app.name}`;
  const waited = formatDuration(durationMs(app.health.every) * app.health.failures);
  let isStepDone = false;
  events.add({ type: 'app', app: app.name, health: 'starting' });
  events.addStep(step, title, 'running');
  return (health: AppHealth, problem?: string): void => {
    events.add({ type: 'app', app: app.name, health, ...(problem === undefined ? {} : { problem }) });
    if (!isStepDone && health === 'healthy') events.addStep(step, title, 'succeeded');
    if (!isStepDone && health === 'unhealthy') {
      events.addStep(step, title, 'failed', `Not healthy on ${describeTarget(target)} within ${waited}: ${problem}`);
    }
    isStepDone = true;
  };
};

/** A known problem is reported again after this many consecutive checks with it. */
const repeatsBeforeReport = 5;

/**
 * Decides which problems of an unhealthy app to report. A new problem is reported immediately, so that a person who
 * fixes one mistake after the other sees the next. A known one is reported again only when it persists: otherwise an
 * app that alternates between two problems would write an event with every check, for days.
 */
export class ProblemFilter {
  readonly #reported = new Set<string>();
  #lastReported: string | undefined;
  #last: string | undefined;
  #repeats = 0;

  shouldReport(problem: string): boolean {
    this.#repeats = problem === this.#last ? this.#repeats + 1 : 1;
    this.#last = problem;
    const isReported =
      !this.#reported.has(problem) || (problem !== this.#lastReported && this.#repeats >= repeatsBeforeReport);
    if (!isReported) return false;
    this.#reported.add(problem);
    this.#lastReported = problem;
    return true;
  }
}

/** Checks an app for as long as the agent runs. */
export const watchApp = async (app: App, target: AppTarget, events: EventLog): Promise<never> => {
  const every = durationMs(app.health.every);
  const early = startupIntervalsMs.filter((ms) => ms < every);
  const report = createReporter(app, target, events);
  let state: HealthState = { health: 'starting', failedChecks: 0 };
  let problems = new ProblemFilter();
  for (;;) {
    const problem = await checkApp(app, target);
    const healthy = problem === undefined;
    const counts = healthy || state.health !== 'starting' || early.length === 0;
    const next = counts ? nextHealth(state, healthy, app.health.failures) : state;
    const hasChanged = next.health !== state.health;
    if (hasChanged) problems = new ProblemFilter();
    const isNewProblem = next.health === 'unhealthy' && problem !== undefined && problems.shouldReport(problem);
    if (hasChanged || isNewProblem) report(next.health, problem);
    state = next;
    await after((state.health === 'starting' && early.shift()) || every);
  }
};
