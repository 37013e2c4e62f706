import { expect, test } from 'vitest';
import { endBuild } from '../rules/lifecycle.ts';
import { givenActiveBuild, givenWorkspace, now } from '../testing/records.ts';
import { putStep, stepKey } from './steps.ts';
import { workspaceItem } from './workspace-record.ts';

const inDays = (days: number) => now.getTime() / 1000 + days * 86_400;
const succeeded = { status: 'succeeded' } as const;

test('a deleted workspace and the build that deleted it expire after 90 days', () => {
  const { workspace, build } = givenActiveBuild(givenWorkspace({ desired: 'deleted' }));
  const end = endBuild(workspace, build, succeeded, now);
  expect(workspaceItem(end.workspace)['expires']).toBe(inDays(90));
  expect(end.builds[0]?.expires).toBe(inDays(90));
});

test.each(['running', 'stopped'] as const)('a %s workspace and its last build do not expire', (desired) => {
  const { workspace, build } = givenActiveBuild(givenWorkspace({ desired }));
  const end = endBuild(workspace, build, succeeded, now);
  expect(workspaceItem(end.workspace)).not.toHaveProperty('expires');
  expect(end.builds[0]?.expires).toBeUndefined();
});

test('a step expires after a year', () => {
  const step = { name: 'compute', title: 'Start compute', status: 'running' as const, startedAt: now.toISOString() };
  expect(putStep(stepKey('ws-1', 1, 'compute'), { ...step, hasLog: false })).toMatchObject({
    put: { expires: inDays(365) },
  });
});
