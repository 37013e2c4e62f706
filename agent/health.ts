import { get } from 'node:http';
import { setTimeout as after } from 'node:timers/promises';
import { durationMs } from '../contracts/duration.ts';
import type { App } from '../contracts/template.ts';
import type { AppHealth } from '../contracts/workspace.ts';
import { connectTo, describeTarget, type Target } from './apps.ts';
import type { EventLog } from './events.ts';

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

const inWords = (ms: number): string => (ms < 120_000 ? `${ms / 1_000} s` : `${Math.round(ms / 60_000)} min`);

/** Checks an app as long as the agent lives, and tells each change; its build step ends with the first verdict. */
export const watchApp = async (app: App, target: Target, events: EventLog): Promise<never> => {
  const every = durationMs(app.health.every);
  const step = `app-${app.name}`;
  const title = `App ${app.displayName ?? app.name}`;
  let state: HealthState = { health: 'starting', misses: 0 };
  events.add({ type: 'app', app: app.name, health: state.health });
  events.step(step, title, 'running');
  for (let judged = false; ; await after(every)) {
    const next = nextHealth(state, await answers(target, app.health.path), app.health.failures);
    if (next.health !== state.health) {
      events.add({ type: 'app', app: app.name, health: next.health });
      if (!judged && next.health === 'healthy') events.step(step, title, 'succeeded');
      if (!judged && next.health === 'unhealthy') {
        const waited = inWords(every * app.health.failures);
        const message = `${app.name} did not answer on ${describeTarget(target)} within ${waited}. See whether the startup script starts it.`;
        events.step(step, title, 'failed', message);
      }
      judged = true;
    }
    state = next;
  }
};
