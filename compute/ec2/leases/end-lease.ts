import { changeState, type Ec2Context, msSince } from '../context.ts';
import type { SaveConflict } from './lease-store.ts';
import type { VmRecord } from './vm-record.ts';

/** EC2 is eventually consistent: for this long it may not list an instance that it launched. */
export const eventualConsistencyMs = 30_000;

/** Whether the last observation showed that the instance no longer exists. */
export const isInstanceGone = (context: Ec2Context, { since, seen }: VmRecord): boolean =>
  seen?.vm === null ? msSince(context, since) >= eventualConsistencyMs : seen?.vm?.state === 'terminated';

/** Ends the lease of an instance that no longer exists, and frees its place below the pool's cap. */
export const endLease = (context: Ec2Context, record: VmRecord): Promise<VmRecord | SaveConflict> => {
  const stopped = changeState(context, record, {
    state: 'stopped',
    machine: undefined,
    launch: undefined,
    seen: undefined,
  });
  return context.leases.save(stopped, { end: record.machine, count: { leased: -1 } });
};
