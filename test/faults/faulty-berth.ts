import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type Client, createClient } from '../../contracts/client/client.ts';
import type { BuildRecord } from '../../core/workspaces/records/build-record.ts';
import type { WorkspaceRecord } from '../../core/workspaces/records/workspace-record.ts';
import { givenServer, type ServerProcess } from '../support/processes/server-process.ts';
import { workspaceProcesses } from '../support/processes/workspace-processes.ts';

/** Starts a separate Berth on a small disk as a process that may be killed, with access to its state from outside. */
export const startFaultyBerth = async (templates: string) => {
  const dataDir = mkdtempSync(join(tmpdir(), 'berth-faults-'));
  // A disk that can be filled. Only root may mount it; without it the test has no disk errors.
  const hasOwnDisk = spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=96m', 'berth-faults', dataDir]).status === 0;
  let server: ServerProcess = await givenServer(dataDir, templates);
  const port = Number(new URL(server.url).port);

  const read = <T>(work: (database: DatabaseSync) => T): T => {
    const database = new DatabaseSync(join(dataDir, 'table.sqlite'), { readOnly: true, timeout: 5_000 });
    try {
      return work(database);
    } finally {
      database.close();
    }
  };
  const items = <T>(where: string): T[] =>
    read((database) =>
      database
        .prepare(`SELECT body FROM items WHERE ${where} ORDER BY pk, sk`)
        .all()
        .map(({ body }) => JSON.parse(String(body)) as T),
    );

  return {
    dataDir,
    isOwnDisk: hasOwnDisk,
    server: () => server,
    isUp: () => server.child.exitCode === null && server.child.signalCode === null,
    restart: async () => {
      server = await givenServer(dataDir, templates, port);
    },
    as: (person: string): Client => {
      const tokens = JSON.parse(readFileSync(join(dataDir, 'dev-tokens.json'), 'utf8')) as Record<string, string>;
      const within = (input: RequestInfo | URL, init?: RequestInit) =>
        fetch(input, { ...init, signal: AbortSignal.timeout(20_000) });
      return createClient({ baseUrl: server.url, token: () => tokens[person], fetch: within });
    },
    workspaces: () => items<WorkspaceRecord>("pk LIKE 'workspace#%' AND sk = 'workspace'"),
    builds: () => items<BuildRecord>("pk LIKE 'workspace#%' AND sk LIKE 'build#%'"),
    auditIds: () => items<{ event: { id: string } }>("pk LIKE 'audit#%'").map(({ event }) => event.id),
    inactive: () =>
      items<{ id: string; active: boolean }>("pk LIKE 'person#%' AND sk = 'person'").filter((p) => !p.active),
    processes: () => workspaceProcesses(dataDir),
    fillDisk: () => {
      spawnSync('dd', ['if=/dev/zero', `of=${join(dataDir, 'filler')}`, 'bs=4096', 'count=100000'], {
        stdio: 'ignore',
      });
    },
    emptyDisk: () => rmSync(join(dataDir, 'filler'), { force: true }),
    close: async () => {
      if (server.child.exitCode === null && server.child.signalCode === null) await server.stop();
      const left = workspaceProcesses(dataDir);
      if (hasOwnDisk) spawnSync('umount', ['-l', dataDir]);
      rmSync(dataDir, { recursive: true, force: true });
      return left;
    },
  };
};
export type FaultyBerth = Awaited<ReturnType<typeof startFaultyBerth>>;
