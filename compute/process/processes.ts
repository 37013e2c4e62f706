import { readdirSync, readFileSync } from 'node:fs';
import type { Mark } from './mark.ts';
import { psProcesses } from './ps.ts';
import { markOn, readProc, worksIn } from './signs.ts';

/** A process, told from a later one with the same number by when it began. */
export interface ProcessId {
  pid: number;
  /** In the kernel's words; only to be compared. */
  started: string;
}

/** How the processes of a workspace are told from all others. */
export interface Sought {
  mark: Mark;
  /** The home and what the kind keeps for itself. */
  folders: readonly string[];
  /** The agent, and what was found before: parents may have gone since. */
  known: readonly ProcessId[];
}

/** The machine's processes, as far as the kind must know them. Zombies count as gone. */
export interface Processes {
  isAlive(id: ProcessId): boolean;
  /** What carries the mark, what lost it and works in the folders, what is known, and the descendants of all. */
  belonging(sought: Sought): Iterable<ProcessId>;
}

/** Fields 3 (state), 4 (parent) and 22 (start, in ticks since boot) of /proc/<pid>/stat, counted behind the name in brackets. */
const readStat = (pid: number): { state: string; parent: number; ticks: string } | undefined => {
  const stat = readProc(pid, 'stat');
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields?.[0] && fields[19] ? { state: fields[0], parent: Number(fields[1]), ticks: fields[19] } : undefined;
};

/** Where new processes come faster than they can be looked at, this bounds how long the server is busy with it. */
const listings = 200;

/**
 * Every process, and those that began meanwhile, until a listing holds none that was not there before: a process that
 * starts its successor and ends is not missed however quick it is.
 */
function* everyPid(): Generator<number> {
  const seen = new Set<string>();
  for (let listing = 0; listing < listings; listing++) {
    const fresh = readdirSync('/proc').filter((name) => /^[0-9]+$/.test(name) && !seen.has(name));
    if (fresh.length === 0) return;
    for (const name of fresh.reverse()) {
      seen.add(name);
      yield Number(name);
    }
  }
}

interface Living extends ProcessId {
  parent: number;
}

/** Those of `others` that descend from `found`. */
function* descendants(found: Set<number>, others: readonly Living[]): Generator<Living> {
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const one of others) {
      if (found.has(one.pid) || !found.has(one.parent)) continue;
      found.add(one.pid);
      yield one;
    }
  }
}

export const linuxProcesses = (): Processes => {
  // Ticks count from boot, so a record from before a reboot must not match.
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  const living = (pid: number): Living | undefined => {
    const stat = readStat(pid);
    if (stat === undefined || stat.state === 'Z' || stat.state === 'X') return undefined;
    return { pid, started: `${boot}/${stat.ticks}`, parent: stat.parent };
  };
  return {
    isAlive: ({ pid, started }) => living(pid)?.started === started,
    *belonging({ mark, folders, known }) {
      const isKnown = ({ pid, started }: ProcessId) => known.some((one) => one.pid === pid && one.started === started);
      const worksInside = worksIn(folders);
      const found = new Set<number>();
      const others: Living[] = [];
      for (const pid of everyPid()) {
        const sign = markOn(pid, mark);
        const one = living(pid);
        if (one === undefined) continue;
        if (sign === 'carried' || isKnown(one) || (sign === 'lost' && worksInside(pid))) {
          found.add(pid);
          yield one;
        } else others.push(one);
      }
      yield* descendants(found, others);
    },
  };
};

export const processesOfThisMachine = (): Processes =>
  process.platform === 'linux' ? linuxProcesses() : psProcesses();

/**
 * Signals a process if it is still the one that was meant; one that is gone is done. `false` for one that may not be
 * signalled, as it runs with other rights.
 */
export const signalProcess = (processes: Processes, id: ProcessId, signal: NodeJS.Signals): boolean => {
  if (!processes.isAlive(id)) return true;
  try {
    return process.kill(id.pid, signal);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ESRCH') return true;
    if (code === 'EPERM') return false;
    throw error;
  }
};
