import { mapConcurrently } from '../../../base/concurrency.ts';
import type { CollectedPage, CollectedResource, FleetCursor } from '../../../core/ports/vm-pools.ts';
import { isAwsError, isTransient } from '../aws/errors.ts';
import type { ObservedVm } from '../aws/instances.ts';
import type { Page } from '../aws/pages.ts';
import { tagNames } from '../aws/tags.ts';
import type { ObservedVolume } from '../aws/volumes.ts';
import { type Ec2Context, isoNow, msSince } from '../context.ts';

/** How many instances or volumes are checked at the same time. */
const concurrency = 16;

/** The record of a younger volume may not be stored yet. */
const minVolumeAgeMs = 600_000;

/**
 * Terminates instances tagged with a workspace whose record does not name them: a call that crashed left them behind. A
 * record names an instance before the instance is tagged, so a tagged instance that no record names is an orphan.
 * Spares have no workspace tag and stay. A volume may be a person's home, so it is only quarantined: after a restore of
 * the table from an older copy, no record may name a volume that is in use.
 */
export const collectGarbage = async (
  context: Ec2Context,
  cursor: FleetCursor = { of: 'vms' },
): Promise<CollectedPage> => {
  const { installation } = context.settings;
  if (cursor.of === 'volumes') {
    const { items: seen, next } = await pageFrom(cursor, (token) =>
      context.volumes.listUnattached(installation, token),
    );
    return {
      ...(await each(seen, (volume) => quarantineVolume(context, volume))),
      next: next === undefined ? undefined : { of: 'volumes', token: next },
    };
  }
  const tags = { [tagNames.installation]: installation };
  const { items: seen, next } = await pageFrom(cursor, (token) =>
    context.vms.listTagged(tags, tagNames.workspace, token),
  );
  const vms = await each(seen, (vm) => collectVm(context, vm));
  return { ...vms, next: next === undefined ? { of: 'volumes' } : { of: 'vms', token: next } };
};

/** AWS refuses a token that has expired: then the list starts from its beginning. */
const pageFrom = async <T>(
  { token }: FleetCursor,
  page: (token: string | undefined) => Promise<Page<T>>,
): Promise<Page<T>> => {
  try {
    return await page(token);
  } catch (error) {
    if (token === undefined || isTransient(error) || !isAwsError(error)) throw error;
    return page(undefined);
  }
};

/** A failure of one does not affect the others. */
const each = async <T>(
  seen: readonly T[],
  work: (one: T) => Promise<CollectedResource | undefined>,
): Promise<Pick<CollectedPage, 'collected' | 'failures'>> => {
  const failures: unknown[] = [];
  const collected = await mapConcurrently(seen, concurrency, async (one) => {
    try {
      return await work(one);
    } catch (error) {
      failures.push(error);
      return undefined;
    }
  });
  return { collected: collected.filter((one) => one !== undefined), failures };
};

const collectVm = async (context: Ec2Context, vm: ObservedVm): Promise<CollectedResource | undefined> => {
  const workspaceId = vm.tags[tagNames.workspace] ?? '';
  const { instanceId, state, token } = vm;
  const record = await context.leases.load(workspaceId);
  const isLaunched = token !== undefined && record?.launch?.token === token;
  if (record?.machine?.instanceId !== instanceId && !isLaunched) {
    await context.vms.terminate(instanceId);
    return { what: 'terminated', id: instanceId, workspaceId };
  }
  if (record?.state !== 'stopped' || state !== 'running') return undefined;
  await context.vms.stop(instanceId, false);
  return { what: 'stopped', id: instanceId, workspaceId };
};

const quarantineVolume = async (
  context: Ec2Context,
  volume: ObservedVolume,
): Promise<CollectedResource | undefined> => {
  const { volumeId, workspaceId = '', createdAt } = volume;
  if (createdAt === undefined || msSince(context, createdAt.toISOString()) < minVolumeAgeMs) return undefined;
  const record = await context.leases.load(workspaceId);
  // A record without a home adopts the volume at the workspace's next call.
  if (record !== undefined && (record.home === undefined || record.home.volumeId === volumeId)) return undefined;
  const collected = { what: 'quarantined' as const, id: volumeId, workspaceId, knownAs: volume.knownAs };
  if (volume.quarantine !== undefined) return { ...collected, mark: volume.quarantine, known: true };
  const mark = { since: isoNow(context), reason: 'No workspace in the table names this volume.' };
  await context.volumes.setQuarantine(volumeId, mark);
  return { ...collected, mark };
};
