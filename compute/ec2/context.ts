import type { AutoScalingClient } from '@aws-sdk/client-auto-scaling';
import type { EC2Client } from '@aws-sdk/client-ec2';
import type { VmSettings } from '../../contracts/settings/vm.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { Progress, Run } from '../../core/ports/compute-kind.ts';
import type { Table } from '../../core/ports/table.ts';
import { again } from '../progress.ts';
import { type AutoScalingGroups, autoScalingGroups } from './aws/auto-scaling-group.ts';
import { type Ec2Instances, ec2Instances } from './aws/instances.ts';
import { type HomeVolumes, homeVolumes } from './aws/volumes.ts';
import { createLeaseStore, type LeaseStore } from './leases/lease-store.ts';
import type { VmRecord } from './leases/vm-record.ts';
import type { Ec2VmSpec } from './spec.ts';

export interface Ec2VmOptions {
  /** Both clients use adaptive retries, so that a throttled request waits instead of failing. */
  ec2: EC2Client;
  autoScaling: AutoScalingClient;
  table: Table;
  settings: VmSettings;
  clock: Clock;
}

/** The dependencies of every function of the kind. */
export interface Ec2Context {
  settings: VmSettings;
  table: Table;
  leases: LeaseStore;
  groups: AutoScalingGroups;
  vms: Ec2Instances;
  volumes: HomeVolumes;
  clock: Clock;
}

export const createContext = ({ ec2, autoScaling, table, settings, clock }: Ec2VmOptions): Ec2Context => ({
  settings,
  table,
  clock,
  leases: createLeaseStore(table, clock),
  groups: autoScalingGroups(autoScaling),
  vms: ec2Instances(ec2),
  volumes: homeVolumes(ec2, settings.volumeKey),
});

export type VmRun = Omit<Run<Ec2VmSpec>, 'agent'>;

/** The record was written, and the next call continues from it. */
export const proceed = (detail: string): Progress => again(detail, 10);
export const conflicted = (): Progress => again('Another call changed the VM first.', 100);

export const msSince = ({ clock }: Ec2Context, instant: string): number => clock().getTime() - Date.parse(instant);
export const isoNow = ({ clock }: Ec2Context): string => clock().toISOString();

/** The record with changes, of which the state begins now. */
export const changeState = (context: Ec2Context, record: VmRecord, change: Partial<VmRecord>): VmRecord => ({
  ...record,
  ...change,
  since: isoNow(context),
});
