import { describe, expect, it } from 'vitest';
import type { WorkspaceStatus } from '../../../contracts/workspace.ts';
import {
  buildInterval,
  listInterval,
  logInterval,
  type Movable,
  quickly,
  quicklyForEach,
  slowly,
  workspaceInterval,
} from './polling.ts';

const givenWorkspace = (changes: Partial<Movable> = {}): Movable => ({
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
    'is quick while %s',
    (status) => {
      expect(workspaceInterval(givenWorkspace({ status }))).toBe(quickly);
    },
  );

  it.each<WorkspaceStatus>(['running', 'stopped', 'failed', 'deleted'])('is slow once %s', (status) => {
    expect(workspaceInterval(givenWorkspace({ status }))).toBe(slowly);
  });

  it('is quick while the build runs, though the status says otherwise', () => {
    const build = { ...givenWorkspace().build, status: 'pending' as const };
    expect(workspaceInterval(givenWorkspace({ status: 'stopped', build }))).toBe(quickly);
  });

  it('is quick while an app starts, not while one does not answer', () => {
    expect(workspaceInterval(givenWorkspace({ apps: [app('starting')] }))).toBe(quickly);
    expect(workspaceInterval(givenWorkspace({ apps: [app('unhealthy')] }))).toBe(slowly);
    expect(workspaceInterval(givenWorkspace({ status: 'stopped', apps: [app('starting')] }))).toBe(slowly);
  });

  it('is slow as long as nothing is known', () => {
    expect(workspaceInterval(undefined)).toBe(slowly);
  });
});

describe('listInterval', () => {
  it('is quick while one of them moves, less so over several pages', () => {
    const still = { items: [givenWorkspace()] };
    const moving = { items: [givenWorkspace({ status: 'starting' })] };
    expect(listInterval([still])).toBe(slowly);
    expect(listInterval([moving])).toBe(quickly);
    expect(listInterval([still, moving])).toBe(2 * quicklyForEach);
    expect(listInterval([still, still, still])).toBe(3 * slowly);
    expect(listInterval([])).toBe(slowly);
  });
});

describe('what ends', () => {
  it('is not asked for again', () => {
    expect(buildInterval({ status: 'running' })).toBe(quickly);
    expect(buildInterval({ status: 'failed' })).toBe(false);
    expect(logInterval({ done: false })).toBe(quickly);
    expect(logInterval(undefined)).toBe(quickly);
    expect(logInterval({ done: true })).toBe(false);
  });
});
