import { existsSync } from 'node:fs';
import { chmod, mkdir, rm, writeFile } from 'node:fs/promises';
import type { Server } from 'node:net';
import { join } from 'node:path';
import type { GitSetup } from '../contracts/agent.ts';
import type { Environment } from './environment.ts';
import type { Settings } from './settings.ts';
import { isShortEnough, makeSocketFolder } from './socket-folder.ts';
import { serveKey } from './ssh-agent.ts';

const socketName = 'agent.sock';

/** Git as it was set up for everything that is started in the workspace. */
export interface Git {
  environment: Environment;
  /** For git that is run before the person could configure any. */
  sshCommand: string;
  /** Ends the agent and takes its folder away. */
  close(): Promise<void>;
}

const printable = (text: string): string => text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim();
/** A value of a git configuration, in which a quote or a new line of a person's name is nothing but that. */
const gitValue = (text: string): string => `"${printable(text).replace(/[\\"]/g, '\\$&')}"`;
const shellWord = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;
/** A file name in ssh's configuration, where `%` begins a token. */
const sshPath = (path: string): string => `"${path.replaceAll('%', '%%')}"`;

/** The person's and the image's configuration go before it: of each setting ssh takes the first. */
const sshConfig = (home: string): string => `# Written by Berth at each start.
Include ${sshPath(join(home, '.ssh', 'config'))}
Include /etc/ssh/ssh_config
Host *
	StrictHostKeyChecking accept-new
	UserKnownHostsFile ${sshPath(join(home, '.ssh', 'known_hosts'))}
`;

/** In the place of the system's, which it includes: of each setting git takes the last, so that everybody's go before. */
const gitConfig = ({ name, email }: GitSetup, sshCommand: string, systems: readonly string[]): string =>
  [
    '# Written by Berth at each start. What you configure yourself goes before it.',
    '[core]',
    `\tsshCommand = ${gitValue(sshCommand)}`,
    '[user]',
    `\tname = ${gitValue(name)}`,
    ...(email === undefined ? [] : [`\temail = ${gitValue(email)}`]),
    '[include]',
    ...systems.map((path) => `\tpath = ${gitValue(path)}`),
    '',
  ].join('\n');

/** Where git was built to look. */
const usualSystems = ['/usr/local/etc/gitconfig', '/etc/gitconfig'];

const emptyFolder = async (path: string): Promise<string> => {
  await rm(path, { recursive: true, force: true });
  await mkdir(path, { recursive: true, mode: 0o700 });
  return path;
};

const listen = async (
  key: GitSetup['key'],
  folder: string,
): Promise<{ server: Server; socket: string } | undefined> => {
  if (key === undefined) return undefined;
  const socket = join(folder, socketName);
  return { server: await serveKey(key, socket), socket };
};

/** The folder for the socket: the agent's own one, or a short one where that would be too long. */
const socketFolder = async (folder: string): Promise<string> =>
  isShortEnough(folder, socketName) ? folder : makeSocketFolder();

/** ssh would forget each host anew without it. Where there is one already it is the person's to set right. */
const ensureSshFolder = async (home: string): Promise<void> => {
  const folder = join(home, '.ssh');
  if (existsSync(folder)) return;
  await mkdir(folder);
  // A volume's default for its group would be kept otherwise, and ssh refuses what others may write.
  await chmod(folder, 0o700);
};

/**
 * Serves the owner's git key, and writes what git and ssh are to take where nobody says otherwise: the owner's name, and
 * hosts that are new. Throws when the folders cannot be written.
 */
export const setUpGit = async (
  setup: GitSetup,
  { home, runDir }: Pick<Settings, 'home' | 'runDir'>,
  inherited: NodeJS.ProcessEnv,
): Promise<Git> => {
  const folder = await emptyFolder(join(runDir, 'git'));
  const sockets = await socketFolder(folder);
  const served = await listen(setup.key, sockets);
  await ensureSshFolder(home);
  const config = { ssh: join(folder, 'ssh_config'), git: join(folder, 'config') };
  const sshCommand = `ssh -F ${shellWord(config.ssh)}`;
  const system = inherited['GIT_CONFIG_SYSTEM'];
  await writeFile(config.ssh, sshConfig(home), { mode: 0o600 });
  await writeFile(config.git, gitConfig(setup, sshCommand, system === undefined ? usualSystems : [system]), {
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
      for (const made of [folder, sockets]) await rm(made, { recursive: true, force: true });
    },
  };
};
