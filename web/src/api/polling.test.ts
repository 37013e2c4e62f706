import { describe, expect, it } from 'vitest';
import type { WorkspaceStatus } from '../../../contracts/workspaces/workspace.ts';
import {
  buildInterval,
  fastInterval,
  fastIntervalPerPage,
  listInterval,
  logInterval,
  type PolledWorkspace,
  slowInterval,
  workspaceInterval,
} from './polling.ts';

const givenWorkspace = (changes: Partial<PolledWorkspace> = {}): PolledWorkspace => ({
  status: 'running',
  build: { id: 'b', number: 1, transition: 'start', reason: 'person', status: 'succeeded' },
  agent: { status: 'ready' },
  apps: [],
  ...changes,
});
const app = (health: 'starting' | 'healthy' | 'unhealthy') => ({
  name: 'web',
  displayName: 'Web',
  icon: 'web',
  url: 'http://web--demo--ada.localhost/',
  health,
});

describe('workspaceInterval', () => {
  it.each<WorkspaceStatus>(['pending', 'starting', 'stopping', 'canceling', 'deleting'])(
    'is fast while %s',
    (status) => {
      expect(workspaceInterval(givenWorkspace({ status }))).toBe(fastInterval);
    },
  );

  it.each<WorkspaceStatus>(['running', 'stopped', 'failed', 'deleted'])('is slow once %s', (status) => {
    expect(workspaceInterval(givenWorkspace({ status }))).toBe(slowInterval);
  });

  it('is fast while the build runs, whatever the status', () => {
    const build = { ...givenWorkspace().build, status: 'pending' as const };
    expect(workspaceInterval(givenWorkspace({ status: 'stopped', build }))).toBe(fastInterval);
  });

  it('is fast while an app starts, but not while one is unhealthy', () => {
    expect(workspaceInterval(givenWorkspace({ apps: [app('starting')] }))).toBe(fastInterval);
    expect(workspaceInterval(givenWorkspace({ apps: [app('unhealthy')] }))).toBe(slowInterval);
    expect(workspaceInterval(givenWorkspace({ status: 'stopped', apps: [app('starting')] }))).toBe(slowInterval);
  });

  it('is slow before the first response', () => {
    expect(workspaceInterval(undefined)).toBe(slowInterval);
  });
});

describe('listInterval', () => {
  it('is fast while a workspace changes, less so with several pages', () => {
    const still = { items: [givenWorkspace()] };
    const moving = { items: [givenWorkspace({ status: 'starting' })] };
    expect(listInterval([still])).toBe(slowInterval);
    expect(listInterval([moving])).toBe(fastInterval);
    expect(listInterval([still, moving])).toBe(2 * fastIntervalPerPage);
    expect(listInterval([still, still, still])).toBe(3 * slowInterval);
    expect(listInterval([])).toBe(slowInterval);
  });
});

it('polls a build that succeeded until its apps are healthy or not', () => {
  const app = { name: 'app-web', title: 'App Web', hasLog: false, startedAt: '2026-11-29T08:00:00.000Z' };
  expect(buildInterval({ status: 'succeeded', steps: [{ ...app, status: 'running' }] })).toBe(fastInterval);
  expect(buildInterval({ status: 'succeeded', steps: [{ ...app, status: 'failed' }] })).toBe(false);
});

it('does not poll builds and logs that have ended', () => {
  expect(buildInterval({ status: 'running', steps: [] })).toBe(fastInterval);
  expect(buildInterval({ status: 'failed', steps: [] })).toBe(false);
  expect(logInterval({ done: false })).toBe(fastInterval);
  expect(logInterval(undefined)).toBe(fastInterval);
  expect(logInterval({ done: true })).toBe(false);
});
