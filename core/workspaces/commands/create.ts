import type { Parameters } from '../../../contracts/templates/parameters.ts';
import type { Person } from '../../actor.ts';
import { chainStart, recordAuditEvents } from '../../audit/audit-events.ts';
import { BerthError } from '../../errors.ts';
import { WriteConflict } from '../../ports/table.ts';
import type { Rules } from '../../rules.ts';
import { resolveParameters } from '../../templates/evaluation/parameters.ts';
import { refusePrivileged } from '../../templates/evaluation/privileges.ts';
import { activeVersionOf } from '../../templates/template-record.ts';
import { findTemplate, findVersion } from '../../templates/template-store.ts';
import { buildChange } from '../records/build-record.ts';
import { nameKey, type WorkspaceRecord, workspaceItem, workspaceNameItems } from '../records/workspace-record.ts';
import { beginBuild } from '../rules/lifecycle.ts';
import type { Alongside } from '../store.ts';
import { fromVersion, newWorkspace } from './new-workspace.ts';

interface CreateRequest {
  name: string;
  template: string;
  version?: number | undefined;
  parameters: Parameters;
}

/** Creates a workspace and begins its first build, in one transaction. */
export const createWorkspace = async (
  rules: Rules,
  person: Person,
  request: CreateRequest,
  alongside: Alongside,
): Promise<WorkspaceRecord> => {
  const { table, clock } = rules;
  const template = await findTemplate(table, person, request.template);
  if (template.deprecated !== undefined) throw isDeprecated(template.name, template.deprecated.message);
  const version = await findVersion(table, template.name, request.version ?? activeVersionOf(template));
  const { kept, ephemeral } = resolveParameters({ definitions: version.file.parameters, given: request.parameters });
  const now = clock();
  const blank = newWorkspace(person, request.name, now);
  refusePrivileged(rules, { version, parameters: { ...kept, ...ephemeral }, workspace: blank });
  const { workspace, builds } = beginBuild(
    { ...blank, ...fromVersion(version, { ...kept, ...ephemeral }), parameters: kept },
    { reason: 'person', requestedBy: person.name, ephemeral },
    now,
  );
  const details = { name: workspace.name, template: template.name, version: version.version };
  const auditEvent = { action: 'workspace.create' as const, actor: person, details };
  const audit = recordAuditEvents(workspace.id, chainStart, [auditEvent], now);
  const created = { ...workspace, audit: audit.head };
  const nameItem = workspaceNameItems.item(nameKey(person.id, request.name), { workspaceId: workspace.id });
  try {
    await table.write([
      { put: nameItem, when: { absent: true } },
      { put: workspaceItem(created), when: { absent: true } },
      ...builds.map(buildChange),
      ...audit.changes,
      ...alongside(created),
    ]);
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
  new BerthError('name_taken', `You already have a workspace named ${name}. Choose another name.`, {
    field: 'name',
  });
