import type { DeletionPermit } from '../ports/compute-kind.ts';
import type { WorkspaceRecord } from '../workspaces/records/workspace-record.ts';
import type { HomeRecord } from './home-record.ts';

/** Permits the deletion of a workspace that a person deleted; its record is kept for another 90 days. */
export const permitDeletion = ({ id, desired }: Pick<WorkspaceRecord, 'id' | 'desired'>): DeletionPermit => {
  if (desired !== 'deleted') throw new TypeError(`nobody deleted the workspace ${id}: its home must be kept`);
  return { workspaceId: id } as DeletionPermit;
};

/** Permits the deletion of an unowned home that an admin or the installation's retention period discarded. */
export const permitHomeDeletion = ({
  workspaceId,
  state,
}: Pick<HomeRecord, 'workspaceId' | 'state'>): DeletionPermit => {
  if (state !== 'discarded') throw new TypeError(`nobody discarded the home ${workspaceId}: it must be kept`);
  return { workspaceId } as DeletionPermit;
};
