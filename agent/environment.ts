import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';

export type Environment = Record<string, string>;

export interface Settings {
  /** Origin of the gateway, http or https. */
  gatewayUrl: URL;
  token: string;
  /** The workspace's home: the working directory of everything that is started. */
  home: string;
  /** A directory of the agent's own, for the script it runs. */
  runDir: string;
}

const urlIn = (text: string | undefined): URL | undefined => {
  const url = text === undefined ? null : URL.parse(text);
  return url?.protocol === 'http:' || url?.protocol === 'https:' ? url : undefined;
};

/** Reads the agent's settings; throws one error that names everything missing. */
export const readSettings = (env: NodeJS.ProcessEnv): Settings => {
  const gatewayUrl = urlIn(env['BERTH_GATEWAY_URL']);
  const token = env['BERTH_AGENT_TOKEN'];
  const home = env['HOME'];
  if (gatewayUrl === undefined || !token || !home) {
    const missing = [
      ...(gatewayUrl === undefined ? ['BERTH_GATEWAY_URL (an http or https origin)'] : []),
      ...(token ? [] : ['BERTH_AGENT_TOKEN']),
      ...(home ? [] : ['HOME']),
    ];
    throw new Error(`The agent cannot start: set ${missing.join(', ')}.`);
  }
  return { gatewayUrl, token, home, runDir: env['BERTH_AGENT_DIR'] ?? join(tmpdir(), `berth-agent-${process.pid}`) };
};

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
  };
};
