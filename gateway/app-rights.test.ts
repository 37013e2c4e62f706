import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { BerthError } from '../core/errors.ts';
import type { Opened } from '../core/gateway.ts';
import { AppRights } from './app-rights.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const host = { app: 'web', workspace: 'demo', owner: 'ada' };

const given = () => {
  const state = { asked: 0, isTaken: false, status: 'running' as 'running' | 'starting' };
  const openApp = async (): Promise<Opened> => {
    state.asked += 1;
    const { isTaken, status } = state;
    await Promise.resolve();
    if (isTaken) throw new BerthError('unauthenticated', 'It was taken away.');
    const access = { key: 'ada', subjects: ['p-ada'], stillAllowed: async () => undefined };
    return { destination: { workspaceId: 'ws-1', buildId: 'ws-1-1', name: 'demo', status, apps: ['web'] }, access };
  };
  return Object.assign(state, { rights: new AppRights({ openApp }) });
};

it('one question serves all requests of a session at a host for less than a second', async () => {
  const state = given();
  await Promise.all(Array.from({ length: 100 }, () => state.rights.open('secret', host)));
  await vi.advanceTimersByTimeAsync(800);
  await state.rights.open('secret', host);
  expect(state.asked).toBe(1);
  state.isTaken = true;
  await vi.advanceTimersByTimeAsync(199);
  await expect(state.rights.open('secret', host)).rejects.toThrow('taken away');
});

it.each([
  ['another session', 'other', host],
  ['another app', 'secret', { ...host, app: 'api' }],
  ['another workspace', 'secret', { ...host, workspace: 'demo2' }],
  ['no session', undefined, host],
])('serves nobody with %s', async (_, session, at) => {
  const state = given();
  await state.rights.open('secret', host);
  state.isTaken = true;
  await expect(state.rights.open(session, at)).rejects.toThrow('taken away');
  await state.rights.open('secret', host);
});

it('is asked anew once something was taken away, also when the question was under way', async () => {
  const state = given();
  const early = state.rights.open('secret', host);
  state.rights.forget();
  state.isTaken = true;
  await early;
  await expect(state.rights.open('secret', host)).rejects.toThrow('taken away');
});

it('keeps neither a refusal nor a workspace that does not run', async () => {
  const state = given();
  state.isTaken = true;
  await expect(state.rights.open('secret', host)).rejects.toThrow('taken away');
  Object.assign(state, { isTaken: false, status: 'starting' });
  expect((await state.rights.open('secret', host)).destination.status).toBe('starting');
  state.status = 'running';
  expect((await state.rights.open('secret', host)).destination.status).toBe('running');
});
