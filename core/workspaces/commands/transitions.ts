import type { AuditAction } from '../../../contracts/audit.ts';
import { deleteShares } from '../../access/share-store.ts';
import type { Actor } from '../../actor.ts';
import type { Change } from '../../ports/table.ts';
import type { Rules } from '../../rules.ts';
import { refusePrivileged } from '../../templates/evaluation/privileges.ts';
import type { BuildRecord } from '../records/build-record.ts';
import type { WorkspaceRecord } from '../records/workspace-record.ts';
import type { LifecycleChange } from '../rules/lifecycle.ts';
import { requestDelete, requestStart, requestStop } from '../rules/requests.ts';
import { type Alongside, changeWorkspace, findWorkspace, loadActiveBuild } from '../store.ts';
import { applyVersion, hasChanges, type StartRequest } from './apply-version.ts';

export const startWorkspace = (
  rules: Rules,
  actor: Actor,
  reference: string,
  request: StartRequest,
  alongside: Alongside,
): Promise<WorkspaceRecord> => {
  const rebuild = hasChanges(request);
  return requestTransition(
    rules,
    actor,
    reference,
    { action: 'workspace.start', alongside },
    async (workspace, active, now) => {
      const { changed, ephemeral, version } = await applyVersion(rules, actor, workspace, request);
      // A start of a running workspace changes nothing, unless it requests changes.
      if (rebuild || workspace.status !== 'running') {
        refusePrivileged(rules, { version, parameters: { ...changed.parameters, ...ephemeral }, workspace });
      }
      return requestStart(changed, active, { ...byPerson(actor), ephemeral, rebuild }, now);
    },
  );
};

export const stopWorkspace = (
  rules: Rules,
  actor: Actor,
  reference: string,
  alongside: Alongside,
): Promise<WorkspaceRecord> =>
  requestTransition(rules, actor, reference, { action: 'workspace.stop', alongside }, (workspace, active, now) =>
    requestStop(workspace, active, byPerson(actor), now),
  );

/** Also deletes the shares of the workspace. */
export const deleteWorkspace = (rules: Rules, actor: Actor, reference: string): Promise<WorkspaceRecord> =>
  requestTransition(
    rules,
    actor,
    reference,
    { action: 'workspace.delete', also: ({ id }) => deleteShares(rules.table, id) },
    (workspace, active, now) => requestDelete(workspace, active, byPerson(actor), now),
  );

interface Transition {
  action: AuditAction;
  alongside?: Alongside;
  /** More changes for the same transaction, read from the table. */
  also?: (workspace: WorkspaceRecord) => Promise<Change[]>;
}

/** Requests a state. Writes nothing when that state is desired already. */
const requestTransition = async (
  rules: Rules,
  actor: Actor,
  reference: string,
  { action, alongside, also }: Transition,
  request: (
    workspace: WorkspaceRecord,
    active: BuildRecord | undefined,
    now: Date,
  ) => LifecycleChange | Promise<LifecycleChange>,
): Promise<WorkspaceRecord> => {
  const first = await findWorkspace(rules, actor, reference, 'manage');
  const decide = async (workspace: WorkspaceRecord) => {
    const active = await loadActiveBuild(rules.table, workspace);
    const change = await request(workspace, active, rules.clock());
    if (change.builds.length === 0 && requestedState(change.workspace) === requestedState(workspace)) return undefined;
    const auditEvents = [{ action, actor, details: { build: change.workspace.build.number } }];
    return { ...change, auditEvents, also: (await also?.(workspace)) ?? [] };
  };
  return changeWorkspace(rules, first.id, decide, { first, alongside });
};

/** All fields that a request can change without a build of its own. */
const requestedState = ({ desired, next, parameters, template }: WorkspaceRecord): string =>
  JSON.stringify([desired, next, parameters, template.version]);

const byPerson = (actor: Actor) => ({
  reason: 'person' as const,
  requestedBy: actor === 'system' ? undefined : actor.name,
});
