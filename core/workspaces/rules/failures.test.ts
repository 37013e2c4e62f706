import { expect, test } from 'vitest';
import { explainFailure } from './failures.ts';

const failureOf = (error: string, cause: string) => explainFailure({ error, cause });

test.each([
  ['All 5 VMs of the pool dev are taken. Stop one, or ask your administrator.', 'Stop one, or ask your administrator.'],
  [
    'No node takes the workspace: no node has enough cpu. Choose a smaller size (0/3 nodes are available. No more.).',
    'Choose a smaller size (0/3 nodes are available. No more.).',
  ],
  ['The image x cannot be pulled: not found. Perhaps denied. Check its name.', 'Check its name.'],
])('%j tells what to do once, and apart from what failed', (cause, action) => {
  const failure = failureOf('compute_failed', cause);
  expect(failure.action).toBe(action);
  expect(`${failure.message} ${failure.action}`).toBe(cause);
});

test('a cause that says nothing of what to do is told with what helps in general', () => {
  expect(failureOf('compute_failed', 'The pod is being taken away.')).toEqual({
    error: 'compute_failed',
    message: 'The pod is being taken away.',
    action: 'Start again. If the problem persists, contact your administrator.',
  });
  expect(failureOf('startup_failed', 'The startup script failed. It ended with exit code 7.').message).toBe(
    'The startup script failed. It ended with exit code 7.',
  );
});
