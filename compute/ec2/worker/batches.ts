import { mapConcurrently } from '../../../base/concurrency.ts';
import type { VmPool } from '../../../contracts/settings/vm.ts';
import { isValidationError } from '../aws/auto-scaling-group.ts';
import { errorCode, isAwsError, isTransient } from '../aws/errors.ts';
import { chunked } from '../aws/pages.ts';
import { tagNames } from '../aws/tags.ts';
import { type Ec2Context, isoNow } from '../context.ts';
import { requirementsOf } from '../leases/launch.ts';
import type { LeasedInstance, VmRecord } from '../leases/vm-record.ts';
import { tableConcurrency } from './observe.ts';

/** The limit of DetachInstances. */
const detachBatchSize = 20;
/** Small, because EC2 starts all or none: an instance that is refused delays few others. */
const startBatchSize = 20;
/** EC2 allows 5 StartInstances requests at once and 2 a second. */
const startRequestsPerRun = 5;

type DetachableRecord = VmRecord & { machine: LeasedInstance };

/** Detaches leased instances from their pool's group, many with one request. Returns the updated records. */
export const detachLeased = async (
  context: Ec2Context,
  pool: VmPool,
  records: readonly VmRecord[],
): Promise<VmRecord[]> => {
  const left: VmRecord[] = [];
  for (const leaves of ['refill', 'shrink'] as const) {
    const leaving = records.filter((record): record is DetachableRecord => record.machine?.leaves === leaves);
    if (leaving.length === 0) continue;
    // Before the detachment, or the warm pool would replace the instances.
    if (leaves === 'shrink')
      await context.groups.setPreparedCapacity(pool, (await context.leases.count(pool.name)).spares);
    for (const part of chunked(leaving, detachBatchSize)) {
      const gone = await detachBatch(context, pool, part, leaves);
      left.push(...(await mapConcurrently(gone, tableConcurrency, (record) => markDetached(context, record))));
    }
  }
  return left;
};

const detachBatch = async (
  context: Ec2Context,
  pool: VmPool,
  part: readonly DetachableRecord[],
  leaves: 'refill' | 'shrink',
): Promise<DetachableRecord[]> => {
  try {
    await context.groups.detachAll(
      pool,
      part.map(({ machine }) => machine.instanceId),
      leaves,
    );
    return [...part];
  } catch (error) {
    if (!isValidationError(error)) throw error;
  }
  // One of them is detached already or cannot be detached now: try each alone.
  const left: DetachableRecord[] = [];
  for (const record of part)
    if (await context.groups.detach(pool, record.machine.instanceId, leaves)) left.push(record);
  return left;
};

const markDetached = async (context: Ec2Context, record: DetachableRecord): Promise<VmRecord> => {
  const { leaves: _, ...machine } = record.machine;
  const saved = await context.leases.save({ ...record, machine });
  return typeof saved === 'string' ? record : saved;
};

/**
 * Starts stopped instances, many with one request. An instance that EC2 refuses is left to its own build
 * (lifecycle/boot.ts).
 */
export const startStopped = async (context: Ec2Context, records: readonly VmRecord[]): Promise<void> => {
  const stopped = records.filter(({ state, machine, seen, alone }) => {
    return state === 'leased' && machine?.leaves === undefined && seen?.vm?.state === 'stopped' && alone === undefined;
  });
  const isReady = (record: VmRecord) => {
    // Its boot script would mount the home at the path of its tags.
    if (record.seen?.vm?.tags[tagNames.homePath] !== record.homePath) return false;
    const type = record.seen?.vm?.instanceType ?? '';
    const { instanceTypes } = requirementsOf(context, record);
    return record.size === undefined ? instanceTypes.includes(type) : type === record.size;
  };
  await mapConcurrently(
    stopped.filter((record) => !isReady(record)),
    tableConcurrency,
    (record) => startIndividually(context, record, ''),
  );
  const capacityKey = ({ seen }: VmRecord) => `${seen?.vm?.zone} ${seen?.vm?.instanceType}`;
  // Instances of one zone and type share a batch, because EC2 refuses them together when it lacks capacity.
  const ready = stopped.filter(isReady).sort((a, b) => (capacityKey(a) < capacityKey(b) ? -1 : 1));
  const parts = chunked(ready, startBatchSize);
  for (let requests = 0; requests < startRequestsPerRun; requests += 1) {
    const part = parts.shift();
    if (part === undefined) return;
    const { refused, code } = await startBatch(context, part);
    const isLast = requests === startRequestsPerRun - 1;
    const [only] = refused;
    if (only !== undefined && refused.length === 1) await startIndividually(context, only, code);
    else if (isLast)
      await mapConcurrently(refused, tableConcurrency, (record) => startIndividually(context, record, ''));
    else parts.unshift(...chunked(refused, Math.ceil(refused.length / 2)));
  }
};

/** Stores the start before the request: a release at the same time must know that the instance may still start. */
const startBatch = async (
  context: Ec2Context,
  part: readonly VmRecord[],
): Promise<{ refused: VmRecord[]; code: string }> => {
  const marked = await mapConcurrently(part, tableConcurrency, (record) =>
    context.leases.save({ ...record, starting: isoNow(context) }),
  );
  const mine = marked.filter((record) => typeof record !== 'string');
  if (mine.length === 0) return { refused: [], code: '' };
  try {
    await context.vms.start(mine.flatMap(({ machine }) => (machine === undefined ? [] : [machine.instanceId])));
    return { refused: [], code: '' };
  } catch (error) {
    if (isTransient(error) || !isAwsError(error)) throw error;
    return { refused: mine, code: errorCode(error) };
  }
};

const startIndividually = async (context: Ec2Context, record: VmRecord, code: string): Promise<void> => {
  await context.leases.save({ ...record, alone: code });
};
