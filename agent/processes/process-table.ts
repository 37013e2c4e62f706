import { existsSync, readdirSync, readFileSync } from 'node:fs';

const errorCode = (thrown: unknown): string | undefined =>
  thrown instanceof Error && 'code' in thrown ? String(thrown.code) : undefined;

/** The process group and session of a process; `undefined` when it has ended, even if it is not reaped yet. */
const readMembership = (pid: string): { group: number; session: number } | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The command is in parentheses and may contain any character, parentheses too, so split after the last one.
    const [state, , group, session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' || state === 'X' ? undefined : { group: Number(group), session: Number(session) };
  } catch (thrown) {
    if (['ENOENT', 'ESRCH'].includes(errorCode(thrown) ?? '')) return undefined;
    throw thrown;
  }
};

/** Sends a signal. Returns false when there is no such process, or when it is no longer ours to signal. */
export const sendSignal = (pid: number, signal: NodeJS.Signals | 0): boolean => {
  try {
    return process.kill(pid, signal);
  } catch (thrown) {
    if (errorCode(thrown) === 'ESRCH') return false;
    // The last process of a group may have changed its user (sudo).
    if (errorCode(thrown) === 'EPERM') return false;
    throw thrown;
  }
};

const hasProcFs = existsSync('/proc/self/stat');

/**
 * Finds the living processes in the sessions or process groups of these leaders. The session finds jobs that a shell
 * put into a group of their own. Without /proc it returns the negative ids of the groups that still live.
 */
export const findMembers = (leaders: ReadonlySet<number>): number[] => {
  if (leaders.size === 0) return [];
  if (!hasProcFs) return [...leaders].map((pid) => -pid).filter((group) => sendSignal(group, 0));
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .filter((pid) => {
      const membership = readMembership(pid);
      return membership !== undefined && (leaders.has(membership.session) || leaders.has(membership.group));
    })
    .map(Number);
};
