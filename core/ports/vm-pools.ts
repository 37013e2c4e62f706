import type { VmPool } from '../../contracts/settings/vm.ts';
import type { KnownAs, Quarantine } from './compute-kind.ts';

export interface CollectedResource {
  what: 'terminated' | 'stopped' | 'quarantined';
  id: string;
  workspaceId: string;
  /** For a volume: when and why it was quarantined, by this call or an earlier one. */
  mark?: Quarantine;
  /** For a volume: the names its workspace had when it was created. */
  knownAs?: KnownAs;
  /** An earlier call quarantined it already. */
  known?: true;
}

/** Where in the fleet the next page begins; `token` is the provider's. */
export interface FleetCursor {
  of: 'vms' | 'volumes';
  token?: string;
}

export interface CollectedPage {
  collected: CollectedResource[];
  /** The errors of resources that could not be read or collected. */
  failures: unknown[];
  /** Absent at the end of the fleet. */
  next?: FleetCursor | undefined;
}

/** What runs on a schedule for all pools; see functions/schedule/pools.ts. */
export interface VmPools {
  /** The compute kind whose VMs these are. */
  kind: string;
  all: readonly VmPool[];
  /** Brings one pool to its size. */
  resize(pool: VmPool): Promise<void>;
  /** Deletes or quarantines orphans: one page of the fleet, from `cursor` on or from the start. */
  collectGarbage(cursor?: FleetCursor): Promise<CollectedPage>;
}
