import { describe, expect, it } from 'vitest';
import type { Transition, WorkspaceStatus } from '../../../contracts/workspace.ts';
import { appObstacle, askedBy, possible } from './status.ts';

const allowed = (status: WorkspaceStatus, transition: Transition = 'start'): string[] => {
  const build = { id: 'b', number: 1, transition, reason: 'person', status: 'running' } as const;
  return Object.entries(possible({ status, build })).flatMap(([action, yes]) => (yes ? [action] : []));
};

describe('possible', () => {
  it.each<[WorkspaceStatus, string[]]>([
    ['pending', ['cancel', 'delete']],
    ['starting', ['cancel', 'delete']],
    ['running', ['stop', 'delete']],
    ['stopping', ['delete']],
    ['stopped', ['start', 'delete']],
    ['failed', ['start', 'delete']],
    ['canceling', ['delete']],
    ['deleting', []],
    ['deleted', []],
  ])('while %s: %j', (status, actions) => {
    expect(allowed(status)).toEqual(actions);
  });

  it('offers no cancel of a stop that waits', () => {
    expect(allowed('pending', 'stop')).toEqual(['delete']);
  });
});

describe('appObstacle', () => {
  it('is none only for a healthy app of a running workspace', () => {
    expect(appObstacle('running', 'healthy')).toBeUndefined();
    expect(appObstacle('running', 'unhealthy')).toBe('does not answer');
    expect(appObstacle('running', 'starting')).toBe('starting…');
    expect(appObstacle('stopped', 'healthy')).toBe('not running');
    expect(appObstacle('starting', 'starting')).toBe('starting…');
  });
});

describe('askedBy', () => {
  it('names the person, or the rule', () => {
    expect(askedBy({ reason: 'person', requestedBy: 'ada' })).toBe('ada');
    expect(askedBy({ reason: 'autostop' })).toBe('autostop');
  });
});
