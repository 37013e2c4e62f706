import { execFileSync } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { mkdirSync, readFileSync, readlinkSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { encodeString, encodeUint32, encodeUint64, readPackets, requestType } from '../../../agent/ssh/sftp/packets.ts';
import { optional } from '../../requirements.ts';
import { givenBerth, type TestBerth, untilStatus } from '../../support/berth.ts';
import { ended, givenMachine, isInstalled, type Machine } from '../../support/clients/ssh.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const ready = optional(
  'scp, sftp, rsync and git over SSH',
  isInstalled('ssh') && isInstalled('rsync') && isInstalled('git'),
  'Install Debian’s openssh-client, rsync and git.',
);

const sum = (file: string) => createHash('sha256').update(readFileSync(file)).digest('hex');

describe.runIf(ready)('files over ssh', () => {
  let berth: TestBerth;
  let machine: Machine;
  /** The workspace's home, which for compute of the kind process is a folder of this machine. */
  let home: string;
  let local: string;
  /** Options that make all tools share one connection. */
  let shared: string[];
  beforeAll(async () => {
    berth = await givenBerth();
    const { id } = await berth.as('ada').createWorkspace({ body: { name: 'demo', template: 'plain' } });
    await untilStatus(berth.as('ada'), id, 'running');
    machine = givenMachine(berth);
    local = temporaryFolder();
    shared = [...machine.config, '-o', `ControlPath=${join(local, 'control')}`];
    const master = machine.ssh('-M', '-S', join(local, 'control'), 'demo.berth', 'pwd; cat');
    home = await new Promise<Buffer>((resolve) => master.stdout?.once('data', resolve)).then((line) =>
      line.toString().trim(),
    );
  });
  afterAll(async () => {
    await ended(machine.run('ssh', [...shared, '-O', 'exit', 'demo.berth']));
    await berth.end();
  });

  const sftp = (...lines: string[]) =>
    ended(machine.run('sftp', [...shared, '-b', '-', 'demo.berth'], { cwd: local }), `${lines.join('\n')}\n`);
  const givenFile = (name: string, bytes: number) => {
    const file = join(local, name);
    writeFileSync(file, randomBytes(bytes));
    return file;
  };

  test('sftp supports every command of its client', async () => {
    const file = givenFile('up', 3_000_001);
    const { code, err, out } = await sftp(
      'put up',
      'mkdir folder',
      'rename up folder/moved',
      'ln -s moved folder/link',
      'ln folder/moved folder/second',
      'chmod 640 folder/moved',
      'ls -l folder',
      'get folder/link down',
      'df -h .',
      'put -fp up folder/synced',
      'pwd',
    );
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(sum(join(local, 'down'))).toBe(sum(file));
    expect(out).toMatch(/-rw-r----- +2 \S+ +\S+ +3000001 \w{3} [ 0-9]{2} \d\d:\d\d \S*moved/);
    expect(out).toContain(`Remote working directory: ${home}`);
    expect(readlinkSync(join(home, 'folder/link'))).toBe('moved');
    expect(statSync(join(home, 'folder/synced')).mtimeMs).toBe(Math.floor(statSync(file).mtimeMs / 1_000) * 1_000);

    const removed = await sftp('rm folder/*', 'rmdir folder', 'ls');
    expect(removed).toMatchObject({ code: 0, out: expect.not.stringContaining('\nfolder') });
  });

  test('sftp resumes a partial transfer, and reports why an operation fails', async () => {
    const file = givenFile('whole', 2_000_000);
    writeFileSync(join(home, 'partly'), readFileSync(file).subarray(0, 700_000));
    expect((await sftp('reput whole partly')).code).toBe(0);
    expect(sum(join(home, 'partly'))).toBe(sum(file));
    expect((await sftp('get nothing-there')).err).toMatch(/not found/);
    expect((await sftp('mkdir partly/sub')).err).toMatch(/No such file|not a directory/i);
    writeFileSync(join(home, 'kept'), 'kept');
    writeFileSync(join(local, 'other'), 'other');
    // Without the extension for it, a rename never replaces.
    expect((await sftp('put other', 'rename -l other kept')).err).toMatch(/[Ff]ailure|exists/);
    expect(readFileSync(join(home, 'kept'), 'utf8')).toBe('kept');
  });

  test('file names that are not valid text are preserved', async () => {
    const name = Buffer.from([0x66, 0xff, 0x20, 0x27, 0x0a, 0x78]);
    writeFileSync(Buffer.concat([Buffer.from(`${home}/`), name]), 'odd');
    expect((await sftp('get f*')).code).toBe(0);
    expect(readFileSync(Buffer.concat([Buffer.from(`${local}/`), name]), 'utf8')).toBe('odd');
  });

  test('scp copies in both directions, over SFTP and with the old protocol', async () => {
    const file = givenFile('scp', 1_500_000);
    for (const [name, words] of [
      ['new', []],
      ['old', ['-O']],
    ] as const) {
      expect((await ended(machine.run('scp', [...words, ...shared, '-p', file, `demo.berth:${name}`]))).err).toBe('');
      expect(
        (await ended(machine.run('scp', [...words, ...shared, `demo.berth:${name}`, join(local, name)]))).err,
      ).toBe('');
      expect(sum(join(local, name))).toBe(sum(file));
    }
    expect((await ended(machine.run('scp', [...shared, file, 'demo.berth:~/tilde']))).err).toBe('');
    expect(sum(join(home, 'tilde'))).toBe(sum(file));
  });

  test('rsync mirrors a tree, and sends only what changed', async () => {
    const tree = join(local, 'tree');
    mkdirSync(join(tree, 'deep'), { recursive: true });
    writeFileSync(join(tree, 'deep', 'big'), randomBytes(5_000_000));
    writeFileSync(join(tree, 'a file'), 'text');
    const rsync = (...words: string[]) =>
      ended(machine.run('rsync', ['-a', '--stats', '-e', `ssh ${shared.join(' ')}`, ...words]));
    expect((await rsync(`${tree}/`, 'demo.berth:tree/')).code).toBe(0);
    const bytes = readFileSync(join(tree, 'deep', 'big'));
    bytes.fill(0, 2_000_000, 2_000_100);
    writeFileSync(join(tree, 'deep', 'big'), bytes);
    // By checksum: a change within the same second keeps size and modification time.
    const again = await rsync('--checksum', '--no-whole-file', '--delete', `${tree}/`, 'demo.berth:tree/');
    expect(Number(/Total bytes sent: ([\d,]+)/.exec(again.out)?.[1]?.replaceAll(',', ''))).toBeLessThan(100_000);
    expect(sum(join(home, 'tree/deep/big'))).toBe(sum(join(tree, 'deep', 'big')));
    expect((await rsync('demo.berth:tree/', `${local}/back/`)).code).toBe(0);
    expect(sum(join(local, 'back/deep/big'))).toBe(sum(join(tree, 'deep', 'big')));
  });

  test('git clones and pushes', async () => {
    const env = { ...machine.env, GIT_SSH_COMMAND: `ssh ${shared.join(' ')}`, GIT_CONFIG_GLOBAL: '/dev/null' };
    const author = ['-c', 'user.name=Ada', '-c', 'user.email=ada@example.com'];
    const git = (...words: string[]) => ended(machine.run('git', [...author, ...words], { env, cwd: local }));
    execFileSync('git', ['init', '-q', '--bare', '-b', 'main', join(home, 'repository.git')]);
    expect((await git('clone', '-q', 'demo.berth:repository.git', 'clone')).code).toBe(0);
    givenFile('clone/blob', 400_000);
    expect((await git('-C', 'clone', 'add', '.')).code).toBe(0);
    expect((await git('-C', 'clone', 'commit', '-qm', 'first')).code).toBe(0);
    expect(await git('-C', 'clone', 'push', '-q', 'origin', 'HEAD:main')).toMatchObject({ code: 0, err: '' });
    expect(
      (await git('-c', 'protocol.version=2', 'clone', '-q', `ssh://demo.berth${home}/repository.git`, 'second')).code,
    ).toBe(0);
    expect(sum(join(local, 'second/blob'))).toBe(sum(join(local, 'clone/blob')));
  });

  test('responses keep the order of the requests, whichever is ready first', async () => {
    writeFileSync(join(home, 'ordered'), randomBytes(300_000));
    const packet = (type: number, ...parts: Buffer[]) => encodeString(Buffer.concat([Buffer.of(type), ...parts]));
    const read = (id: number, length: number) =>
      packet(requestType.read, encodeUint32(id), encodeString(encodeUint32(1)), encodeUint64(0), encodeUint32(length));
    // Four reads run at a time: small ones are ready before large ones that were requested earlier.
    const reads = Array.from({ length: 60 }, (_, index) => read(index + 1, index % 2 === 0 ? 250_000 : 1));
    const opened = packet(requestType.open, encodeUint32(0), encodeString('ordered'), encodeUint32(1), encodeUint32(0));
    const child = machine.run('ssh', [...shared, '-s', 'demo.berth', 'sftp']);
    child.stdin?.end(Buffer.concat([packet(requestType.init, encodeUint32(3)), opened, ...reads]));
    const ids: number[] = [];
    for await (const response of readPackets(child.stdout as Readable)) ids.push(response.readUInt32BE(1));
    expect(ids.slice(1)).toEqual(Array.from({ length: 61 }, (_, id) => id));
  });

  test('a client that violates SFTP is disconnected, and others are not affected', async () => {
    const raw = (bytes: Buffer) => ended(machine.run('ssh', [...shared, '-s', 'demo.berth', 'sftp']), bytes);
    expect((await raw(Buffer.from([0xff, 0xff, 0xff, 0xff, 1, 2, 3]))).code).not.toBe(0);
    expect((await raw(Buffer.from([0, 0, 0, 3, 3, 0, 0]))).code).not.toBe(0);
    expect((await sftp('pwd')).code).toBe(0);
  });
});
