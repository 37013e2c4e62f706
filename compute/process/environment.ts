import { userInfo } from 'node:os';
import { delimiter, dirname } from 'node:path';
import type { Run } from '../../core/ports/compute-kind.ts';
import type { WorkspacePaths } from './data/directories.ts';
import type { ProcessMark } from './processes/process-mark.ts';

/** The variables that a workspace inherits from the server. All others may be secret and are not inherited. */
const inherited =
  /^(LANG|LANGUAGE|LC_[A-Z]+|TZ|TERM|COLORTERM|SSL_CERT_FILE|SSL_CERT_DIR|NODE_EXTRA_CA_CERTS|(https?|no|HTTPS?|NO)_(proxy|PROXY))$/;
/** Skips a proxy's URL with a password. */
const isInheritable = ([name, value]: readonly [string, string | undefined]): boolean =>
  inherited.test(name) && value !== undefined && !(/proxy/i.test(name) && value.includes('@'));
const defaultPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Removes the folders that npm puts in front of PATH while it runs Berth. */
const searchPath = (path: string | undefined, node: string): string => {
  const folders = (path ?? defaultPath).split(delimiter).filter((folder) => !folder.includes('/node_modules/'));
  return [...new Set([...folders, dirname(node)])].join(delimiter);
};

const account = (): { name: string; shell: string } => {
  try {
    const { username, shell } = userInfo();
    return { name: username, shell: shell ?? '/bin/sh' };
  } catch (error) {
    // In a container the user id may have no entry in /etc/passwd.
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
  paths: WorkspacePaths,
  mark: ProcessMark,
): Record<string, string> => {
  const { name, shell } = account();
  return {
    ...(Object.fromEntries(Object.entries(server).filter(isInheritable)) as Record<string, string>),
    PATH: searchPath(server['PATH'], node),
    HOME: paths.home,
    USER: name,
    LOGNAME: name,
    SHELL: shell,
    BERTH_WORKSPACE_ID: workspace.id,
    BERTH_WORKSPACE_NAME: workspace.name,
    BERTH_WORKSPACE_OWNER: workspace.owner.name,
    BERTH_GATEWAY_URL: agent.gatewayUrl,
    BERTH_AGENT_TOKEN: agent.token,
    BERTH_AGENT_DIR: paths.agent,
    [mark.variable]: mark.value,
  };
};
