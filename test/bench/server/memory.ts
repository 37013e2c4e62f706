import { readFileSync } from 'node:fs';
import { setTimeout as after } from 'node:timers/promises';
import { workspaceProcesses } from '../../support/processes/workspace-processes.ts';
import { atMost, type Benchmark } from '../measuring/figure.ts';
import { allOf } from '../measuring/load.ts';
import { note } from '../measuring/note.ts';
import { median, spread } from '../measuring/percentile.ts';
import { givenServer } from './fixture.ts';
import { isReady, until } from './until.ts';

const workspaces = 50;
const atOnce = 4;
const looks = 20;
const betweenLooksMs = 250;

/** Resident megabytes of a process (Linux). */
export const residentMb = (pid: number, field: 'VmRSS' | 'VmHWM' = 'VmRSS'): number => {
  const kib = new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
  if (kib === undefined) throw new Error(`cannot read the memory use of process ${pid}`);
  return (Number(kib) * 1_024) / 1_000_000;
};

/** The server and its agents while 50 workspaces run unused. */
export const memory: Benchmark = {
  name: 'memory',
  run: async () => {
    await using server = await givenServer();
    const { client } = server;
    await allOf(workspaces, atOnce, async (number) => {
      const { id } = await client.createWorkspace({ body: { name: `m-${number}`, template: 'tiny' } });
      await until(client, id, isReady);
    });
    const ofServer: number[] = [];
    for (let look = 0; look < looks; look++) {
      ofServer.push(residentMb(server.pid));
      await after(betweenLooksMs);
    }
    const agents = workspaceProcesses(server.dataDir).map(({ pid }) => residentMb(pid));
    if (agents.length < workspaces) throw new Error(`only ${agents.length} of ${workspaces} agents run`);
    note(`memory: ${workspaces} process workspaces without apps; resident set, MB of 10^6 bytes`);
    note(`server: ${spread(ofServer)}; since its start at most ${residentMb(server.pid, 'VmHWM').toFixed(0)}`);
    note(`agents: ${spread(agents)}`);
    return [
      atMost('server-memory-at-50', Math.max(...ofServer), 'MB', 250),
      atMost('agent-memory-p50', median(agents), 'MB', 70),
      atMost('agent-memory-max', Math.max(...agents), 'MB', 70),
    ];
  },
};
