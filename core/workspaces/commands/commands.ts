import type { AuditAction } from '../../../contracts/audit.ts';
import type { Parameters } from '../../../contracts/templates/parameters.ts';
import { mayAccessWorkspace } from '../../access/policy.ts';
import { deleteShares } from '../../access/share-store.ts';
import type { Actor, Person } from '../../actor.ts';
import { chainStart, recordAuditEvents } from '../../audit/audit-events.ts';
import { BerthError } from '../../errors.ts';
import { instant, later } from '../../instant.ts';
import { type Change, WriteConflict } from '../../ports/table.ts';
import type { Rules } from '../../rules.ts';
import { resolveParameters } from '../../templates/evaluation/parameters.ts';
import { refusePrivileged } from '../../templates/evaluation/privileges.ts';
import { activeVersionOf, type VersionRecord } from '../../templates/template-record.ts';
import { findTemplate, findVersion } from '../../templates/template-store.ts';
import { type BuildRecord, buildChange } from '../records/build-record.ts';
import { nameKey, type WorkspaceRecord, workspaceItem, workspaceNameItems } from '../records/workspace-record.ts';
import { beginBuild, type LifecycleChange } from '../rules/lifecycle.ts';
import { requestDelete, requestStart, requestStop } from '../rules/requests.ts';
import { extendableUntil, stopFields } from '../rules/stop-time.ts';
import { type Alongside, changeWorkspace, findWorkspace, loadActiveBuild } from '../store.ts';
import { fromVersion, newWorkspace } from './new-workspace.ts';

/** What people ask of workspaces. Each is one transaction: the change, its audit event, and the remembered answer. */

export interface CreateRequest {
  name: string;
  template: string;
  version?: number | undefined;
  parameters: Parameters;
}

export const createWorkspace = async (
  rules: Rules,
  person: Person,
  request: CreateRequest,
  alongside: Alongside = () => [],
): Promise<WorkspaceRecord> => {
  const { table, clock } = rules;
  const template = await findTemplate(table, person, request.template);
  if (template.deprecated !== undefined) throw isDeprecated(template.name, template.deprecated.message);
  const version = await findVersion(table, template.name, request.version ?? activeVersionOf(template));
  const { kept, ephemeral } = resolveParameters({ definitions: version.file.parameters, given: request.parameters });
  const now = clock();
  const fresh = newWorkspace(person, request.name, now);
  refusePrivileged(rules, { version, parameters: { ...kept, ...ephemeral }, workspace: fresh });
  const { workspace, builds } = beginBuild(
    { ...fresh, ...fromVersion(version, { ...kept, ...ephemeral }), parameters: kept },
    { reason: 'person', requestedBy: person.name, ephemeral },
    now,
  );
  const details = { name: workspace.name, template: template.name, version: version.version };
  const audit = recordAuditEvents(
    workspace.id,
    chainStart,
    [{ action: 'workspace.create', actor: person, details }],
    now,
  );
  const created = { ...workspace, audit: audit.head };
  const changes: Change[] = [
    {
      put: workspaceNameItems.item(nameKey(person.id, request.name), { workspaceId: workspace.id }),
      when: { absent: true },
    },
    { put: workspaceItem(created), when: { absent: true } },
    ...builds.map(buildChange),
    ...audit.changes,
    ...alongside(created),
  ];
  try {
    await table.write(changes);
  } catch (error) {
    if (error instanceof WriteConflict && error.lost.some(({ index }) => index === 0)) throw nameTaken(request.name);
    throw error;
  }
  return created;
};

const isDeprecated = (name: string, message: string) =>
  new BerthError(
    'wrong_state',
    `The template ${name} is deprecated and takes no new workspaces. ${message || 'Choose another template.'}`,
    { field: 'template' },
  );

const nameTaken = (name: string) =>
  new BerthError('name_taken', `You already have a workspace named ${name}. Choose another name, or delete that one.`, {
    field: 'name',
  });

export interface StartRequest {
  version?: number | undefined;
  parameters?: Parameters | undefined;
}

export const startWorkspace = (
  rules: Rules,
  actor: Actor,
  reference: string,
  request: StartRequest,
  alongside?: Alongside,
): Promise<WorkspaceRecord> => {
  const rebuild = changesRun(request);
  return transition(
    rules,
    actor,
    reference,
    { action: 'workspace.start', alongside },
    async (workspace, active, now) => {
      const { changed, ephemeral, version } = await withTemplate(rules, actor, workspace, request);
      // A start of what runs already changes nothing, unless it is to run otherwise.
      if (rebuild || workspace.status !== 'running') {
        refusePrivileged(rules, { version, parameters: { ...changed.parameters, ...ephemeral }, workspace });
      }
      return requestStart(changed, active, { ...byPerson(actor), ephemeral, rebuild }, now);
    },
  );
};

const changesRun = ({ version, parameters }: StartRequest) => version !== undefined || parameters !== undefined;

/** The workspace with its parameters and template version as they will be. */
export const withTemplate = async (rules: Rules, actor: Actor, workspace: WorkspaceRecord, request: StartRequest) => {
  if (changesRun(request) && !mayAccessWorkspace(actor, 'use', workspace)) throw notAsItIs(workspace);
  if (request.version !== undefined) await findTemplate(rules.table, actor, workspace.template.name);
  const version = await findVersion(
    rules.table,
    workspace.template.name,
    request.version ?? workspace.template.version,
  );
  if (version.version !== workspace.template.version) await refuseOtherKind(rules, workspace, version);
  const { kept, ephemeral } = resolveParameters({
    definitions: version.file.parameters,
    given: request.parameters ?? {},
    existing: stillDeclared(version, workspace.parameters),
  });
  const changed = { ...workspace, ...fromVersion(version, { ...kept, ...ephemeral }), parameters: kept };
  return { changed, ephemeral, version };
};

/** The home is where the first kind keeps it, and what runs there would never be stopped by another. */
const refuseOtherKind = async (rules: Rules, { name, template }: WorkspaceRecord, wanted: VersionRecord) => {
  const { file } = await findVersion(rules.table, template.name, template.version);
  if (file.compute.kind === wanted.file.compute.kind) return;
  throw new BerthError(
    'invalid_request',
    `Version ${wanted.version} of ${template.name} runs on ${wanted.file.compute.kind}, and the workspace ${name} has its home on ${file.compute.kind}. Create a new workspace from that version.`,
    { field: 'version' },
  );
};

/** Scripts and dotfiles that somebody else chose would run with the owner's rights. */
const notAsItIs = (workspace: WorkspaceRecord) =>
  new BerthError(
    'forbidden',
    `The workspace ${workspace.name} is another person's: an admin may start and stop it as it is, but only its owner may start it with other parameters or another version. Leave those out, or ask its owner.`,
    { refused: workspace.id },
  );

/** Another version may have dropped a parameter; its old value goes with it. */
const stillDeclared = (version: VersionRecord, parameters: Parameters): Parameters =>
  Object.fromEntries(
    Object.entries(parameters).filter(([name]) => version.file.parameters.some((parameter) => parameter.name === name)),
  );

export const stopWorkspace = (
  rules: Rules,
  actor: Actor,
  reference: string,
  alongside?: Alongside,
): Promise<WorkspaceRecord> =>
  transition(rules, actor, reference, { action: 'workspace.stop', alongside }, (workspace, active, now) =>
    requestStop(workspace, active, byPerson(actor), now),
  );

export const deleteWorkspace = (rules: Rules, actor: Actor, reference: string): Promise<WorkspaceRecord> =>
  transition(
    rules,
    actor,
    reference,
    { action: 'workspace.delete', also: ({ id }) => deleteShares(rules.table, id) },
    (workspace, active, now) => requestDelete(workspace, active, byPerson(actor), now),
  );

interface Transition {
  action: AuditAction;
  alongside?: Alongside | undefined;
  /** What goes with it. */
  also?: (workspace: WorkspaceRecord) => Promise<Change[]>;
}

/** Asks for a state. Nothing is written when it is what is desired already. */
const transition = async (
  rules: Rules,
  actor: Actor,
  reference: string,
  { action, alongside, also }: Transition,
  ask: (
    workspace: WorkspaceRecord,
    active: BuildRecord | undefined,
    now: Date,
  ) => LifecycleChange | Promise<LifecycleChange>,
): Promise<WorkspaceRecord> => {
  const first = await findWorkspace(rules, actor, reference, 'manage');
  const decide = async (workspace: WorkspaceRecord) => {
    const active = await loadActiveBuild(rules.table, workspace);
    const change = await ask(workspace, active, rules.clock());
    if (change.builds.length === 0 && wishOf(change.workspace) === wishOf(workspace)) return undefined;
    const auditEvents = [{ action, actor, details: { build: change.workspace.build.number } }];
    return { ...change, auditEvents, also: (await also?.(workspace)) ?? [] };
  };
  return changeWorkspace(rules, first.id, decide, { first, alongside });
};

/** All that a request can change of a workspace without a build of its own. */
const wishOf = ({ desired, next, parameters, template }: WorkspaceRecord): string =>
  JSON.stringify([desired, next, parameters, template.version]);

const byPerson = (actor: Actor) => ({
  reason: 'person' as const,
  requestedBy: actor === 'system' ? undefined : actor.name,
});

export const extendWorkspace = async (
  rules: Rules,
  actor: Actor,
  reference: string,
  minutes: number,
  alongside?: Alongside,
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
      `The template lets you put the stop off by ${most} minutes from now at the most, and you asked for ${minutes}. Ask for less.`,
      { field: 'minutes' },
    );
  }
  return until;
};
