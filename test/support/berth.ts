import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, vi } from 'vitest';
import { type Client, createClient } from '../../contracts/client/client.ts';
import type { Workspace } from '../../contracts/workspaces/workspace.ts';
import { type Berth, startBerth } from '../../local/berth.ts';
import type { BerthOptions } from '../../local/settings/options.ts';
import { checkedFetch } from './checks/checked-fetch.ts';
import { signInToken } from './clients/sign-in-token.ts';
import { temporaryFolder } from './temporary-folder.ts';

export interface TestBerth extends Berth {
  dataDir: string;
  /** A client with the API token of one of the local people. */
  as: (person: 'ada' | 'linus' | 'grace' | 'sam') => Client;
  tokenOf: (person: string) => string;
  /** A client with a sign-in token, like the portal's. */
  signedInAs: (person: 'ada' | 'linus' | 'grace' | 'sam') => Client;
  /** Closes Berth, and fails when it logged an error. */
  end: () => Promise<void>;
}

/** Writes template files, by the name of their folder, into a new folder. */
export const givenTemplates = (files: Record<string, string>): string => {
  const folder = temporaryFolder();
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(join(folder, name));
    writeFileSync(join(folder, name, 'template.yaml'), text);
  }
  return folder;
};

/** The smallest template that runs: a process, no startup script. */
export const plainTemplate = `
name: plain
compute: { kind: process }
`;

/** Starts Berth in this process, on a free port and in a folder of its own, without the portal. */
export const givenBerth = async (options: Partial<BerthOptions> = {}): Promise<TestBerth> => {
  const dataDir = options.dataDir ?? temporaryFolder();
  const failures: string[] = [];
  const berth = await startBerth({
    port: 0,
    dataDir,
    withoutPortal: true,
    templateFolders: [givenTemplates({ plain: plainTemplate })],
    activityEveryMs: 200,
    log: (level, message, fields) => {
      if (level === 'error') failures.push(`${message} ${String(fields?.['error'] ?? '')}`);
    },
    ...options,
  });
  const tokens = JSON.parse(readFileSync(berth.tokensFile, 'utf8')) as Record<string, string>;
  const tokenOf = (person: string) => tokens[person] ?? '';
  const clientOf = (token: string) => createClient({ baseUrl: berth.url, token: () => token, fetch: checkedFetch });
  return {
    ...berth,
    dataDir,
    tokenOf,
    as: (person) => clientOf(tokenOf(person)),
    signedInAs: (person) => clientOf(signInToken({ url: berth.url, dataDir }, person)),
    end: async () => {
      await berth.close();
      expect(failures, 'errors that Berth logged').toEqual([]);
    },
  };
};

/** Waits until no build of a workspace is in progress, and expects the given status then. */
export const untilStatus = async (client: Client, id: string, status: Workspace['status']): Promise<Workspace> => {
  const settled = await vi.waitUntil(
    async () => {
      const seen = await client.getWorkspace({ params: { workspace: id } });
      const isBuilding = seen.build.status === 'pending' || seen.build.status === 'running';
      return isBuilding || (seen.status !== status && seen.status === 'running') ? undefined : seen;
    },
    { timeout: 60_000, interval: 25 },
  );
  expect(settled.status, settled.failure?.message).toBe(status);
  return settled;
};
