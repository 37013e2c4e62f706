import { existsSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';

export type Environment = Record<string, string>;

const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/**
 * Expands references to the image's PATH in a template's PATH, in the notations of Dockerfile and devcontainer.json.
 */
const expandPathReference = (path: string, inherited: string): string =>
  path.replaceAll(/\$PATH(?!\w)|\$\{(?:(?:containerEnv|localEnv):)?PATH\}/g, () => inherited);

const searchPath = (home: string, inherited: string, templatePath: string | undefined): string => {
  const base = templatePath === undefined ? inherited : expandPathReference(templatePath, inherited);
  const folders = [join(home, '.local', 'bin'), join(home, 'bin'), ...base.split(delimiter), dirname(process.execPath)];
  return [...new Set(folders)].join(delimiter);
};

/** Where the agent's image has code-server, if it was built with it (agent/image/code-server.ts). */
const codeServerEntry = join(dirname(process.execPath), '../code-server/node_modules/code-server/out/node/entry.js');

/**
 * The environment of every program in the workspace. `BERTH_AGENT_*` variables are removed, because they contain the
 * agent's token.
 */
export const childEnvironment = (
  inherited: NodeJS.ProcessEnv,
  home: string,
  additions: Environment = {},
): Environment => {
  const merged: NodeJS.ProcessEnv = { LANG: 'C.UTF-8', ...inherited, ...additions };
  const kept = Object.entries(merged).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && !entry[0].startsWith('BERTH_AGENT_'),
  );
  return {
    ...Object.fromEntries(kept),
    HOME: home,
    PATH: searchPath(home, inherited['PATH'] ?? defaultPath, additions['PATH']),
    BERTH_NODE: process.execPath,
    ...(existsSync(codeServerEntry) ? { BERTH_CODE_SERVER: codeServerEntry } : {}),
  };
};
