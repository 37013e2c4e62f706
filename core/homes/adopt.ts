import type { AdoptHome } from '../../contracts/workspaces/homes.ts';
import type { Person } from '../actor.ts';
import { lastEventOf, recordAuditEvents } from '../audit/audit-events.ts';
import { BerthError } from '../errors.ts';
import { findPerson } from '../people/directory.ts';
import { WriteConflict } from '../ports/table.ts';
import { buildsFromAt, type Rules } from '../rules.ts';
import { resolveParameters } from '../templates/evaluation/parameters.ts';
import { activeVersionOf } from '../templates/template-record.ts';
import { findTemplate, findVersion } from '../templates/template-store.ts';
import { fromVersion, newWorkspace } from '../workspaces/commands/new-workspace.ts';
import { buildChange } from '../workspaces/records/build-record.ts';
import {
  nameKey,
  type WorkspaceRecord,
  workspaceItem,
  workspaceNameItems,
} from '../workspaces/records/workspace-record.ts';
import { beginBuild } from '../workspaces/rules/lifecycle.ts';
import type { Alongside } from '../workspaces/store.ts';
import { changedMeanwhile } from './discard.ts';
import { type HomeRecord, homeKey, homeNotFound, loadHome, unchangedHome } from './home-record.ts';
import { requireAdmin } from './queries.ts';

/**
 * Creates a workspace record for an unowned home, under the home's ID. A build settles the workspace, and its next
 * start finds the files. Build numbers continue above those that the ID had used, and so does its sequence of audit
 * events.
 */
export const adoptHome = async (
  rules: Rules,
  person: Person,
  id: string,
  request: AdoptHome,
  alongside: Alongside,
): Promise<WorkspaceRecord> => {
  const { table, clock } = rules;
  requireAdmin(person, id);
  const home = await loadHome(table, id);
  if (home === undefined) throw homeNotFound(id);
  if (home.state === 'discarded') throw isDiscarded(id);
  const { name, template: templateName } = namesOf(home, request);
  const owner = await findPerson(table, person, request.owner, 'manage');
  const template = await findTemplate(table, person, templateName);
  const version = await findVersion(table, templateName, request.version ?? activeVersionOf(template));
  if (version.file.compute.kind !== home.kind) throw otherKind(home, templateName, version.file.compute.kind);
  const { kept, ephemeral } = resolveParameters({ definitions: version.file.parameters, given: request.parameters });
  const now = clock();
  const blank = {
    ...newWorkspace(owner, name, now),
    id,
    desired: 'stopped' as const,
    buildsFrom: Math.max(buildsFromAt(now), rules.buildsFrom ?? 0),
    ...fromVersion(version, { ...kept, ...ephemeral }),
    parameters: kept,
  };
  const { workspace, builds } = beginBuild(blank, { reason: 'person', requestedBy: person.name }, now);
  const details = { name, owner: owner.id, template: templateName, version: version.version, kind: home.kind };
  const head = await lastEventOf(table, id);
  const audit = recordAuditEvents(id, head, [{ action: 'home.adopt', actor: person, details }], now);
  const adopted = { ...workspace, audit: audit.head };
  try {
    await table.write([
      { put: workspaceNameItems.item(nameKey(owner.id, name), { workspaceId: id }), when: { absent: true } },
      { put: workspaceItem(adopted), when: { absent: true } },
      { delete: homeKey(id), when: unchangedHome(home) },
      ...builds.map(buildChange),
      ...audit.changes,
      ...alongside(adopted),
    ]);
  } catch (error) {
    if (!(error instanceof WriteConflict)) throw error;
    if (error.lost.some(({ index }) => index === 0)) throw nameTaken(owner.name, name);
    throw changedMeanwhile(id);
  }
  return adopted;
};

/** Fields that are absent in the request default to what the compute kind recorded. */
const namesOf = ({ workspaceId, knownAs }: HomeRecord, request: AdoptHome) => {
  const name = request.name ?? knownAs?.name;
  const template = request.template ?? knownAs?.template;
  if (name !== undefined && template !== undefined) return { name, template };
  const missing = [...(name === undefined ? ['name'] : []), ...(template === undefined ? ['template'] : [])];
  throw new BerthError(
    'invalid_request',
    `The home ${workspaceId} has no recorded ${missing.join(' and ')}. Specify the ${missing.join(' and ')}.`,
    { field: missing[0] ?? 'name' },
  );
};

const isDiscarded = (id: string) =>
  new BerthError('wrong_state', `The home ${id} is being destroyed, which cannot be undone. Create a new workspace.`);

const otherKind = ({ workspaceId, kind }: HomeRecord, template: string, other: string) =>
  new BerthError(
    'invalid_request',
    `The home ${workspaceId} is on ${kind}, but the template ${template} runs on ${other}. Choose a template that runs on ${kind}.`,
    { field: 'template' },
  );

const nameTaken = (owner: string, name: string) =>
  new BerthError('name_taken', `${owner} already has a workspace named ${name}. Choose another name.`, {
    field: 'name',
  });
