import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ProcessKindOptions, processKind } from '../../../compute/process/process.ts';
import type { ProcessSpec } from '../../../compute/process/spec.ts';
import type { ComputeKind } from '../../../core/ports/compute-kind.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';
import { type ComputeFixture, deleted, settle } from '../contract.ts';

/** Stands for the agent: writes a file when it runs, and ends at SIGTERM. */
const agentDouble = `
const { writeFileSync } = require('node:fs');
process.on('SIGTERM', () => process.exit(0));
writeFileSync(process.env.HOME + '/.up', String(process.pid));
setInterval(() => {}, 60_000);
`;

export interface ProcessFixture extends ComputeFixture<ProcessSpec> {
  dataDir: string;
  home: NonNullable<ComputeFixture<ProcessSpec>['home']>;
  open(more?: Partial<ProcessKindOptions>): ComputeKind<ProcessSpec>;
  /** The ids of the processes with the workspace's environment. */
  processes(id: string): number[];
}

const environmentOf = (pid: string): string => {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'latin1');
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return '';
    throw error;
  }
};

/** The kind `process` over its own data directory, with `agent` as the agent's program. */
export const openProcessFixture = async (agent = agentDouble): Promise<ProcessFixture> => {
  const dataDir = temporaryFolder();
  const agentFile = join(dataDir, 'agent.cjs');
  writeFileSync(agentFile, agent);
  const open = (more: Partial<ProcessKindOptions> = {}) =>
    processKind({ dataDir, agentFile, node: process.execPath, clock: () => new Date(), graceMs: 300, ...more });
  const homeOf = (id: string) => join(dataDir, 'homes', id);
  const processes = (id: string) =>
    readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name) && environmentOf(name).includes(`BERTH_WORKSPACE_ID=${id}\0`))
      .map(Number);
  const kind = open();
  return {
    kind,
    dataDir,
    open,
    reopen: open,
    processes,
    spec: {},
    badSpec: { value: { limits: { memry: '1Gi' } }, field: 'memry' },
    home: {
      write: async (id, text) => writeFileSync(join(homeOf(id), 'note.txt'), text),
      read: async (id) => readFileSync(join(homeOf(id), 'note.txt'), 'utf8'),
    },
    identity: async (id) => {
      const record = join(dataDir, 'compute', id, 'agent.json');
      return existsSync(record) ? readFileSync(record, 'utf8') : undefined;
    },
    leftovers: async (id) => [
      ...processes(id).map((pid) => `process ${pid}`),
      ...['homes', 'compute'].map((folder) => join(dataDir, folder, id)).filter(existsSync),
    ],
    close: async () => {
      for await (const { workspaceId } of kind.listOwned()) await settle(() => kind.destroy(deleted(workspaceId)));
    },
  };
};
