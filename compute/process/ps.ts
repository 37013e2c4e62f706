import { spawnSync } from 'node:child_process';
import type { Processes, ProcessId, Sought } from './processes.ts';

interface Row extends ProcessId {
  parent: number;
  group: number;
  /** Command and environment. */
  text: string;
}

const rowPattern = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\w{3}\s+\w{3}\s+\d+\s+[\d:]+\s+\d{4})\s?(.*)$/;

/** A start time as the launcher writes it down, too: single spaces. */
const oneLine = (text: string): string => text.trim().split(/\s+/).join(' ');

const rows = (): Row[] => {
  const { stdout, error } = spawnSync('ps', ['axeww', '-o', 'pid=,ppid=,pgid=,state=,lstart=,command='], {
    encoding: 'utf8',
    env: { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C' },
    maxBuffer: 256 * 1024 * 1024,
  });
  if (error !== undefined) throw error;
  return stdout.split('\n').flatMap((line) => {
    const [, pid, parent, group, state, started, text] = rowPattern.exec(line) ?? [];
    if (started === undefined || state?.startsWith('Z')) return [];
    return [
      { pid: Number(pid), parent: Number(parent), group: Number(group), started: oneLine(started), text: text ?? '' },
    ];
  });
};

/** Those that carry the mark, those that are known, those of their process groups, and the descendants of all. */
const belonging = (all: Row[], { mark, known }: Sought): Row[] => {
  const isKnown = (row: Row) => known.some(({ pid, started }) => pid === row.pid && started === row.started);
  const leaders = new Set(all.filter(isKnown).map(({ pid }) => pid));
  const found = new Set(
    all.filter(
      ({ text, group, pid }) =>
        text.includes(`${mark.variable}=${mark.value}`) || leaders.has(group) || leaders.has(pid),
    ),
  );
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    const pids = new Set([...found].map(({ pid }) => pid));
    for (const row of all) if (pids.has(row.parent)) found.add(row);
  }
  return [...found];
};

/** Where there is no /proc (macOS): by `ps`. A process that left its session and hides its environment is not found. */
export const psProcesses = (): Processes => ({
  isAlive: ({ pid, started }) => rows().some((row) => row.pid === pid && row.started === started),
  belonging: (sought) => belonging(rows(), sought).map(({ pid, started }) => ({ pid, started })),
});
