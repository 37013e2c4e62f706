import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

export type Environment = Record<string, string>;

const searchPath = (home: string, inherited: string | undefined): string => {
  const usual = inherited ?? '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
  const folders = [
    join(home, '.local', 'bin'),
    join(home, 'bin'),
    ...usual.split(delimiter),
    dirname(process.execPath),
  ];
  return [...new Set(folders)].join(delimiter);
};

/** Where the agent's image has code-server, if it has (agent/image/code-server.ts). */
const codeServer = join(dirname(process.execPath), '../code-server/node_modules/code-server/out/node/entry.js');

/** What everything in the workspace inherits. The agent's own variables hold its token: none reaches a child. */
export const childEnvironment = (inherited: NodeJS.ProcessEnv, home: string, more: Environment = {}): Environment => {
  const merged: NodeJS.ProcessEnv = { LANG: 'C.UTF-8', ...inherited, ...more };
  const kept = Object.entries(merged).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !entry[0].startsWith('BERTH_AGENT_'),
  );
  return {
    ...Object.fromEntries(kept),
    HOME: home,
    PATH: searchPath(home, merged['PATH']),
    BERTH_NODE: process.execPath,
    ...(existsSync(codeServer) ? { BERTH_CODE_SERVER: codeServer } : {}),
  };
};
