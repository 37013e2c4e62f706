import { ulid } from 'ulid';
import type { Parameters } from '../../../contracts/templates/parameters.ts';
import type { Person } from '../../actor.ts';
import { chainStart } from '../../audit/audit-events.ts';
import { instant } from '../../instant.ts';
import { pricesOf } from '../../templates/evaluation/prices.ts';
import type { VersionRecord } from '../../templates/template-record.ts';
import type { WorkspaceRecord } from '../records/workspace-record.ts';

/** A new workspace without the fields that come from its template version (`fromVersion`). */
export const newWorkspace = (person: Pick<Person, 'id' | 'name'>, name: string, now: Date) => {
  const id = `ws-${ulid(now.getTime()).toLowerCase()}`;
  return {
    id,
    name,
    ownerId: person.id,
    ownerName: person.name,
    parameters: {},
    desired: 'running' as const,
    status: 'pending' as const,
    build: { id: '', number: 0, transition: 'start' as const, reason: 'person' as const, status: 'succeeded' as const },
    appHealth: {},
    repairs: 0,
    createdAt: instant(now),
    updatedAt: instant(now),
    version: 1,
    audit: chainStart,
  };
};

/** The fields that a workspace copies from its template version. */
export const fromVersion = (
  version: VersionRecord,
  parameters: Parameters,
): Pick<WorkspaceRecord, 'template' | 'apps' | 'stopPolicy' | 'sharing' | 'browserOnly' | 'prices'> => ({
  template: {
    name: version.template,
    version: version.version,
    displayName: version.file.displayName ?? version.template,
    icon: version.file.icon,
  },
  apps: version.file.apps.map(({ name, displayName, icon, path, port }) => ({ name, displayName, icon, path, port })),
  stopPolicy: version.file.stop,
  sharing: version.file.sharing,
  browserOnly: version.file.browserOnly,
  prices: pricesOf(version.file, parameters),
});
