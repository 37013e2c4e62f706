import { isDeepStrictEqual } from 'node:util';
import { mapConcurrently } from '../../../base/concurrency.ts';
import type { Ec2Context } from '../context.ts';
import { type ObservedResources, type VmRecord, type WorkList, workListOf } from '../leases/vm-record.ts';

/** How many items of the table are read or written at the same time. */
export const tableConcurrency = 16;

/** The current records of a work list, in the order in which their builds began. */
export const loadWork = async ({ leases }: Ec2Context, list: WorkList, own: VmRecord): Promise<VmRecord[]> => {
  const ids = (await leases.listWork(list)).map(({ workspaceId }) => workspaceId);
  // The index may lag behind the caller's own record.
  if (!ids.includes(own.workspaceId)) ids.push(own.workspaceId);
  const found = await mapConcurrently(ids, tableConcurrency, (id) => leases.load(id));
  return found
    .filter((record) => record !== undefined)
    .filter((record) => workListOf(record) === list)
    .sort((a, b) => (`${a.begun} ${a.workspaceId}` < `${b.begun} ${b.workspaceId}` ? -1 : 1));
};

/**
 * Describes the instances and homes of many records with few requests, and stores what changed. An observation in a
 * record is newer than the record's last change: a record that changed meanwhile waits for the next run.
 */
export const observeRecords = async (context: Ec2Context, records: readonly VmRecord[]): Promise<VmRecord[]> => {
  const machines = records.flatMap(({ machine }) => (machine === undefined ? [] : [machine.instanceId]));
  const vms = await context.vms.describeAll(machines);
  const needsHome = ({ state, home, machine }: VmRecord) =>
    state === 'leased' &&
    home !== undefined &&
    machine !== undefined &&
    vms.get(machine.instanceId)?.state === 'running';
  const volumes = await context.volumes.describeAll(
    records.flatMap((record) => (needsHome(record) && record.home !== undefined ? [record.home.volumeId] : [])),
  );
  return mapConcurrently(records, tableConcurrency, async (record) => {
    if (record.machine === undefined) return record;
    const seen: ObservedResources = { vm: vms.get(record.machine.instanceId) ?? null };
    if (record.home !== undefined && needsHome(record)) seen.volume = volumes.get(record.home.volumeId) ?? null;
    if (isDeepStrictEqual(plain(seen), record.seen)) return record;
    const saved = await context.leases.save({ ...record, seen });
    return typeof saved === 'string' ? record : saved;
  });
};

/** As the table returns it, without undefined properties. */
const plain = (seen: ObservedResources): unknown => JSON.parse(JSON.stringify(seen));
