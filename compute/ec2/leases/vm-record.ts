import type { LaunchOption, ObservedVm } from '../aws/instances.ts';
import type { ObservedVolume } from '../aws/volumes.ts';

/** An instance that a workspace has leased. */
export interface LeasedInstance {
  instanceId: string;
  instanceType: string;
  zone: string;
  /**
   * Set while the instance is in the pool's group, which then replaces it (`refill`) or shrinks when it is detached.
   */
  leaves?: 'refill' | 'shrink';
}

/**
 * - `wanted`: a build began; it is queued until it is `admitted`, then it needs an instance
 * - `waiting`: waits for a spare to boot; counted in the pool's `waiting`
 * - `launching`: an instance for it alone is being launched; counted in the pool's `leased`, as are all states below
 * - `leased`: has `machine`
 * - `ending`: on the way to `stopped`
 * - `stopped`: a persistent VM keeps its `machine` (and its place in `leased`), an ephemeral one has none
 */
type VmState = 'wanted' | 'waiting' | 'launching' | 'leased' | 'ending' | 'stopped';

/** Everything that the kind stores about a workspace: a single item, so that a workspace has at most one instance. */
export interface VmRecord {
  workspaceId: string;
  build: { id: string; number: number };
  pool: string;
  mode: 'persistent' | 'ephemeral';
  state: VmState;
  /** When the record entered `state`. */
  since: string;
  /** When the build began. */
  begun: string;
  machine?: LeasedInstance | undefined;
  /** The launch option that is being tried, by its index, and a description of each one that was refused. */
  launch?:
    | { index: number; option?: LaunchOption | undefined; token?: string | undefined; tried: string[] }
    | undefined;
  home?: { volumeId: string; zone: string } | undefined;
  /** The instance type that the build requests. */
  size?: string | undefined;
  /** The mount path of the home. */
  homePath?: string | undefined;
  /** When the start left the queue. */
  admitted?: string | undefined;
  /** What EC2 last reported about `machine` and `home`, after the last change of this record. */
  seen?: ObservedResources | undefined;
  /** When a batch last requested the start of the instance. */
  starting?: string | undefined;
  /**
   * Set when no batch may start the instance, only the workspace's own build: to the code with which EC2 refused a
   * batch, or to `''` when the instance needs a change before it starts.
   */
  alone?: string | undefined;
  /** The pool is at its cap. */
  full?: true | undefined;
  /** The instance ran with its home attached: the workers no longer observe it. */
  up?: true | undefined;
  /** Rises with every write; 0 before the first. */
  revision: number;
}

export interface ObservedResources {
  /** `null` for an instance that EC2 does not know. */
  vm?: ObservedVm | null | undefined;
  volume?: Omit<ObservedVolume, 'createdAt'> | null | undefined;
}

/** The workers' lists of records: queued starts, starts under way, and releases. */
export type WorkList = 'queued' | 'moving' | 'ending';

export const workListOf = ({ state, admitted, up }: VmRecord): WorkList | undefined => {
  if (state === 'ending') return 'ending';
  if (state === 'stopped' || up === true) return undefined;
  return state === 'wanted' && admitted === undefined ? 'queued' : 'moving';
};
