import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BerthError } from '../core/errors.ts';
import type { Access } from '../core/gateway.ts';
import { OpenConnections } from './open-connections.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A right that can be taken away, and how often it was asked about. */
const givenRight = (fields: Partial<Access> = {}) => {
  const right = { thrown: undefined as unknown, asked: 0 };
  const access: Access = {
    key: 'p-ada/ws-1',
    subjects: ['p-ada', 'ws-1'],
    stillAllowed: async () => {
      right.asked += 1;
      if (right.thrown !== undefined) throw right.thrown;
    },
    ...fields,
  };
  return Object.assign(right, { access });
};

const opened = (open: OpenConnections, access: Access) => {
  const ended: string[] = [];
  const close = open.add(access, (reason) => {
    ended.push(reason);
    close();
  });
  return { ended, close };
};

describe('what is open', () => {
  it.each(['unauthenticated', 'not_found', 'forbidden', 'wrong_state'] as const)(
    'ends within a second of its right (%s), with the reason',
    async (name) => {
      const open = new OpenConnections(900);
      const right = givenRight();
      const { ended } = opened(open, right.access);
      await vi.advanceTimersByTimeAsync(10_500);
      expect(ended).toEqual([]);
      right.thrown = new BerthError(name, 'Taken away.');
      await vi.advanceTimersByTimeAsync(1_000);
      expect(ended).toEqual(['Taken away.']);
      expect(open.count).toBe(0);
    },
  );

  it('stays while the right lasts, and while nobody can say', async () => {
    const open = new OpenConnections(900);
    const right = givenRight();
    const { ended } = opened(open, right.access);
    right.thrown = new Error('the table is away');
    await vi.advanceTimersByTimeAsync(600_000);
    expect(ended).toEqual([]);
  });

  it('ends when its right is over by itself', async () => {
    const open = new OpenConnections(900);
    const { ended } = opened(open, givenRight({ until: new Date(Date.now() + 60_000) }).access);
    await vi.advanceTimersByTimeAsync(59_000);
    expect(ended).toEqual([]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(ended).toHaveLength(1);
  });

  it('shares one question a second with everything opened by the same right', async () => {
    const open = new OpenConnections(900);
    const right = givenRight();
    for (let n = 0; n < 100; n += 1) opened(open, { ...right.access });
    const other = givenRight({ key: 'p-linus/ws-1' });
    opened(open, other.access);
    await vi.advanceTimersByTimeAsync(9_500);
    expect(right.asked).toBe(10);
    expect(other.asked).toBe(10);
  });

  it.each(['p-ada', 'ws-1'])('is asked about at once when something was taken away of %s', async (subject) => {
    const open = new OpenConnections(600_000);
    const [right, other] = [givenRight(), givenRight({ key: 'p-linus/ws-2', subjects: ['p-linus', 'ws-2'] })];
    const { ended } = opened(open, right.access);
    opened(open, other.access);
    right.thrown = new BerthError('not_found', 'Taken away.');
    open.askAbout(new Set([subject, 'p-grace']));
    await vi.advanceTimersByTimeAsync(0);
    expect(ended).toEqual(['Taken away.']);
    expect(other.asked).toBe(0);
  });

  it('is asked about no more once it is closed', async () => {
    const open = new OpenConnections(900);
    const right = givenRight();
    const [one, two] = [opened(open, right.access), opened(open, right.access)];
    one.close();
    expect(open.count).toBe(1);
    two.close();
    expect(open.count).toBe(0);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(right.asked).toBe(0);
  });

  it('is not asked about twice while an answer is slow', async () => {
    const open = new OpenConnections(900);
    let asked = 0;
    opened(open, {
      key: 'k',
      subjects: [],
      stillAllowed: () => {
        asked += 1;
        return new Promise(() => undefined);
      },
    });
    await vi.advanceTimersByTimeAsync(30_000);
    expect(asked).toBe(1);
  });
});
