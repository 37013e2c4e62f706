import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { BerthError } from '../../core/errors.ts';
import type { AccessGrant } from '../../core/gateway.ts';
import { OpenConnections } from './open-connections.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A grant that can be revoked, and how often it was checked. */
const givenGrant = (fields: Partial<AccessGrant> = {}) => {
  const state = { thrown: undefined as unknown, checks: 0 };
  const grant: AccessGrant = {
    key: 'p-ada/ws-1',
    subjects: ['p-ada', 'ws-1'],
    recheck: async () => {
      state.checks += 1;
      if (state.thrown !== undefined) throw state.thrown;
    },
    ...fields,
  };
  return Object.assign(state, { grant });
};

const givenConnection = (open: OpenConnections, grant: AccessGrant) => {
  const closed: string[] = [];
  const close = open.add(grant, (reason) => {
    closed.push(reason);
    close();
  });
  return { closed, close };
};

describe('an open connection', () => {
  it.each(['unauthenticated', 'not_found', 'forbidden', 'wrong_state'] as const)(
    'is closed with the reason within a second of a revocation (%s)',
    async (name) => {
      const open = new OpenConnections(900);
      const granted = givenGrant();
      const { closed } = givenConnection(open, granted.grant);
      await vi.advanceTimersByTimeAsync(10_500);
      expect(closed).toEqual([]);
      granted.thrown = new BerthError(name, 'Revoked.');
      await vi.advanceTimersByTimeAsync(1_000);
      expect(closed).toEqual(['Revoked.']);
      expect(open.count).toBe(0);
    },
  );

  it('stays open while the grant cannot be checked', async () => {
    const open = new OpenConnections(900);
    const granted = givenGrant();
    const { closed } = givenConnection(open, granted.grant);
    granted.thrown = new Error('the table is down');
    await vi.advanceTimersByTimeAsync(600_000);
    expect(closed).toEqual([]);
  });

  it('is closed when its grant expires', async () => {
    const open = new OpenConnections(900);
    const { closed } = givenConnection(open, givenGrant({ until: new Date(Date.now() + 60_000) }).grant);
    await vi.advanceTimersByTimeAsync(59_000);
    expect(closed).toEqual([]);
    await vi.advanceTimersByTimeAsync(2_000);
    expect(closed).toHaveLength(1);
  });

  it('shares one check a second with all connections of the same grant', async () => {
    const open = new OpenConnections(900);
    const granted = givenGrant();
    for (let n = 0; n < 100; n += 1) givenConnection(open, { ...granted.grant });
    const other = givenGrant({ key: 'p-linus/ws-1' });
    givenConnection(open, other.grant);
    await vi.advanceTimersByTimeAsync(9_500);
    expect(granted.checks).toBe(10);
    expect(other.checks).toBe(10);
  });

  it.each(['p-ada', 'ws-1'])('is checked immediately after a revocation that names %s', async (subject) => {
    const open = new OpenConnections(600_000);
    const [granted, other] = [givenGrant(), givenGrant({ key: 'p-linus/ws-2', subjects: ['p-linus', 'ws-2'] })];
    const { closed } = givenConnection(open, granted.grant);
    givenConnection(open, other.grant);
    granted.thrown = new BerthError('not_found', 'Revoked.');
    open.recheck(new Set([subject, 'p-grace']));
    await vi.advanceTimersByTimeAsync(0);
    expect(closed).toEqual(['Revoked.']);
    expect(other.checks).toBe(0);
  });

  it('is not checked any more once it has closed', async () => {
    const open = new OpenConnections(900);
    const granted = givenGrant();
    const [one, two] = [givenConnection(open, granted.grant), givenConnection(open, granted.grant)];
    one.close();
    expect(open.count).toBe(1);
    two.close();
    expect(open.count).toBe(0);
    await vi.advanceTimersByTimeAsync(10_000);
    expect(granted.checks).toBe(0);
  });

  it('is not checked twice at a time', async () => {
    const open = new OpenConnections(900);
    let checks = 0;
    givenConnection(open, {
      key: 'k',
      subjects: [],
      recheck: () => {
        checks += 1;
        return new Promise(() => undefined);
      },
    });
    await vi.advanceTimersByTimeAsync(30_000);
    expect(checks).toBe(1);
  });
});
