import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { pullActivity } from './activity.ts';
import type { Connected } from './agents.ts';
import { TestRules } from './test-rules.ts';

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
  return Object.assign(given, { connected: { session, tunnel: { activity }, connection: id } as unknown as Connected });
};
const active = async () => ({ lastInputAt: new Date().toISOString(), connections: 1 });

const pulled = async (agents: ReturnType<typeof givenAgent>[], ms: number) => {
  const rules = new TestRules();
  const log: string[] = [];
  const all = () => agents.map(({ connected }) => connected);
  const stop = pullActivity({ all }, rules, 1_000, (_, message) => void log.push(message));
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
