import { execFileSync, spawnSync } from 'node:child_process';
import { generateKeyPairSync } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { GitSetup } from '../contracts/agent.ts';
import { optional } from '../test/requirements.ts';
import { temporaryFolder } from '../test/support/temporary-folder.ts';
import { type Git, setUpGit } from './git.ts';

const hasGit = optional(
  'git’s own reading of what is configured',
  !spawnSync('git', ['--version']).error,
  'Install git.',
);

let folder: string;
let git: Git | undefined;
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
const configFile = ({ environment }: Git): string => environment['GIT_CONFIG_SYSTEM'] ?? '';
const newKey = (): GitSetup['key'] => ({
  privateKey: generateKeyPairSync('ed25519').privateKey.export({ format: 'der', type: 'pkcs8' }).toString('base64'),
  publicKey: 'ssh-ed25519 AAAA berth:ada',
});

it('keeps all of it to this user', async () => {
  const made = await givenGit({ key: newKey() });
  const socket = made.environment['SSH_AUTH_SOCK'] ?? '';
  for (const [path, mode] of [
    [dirname(configFile(made)), 0o700],
    [configFile(made), 0o600],
    [socket, 0o600],
  ] as const) {
    expect(statSync(path).mode & 0o777, path).toBe(mode);
  }
  expect(statSync(join(folder, 'home', '.ssh')).mode & 0o777).toBe(0o700);
  await made.close();
  expect(existsSync(dirname(configFile(made)))).toBe(false);
});

it('leaves a socket out where there is no key', async () => {
  expect(Object.keys((await givenGit()).environment)).toEqual(['GIT_CONFIG_SYSTEM']);
});

it('finds another place for the socket where the agent’s folder has too long a name', async () => {
  const made = await givenGit({ key: newKey() }, join(folder, 'x'.repeat(100)));
  const socket = made.environment['SSH_AUTH_SOCK'] ?? '';
  expect(statSync(socket).isSocket()).toBe(true);
  expect(statSync(dirname(socket)).mode & 0o777).toBe(0o700);
  await made.close();
  expect(existsSync(dirname(socket))).toBe(false);
});

it('takes the place of what a killed agent left', async () => {
  const run = join(folder, 'run');
  mkdirSync(join(run, 'git'), { recursive: true, mode: 0o755 });
  writeFileSync(join(run, 'git', 'agent.sock'), 'left over');
  const made = await givenGit({ key: newKey() }, run);
  expect(statSync(made.environment['SSH_AUTH_SOCK'] ?? '').isSocket()).toBe(true);
});

describe.runIf(hasGit)('git reads', () => {
  const read = (made: Git, name: string) =>
    execFileSync('git', ['config', '--get', name], {
      encoding: 'utf8',
      env: { PATH: process.env['PATH'], HOME: join(folder, 'home'), ...made.environment },
      cwd: join(folder, 'home'),
    }).replace(/\n$/, '');

  it.each([
    ['Ada "the Countess" Lovelace', 'Ada "the Countess" Lovelace'],
    ['back\\slash', 'back\\slash'],
    ['Ada\n[core]\n\tsshCommand = touch pwned', 'Ada [core] sshCommand = touch pwned'],
    ['Ada"\n[core]\nsshCommand="x', 'Ada" [core] sshCommand="x'],
    ['Ada # no comment ; nor this', 'Ada # no comment ; nor this'],
    ['Åda\u2028Lövelace 🚢', 'Åda Lövelace 🚢'],
  ])('the name %j as nothing but a name', async (name, told) => {
    const made = await givenGit({ name, email: `${name}@example.com` });
    expect(read(made, 'user.name')).toBe(told);
    expect(read(made, 'user.email')).toBe(`${told}@example.com`);
    expect(read(made, 'core.sshCommand')).toMatch(/^ssh -F '.*\/git\/ssh_config'$/);
  });

  it('what the image configured for all, and that goes before', async () => {
    const system = join(folder, 'gitconfig');
    writeFileSync(system, '[user]\n\tname = The Image\n[pull]\n\trebase = true\n');
    const made = await givenGit({ email: 'ada@example.com' }, undefined, { GIT_CONFIG_SYSTEM: system });
    expect([read(made, 'user.name'), read(made, 'user.email'), read(made, 'pull.rebase')]).toEqual([
      'The Image',
      'ada@example.com',
      'true',
    ]);
  });

  it('a folder whose name is awkward', async () => {
    const made = await givenGit({}, join(folder, 'it\'s a "run" folder'));
    const command = read(made, 'core.sshCommand').replace(/^ssh -F /, '');
    expect(execFileSync('sh', ['-c', `cat ${command}`], { encoding: 'utf8' })).toBe(
      readFileSync(join(dirname(configFile(made)), 'ssh_config'), 'utf8'),
    );
  });
});
