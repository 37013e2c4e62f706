import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it, onTestFinished } from 'vitest';
import { processMark } from './process-mark.ts';
import { psProcesses } from './ps.ts';

const mark = processMark(`test-${process.pid}`, 'ws-1');

const givenProcess = async (script: string, marked: boolean) => {
  const environment = { PATH: process.env['PATH'] ?? '', ...(marked ? { [mark.variable]: mark.value } : {}) };
  const child = spawn('sh', ['-c', script], { env: environment, detached: true, stdio: ['ignore', 'pipe', 'ignore'] });
  const [line] = await once(child.stdout, 'data');
  onTestFinished(() => void process.kill(-(child.pid as number), 'SIGKILL'));
  return { pid: child.pid as number, grandchild: Number(String(line)) };
};

it('finds marked processes and their descendants, and distinguishes process ids that were reused by their start time', async () => {
  const ours = await givenProcess('env -i sleep 300 & echo $!; wait', true);
  const other = await givenProcess('echo 1; sleep 300', false);
  const processes = psProcesses();
  const found = [...processes.belonging({ mark, folders: [], known: [] })];
  expect(found.map(({ pid }) => pid)).toEqual(expect.arrayContaining([ours.pid, ours.grandchild]));
  expect(found.map(({ pid }) => pid)).not.toContain(other.pid);
  expect(found.every((id) => processes.isAlive(id))).toBe(true);
  expect(processes.isAlive({ pid: ours.pid, started: 'Thu Jan 1 00:00:00 1970' })).toBe(false);
});
