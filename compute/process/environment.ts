import { userInfo } from 'node:os';
import { delimiter, dirname } from 'node:path';
import type { Run } from '../kind.ts';
import type { Mark } from './mark.ts';
import type { Place } from './places.ts';

/** What a workspace takes over from the server's environment. Everything else, above all its secrets, stays behind. */
const inherited =
  /^(LANG|LANGUAGE|LC_[A-Z]+|TZ|TERM|COLORTERM|SSL_CERT_FILE|SSL_CERT_DIR|NODE_EXTRA_CA_CERTS|(https?|no|HTTPS?|NO)_(proxy|PROXY))$/;
/** The address of a proxy may hold a password. */
const isHarmless = ([name, value]: readonly [string, string | undefined]): boolean =>
  inherited.test(name) && value !== undefined && !(/proxy/i.test(name) && value.includes('@'));
const usualPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** npm puts its own folders in front of PATH while it runs Berth; they are no business of a workspace's. */
const searchPath = (path: string | undefined, node: string): string => {
  const folders = (path ?? usualPath).split(delimiter).filter((folder) => !folder.includes('/node_modules/'));
  return [...new Set([...folders, dirname(node)])].join(delimiter);
};

const account = (): { name: string; shell: string } => {
  try {
    const { username, shell } = userInfo();
    return { name: username, shell: shell ?? '/bin/sh' };
  } catch (error) {
    // In a container the user's number need not have an entry in /etc/passwd.
    if (error instanceof Error && (error as NodeJS.ErrnoException).code === 'ENOENT')
      return { name: 'berth', shell: '/bin/sh' };
    throw error;
  }
};

/** The whole environment of a workspace's agent, built from scratch. */
export const agentEnvironment = (
  server: NodeJS.ProcessEnv,
  node: string,
  { workspace, agent }: Omit<Run<unknown>, 'spec'>,
  place: Place,
  mark: Mark,
): Record<string, string> => {
  const { name, shell } = account();
  return {
    ...(Object.fromEntries(Object.entries(server).filter(isHarmless)) as Record<string, string>),
    PATH: searchPath(server['PATH'], node),
    HOME: place.home,
    USER: name,
    LOGNAME: name,
    SHELL: shell,
    BERTH_WORKSPACE_ID: workspace.id,
    BERTH_WORKSPACE_NAME: workspace.name,
    BERTH_WORKSPACE_OWNER: workspace.owner.name,
    BERTH_GATEWAY_URL: agent.gatewayUrl,
    BERTH_AGENT_TOKEN: agent.token,
    BERTH_AGENT_DIR: place.agent,
    [mark.variable]: mark.value,
  };
};
