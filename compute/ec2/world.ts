import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { VmSettings } from '../../contracts/vm-settings.ts';
import type { Clock, Table } from '../../core/ports.ts';
import type { Progress, Run } from '../kind.ts';
import { type GroupCalls, groupCalls } from './group.ts';
import { type HomeVolumes, homeVolumes } from './home-volume.ts';
import { type Leases, leasesIn, type VmRecord } from './lease.ts';
import type { Ec2VmSpec } from './spec.ts';
import { type VmCalls, vmCalls } from './vm.ts';

export interface Ec2VmOptions {
  /** Both with adaptive retries, so that a throttled call waits instead of failing. */
  ec2: EC2Client;
  autoScaling: AutoScalingClient;
  table: Table;
  settings: VmSettings;
  clock: Clock;
}

/** What the moves of the kind work with. */
export interface World {
  settings: VmSettings;
  leases: Leases;
  groups: GroupCalls;
  vms: VmCalls;
  volumes: HomeVolumes;
  clock: Clock;
}

export const worldOf = ({ ec2, autoScaling, table, settings, clock }: Ec2VmOptions): World => ({
  settings,
  clock,
  leases: leasesIn(table, clock),
  groups: groupCalls(autoScaling),
  vms: vmCalls(ec2),
  volumes: homeVolumes(ec2, settings.volumeKey),
});

export type VmRun = Omit<Run<Ec2VmSpec>, 'agent'>;

/** The moves of one call, each of which leaves the rest to the next call. */
export type Move = Promise<Progress>;

export const settled = (detail: string): Progress => ({ settled: true, detail });
export const again = (detail: string, ms: number): Progress => ({ settled: false, detail, again: ms });
/** What was written is looked at anew. */
export const next = (detail: string): Progress => again(detail, 10);
export const overtaken = (): Progress => again('Another step was first.', 100);

export const msSince = ({ clock }: World, instant: string): number => clock().getTime() - Date.parse(instant);
export const instantOf = ({ clock }: World): string => clock().toISOString();

/** A record in a new state, which begins now. */
export const inState = (world: World, record: VmRecord, change: Partial<VmRecord>): VmRecord => ({
  ...record,
  ...change,
  since: instantOf(world),
});
