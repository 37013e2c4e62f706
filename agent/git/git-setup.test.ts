import { execFileSync, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GitSetup } from '../../contracts/agent/tunnel.ts';
import { optional } from '../../test/requirements.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { type ConfiguredGit, setUpGit } from './git-setup.ts';

const hasGit = optional(
  'git’s own reading of the configuration',
  !spawnSync('git', ['--version']).error,
  'Install git.',
);

let folder: string;
let git: ConfiguredGit | undefined;
beforeEach(() => {
  folder = temporaryFolder();
});
afterEach(async () => {
  await git?.close();
});

const givenGit = async (setup: Partial<GitSetup> = {}, runDir = join(folder, 'run'), env: NodeJS.ProcessEnv = {}) => {
  const home = join(folder, 'home');
  mkdirSync(home, { recursive: true });
  git = await setUpGit({ name: 'Ada', ...setup }, { home, runDir }, env);
  return git;
};
const configFile = ({ environment }: ConfiguredGit): string => environment['GIT_CONFIG_SYSTEM'] ?? '';
const newKey = (): GitSetup['key'] => ({
  privateKey: generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
  publicKey: 'ssh-ed25519 AAAA berth:ada',
});

it('makes its files accessible to this user only', async () => {
  const configured = await givenGit({ key: newKey() });
  const socket = configured.environment['SSH_AUTH_SOCK'] ?? '';
  for (const [path, mode] of [
    [dirname(configFile(configured)), 0o700],
    [configFile(configured), 0o600],
    [socket, 0o600],
  ] as const) {
    expect(statSync(path).mode & 0o777, path).toBe(mode);
  }
  expect(statSync(join(folder, 'home', '.ssh')).mode & 0o777).toBe(0o700);
  await configured.close();
  expect(existsSync(dirname(configFile(configured)))).toBe(false);
});

it('creates no socket without a key', async () => {
  expect(Object.keys((await givenGit()).environment)).toEqual(['GIT_CONFIG_SYSTEM']);
});

it('puts the socket into another folder when the path of the agent’s folder is too long', async () => {
  const configured = await givenGit({ key: newKey() }, join(folder, 'x'.repeat(100)));
  const socket = configured.environment['SSH_AUTH_SOCK'] ?? '';
  expect(statSync(socket).isSocket()).toBe(true);
  expect(statSync(dirname(socket)).mode & 0o777).toBe(0o700);
  await configured.close();
  expect(existsSync(dirname(socket))).toBe(false);
});

it('replaces the files that a killed agent left', async () => {
  const run = join(folder, 'run');
  mkdirSync(join(run, 'git'), { recursive: true, mode: 0o755 });
  writeFileSync(join(run, 'git', 'agent.sock'), 'left over');
  const configured = await givenGit({ key: newKey() }, run);
  expect(statSync(configured.environment['SSH_AUTH_SOCK'] ?? '').isSocket()).toBe(true);
});

describe.runIf(hasGit)('git reads', () => {
  const read = (configured: ConfiguredGit, name: string) =>
    execFileSync('git', ['config', '--get', name], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: join(folder, 'home'), ...configured.environment },
      cwd: join(folder, 'home'),
    }).replace(/\n$/, '');

  it.each([
    ['Ada "the Countess" Lovelace', 'Ada "the Countess" Lovelace'],
    ['back\\slash', 'back\\slash'],
    ['Ada\n[core]\n\tsshCommand = touch pwned', 'Ada [core] sshCommand = touch pwned'],
    ['Ada"\n[core]\nsshCommand="x', 'Ada" [core] sshCommand="x'],
    ['Ada # no comment ; nor this', 'Ada # no comment ; nor this'],
    ['Åda\u2028Lövelace 🚢', 'Åda Lövelace 🚢'],
  ])('the name %j only as a name', async (name, expected) => {
    const configured = await givenGit({ name, email: `${name}@example.com` });
    expect(read(configured, 'user.name')).toBe(expected);
    expect(read(configured, 'user.email')).toBe(`${expected}@example.com`);
    expect(read(configured, 'core.sshCommand')).toMatch(/^ssh -F '.*\/git\/ssh_config'$/);
  });

  it('the image’s system configuration, which takes precedence', async () => {
    const system = join(folder, 'gitconfig');
    writeFileSync(system, '[user]\n\tname = The Image\n[pull]\n\trebase = true\n');
    const configured = await givenGit({ email: 'ada@example.com' }, undefined, { GIT_CONFIG_SYSTEM: system });
    expect([read(configured, 'user.name'), read(configured, 'user.email'), read(configured, 'pull.rebase')]).toEqual([
      'The Image',
      'ada@example.com',
      'true',
    ]);
  });

  it('a folder with quotes and spaces in its path', async () => {
    const configured = await givenGit({}, join(folder, 'it\'s a "run" folder'));
    const command = read(configured, 'core.sshCommand').replace(/^ssh -F /, '');
    expect(execFileSync('sh', ['-c', `cat ${command}`], { encoding: 'utf8' })).toBe(
      readFileSync(join(dirname(configFile(configured)), 'ssh_config'), 'utf8'),
    );
  });
});
