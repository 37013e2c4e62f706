import { StopPolicy } from '../../../contracts/templates/template-file.ts';
import { chainStart } from '../../audit/audit-events.ts';
import type { BuildRecord } from '../records/build-record.ts';
import type { WorkspaceRecord } from '../records/workspace-record.ts';
import { beginBuild } from '../rules/lifecycle.ts';

/** Records for unit tests of the rules. */
export const now = new Date('2026-11-20T10:00:00.000Z');

export const givenWorkspace = (fields: Partial<WorkspaceRecord> = {}): WorkspaceRecord => ({
  id: 'ws-01jd000000000000000000000a',
  name: 'demo',
  ownerId: 'p-ada',
  ownerName: 'ada',
  template: { name: 'quickstart', version: 1, displayName: 'Quickstart', icon: 'terminal' },
  apps: [],
  stopPolicy: StopPolicy.parse({}),
  parameters: {},
  desired: 'running',
  status: 'stopped',
  build: { id: 'b-1', number: 1, transition: 'start', reason: 'person', status: 'succeeded' },
  appHealth: {},
  repairs: 0,
  createdAt: now.toISOString(),
  updatedAt: now.toISOString(),
  version: 7,
  audit: chainStart,
  ...fields,
});

export const givenActiveBuild = (workspace: WorkspaceRecord): { workspace: WorkspaceRecord; build: BuildRecord } => {
  const begun = beginBuild(workspace, { reason: 'person', requestedBy: 'ada' }, now);
  const [build] = begun.builds;
  if (build === undefined) throw new Error('beginBuild made no build');
  return { workspace: begun.workspace, build };
};
