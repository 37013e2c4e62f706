import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { bundleCli } from '../../../cli/bundle.ts';
import { freePort } from '../../support/free-port.ts';
import { atLeast, atMost, type Benchmark, type Figure } from '../measuring/figure.ts';
import { note } from '../measuring/note.ts';
import { median } from '../measuring/percentile.ts';
import { resource, temporaryFolder } from '../measuring/resources.ts';
import { givenServer } from './fixture.ts';
import { isReady, until } from './until.ts';

const sshd = '/usr/sbin/sshd';

const bulkBytes = 1_000_000_000;
const bulkRuns = 3;
const quickRuns = 9;

/** The arguments before the command on ssh's command line, and its environment. */
interface SshTarget {
  args: readonly string[];
  env: NodeJS.ProcessEnv;
}

const run = async (program: string, args: readonly string[], env: NodeJS.ProcessEnv): Promise<number> => {
  const from = performance.now();
  const child = spawn(program, args, { env, stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = await once(child, 'exit');
  if (code !== 0) throw new Error(`${program} ${args.join(' ')} ended with ${code}`);
  return performance.now() - from;
};

/** OpenSSH's own server on the loopback interface, with its own keys and the same cipher. */
const givenSshd = async (): Promise<SshTarget & AsyncDisposable> => {
  const folder = temporaryFolder();
  const [hostKey, key] = [join(folder.path, 'host'), join(folder.path, 'key')];
  for (const file of [hostKey, key]) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', file]);
  // Debian's sshd changes to this directory before a person has signed in.
  mkdirSync('/run/sshd', { recursive: true });
  const port = await freePort();
  const settings = [
    `HostKey=${hostKey}`,
    `AuthorizedKeysFile=${key}.pub`,
    'StrictModes=no',
    'PidFile=none',
    'UsePAM=no',
  ];
  const args = ['-D', '-e', '-f', '/dev/null', '-p', String(port), '-o', 'ListenAddress=127.0.0.1'];
  const child = spawn(sshd, [...args, ...settings.flatMap((setting) => ['-o', setting])], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  await once(child.stderr, 'data');
  child.stderr.resume();
  const client = ['-F', '/dev/null', '-i', key, '-p', String(port), '-c', 'aes128-gcm@openssh.com'];
  const quiet = ['-o', 'StrictHostKeyChecking=no', '-o', 'UserKnownHostsFile=/dev/null', '-o', 'LogLevel=ERROR'];
  return resource({ args: [...client, ...quiet, '127.0.0.1'], env: process.env }, async () => {
    child.kill();
    await once(child, 'exit');
    await folder[Symbol.asyncDispose]();
  });
};

/** Megabytes per second of a gigabyte that a command in the workspace writes; the best of several runs. */
const bulkRate = async (what: string, { args, env }: SshTarget): Promise<number> => {
  const times: number[] = [];
  for (let one = 0; one < bulkRuns; one++) {
    times.push(await run('ssh', [...args, `head -c ${bulkBytes} /dev/zero`], env));
  }
  const rates = times.map((ms) => bulkBytes / 1_000 / ms);
  note(`ssh: ${what}: ${rates.map((rate) => rate.toFixed(0)).join(', ')} MB/s`);
  return Math.max(...rates);
};

const quickMs = async (what: string, program: string, { args, env }: SshTarget): Promise<number> => {
  const times: number[] = [];
  for (let one = 0; one < quickRuns; one++) times.push(await run(program, [...args, 'true'], env));
  note(`ssh: ${what}: ${times.map((ms) => ms.toFixed(0)).join(', ')} ms`);
  return median(times);
};

const measure = async (home: string, server: { url: string; token: string }): Promise<Figure[]> => {
  const env = { ...process.env, HOME: home, XDG_CONFIG_HOME: '', BERTH_URL: server.url, BERTH_TOKEN: server.token };
  // The usual configuration.
  const cli = join(home, 'berth.cjs');
  await bundleCli(cli);
  execFileSync(process.execPath, [cli, 'config-ssh'], { env, stdio: 'ignore' });
  const berth: SshTarget = { args: ['-F', join(home, '.ssh', 'config'), 'demo.berth'], env };
  const rate = await bulkRate('through Berth', berth);
  const berthMs = await quickMs('berth ssh demo true', process.execPath, { args: [cli, 'ssh', 'demo'], env });
  if (!existsSync(sshd)) {
    note(`ssh: ${sshd} is not installed: nothing to compare with`);
    return [atLeast('ssh-bulk', rate, 'MB/s', 150)];
  }
  await using direct = await givenSshd();
  const directRate = await bulkRate('direct', direct);
  const directMs = await quickMs('plain ssh true', 'ssh', direct);
  return [
    atLeast('ssh-bulk', rate, 'MB/s', 150),
    atLeast('ssh-bulk-to-direct', (100 * rate) / directRate, '%', 60),
    atMost('ssh-true-over-plain', berthMs - directMs, 'ms', 350),
  ];
};

/** OpenSSH's client through Berth, compared with OpenSSH's own server without Berth. */
export const ssh: Benchmark = {
  name: 'ssh',
  run: async () => {
    await using server = await givenServer();
    await using home = temporaryFolder();
    const { id } = await server.client.createWorkspace({ body: { name: 'demo', template: 'tiny' } });
    await until(server.client, id, isReady);
    // Awaited here, because the server ends with the block.
    return await measure(home.path, server);
  },
};
