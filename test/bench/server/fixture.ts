import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Client, createClient } from '../../../contracts/client/client.ts';
import { workspaceProcesses } from '../../support/processes/workspace-processes.ts';
import { endChild, untilReady } from '../measuring/child.ts';
import { resource, temporaryFolder } from '../measuring/resources.ts';
import { seedWorkspaces } from './seed.ts';
import { writeTemplates } from './templates.ts';

export interface BenchServer {
  url: string;
  pid: number;
  dataDir: string;
  client: Client;
  /** Ada's API token. */
  token: string;
}

const program = join(import.meta.dirname, 'server.ts');

/** Starts Berth in its own process. In its data folder ada has `workspaces` stopped workspaces of a template. */
export const givenServer = async (workspaces = 0, template = 'tiny'): Promise<BenchServer & AsyncDisposable> => {
  const folder = temporaryFolder();
  const dataDir = join(folder.path, 'data');
  const templates = join(folder.path, 'templates');
  writeTemplates(templates);
  if (workspaces > 0) await seedWorkspaces(dataDir, templates, workspaces, template);
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', program, dataDir, templates], {
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const ended = resource({}, async () => {
    await endChild(child, (signal) => child.kill(signal));
    // A server that crashed has left its workspaces running.
    if (child.exitCode !== 0) for (const { pid } of workspaceProcesses(dataDir)) process.kill(pid, 'SIGKILL');
    await folder[Symbol.asyncDispose]();
  });
  try {
    const url = (await untilReady(child)).replace('localhost', '127.0.0.1');
    const token = tokenIn(dataDir);
    const client = createClient({ baseUrl: url, token: () => token });
    return Object.assign(ended, { url, pid: child.pid ?? 0, dataDir, client, token });
  } catch (error) {
    await ended[Symbol.asyncDispose]();
    throw error;
  }
};

const tokenIn = (dataDir: string): string => {
  const tokens = JSON.parse(readFileSync(join(dataDir, 'dev-tokens.json'), 'utf8')) as Record<string, string>;
  return tokens['ada'] ?? '';
};
