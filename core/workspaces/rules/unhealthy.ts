import type { Failure, Step } from '../../../contracts/workspaces/builds.ts';
import type { NewAuditEvent } from '../../audit/audit-events.ts';
import { BerthError } from '../../errors.ts';
import type { BuildRecord } from '../records/build-record.ts';
import type { WorkspaceRecord } from '../records/workspace-record.ts';
import { explainFailure } from './failures.ts';

/**
 * If the startup script fails or times out, the workspace keeps running but is unhealthy, so that its owner can sign
 * in, repair the cause and run the script again. Otherwise a broken line in a file of the home would lock the owner
 * out.
 */

type Outcome = NonNullable<BuildRecord['outcome']>;

/** Returns why a workspace is unhealthy after this outcome of its startup script; nothing if it succeeded. */
export const unhealthyAfter = ({ status, error = 'startup_failed', message = '' }: Outcome): Failure | undefined =>
  status === 'ready' ? undefined : explainFailure({ error, cause: message });

/**
 * Returns the build after another outcome of its startup script, and the audit events: one per requested run, so that a
 * hostile agent cannot flood the audit log.
 */
export const withOutcome = (
  build: BuildRecord,
  outcome: Outcome,
): { build: BuildRecord; auditEvents: NewAuditEvent[] } => {
  const { outcomes = 0, startupRuns = 0 } = build;
  const failure = unhealthyAfter(outcome);
  const isNews = outcomes <= startupRuns && (failure !== undefined || build.outcome?.status === 'start_error');
  const auditEvent: NewAuditEvent = {
    action: failure === undefined ? 'workspace.healthy' : 'workspace.unhealthy',
    actor: 'system',
    outcome: failure === undefined ? 'success' : 'failure',
    details: { build: build.number, ...(failure === undefined ? {} : { error: failure.error }) },
  };
  return { build: { ...build, outcome, outcomes: outcomes + 1 }, auditEvents: isNews ? [auditEvent] : [] };
};

/**
 * Returns the build with another requested run of its startup script; `undefined` if a run is in progress, which a
 * second request joins.
 */
export const requestStartup = (
  workspace: WorkspaceRecord,
  build: BuildRecord,
  startup: Step | undefined,
): BuildRecord | undefined => {
  const { name, status, unhealthy, agent } = workspace;
  if (status !== 'running')
    throw new BerthError('wrong_state', `The workspace ${name} is ${status}. Start it; that runs its startup script.`);
  if (unhealthy === undefined)
    throw new BerthError(
      'wrong_state',
      `The startup script of ${name} did not fail, and is not run again while the workspace runs. Restart the workspace.`,
    );
  if (startup?.status === 'running' && agent?.status !== 'disconnected') return undefined;
  return { ...build, startupRuns: (build.startupRuns ?? 0) + 1 };
};
