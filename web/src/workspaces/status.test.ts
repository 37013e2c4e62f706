import { describe, expect, it } from 'vitest';
import type { Transition } from '../../../contracts/workspaces/builds.ts';
import type { WorkspaceStatus } from '../../../contracts/workspaces/workspace.ts';
import { possibleActions, requesterOf, unavailableReason } from './status.ts';

const allowed = (status: WorkspaceStatus, transition: Transition = 'start'): string[] => {
  const build = { id: 'b', number: 1, transition, reason: 'person', status: 'running' } as const;
  return Object.entries(possibleActions({ status, build })).flatMap(([action, yes]) => (yes ? [action] : []));
};

describe('possibleActions', () => {
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

  it('cannot cancel a pending stop', () => {
    expect(allowed('pending', 'stop')).toEqual(['delete']);
  });
});

describe('unavailableReason', () => {
  it('is undefined only for a healthy app of a running workspace', () => {
    expect(unavailableReason('running', 'healthy')).toBeUndefined();
    expect(unavailableReason('running', 'unhealthy')).toBe('not responding');
    expect(unavailableReason('running', 'starting')).toBe('starting…');
    expect(unavailableReason('stopped', 'healthy')).toBe('not running');
    expect(unavailableReason('starting', 'starting')).toBe('starting…');
  });
});

describe('requesterOf', () => {
  it('is the person, or the reason', () => {
    expect(requesterOf({ reason: 'person', requestedBy: 'ada' })).toBe('ada');
    expect(requesterOf({ reason: 'autostop' })).toBe('autostop');
  });
});
