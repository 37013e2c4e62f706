import { existsSync } from 'node:fs';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:net';
import { join } from 'node:path';
import type { GitSetup } from '../../contracts/agent/tunnel.ts';
import type { Settings } from '../common/settings.ts';
import type { Environment } from '../processes/environment.ts';
import { createSocketFolder, fitsSocketPath } from '../processes/socket-folder.ts';
import { serveSshAgent } from './ssh-agent.ts';

const socketName = 'agent.sock';

/** How every program of the workspace finds the owner's git key, name and configuration. */
export interface ConfiguredGit {
  environment: Environment;
  /** For git commands that run before the person's own configuration exists. */
  sshCommand: string;
  /** Stops the ssh-agent and removes its folder. */
  close(): Promise<void>;
}

const printable = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
/** Quotes a value of a git configuration, so that a person's name cannot add settings to it. */
const gitValue = (text: string): string => `"${printable(text).replace(/[\\"]/g, '\\$&')}"`;
const shellWord = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
/** Quotes a path for ssh's configuration, where `%` starts a token. */
const sshPath = (path: string): string => `"${path.replaceAll('%', '%%')}"`;

/** Includes the person's and the image's configuration first, because ssh uses the first value of each setting. */
const sshConfig = (home: string): string => `# Written by Berth at each start.
Include ${sshPath(join(home, '.ssh', 'config'))}
Include /etc/ssh/ssh_config
Host *
	StrictHostKeyChecking accept-new
	UserKnownHostsFile ${sshPath(join(home, '.ssh', 'known_hosts'))}
`;

/**
 * Replaces the system's configuration and includes it last. git uses the last value of each setting, so the system's
 * and the person's own settings override these.
 */
const gitConfig = ({ name, email }: GitSetup, sshCommand: string, systems: readonly string[]): string =>
  [
    '# Written by Berth at each start. Your own configuration overrides it.',
    '[core]',
    `\tsshCommand = ${gitValue(sshCommand)}`,
    '[user]',
    `\tname = ${gitValue(name)}`,
    ...(email === undefined ? [] : [`\temail = ${gitValue(email)}`]),
    '[include]',
    ...systems.map((path) => `\tpath = ${gitValue(path)}`),
    '',
  ].join('\n');

/** Where builds of git look for the system's configuration. */
const defaultSystemConfigs = ['/usr/local/etc/gitconfig', '/etc/gitconfig'];

const createEmptyFolder = async (path: string): Promise<string> => {
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true, mode: 0o700 });
  return path;
};

const startAgent = async (
  key: GitSetup['key'],
  folder: string,
): Promise<{ server: Server; socket: string } | undefined> => {
  if (key === undefined) return undefined;
  const socket = join(folder, socketName);
  return { server: await serveSshAgent(key, socket), socket };
};

/** The agent's folder, or one with a short path if the socket's path would be too long there. */
const chooseSocketFolder = async (folder: string): Promise<string> =>
  fitsSocketPath(folder, socketName) ? folder : createSocketFolder();

/** Without ~/.ssh, ssh cannot remember host keys. An existing folder is not changed. */
const ensureSshFolder = async (home: string): Promise<void> => {
  const folder = join(home, '.ssh');
  if (existsSync(folder)) return;
  await mkdir(folder);
  // mkdir would keep the group bits that a volume sets by default, and ssh rejects folders that others may write to.
  await chmod(folder, 0o700);
};

/**
 * Serves the owner's git key from an ssh-agent and writes defaults for git and ssh: the owner's name and email, and the
 * acceptance of new host keys. Throws when the folders cannot be written.
 */
export const setUpGit = async (
  setup: GitSetup,
  { home, runDir }: Pick<Settings, 'home' | 'runDir'>,
  inherited: NodeJS.ProcessEnv,
): Promise<ConfiguredGit> => {
  const folder = await createEmptyFolder(join(runDir, 'git'));
  const sockets = await chooseSocketFolder(folder);
  const served = await startAgent(setup.key, sockets);
  await ensureSshFolder(home);
  const config = { ssh: join(folder, 'ssh_config'), git: join(folder, 'config') };
  const sshCommand = `ssh -F ${shellWord(config.ssh)}`;
  const system = inherited['GIT_CONFIG_SYSTEM'];
  await writeFile(config.ssh, sshConfig(home), { mode: 0o600 });
  await writeFile(config.git, gitConfig(setup, sshCommand, system === undefined ? defaultSystemConfigs : [system]), {
    mode: 0o600,
  });
  return {
    environment: {
      GIT_CONFIG_SYSTEM: config.git,
      ...(served === undefined ? {} : { SSH_AUTH_SOCK: served.socket }),
    },
    sshCommand,
    close: async () => {
      served?.server.close();
      for (const created of [folder, sockets]) await rm(created, { recursive: true, force: true });
    },
  };
};
