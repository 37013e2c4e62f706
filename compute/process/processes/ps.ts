import { spawnSync } from 'node:child_process';
import type { ProcessId, ProcessQuery, ProcessTable } from './process-table.ts';

interface Row extends ProcessId {
  parent: number;
  group: number;
  /** Command and environment. */
  text: string;
}

const rowPattern = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\w{3}\s+\w{3}\s+\d+\s+[\d:]+\s+\d{4})\s?(.*)$/;

/** Single spaces, as the launcher writes start times. */
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

/** The processes that have the mark, the known ones, those of their process groups, and all their descendants. */
const belonging = (all: Row[], { mark, known }: ProcessQuery): Row[] => {
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

/**
 * The process table without /proc (macOS), read with `ps`. Does not find a process that left its session and hides its
 * environment.
 */
export const psProcesses = (): ProcessTable => ({
  isAlive: ({ pid, started }) => rows().some((row) => row.pid === pid && row.started === started),
  belonging: (query) => belonging(rows(), query).map(({ pid, started }) => ({ pid, started })),
});
