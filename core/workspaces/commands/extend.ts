import type { Actor } from '../../actor.ts';
import { BerthError } from '../../errors.ts';
import { instant, later } from '../../instant.ts';
import type { Rules } from '../../rules.ts';
import type { WorkspaceRecord } from '../records/workspace-record.ts';
import { extendableUntil, stopFields } from '../rules/stop-time.ts';
import { type Alongside, changeWorkspace, findWorkspace } from '../store.ts';

/** Postpones the stop of a running workspace to `minutes` from now, within the limits of its template. */
export const extendWorkspace = async (
  rules: Rules,
  actor: Actor,
  reference: string,
  minutes: number,
  alongside: Alongside,
): Promise<WorkspaceRecord> => {
  const first = await findWorkspace(rules, actor, reference, 'manage');
  return changeWorkspace(
    rules,
    first.id,
    (workspace) => {
      const until = extensionOf(workspace, minutes, rules.clock());
      const extended = { ...workspace, extendedUntil: instant(until) };
      const auditEvent = { action: 'workspace.extend' as const, actor, details: { until: instant(until) } };
      return { workspace: { ...extended, ...stopFields(extended) }, auditEvents: [auditEvent] };
    },
    { first, alongside },
  );
};

const extensionOf = (workspace: WorkspaceRecord, minutes: number, now: Date): Date => {
  if (workspace.status !== 'running') {
    throw new BerthError(
      'wrong_state',
      `The workspace ${workspace.name} is ${workspace.status}; only a running one can be extended. Start it first.`,
    );
  }
  const until = later(now, minutes * 60_000);
  const bound = extendableUntil(workspace, now);
  if (until > bound) {
    const most = Math.max(0, Math.floor((bound.getTime() - now.getTime()) / 60_000));
    throw new BerthError(
      'invalid_request',
      `The template allows an extension of at most ${most} minutes from now; you requested ${minutes}. Request fewer.`,
      { field: 'minutes' },
    );
  }
  return until;
};
