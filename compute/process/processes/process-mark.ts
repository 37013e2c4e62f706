import { createHash } from 'node:crypto';

/**
 * Identifies the processes of a workspace, even those detached from the agent: every process inherits an environment
 * variable and a resource limit. The limit is needed because the variable is lost by `env -i`, by daemons that
 * overwrite it with their title, and by programs whose environment may not be read (ssh-agent), while /proc shows a
 * process's limits to everyone. It is the limit on resident memory, which Linux has ignored since 2.4.30, set to a
 * number unique to the workspace (at least 2^51 KiB, so that it would limit nothing even if it were enforced).
 * proc-marks.ts handles processes that lost both.
 */
export interface ProcessMark {
  variable: 'BERTH_COMPUTE_MARK';
  value: string;
  /** For `ulimit -m`. */
  residentKiB: bigint;
}

/** The limit that belongs to a value of the variable. */
export const residentKiBOf = (value: string): bigint => {
  const digest = createHash('sha256').update(value).digest().readBigUInt64BE();
  return (1n << 51n) | BigInt.asUintN(51, digest);
};

/** `berth` is random per data directory. */
export const processMark = (berth: string, workspaceId: string): ProcessMark => {
  const value = `${berth}.${workspaceId}`;
  return { variable: 'BERTH_COMPUTE_MARK', value, residentKiB: residentKiBOf(value) };
};
