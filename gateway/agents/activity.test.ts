import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { BerthError } from '../../core/errors.ts';
import { TestRules } from '../testing/rules.ts';
import { ActivityLog, pullActivity } from './activity.ts';
import type { ConnectedAgent } from './agents.ts';

beforeEach(() => void vi.useFakeTimers({ now: new Date('2026-01-01T12:00:00.000Z') }));
afterEach(() => void vi.useRealTimers());

/** A connected agent, and how often it was asked. */
const givenAgent = (
  id: string,
  answer: () => Promise<{ lastInputAt?: string; connections: number }>,
  activityLagMs = 0,
) => {
  const given = { asked: 0 };
  const activity = () => {
    given.asked += 1;
    return answer();
  };
  const session = { workspaceId: id, buildId: `${id}-1`, activityLagMs };
  return Object.assign(given, {
    connected: { session, tunnel: { activity }, connection: id } as unknown as ConnectedAgent,
  });
};
const active = async () => ({ lastInputAt: new Date().toISOString(), connections: 1 });

const pulled = async (agents: ReturnType<typeof givenAgent>[], ms: number) => {
  const rules = new TestRules();
  const log: string[] = [];
  const all = () => agents.map(({ connected }) => connected);
  const tell = (_: unknown, message: string) => void log.push(message);
  const stop = pullActivity({ all }, new ActivityLog(rules, tell), 1_000, tell);
  await vi.advanceTimersByTimeAsync(ms);
  stop();
  return { rules, log };
};

it('of an agent is recorded though another one never answers, which is not asked again meanwhile', async () => {
  const silent = givenAgent('silent', () => new Promise(() => undefined));
  const { rules } = await pulled([silent, givenAgent('busy', active)], 5_500);
  expect(rules.activity).toHaveLength(5);
  expect(silent.asked).toBe(1);
});

it('is asked for again after a failure', async () => {
  const broken = givenAgent('broken', () => Promise.reject(new Error('lost')));
  const { log } = await pulled([broken], 3_500);
  expect(broken.asked).toBe(3);
  expect(log).toEqual(Array.from({ length: 3 }, () => 'activity not recorded'));
});

it.each([
  ['while others change the workspace', new BerthError('conflict', 'It is being changed by others.'), true],
  ['while the table is away', new Error('no table'), true],
  ['of a workspace that is gone', new BerthError('not_found', 'There is no such workspace.'), false],
])('that cannot be recorded %s is tried again: %s, %s', async (_, failure, isTriedAgain) => {
  const written: Date[] = [];
  const failures = [failure];
  const recordActivity = async (_: unknown, at: Date) => {
    const next = failures.pop();
    if (next !== undefined) throw next;
    written.push(at);
  };
  const activity = new ActivityLog({ recordActivity }, () => undefined);
  const act = new Date();
  await activity.note({ workspaceId: 'ws-1', buildId: 'ws-1-1', activityLagMs: 0 }, act.getTime());
  expect(written).toEqual([]);
  await activity.flush(new Set(['ws-1-1']));
  expect(written).toEqual(isTriedAgain ? [act] : []);
});

it('is never in the future, whatever the agent’s clock says', async () => {
  const ahead = givenAgent('ahead', async () => ({ lastInputAt: '2030-01-01T00:00:00.000Z', connections: 1 }));
  const { rules } = await pulled([ahead], 1_500);
  expect(rules.activity).toEqual([new Date('2026-01-01T12:00:01.000Z')]);
});

it('is written once per lag while input goes on, and a minute after it ended', async () => {
  const end = Date.now() + 900_000;
  const typing = async () => ({ lastInputAt: new Date(Math.min(Date.now(), end)).toISOString(), connections: 1 });
  const { rules } = await pulled([givenAgent('typing', typing, 300_000)], 1_800_000);
  const minutes = rules.activity.map((at) => Math.round((at.getTime() - end + 900_000) / 60_000));
  expect(minutes).toEqual([0, 5, 10, 15]);
});
