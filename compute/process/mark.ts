import { createHash } from 'node:crypto';

/**
 * How the processes of a workspace are known, however far they went from the agent: every process inherits both an
 * environment variable and a resource limit. The limit is there because the variable is lost by `env -i`, by daemons
 * that write their title over it, and by programs whose environment may not be read (ssh-agent); /proc shows a
 * process's limits to everyone. It is the limit on resident memory, which Linux has ignored since 2.4.30, set to a
 * number of its own per workspace (2^51 KiB and more, so that it would bound nothing if it were heeded). A process that
 * takes off both is known by other signs; see signs.ts.
 */
export interface Mark {
  variable: 'BERTH_COMPUTE_MARK';
  value: string;
  /** For `ulimit -m`. */
  residentKiB: bigint;
}

/** The limit that goes with the value of a mark's variable. */
export const residentKiBOf = (value: string): bigint => {
  const digest = createHash('sha256').update(value).digest().readBigUInt64BE();
  return (1n << 51n) | BigInt.asUintN(51, digest);
};

/** `berth` is random per data directory. */
export const markOf = (berth: string, workspaceId: string): Mark => {
  const value = `${berth}.${workspaceId}`;
  return { variable: 'BERTH_COMPUTE_MARK', value, residentKiB: residentKiBOf(value) };
};
