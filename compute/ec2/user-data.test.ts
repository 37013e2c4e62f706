import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import { describe, expect, it, onTestFinished } from 'vitest';
import { userData } from './user-data.ts';

const settings = {
  gatewayUrl: 'https://gateway.berth.example.com',
  agent: { url: 'https://berth.example.com/agent/arm64.tar.gz', sha256: 'ab'.repeat(32) },
};
const boot = join(import.meta.dirname, 'boot');

const givenFolder = () => {
  const folder = mkdtempSync(join(tmpdir(), 'berth-boot-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
};

describe('user data', () => {
  it('is a script that fits, with nothing in it but what was checked', () => {
    const script = userData(settings);
    expect(spawnSync('bash', ['-n'], { input: script }).status).toBe(0);
    expect(Buffer.byteLength(script)).toBeLessThan(16_384);
    expect(script).toContain('Environment=BERTH_GATEWAY_URL=https://gateway.berth.example.com\n');
    expect(script).not.toMatch(/@[A-Z_]+@/);
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

/** The tools of a machine as scripts that write down how they were called. */
const givenMachine = ({ blkid = 0, disk = '' }: { blkid?: number; disk?: string } = {}) => {
  const folder = givenFolder();
  const [bin, disks, run] = ['bin', 'disks', 'run'].map((name) => join(folder, name)) as [string, string, string];
  for (const path of [bin, disks, run]) mkdirSync(path);
  const tool = (name: string, script: string) => {
    writeFileSync(join(bin, name), `#!/bin/bash\necho "${name} $*" >> ${folder}/calls\n${script}\n`);
    chmodSync(join(bin, name), 0o755);
  };
  tool('blkid', `exit ${blkid}`);
  for (const name of ['mkfs.ext4', 'fsck.ext4', 'mount', 'resize2fs', 'useradd', 'chown', 'cp', 'mkdir'])
    tool(name, '');
  for (const name of ['mountpoint', 'id']) tool(name, 'exit 1');
  tool('sleep', '');
  writeFileSync(join(disks, 'nvme-Amazon_Elastic_Block_Store_vol0123456789abcdef0'), disk);
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
  it('makes a file system on an empty disk, once', async () => {
    const machine = givenMachine({ blkid: 2, disk: '\0'.repeat(1_048_576) });
    machine.tags(leased);
    await machine.boot();
    expect(machine.calls()).toMatch(/mkfs\.ext4 .*vol0123456789abcdef0\n.*mount .*-o nosuid,nodev .* \/home\/ada\n/s);
    expect(machine.agentEnv()).toBe(`HOME=/home/ada\nBERTH_WORKSPACE_ID=${leased['berth:workspace']}\n`);
  });

  it('mounts the home there is, and lets it grow', async () => {
    const machine = givenMachine({ disk: 'ext4' });
    machine.tags(leased);
    await machine.boot();
    expect(machine.calls()).not.toContain('mkfs');
    expect(machine.calls()).not.toContain('chown');
    expect(machine.calls()).toMatch(/fsck\.ext4 -p.*mount .*resize2fs/s);
  });

  it('never makes a file system over something that it cannot read', async () => {
    const machine = givenMachine({ blkid: 2, disk: 'somebody’s home'.repeat(100_000) });
    machine.tags(leased);
    await expect(machine.boot()).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('left as it is') });
    expect(machine.calls()).not.toMatch(/mkfs|mount -t/);
  });

  it('waits for the lease, and takes no tag of another form', async () => {
    const machine = givenMachine({ disk: 'ext4' });
    const once = join(givenFolder(), 'once');
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
    const asked: string[] = [];
    const metadata = createServer((incoming, response) => {
      asked.push(`${incoming.method} ${incoming.url} ${incoming.headers['x-aws-ec2-metadata-token'] ?? ''}`);
      response.end('told');
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
    const [said] = (await once(child.stdout, 'data')) as [Buffer];
    const port = Number(/\d+/.exec(said.toString())?.[0]);
    const ask = async (method: string, path: string, headers: Record<string, string> = {}) => {
      const sent = request({ host: '127.0.0.1', port, method, path, headers }).end();
      const [response] = await once(sent, 'response');
      return { status: response.statusCode as number, body: await text(response) };
    };
    return { ask, asked };
  };

  it('tells which machine this is', async () => {
    const { ask, asked } = await givenIdentity();
    expect(await ask('PUT', '/latest/api/token')).toEqual({ status: 200, body: 'told' });
    const headers = { 'x-aws-ec2-metadata-token': 't', cookie: 'secret' };
    expect(await ask('GET', '/latest/dynamic/instance-identity/document', headers)).toMatchObject({ status: 200 });
    expect(asked).toEqual(['PUT /latest/api/token ', 'GET /latest/dynamic/instance-identity/document t']);
  });

  it.each([
    ['GET', '/latest/meta-data/iam/security-credentials/'],
    ['GET', '/latest/dynamic/instance-identity/../../meta-data/iam/info'],
    ['GET', '/latest/dynamic/instance-identity/document?x=../../'],
    ['GET', '/latest/user-data'],
    ['PUT', '/latest/dynamic/instance-identity/document'],
    ['DELETE', '/latest/api/token'],
  ])('gives no road to the role: %s %s', async (method, path) => {
    const { ask, asked } = await givenIdentity();
    expect(await ask(method, path)).toMatchObject({ status: 404 });
    expect(asked).toEqual([]);
  });

  it('answers nobody who came by another name', async () => {
    const { ask, asked } = await givenIdentity();
    const headers = { host: 'evil.example.com' };
    expect(await ask('GET', '/latest/dynamic/instance-identity/document', headers)).toMatchObject({ status: 404 });
    expect(asked).toEqual([]);
  });
});
