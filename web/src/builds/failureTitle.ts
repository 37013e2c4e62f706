import type { Failure } from '../../../contracts/workspaces/builds.ts';

/** Titles of failures, by error name. */
const titles: Record<string, string> = {
  startup_failed: 'The startup script failed',
  startup_timeout: 'The startup script timed out',
  agent_timeout: 'The workspace did not connect in time',
  'States.Timeout': 'The workspace was not ready in time',
  compute_failed: 'The compute could not be started',
  invalid_template: 'The template version is invalid',
  forbidden: 'The workspace is not allowed to run',
  not_found: 'Something the workspace needs no longer exists',
};

export const failureTitle = ({ error }: Pick<Failure, 'error'>): string =>
  titles[error] ?? 'Something went wrong in Berth';
