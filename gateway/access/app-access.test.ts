import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { BerthError } from '../../core/errors.ts';
import type { Opened } from '../../core/gateway.ts';
import { AppAccess } from './app-access.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const host = { app: 'web', workspace: 'demo', owner: 'ada' };

const givenAccess = () => {
  const state = { checks: 0, isRevoked: false, status: 'running' as 'running' | 'starting' };
  const openApp = async (): Promise<Opened> => {
    state.checks += 1;
    const { isRevoked, status } = state;
    await Promise.resolve();
    if (isRevoked) throw new BerthError('unauthenticated', 'It was revoked.');
    const grant = { key: 'ada', subjects: ['p-ada'], recheck: async () => undefined };
    return {
      destination: { workspaceId: 'ws-1', buildId: 'ws-1-1', name: 'demo', status, apps: ['web'], activityLagMs: 0 },
      grant,
    };
  };
  const mayRequestAcross = async () => {
    state.checks += 1;
    return !state.isRevoked;
  };
  return Object.assign(state, { access: new AppAccess({ openApp, mayRequestAcross }) });
};

it('one check serves all requests of a session to a host for less than a second', async () => {
  const state = givenAccess();
  await Promise.all(Array.from({ length: 100 }, () => state.access.open('secret', host)));
  await vi.advanceTimersByTimeAsync(800);
  await state.access.open('secret', host);
  expect(state.checks).toBe(1);
  state.isRevoked = true;
  await vi.advanceTimersByTimeAsync(199);
  await expect(state.access.open('secret', host)).rejects.toThrow('revoked');
});

it.each([
  ['another session', 'other', host],
  ['another app', 'secret', { ...host, app: 'api' }],
  ['another workspace', 'secret', { ...host, workspace: 'demo2' }],
  ['no session', undefined, host],
])('a cached decision does not serve %s', async (_, session, at) => {
  const state = givenAccess();
  await state.access.open('secret', host);
  state.isRevoked = true;
  await expect(state.access.open(session, at)).rejects.toThrow('revoked');
  await state.access.open('secret', host);
});

it('a revocation drops cached decisions, and those that are being made', async () => {
  const state = givenAccess();
  const early = state.access.open('secret', host);
  state.access.clear();
  state.isRevoked = true;
  await early;
  await expect(state.access.open('secret', host)).rejects.toThrow('revoked');
});

it('neither a refusal nor a workspace that does not run is cached', async () => {
  const state = givenAccess();
  state.isRevoked = true;
  await expect(state.access.open('secret', host)).rejects.toThrow('revoked');
  Object.assign(state, { isRevoked: false, status: 'starting' });
  expect((await state.access.open('secret', host)).destination.status).toBe('starting');
  state.status = 'running';
  expect((await state.access.open('secret', host)).destination.status).toBe('running');
});

it('a permission to request across apps is cached equally long, a refusal is not', async () => {
  const state = givenAccess();
  const check = (from = 'web') => state.access.mayRequestAcross('ws-1', from, 'api');
  expect(await Promise.all([check(), check()])).toEqual([true, true]);
  expect(state.checks).toBe(1);
  state.isRevoked = true;
  expect(await check('3000')).toBe(false);
  expect(await check()).toBe(true);
  state.access.clear();
  expect(await check()).toBe(false);
  state.isRevoked = false;
  expect(await check()).toBe(true);
});
