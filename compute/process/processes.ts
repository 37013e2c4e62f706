import { readdirSync, readFileSync } from 'node:fs';
import type { Mark } from './mark.ts';
import { psProcesses } from './ps.ts';

/** A process, told from a later one with the same number by when it began. */
export interface ProcessId {
  pid: number;
  /** In the kernel's words; only to be compared. */
  started: string;
}

/** The machine's processes, as far as the kind must know them. Zombies count as gone. */
export interface Processes {
  isAlive(id: ProcessId): boolean;
  /** Everything that carries the mark, each as soon as it is found; `leader` is the agent, when it is known. */
  marked(mark: Mark, leader?: ProcessId): Iterable<ProcessId>;
}

const gone = new Set(['ENOENT', 'ESRCH']);
/** Another user's. None of a workspace's processes is, unless it raised its rights; its limits can be read all the same. */
const closed = new Set(['EACCES', 'EPERM']);

/** A file of /proc; `undefined` when the process is gone or does not let us look. */
const readProc = (pid: number, file: string): string | undefined => {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1');
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (gone.has(code) || closed.has(code)) return undefined;
    throw error;
  }
};

/** Fields 3 (state) and 22 (start, in ticks since boot) of /proc/<pid>/stat, counted behind the name in brackets. */
const readStat = (pid: number): { state: string; ticks: string } | undefined => {
  const stat = readProc(pid, 'stat');
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields?.[0] && fields[19] ? { state: fields[0], ticks: fields[19] } : undefined;
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

export const linuxProcesses = (): Processes => {
  // Ticks count from boot, so a record from before a reboot must not match.
  const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim();
  const startedOf = (pid: number): string | undefined => {
    const stat = readStat(pid);
    return stat === undefined || stat.state === 'Z' || stat.state === 'X' ? undefined : `${boot}/${stat.ticks}`;
  };
  const isMarked = (pid: number, mark: Mark): boolean => {
    const resident = String(mark.residentKiB * 1024n);
    if (readProc(pid, 'limits')?.includes(resident)) return true;
    return readProc(pid, 'environ')?.split('\0').includes(`${mark.variable}=${mark.value}`) ?? false;
  };
  return {
    isAlive: ({ pid, started }) => startedOf(pid) === started,
    *marked(mark) {
      for (const pid of everyPid()) {
        const started = isMarked(pid, mark) ? startedOf(pid) : undefined;
        if (started !== undefined) yield { pid, started };
      }
    },
  };
};

export const processesOfThisMachine = (): Processes =>
  process.platform === 'linux' ? linuxProcesses() : psProcesses();

/** Signals a process if it is still the one that was meant; one that is gone is done. */
export const signalProcess = (processes: Processes, id: ProcessId, signal: NodeJS.Signals): void => {
  if (!processes.isAlive(id)) return;
  try {
    process.kill(id.pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
};
