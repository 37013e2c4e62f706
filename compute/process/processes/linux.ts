import { readdirSync, readFileSync } from 'node:fs';
import { markStateOf, readProc, usesFolders } from './proc-marks.ts';
import type { ProcessId, ProcessTable } from './process-table.ts';

/**
 * Fields 3 (state), 4 (parent) and 22 (start, in ticks since boot) of /proc/<pid>/stat, counted behind the name in
 * brackets.
 */
const readStat = (pid: number): { state: string; parent: number; ticks: string } | undefined => {
  const stat = readProc(pid, 'stat');
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields?.[0] && fields[19] ? { state: fields[0], parent: Number(fields[1]), ticks: fields[19] } : undefined;
};

/** Limits how long the server is busy when processes start faster than they can be read. */
const maxListings = 200;

/**
 * Lists processes repeatedly until a listing has no new ones, so that a process that starts a successor and ends
 * between two reads is not missed.
 */
function* allPids(): Generator<number> {
  const seen = new Set<string>();
  for (let listing = 0; listing < maxListings; listing++) {
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

/** The processes of `others` that descend from `found`. */
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

/** The process table of Linux, read from /proc. */
export const linuxProcesses = (): ProcessTable => {
  // Ticks count from boot, so the boot id keeps a record from before a reboot from matching.
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
      const worksInside = usesFolders(folders);
      const found = new Set<number>();
      const others: Living[] = [];
      for (const pid of allPids()) {
        const sign = markStateOf(pid, mark);
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
