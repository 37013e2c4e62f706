import { get } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';
import { durationMs } from '../contracts/duration.ts';
import type { App } from '../contracts/template.ts';
import type { AppHealth } from '../contracts/workspace.ts';
import type { EventLog } from './events.ts';
import { connectTo, describeTarget, type Target } from './target.ts';

const answerMs = 2_000;

/** Whether the app answers `GET path` within 2 s with a status below 500. */
const answers = (target: Target, path: string): Promise<boolean> =>
  new Promise((resolve) => {
    const request = get({
      path,
      headers: { host: 'localhost', connection: 'close', 'user-agent': 'berth-health-check' },
      createConnection: () => connectTo(target),
      signal: AbortSignal.timeout(answerMs),
    });
    request.once('response', (response) => {
      resolve((response.statusCode ?? 500) < 500);
      response.destroy();
    });
    // Any failure to answer is the answer. The listener stays: destroying the response may report once more.
    request.on('error', () => resolve(false));
  });

export interface HealthState {
  health: AppHealth;
  /** Checks in a row that failed. */
  misses: number;
}

/** The state after one more check; `unhealthy` after `failures` misses in a row. */
export const nextHealth = (state: HealthState, healthy: boolean, failures: number): HealthState => {
  if (healthy) return { health: 'healthy', misses: 0 };
  const misses = state.misses + 1;
  return { health: misses >= failures ? 'unhealthy' : state.health, misses };
};

/**
 * The waits between the first checks: most apps are up within a second, and who waits for one should not wait for the
 * next regular check. These checks count for nothing unless the app answers.
 */
const firstWaitsMs = [50, 100, 200, 400, 800];

const inWords = (ms: number): string => (ms < 120_000 ? `${ms / 1_000} s` : `${Math.round(ms / 60_000)} min`);

/** Tells the changes of an app's health; its build step ends with the first of them. */
const reporter = (app: App, target: Target, events: EventLog) => {
  const step = `app-${app.name}`;
  const title = `App ${app.displayName ?? app.name}`;
  const waited = inWords(durationMs(app.health.every) * app.health.failures);
  const silent = `${app.name} did not answer on ${describeTarget(target)} within ${waited}. See whether the startup script starts it.`;
  let judged = false;
  events.add({ type: 'app', app: app.name, health: 'starting' });
  events.step(step, title, 'running');
  return (health: AppHealth): void => {
    events.add({ type: 'app', app: app.name, health });
    if (!judged && health === 'healthy') events.step(step, title, 'succeeded');
    if (!judged && health === 'unhealthy') events.step(step, title, 'failed', silent);
    judged = true;
  };
};

/** Checks an app as long as the agent lives. */
export const watchApp = async (app: App, target: Target, events: EventLog): Promise<never> => {
  const every = durationMs(app.health.every);
  const early = firstWaitsMs.filter((ms) => ms < every);
  const report = reporter(app, target, events);
  let state: HealthState = { health: 'starting', misses: 0 };
  for (;;) {
    const healthy = await answers(target, app.health.path);
    const counts = healthy || state.health !== 'starting' || early.length === 0;
    const next = counts ? nextHealth(state, healthy, app.health.failures) : state;
    if (next.health !== state.health) report(next.health);
    state = next;
    await after((state.health === 'starting' && early.shift()) || every);
  }
};
