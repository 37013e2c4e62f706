import { existsSync, readdirSync, readFileSync } from 'node:fs';

const errorCode = (thrown: unknown): string | undefined =>
  thrown instanceof Error && 'code' in thrown ? String(thrown.code) : undefined;

/** Process group and session of a process; `undefined` for one that is gone or only waits to be reaped. */
const membership = (pid: string): { group: number; session: number } | undefined => {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1');
    // The command stands in parentheses and may hold any character, further parentheses included.
    const [state, , group, session] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return state === 'Z' || state === 'X' ? undefined : { group: Number(group), session: Number(session) };
  } catch (thrown) {
    if (['ENOENT', 'ESRCH'].includes(errorCode(thrown) ?? '')) return undefined;
    throw thrown;
  }
};

/** Sends a signal; a process that is gone already is done. Says whether there was one. */
export const sendSignal = (pid: number, signal: NodeJS.Signals | 0): boolean => {
  try {
    return process.kill(pid, signal);
  } catch (thrown) {
    if (errorCode(thrown) === 'ESRCH') return false;
    // The last process of a group may have changed its user (sudo): not ours to signal any more.
    if (errorCode(thrown) === 'EPERM') return false;
    throw thrown;
  }
};

const readsProc = existsSync('/proc/self/stat');

/**
 * The living processes that belong to the sessions or groups of these leaders. A job that a shell put into a group of
 * its own is found by its session. Without /proc: the groups that still live, as negative ids.
 */
export const membersOf = (leaders: ReadonlySet<number>): number[] => {
  if (leaders.size === 0) return [];
  if (!readsProc) return [...leaders].map((pid) => -pid).filter((group) => sendSignal(group, 0));
  return readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .filter((pid) => {
      const of = membership(pid);
      return of !== undefined && (leaders.has(of.session) || leaders.has(of.group));
    })
    .map(Number);
};
