import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { isActive } from '../../core/workspaces/records/build-record.ts';
import type { WorkspaceRecord } from '../../core/workspaces/records/workspace-record.ts';
import { auditProblems, deliveredAudit } from '../support/checks/audit-chains.ts';
import type { FaultyBerth } from './faulty-berth.ts';

/** The version of each workspace after the previous round. */
export type SeenVersions = Map<string, number>;

const homePath = ({ dataDir }: FaultyBerth, id: string) => join(dataDir, 'homes', id);
export const notePath = (berth: FaultyBerth, id: string) => join(homePath(berth, id), 'note.txt');

const workspaceViolations = (workspace: WorkspaceRecord, seen: SeenVersions): string[] => {
  const { id, status, desired, build, version, stopAt, failure } = workspace;
  return [
    ...(isActive(build.status) ? [`${id} has a build that does not end`] : []),
    ...(status === desired || (status === 'failed' && failure !== undefined)
      ? []
      : [`${id} is ${status}, but ${desired} is desired`]),
    ...(status === 'running' && stopAt === undefined ? [`${id} runs without a stop time`] : []),
    ...(version < (seen.get(id) ?? 0) ? [`${id} went back to version ${version}`] : []),
    ...(workspace.retry === undefined || status === 'failed' ? [] : [`${id} is ${status} and waits for a retry`]),
  ];
};

const homeViolations = (berth: FaultyBerth, { id, status }: WorkspaceRecord, noted: ReadonlySet<string>): string[] => {
  if (status === 'deleted') return existsSync(homePath(berth, id)) ? [`${id} is deleted, but its home exists`] : [];
  if (!noted.has(id)) return [];
  if (!existsSync(notePath(berth, id))) return [`the home of ${id} is lost`];
  return readFileSync(notePath(berth, id), 'utf8') === id ? [] : [`the home of ${id} belongs to another workspace`];
};

const buildViolations = (berth: FaultyBerth): string[] => {
  const numbers = new Map<string, number[]>();
  for (const { workspaceId, number } of berth.builds()) {
    numbers.set(workspaceId, [...(numbers.get(workspaceId) ?? []), number]);
  }
  return [...numbers].flatMap(([id, all]) =>
    all.some((number, index) => number !== index + 1) ? [`${id} has builds ${all.join()}`] : [],
  );
};

/** Workspaces whose processes do not match their status. */
const processViolations = (berth: FaultyBerth, workspaces: readonly WorkspaceRecord[]): string[] => {
  const alive = new Set(berth.processes().map(({ workspace }) => workspace));
  const running = new Set(workspaces.flatMap(({ id, status }) => (status === 'running' ? [id] : [])));
  return [
    ...[...alive].filter((id) => !running.has(id)).map((id) => `${id} has processes but does not run`),
    ...[...running].filter((id) => !alive.has(id)).map((id) => `${id} is running but has no process`),
  ];
};

const auditViolations = (berth: FaultyBerth): string[] => {
  const delivered = deliveredAudit(berth.dataDir);
  const ids = new Set([...delivered.values()].flat().map(({ id }) => id));
  const missing = berth.auditIds().filter((id) => !ids.has(id));
  return [...auditProblems(delivered), ...missing.map((id) => `the audit event ${id} was not delivered`)];
};

/** Checks every invariant that can be observed from outside. Empty once the system has settled and all of them hold. */
export const violations = (berth: FaultyBerth, seen: SeenVersions, noted: ReadonlySet<string>): string[] => {
  const workspaces = berth.workspaces();
  const names = workspaces
    .filter(({ status }) => status !== 'deleted')
    .map(({ ownerId, name }) => `${ownerId} ${name}`);
  const inactive = new Set(berth.inactive().map(({ id }) => id));
  return [
    ...workspaces.flatMap((workspace) => workspaceViolations(workspace, seen)),
    ...workspaces.flatMap((workspace) => homeViolations(berth, workspace, noted)),
    ...buildViolations(berth),
    ...processViolations(berth, workspaces),
    ...auditViolations(berth),
    ...names.filter((name, index) => names.indexOf(name) !== index).map((name) => `two workspaces are named ${name}`),
    ...workspaces.flatMap(({ id, ownerId, status }) =>
      status === 'running' && inactive.has(ownerId) ? [`${id} runs, but its owner is not active`] : [],
    ),
    ...workspaces.flatMap(({ id }) =>
      existsSync(join(berth.dataDir, 'compute', id, 'quarantine.json')) ? [`the home of ${id} was quarantined`] : [],
    ),
  ];
};
