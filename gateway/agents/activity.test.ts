import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Log } from '../../base/log.ts';
import { BerthError } from '../../core/errors.ts';
import { TestRules } from '../testing/rules.ts';
import { ActivityLog, pullActivity } from './activity.ts';
import { AgentUnresponsive } from './agent-link.ts';
import type { ConnectedAgent } from './agents.ts';

beforeEach(() => void vi.useFakeTimers({ now: new Date('2026-01-01T12:00:00.000Z') }));
afterEach(() => void vi.useRealTimers());

/** A connected agent, and how often its activity was requested. */
const givenAgent = (
  id: string,
  respond: () => Promise<{ lastInputAt?: string; connections: number }>,
  activityLagMs = 0,
  isOpen = true,
) => {
  const given = { requests: 0 };
  const activity = () => {
    given.requests += 1;
    return respond();
  };
  const session = { workspaceId: id, buildId: `${id}-1`, activityLagMs };
  return Object.assign(given, {
    connected: { session, tunnel: { activity, isOpen }, connection: id } as unknown as ConnectedAgent,
  });
};
const active = async () => ({ lastInputAt: new Date().toISOString(), connections: 1 });

const pulled = async (agents: ReturnType<typeof givenAgent>[], ms: number) => {
  const rules = new TestRules();
  const log: string[] = [];
  const all = () => agents.map(({ connected }) => connected);
  const write: Log = (_, message, fields) => void log.push(`${message} of ${fields?.['workspace']}`);
  const stop = pullActivity({ all }, new ActivityLog(rules, write), 1_000, write);
  await vi.advanceTimersByTimeAsync(ms);
  stop();
  return { rules, log };
};

it('is recorded although another agent never responds, which receives no second request meanwhile', async () => {
  const silent = givenAgent('silent', () => new Promise(() => undefined));
  const { rules } = await pulled([silent, givenAgent('busy', active)], 5_500);
  expect(rules.activity).toHaveLength(5);
  expect(silent.requests).toBe(1);
});

it('is requested again after a failure', async () => {
  const broken = givenAgent('broken', () => Promise.reject(new Error('lost')));
  const { log } = await pulled([broken], 3_500);
  expect(broken.requests).toBe(3);
  expect(log).toEqual(Array.from({ length: 3 }, () => 'activity not recorded of broken'));
});

it('is not missed, and nothing is logged, when the agent disconnects during the request', async () => {
  const lost = () => Promise.reject(new AgentUnresponsive('The workspace did not respond: the connection was lost.'));
  const { log } = await pulled([givenAgent('stopping', lost, 0, false), givenAgent('failing', lost)], 1_500);
  expect(log).toEqual(['activity not recorded of failing']);
});

it.each([
  ['while others change the workspace', new BerthError('conflict', 'It is being changed.'), true],
  ['during an outage of the table', new Error('the table is down'), true],
  ['for a deleted workspace', new BerthError('not_found', 'There is no such workspace.'), false],
])('that cannot be recorded %s (%s) is recorded later: %s', async (_, failure, isRetried) => {
  const written: Date[] = [];
  const failures = [failure];
  const recordActivity = async (_: unknown, time: Date) => {
    const next = failures.pop();
    if (next !== undefined) throw next;
    written.push(time);
  };
  const activity = new ActivityLog({ recordActivity }, () => undefined);
  const at = new Date();
  await activity.note({ workspaceId: 'ws-1', buildId: 'ws-1-1', activityLagMs: 0 }, at.getTime());
  expect(written).toEqual([]);
  await activity.flush(new Set(['ws-1-1']));
  expect(written).toEqual(isRetried ? [at] : []);
});

it('is never recorded as in the future, whatever the agent’s clock shows', async () => {
  const ahead = givenAgent('ahead', async () => ({ lastInputAt: '2030-01-01T00:00:00.000Z', connections: 1 }));
  const { rules } = await pulled([ahead], 1_500);
  expect(rules.activity).toEqual([new Date('2026-01-01T12:00:01.000Z')]);
});

it('is written once per lag during input, and a minute after the last input', async () => {
  const end = Date.now() + 900_000;
  const typing = async () => ({ lastInputAt: new Date(Math.min(Date.now(), end)).toISOString(), connections: 1 });
  const { rules } = await pulled([givenAgent('typing', typing, 300_000)], 1_800_000);
  const minutes = rules.activity.map((at) => Math.round((at.getTime() - end + 900_000) / 60_000));
  expect(minutes).toEqual([0, 5, 10, 15]);
});
