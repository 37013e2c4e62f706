import { expect, test } from 'vitest';
import { BerthError } from '../../errors.ts';
import { causeOf, explainFailure } from './failures.ts';

const failureOf = (error: string, cause: string) => explainFailure({ error, cause });
const unredacted = (text: string) => text;

test('a remedy of several sentences stays whole, and apart from the reason', () => {
  const reason = 'The VM did not boot within 5 minutes. Its last status was pending.';
  const remedy = 'Start again. If the problem persists, contact your administrator.';
  const error = new BerthError('compute_failed', reason, { remedy });
  expect(error.message).toBe(`${reason} ${remedy}`);
  const expected = { error: 'compute_failed', message: reason, action: remedy };
  const errorMessage = causeOf(error, unredacted);
  expect(failureOf('compute_failed', errorMessage)).toEqual(expected);
  // As Lambda reports it to Step Functions.
  const cause = JSON.stringify({ errorType: 'compute_failed', errorMessage, trace: [] });
  expect(failureOf('compute_failed', cause)).toEqual(expected);
});

test('the reason and the remedy are redacted separately', () => {
  const error = new BerthError('compute_failed', 'Not for "a".', { remedy: 'Use "b".' });
  const redact = (text: string) => text.replaceAll(/".*"/g, '[secret]');
  expect(failureOf('compute_failed', causeOf(error, redact))).toMatchObject({
    message: 'Not for [secret].',
    action: 'Use [secret].',
  });
});

test.each([
  ['All 5 VMs of the pool dev are taken. Stop one, or ask your administrator.', 'Stop one, or ask your administrator.'],
  [
    'No node takes the workspace: no node has enough cpu. Choose a smaller size (0/3 nodes are available. No more.).',
    'Choose a smaller size (0/3 nodes are available. No more.).',
  ],
  ['The image x cannot be pulled: not found. Perhaps denied. Check its name.', 'Check its name.'],
])('without a separate remedy, the last sentence of %j is the remedy', (cause, action) => {
  const failure = failureOf('compute_failed', cause);
  expect(failure.action).toBe(action);
  expect(`${failure.message} ${failure.action}`).toBe(cause);
});

test('a cause without a remedy gets a general one', () => {
  expect(failureOf('compute_failed', 'The pod is being taken away.')).toEqual({
    error: 'compute_failed',
    message: 'The pod is being taken away.',
    action: 'Start again. If the problem persists, contact your administrator.',
  });
  expect(failureOf('startup_failed', 'The startup script failed. It ended with exit code 7.').message).toBe(
    'The startup script failed. It ended with exit code 7.',
  );
});
