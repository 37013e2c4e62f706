import { execFile, spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  chmodSync,
  closeSync,
  ftruncateSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { parse } from 'yaml';
import { temporaryFolder } from '../../../test/support/temporary-folder.ts';
import { userData } from './user-data.ts';

const settings = {
  gatewayUrl: 'https://gateway.berth.example.com',
  agent: { url: 'https://berth.example.com/agent/arm64.tar.gz', sha256: 'ab'.repeat(32) },
};
const boot = import.meta.dirname;

const partsOf = (text: string) => {
  const boundary = /boundary="(\w+)"/.exec(text)?.[1];
  const [, ...parts] = text.split(`\n--${boundary}`);
  expect(parts.pop()).toBe('--\n');
  return parts.map((part) => {
    const end = part.indexOf('\n\n');
    return { type: /^Content-Type: ([^;]+);/m.exec(part.slice(0, end))?.[1], body: part.slice(end + 2) };
  });
};
const scriptIn = (text: string) => partsOf(text)[1]?.body ?? '';

/**
 * A root disk for the user data's script. `boot(n)` kills the script just before its nth command, and its fourth
 * `sleep` kills it, too. The download of the agent fails until the script slept `failures` times.
 */
const givenDisk = ({ sha256, failures = 0 }: { sha256?: string; failures?: number } = {}) => {
  const [root, outside] = [temporaryFolder(), temporaryFolder()];
  const at = (name: string) => join(outside, name);
  const sh = (name: string, script: string) => writeFileSync(at(name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  writeFileSync(at('agent.cjs'), 'agent');
  spawnSync('tar', ['-czf', at('agent.tar.gz'), '-C', outside, 'agent.cjs']);
  sh('systemctl', `echo "systemctl $*" >> ${at('calls')}`);
  sh('sync', '');
  sh('sleep', `echo "sleep $*" >> ${at('calls')}; [ "$(grep -c ^sleep ${at('calls')})" -lt 4 ] || kill -9 $PPID`);
  const fail = `[ "$(grep -c ^sleep ${at('calls')})" -ge ${failures} ] || exit 6`;
  sh(
    'curl',
    `echo curl >> ${at('calls')}; ${fail}; while [ "$1" != -o ]; do shift; done; cp ${at('agent.tar.gz')} "$2"`,
  );
  writeFileSync(at('calls'), '');
  writeFileSync(at('cut'), `set -o functrace; n=0; trap 'n=$((n + 1)); [ $n != "$CUT" ] || kill -9 $$' DEBUG\n`);
  const sum = createHash('sha256')
    .update(readFileSync(at('agent.tar.gz')))
    .digest('hex');
  const agent = { ...settings.agent, sha256: sha256 ?? sum };
  const script = scriptIn(userData({ ...settings, agent })).replace(/(?<=[\s"])\/(?=berth|opt\/|etc\/)/g, `${root}/`);
  const env = { PATH: `${outside}:${process.env['PATH']}`, BASH_ENV: at('cut') };
  writeFileSync(at('script'), script);
  return {
    boot: (cut = 0) => spawnSync('bash', [at('script')], { env: { ...env, CUT: String(cut) } }),
    calls: () => readFileSync(at('calls'), 'utf8'),
    files: () =>
      readdirSync(root, { recursive: true, encoding: 'utf8' })
        .map((name) => name.replace(/done-.*/, 'done-'))
        .sort(),
  };
};

describe('user data', () => {
  it('is a valid script within the size limit, without placeholders', () => {
    const script = scriptIn(userData(settings));
    expect(spawnSync('bash', ['-n'], { input: script }).status).toBe(0);
    expect(Buffer.byteLength(userData(settings))).toBeLessThan(16_384);
    expect(script).toContain('Environment=BERTH_GATEWAY_URL=https://gateway.berth.example.com\n');
    expect(script).not.toMatch(/@[A-Z_]+@/);
  });

  it('makes cloud-init run the script at each boot', () => {
    const text = userData(settings);
    // No other encoding is declared.
    expect(text).toMatch(/^[\t\n\x20-\x7e]*$/);
    expect(text).toMatch(/^Content-Type: multipart\/mixed; boundary="\w+"\nMIME-Version: 1\.0\n\n--/);
    const [config, script, ...others] = partsOf(text);
    expect(others).toEqual([]);
    expect(config?.type).toBe('text/cloud-config');
    expect(config?.body).toMatch(/^#cloud-config\n/);
    expect(parse(config?.body ?? '')).toEqual({ cloud_final_modules: [['scripts-user', 'always']] });
    expect(script?.type).toBe('text/x-shellscript');
  });

  it('exits immediately if it has finished before, and marks that as its last command', () => {
    const lines = scriptIn(userData(settings)).trimEnd().split('\n');
    const mark = `/opt/berth/done-${settings.agent.sha256}`;
    expect(lines.slice(0, 2)).toEqual(['#!/bin/bash', `[ -e ${mark} ] && exit 0`]);
    expect(lines.at(-1)).toBe(`touch ${mark}`);
  });

  it('does nothing at boots after it finished', () => {
    const disk = givenDisk();
    expect(disk.boot().status).toBe(0);
    const { calls, files } = disk;
    const [first, installed] = [calls(), files()];
    expect(installed).toContain('berth/agent.cjs');
    expect(installed.filter((name) => name.includes('.part'))).toEqual([]);
    expect(first).toContain('systemctl enable berth-home berth-identity berth-agent\n');
    expect(disk.boot().status).toBe(0);
    expect(calls()).toBe(first);
  });

  it('completes at the next boot, whichever command was interrupted', { timeout: 300_000 }, () => {
    const complete = givenDisk();
    complete.boot();
    let cut = 2;
    for (; ; cut += 1) {
      const disk = givenDisk();
      if (disk.boot(cut).signal === null) break;
      expect(disk.files().filter((name) => name.includes('done-'))).toEqual([]);
      expect(disk.boot().status, `interrupted at command ${cut}`).toBe(0);
      expect(disk.files()).toEqual(complete.files());
    }
    expect(cut).toBeGreaterThan(20);
  });

  it('retries the download of the agent, because a spare is leased with or without it', () => {
    const disk = givenDisk({ failures: 3 });
    expect(disk.boot().status).toBe(0);
    expect(disk.calls()).toMatch(/^(curl\nsleep 15\n){3}curl\nsystemctl /);
    expect(disk.files()).toContain('berth/agent.cjs');
  });

  it('does not install an agent with another checksum', () => {
    const disk = givenDisk({ sha256: 'ab'.repeat(32) });
    expect(disk.boot().signal).toBe('SIGKILL');
    expect(disk.calls()).toMatch(/^(curl\nsleep 15\n){4}$/);
    expect(disk.files().filter((name) => /^berth\/|done-/.test(name))).toEqual([]);
    expect(disk.calls()).not.toContain('systemctl');
  });

  it.each([
    { gatewayUrl: 'https://x.example.com/$(id)' },
    { gatewayUrl: 'http://x.example.com' },
    { gatewayUrl: 'https://x.example.com\nUser=root' },
    { agent: { url: 'https://x.example.com/a.tgz; id', sha256: 'ab'.repeat(32) } },
    { agent: { url: 'https://x.example.com/a.tgz', sha256: '" ; id' } },
  ])('refuses %j', (change) => {
    expect(() => userData({ ...settings, ...change })).toThrow();
  });
});

const mebibyte = 1_048_576;
/**
 * A disk of 200 MiB: the file system that blkid reports, the offsets in MiB of its data, and the user id that owns the
 * home.
 */
interface Disk {
  kind?: string;
  dataAt?: number[];
  owner?: number;
}

/** A VM whose tools are scripts that log their calls. */
const givenMachine = ({ kind = '', dataAt = [], owner = 2000 }: Disk = {}) => {
  const folder = temporaryFolder();
  const [bin, disks, run] = ['bin', 'disks', 'run'].map((name) => join(folder, name)) as [string, string, string];
  for (const path of [bin, disks, run]) mkdirSync(path);
  const tool = (name: string, script: string) => {
    writeFileSync(join(bin, name), `#!/bin/bash\necho "${name} $*" >> ${folder}/calls\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  tool('blkid', kind ? `echo ${kind}` : 'exit 2');
  tool('blockdev', `echo ${200 * mebibyte}`);
  tool('stat', `echo ${owner}`);
  for (const name of ['mkfs.ext4', 'fsck.ext4', 'mount', 'resize2fs', 'useradd', 'usermod', 'chown', 'cp', 'mkdir'])
    tool(name, '');
  tool('getent', 'echo berth:x:2000:2000::/home/before:/bin/bash');
  for (const name of ['mountpoint', 'id']) tool(name, 'exit 1');
  tool('sleep', '');
  const disk = openSync(join(disks, 'nvme-Amazon_Elastic_Block_Store_vol0123456789abcdef0'), 'w');
  ftruncateSync(disk, 200 * mebibyte);
  for (const at of dataAt) writeSync(disk, 'a person’s work', at * mebibyte);
  closeSync(disk);
  return {
    tool,
    calls: () => readFileSync(join(folder, 'calls'), 'utf8'),
    agentEnv: () => readFileSync(join(run, 'agent.env'), 'utf8'),
    boot: () =>
      promisify(execFile)('bash', [join(boot, 'home.sh')], {
        env: { PATH: `${bin}:${process.env['PATH']}`, BERTH_DISKS: disks, BERTH_RUN: run },
      }),
    tags: (tags: Record<string, string>, before = '') =>
      tool(
        'curl',
        `case "$*" in *api/token) echo token;; ${before} ${Object.entries(tags)
          .map(([name, value]) => `*${name}) echo '${value}';;`)
          .join(' ')} *) exit 22;; esac`,
      ),
  };
};
const leased = {
  'berth:home-volume': 'vol-0123456789abcdef0',
  'berth:home-path': '/home/ada',
  'berth:workspace': `ws-${'0'.repeat(26)}`,
};

describe('home.sh', () => {
  it('creates a file system on an empty disk, and gives the home to the account', async () => {
    const machine = givenMachine({ owner: 0 });
    machine.tags(leased);
    await machine.boot();
    expect(machine.calls()).toMatch(/mkfs\.ext4 .*vol0123456789abcdef0\n.*mount .*-o nosuid,nodev .* \/home\/ada\n/s);
    // In this order: a boot that finds the home still owned by root does both again.
    expect(machine.calls()).toContain('\ncp -rnT /etc/skel /home/ada\nchown -R berth: /home/ada\n');
    expect(machine.agentEnv()).toBe(`HOME=/home/ada\nBERTH_WORKSPACE_ID=${leased['berth:workspace']}\n`);
  });

  it('mounts an existing home, and grows its file system', async () => {
    const machine = givenMachine({ kind: 'ext4' });
    machine.tags(leased);
    await machine.boot();
    expect(machine.calls()).not.toContain('mkfs');
    expect(machine.calls()).not.toContain('chown');
    expect(machine.calls()).toMatch(/fsck\.ext4 -p.*mount .*resize2fs/s);
    // The account was created with the home at another path.
    expect(machine.calls()).toContain('usermod --home /home/ada berth\n');
  });

  it('mounts a home that cannot grow, and reports that', async () => {
    const machine = givenMachine({ kind: 'ext4' });
    machine.tags(leased);
    machine.tool('resize2fs', 'exit 1');
    expect((await machine.boot()).stderr).toContain('vol-0123456789abcdef0 could not grow');
    expect(machine.agentEnv()).toContain('HOME=/home/ada\n');
  });

  it.each([
    ['data without a file system', { dataAt: [0] }],
    ['another file system', { kind: 'xfs' }],
    ['a disk with data only at its end, such as the backup of a partition table', { dataAt: [199] }],
    ['an ext4 whose beginning was wiped', { dataAt: [128] }],
  ])('never creates a file system over %s', async (_, disk) => {
    const machine = givenMachine(disk);
    machine.tags(leased);
    const stderr = expect.stringMatching(
      /vol-0123456789abcdef0 contains something other than a home .* was not changed/,
    );
    await expect(machine.boot()).rejects.toMatchObject({ code: 1, stderr });
    expect(machine.calls()).not.toMatch(/mkfs|mount -t/);
  });

  it('waits for the lease, and ignores tags of another form', async () => {
    const machine = givenMachine({ kind: 'ext4' });
    const once = join(temporaryFolder(), 'once');
    const path = `if [ -e ${once} ]; then echo /home/ada; else touch ${once}; echo '/home/a;id'; fi`;
    machine.tags(leased, `*berth:home-path) ${path};;`);
    await machine.boot();
    expect(machine.calls()).toContain('sleep 0.5');
    expect(machine.calls()).not.toContain('a;id');
    expect(machine.agentEnv()).toContain('HOME=/home/ada\n');
  });
});

describe('identity.cjs', () => {
  const givenIdentity = async () => {
    const requests: string[] = [];
    const metadata = createServer((incoming, response) => {
      requests.push(`${incoming.method} ${incoming.url} ${incoming.headers['x-aws-ec2-metadata-token'] ?? ''}`);
      response.end('metadata');
    }).listen(0, '127.0.0.1');
    await once(metadata, 'listening');
    const child = spawn(process.execPath, [join(boot, 'identity.cjs')], {
      env: { BERTH_METADATA: `http://127.0.0.1:${(metadata.address() as AddressInfo).port}`, BERTH_IDENTITY_PORT: '0' },
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(async () => {
      child.kill();
      metadata.close();
    });
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const port = Number(/\d+/.exec(line.toString())?.[0]);
    const send = async (method: string, path: string, headers: Record<string, string> = {}) => {
      const outgoing = request({ host: '127.0.0.1', port, method, path, headers }).end();
      const [response] = await once(outgoing, 'response');
      return { status: response.statusCode as number, body: await text(response) };
    };
    return { send, requests };
  };

  it('serves the instance identity document', async () => {
    const { send, requests } = await givenIdentity();
    expect(await send('PUT', '/latest/api/token')).toEqual({ status: 200, body: 'metadata' });
    const headers = { 'x-aws-ec2-metadata-token': 't', cookie: 'secret' };
    expect(await send('GET', '/latest/dynamic/instance-identity/document', headers)).toMatchObject({ status: 200 });
    expect(requests).toEqual(['PUT /latest/api/token ', 'GET /latest/dynamic/instance-identity/document t']);
  });

  it.each([
    ['GET', '/latest/meta-data/iam/security-credentials/'],
    ['GET', '/latest/dynamic/instance-identity/../../meta-data/iam/info'],
    ['GET', '/latest/dynamic/instance-identity/document?x=../../'],
    ['GET', '/latest/user-data'],
    ['PUT', '/latest/dynamic/instance-identity/document'],
    ['DELETE', '/latest/api/token'],
  ])('refuses %s %s', async (method, path) => {
    const { send, requests } = await givenIdentity();
    expect(await send(method, path)).toMatchObject({ status: 404 });
    expect(requests).toEqual([]);
  });

  it('refuses requests for another host', async () => {
    const { send, requests } = await givenIdentity();
    const headers = { host: 'evil.example.com' };
    expect(await send('GET', '/latest/dynamic/instance-identity/document', headers)).toMatchObject({ status: 404 });
    expect(requests).toEqual([]);
  });
});
