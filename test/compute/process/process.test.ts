import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import type { ProcessKindOptions } from '../../../compute/process/process.ts';
import { processMark } from '../../../compute/process/processes/process-mark.ts';
import type { ProcessSpec } from '../../../compute/process/spec.ts';
import type { ComputeKind, Run } from '../../../core/ports/compute-kind.ts';
import { computeContract, deleted, newWorkspaceId, runOf, settle } from '../contract.ts';
import { openProcessFixture, type ProcessFixture } from './fixture.ts';

computeContract('process', () => openProcessFixture());

describe('the kind process', () => {
  let fixture: ProcessFixture;
  let kind: ComputeKind<ProcessSpec>;
  let id: string;

  const givenFixture = async (agent?: string, more?: Partial<ProcessKindOptions>) => {
    fixture = await openProcessFixture(agent);
    kind = fixture.open(more);
    id = newWorkspaceId();
  };
  const start = (spec: unknown = {}) => settle(() => kind.apply(runOf(kind, spec, id)));
  const homeFile = (name: string) => join(fixture.dataDir, 'homes', id, name);
  const record = () => JSON.parse(readFileSync(join(fixture.dataDir, 'compute', id, 'agent.json'), 'utf8'));
  const proc = (pid: number, file: string) => readFileSync(`/proc/${pid}/${file}`, 'latin1');
  const isAlive = (pid: number) => {
    try {
      return !/\) [ZX] /.test(proc(pid, 'stat'));
    } catch (error) {
      // It may be reaped at any moment, also between opening and reading its file.
      if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return false;
      throw error;
    }
  };
  const whenWritten = (name: string) =>
    expect.poll(() => existsSync(homeFile(name)) && readFileSync(homeFile(name), 'utf8')).toBeTruthy();
  const givenUnrelatedProcess = async (): Promise<ChildProcess> => {
    const unrelated = spawn('sleep', ['300'], { detached: true, stdio: 'ignore' });
    await once(unrelated, 'spawn');
    onTestFinished(() => void unrelated.kill('SIGKILL'));
    return unrelated;
  };

  afterEach(() => fixture.close());

  it('builds the agent’s environment from scratch, and passes no secret as an argument', async () => {
    const environment = {
      PATH: '/opt/app/node_modules/.bin:/usr/bin:/bin',
      LANG: 'de_DE.UTF-8',
      AWS_SECRET_ACCESS_KEY: 'leak',
      BERTH_TOKEN: 'leak',
      HTTP_PROXY: 'http://me:leak@proxy:3128',
      HTTPS_PROXY: 'http://proxy:3128',
      NODE_OPTIONS: '--leak',
      npm_config_key: 'leak',
      HOME: '/root/leak',
    };
    await givenFixture(undefined, { environment });
    await start();
    await whenWritten('.up');
    const { pid } = record();
    const seen = Object.fromEntries(
      proc(pid, 'environ')
        .split('\0')
        .filter((entry) => entry !== '' && !/^(PWD|OLDPWD|SHLVL|_)=/.test(entry))
        .map((entry) => [entry.slice(0, entry.indexOf('=')), entry.slice(entry.indexOf('=') + 1)]),
    );
    expect(Object.keys(seen).sort()).toEqual(
      [
        ...['BERTH_AGENT_DIR', 'BERTH_AGENT_TOKEN', 'BERTH_COMPUTE_MARK', 'BERTH_GATEWAY_URL', 'BERTH_WORKSPACE_ID'],
        ...[
          'BERTH_WORKSPACE_NAME',
          'BERTH_WORKSPACE_OWNER',
          'HOME',
          'HTTPS_PROXY',
          'LANG',
          'LOGNAME',
          'PATH',
          'SHELL',
          'USER',
        ],
      ].sort(),
    );
    expect(seen).toMatchObject({
      HOME: homeFile(''),
      BERTH_AGENT_TOKEN: 'the-secret-token',
      LANG: 'de_DE.UTF-8',
    });
    expect(JSON.stringify(seen)).not.toContain('leak');
    expect(seen['PATH']).toMatch(/^\/usr\/bin:\/bin:/);
    expect(proc(pid, 'cmdline')).not.toContain('the-secret-token');
  });

  it('makes homes and its own files unreadable for other accounts', async () => {
    await givenFixture();
    await start();
    for (const folder of ['homes', 'compute']) {
      expect(statSync(join(fixture.dataDir, folder, id)).mode & 0o777).toBe(0o700);
    }
  });

  it('sets the limits of the template', async () => {
    await givenFixture();
    await start({ limits: { memory: '2Gi', openFiles: 1000, processes: 5000, fileSize: '1Gi', nice: 7 } });
    const { pid } = record();
    const limits = proc(pid, 'limits');
    expect(limits).toMatch(/Max data size +2147483648 /);
    expect(limits).toMatch(/Max open files +1000 /);
    expect(limits).toMatch(/Max processes +5000 /);
    expect(limits).toMatch(/Max file size +1073741824 /);
    const niceness = () => proc(pid, 'stat').replace(/.*\)/, '').split(' ')[17];
    await expect.poll(niceness).toBe('7');
  });

  it('reports which limit the machine refuses', async () => {
    await givenFixture();
    const run = runOf(kind, {}, id);
    const beyond: Run<ProcessSpec> = { ...run, spec: { limits: { ...run.spec.limits, openFiles: 2 ** 40 } } };
    await expect(kind.apply(beyond)).rejects.toMatchObject({
      name: 'compute_failed',
      field: 'compute.spec.limits.openFiles',
      message: expect.stringContaining('refuses the limit openFiles=1099511627776'),
    });
    expect(fixture.processes(id)).toEqual([]);
  });

  it('reports a missing agent program', async () => {
    await givenFixture(undefined, { agentFile: '/nowhere/agent.js' });
    await expect(kind.apply(runOf(kind, {}, id))).rejects.toMatchObject({ name: 'compute_failed' });
  });

  it('reports an agent that ended, with its last output, and starts it again', async () => {
    await givenFixture('console.error("no gateway here"); process.exitCode = 3;');
    await start();
    await expect
      .poll(() => kind.observe({ id }))
      .toMatchObject({ state: 'failed', detail: expect.stringContaining('Its last output: no gateway here') });
    const first = record().pid;
    await start();
    expect(record().pid).not.toBe(first);
  });

  it('ends processes that left the group, hid their environment or ignore SIGTERM', async () => {
    await givenFixture(`
      const { spawn } = require('node:child_process');
      const { writeFileSync } = require('node:fs');
      const detach = (command, args) => {
        const child = spawn(command, args, { detached: true, stdio: 'ignore' });
        child.unref();
        return child.pid;
      };
      const pids = [
        detach('sleep', ['300']),
        detach('env', ['-i', 'sleep', '300']),
        detach('sh', ['-c', "trap '' TERM HUP; while :; do sleep 1; done"]),
      ];
      process.title = 'x'.repeat(20_000);
      process.on('SIGTERM', () => {});
      setInterval(() => {}, 60_000);
      writeFileSync(process.env.HOME + '/pids', JSON.stringify([...pids, process.pid]));
    `);
    await start();
    await whenWritten('pids');
    const pids: number[] = JSON.parse(readFileSync(homeFile('pids'), 'utf8'));
    expect(pids.filter(isAlive)).toHaveLength(4);
    await settle(() => kind.stop({ id }));
    expect(pids.filter(isAlive)).toEqual([]);
  });

  it('ends processes that removed both marks', async () => {
    await givenFixture(`
      const { spawn } = require('node:child_process');
      const { writeFileSync } = require('node:fs');
      const home = process.env.HOME;
      writeFileSync(home + '/hide', 'echo $$ > "$1"; exec sleep 300');
      const hide = (name) => 'ulimit -m 1; env -i setsid sh ' + home + '/hide ' + home + '/' + name;
      const sh = (script) => spawn('sh', ['-c', script], { stdio: 'ignore', detached: true });
      sh(hide('orphan') + ' &');
      sh('cd /; exec 7< ' + home + '/hide; ' + hide('reader') + ' &');
      sh('cd /; ' + hide('child') + '; true');
      process.on('SIGTERM', () => process.exit(0));
      setInterval(() => {}, 60_000);
    `);
    await start();
    const names = ['orphan', 'reader', 'child'];
    for (const name of names) await whenWritten(name);
    const pids = names.map((name) => Number(readFileSync(homeFile(name), 'utf8')));
    await expect.poll(() => pids.map((pid) => proc(pid, 'comm'))).toEqual(names.map(() => 'sleep\n'));
    for (const pid of pids) expect(proc(pid, 'environ')).not.toContain('BERTH');
    await settle(() => kind.stop({ id }));
    expect(pids.filter(isAlive)).toEqual([]);
  });

  it('does not end processes of others that use the home: a person’s own shell, another workspace', async () => {
    await givenFixture();
    await start();
    const shell = spawn('sleep', ['300'], { cwd: homeFile(''), stdio: 'ignore' });
    await once(shell, 'spawn');
    onTestFinished(() => void shell.kill('SIGKILL'));
    const home = homeFile('');
    // Its limit is lower than this workspace's, as is that of a process that lost the mark.
    const berth = readFileSync(join(fixture.dataDir, 'compute', 'mark'), 'utf8');
    let otherId = newWorkspaceId();
    while (processMark(berth, otherId).residentKiB > processMark(berth, id).residentKiB) otherId = newWorkspaceId();
    writeFileSync(
      join(fixture.dataDir, 'agent.cjs'),
      `
      const { spawn } = require('node:child_process');
      const { writeFileSync } = require('node:fs');
      const child = spawn('sleep', ['300'], { cwd: ${JSON.stringify(home)}, stdio: 'ignore' });
      writeFileSync(process.env.HOME + '/pid', String(child.pid));
      process.on('SIGTERM', () => process.exit(0));
      setInterval(() => {}, 60_000);
      `,
    );
    await settle(() => kind.apply(runOf(kind, {}, otherId)));
    const pidFile = join(fixture.dataDir, 'homes', otherId, 'pid');
    await expect.poll(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8')).toBeTruthy();
    await settle(() => kind.stop({ id }));
    expect([shell.pid as number, Number(readFileSync(pidFile, 'utf8'))].map(isAlive)).toEqual([true, true]);
  });

  it('ends all other processes when one may not be ended, and reports that one', async () => {
    await givenFixture(`
      const { spawn } = require('node:child_process');
      const { writeFileSync } = require('node:fs');
      const detached = () => spawn('sh', ['-c', 'trap "" TERM; while :; do sleep 1; done'], { detached: true, stdio: 'ignore' }).pid;
      const pids = [detached(), detached(), detached()];
      process.on('SIGTERM', () => {});
      setInterval(() => {}, 60_000);
      writeFileSync(process.env.HOME + '/pids', JSON.stringify(pids));
    `);
    await start();
    await whenWritten('pids');
    const pids: number[] = JSON.parse(readFileSync(homeFile('pids'), 'utf8'));
    const [, root] = pids;
    // The kernel's error for a process of another user.
    const kill = process.kill.bind(process);
    const refusing = vi.spyOn(process, 'kill').mockImplementation((pid, signal) => {
      if (pid === root) throw Object.assign(new Error('kill EPERM'), { code: 'EPERM' });
      return kill(pid, signal);
    });
    onTestFinished(() => refusing.mockRestore());
    await expect
      .poll(() => kind.stop({ id }).catch((error: unknown) => error))
      .toMatchObject({
        name: 'compute_failed',
        message: expect.stringContaining(`(${root}) cannot be ended by Berth`),
      });
    await expect.poll(() => [...pids, record().pid].filter(isAlive)).toEqual([root]);
    refusing.mockRestore();
    await settle(() => kind.stop({ id }));
    expect(pids.filter(isAlive)).toEqual([]);
  });

  it('ends a process that respawns faster than the process table can be read', async () => {
    await givenFixture(`
      const { spawn } = require('node:child_process');
      const { writeFileSync } = require('node:fs');
      const script = process.env.HOME + '/relay.sh';
      writeFileSync(script, 'trap "" TERM\\necho $$ > "$HOME/last"\\nsetsid sh "$0" &\\n');
      spawn('sh', [script], { detached: true, stdio: 'ignore' });
      setInterval(() => {}, 60_000);
    `);
    await start();
    await whenWritten('last');
    await settle(() => kind.stop({ id }));
    const last = readFileSync(homeFile('last'), 'utf8');
    expect(fixture.processes(id)).toEqual([]);
    expect(readFileSync(homeFile('last'), 'utf8')).toBe(last);
  });

  it('does not end an unrelated process that reuses the agent’s process id', async () => {
    await givenFixture();
    await start();
    const before = record();
    let unrelated: ChildProcess | undefined;
    // Start times have a resolution of 10 ms: wait for another one, as of a process id that is reused later.
    await expect
      .poll(async () => {
        unrelated = await givenUnrelatedProcess();
        return before.started.endsWith(
          proc(unrelated.pid as number, 'stat')
            .replace(/.*\)/, '')
            .split(' ')[20] ?? '',
        );
      })
      .toBe(false);
    writeFileSync(
      join(fixture.dataDir, 'compute', id, 'agent.json'),
      JSON.stringify({ ...before, pid: unrelated?.pid }),
    );
    expect(await kind.observe({ id })).toMatchObject({ state: 'failed' });
    await settle(() => kind.stop({ id }));
    expect(isAlive(before.pid)).toBe(false);
    expect(isAlive(unrelated?.pid as number)).toBe(true);
  });

  it('starts when the run record is incomplete', async () => {
    await givenFixture();
    await start();
    await settle(() => kind.stop({ id }));
    writeFileSync(join(fixture.dataDir, 'compute', id, 'agent.json'), '');
    await start();
    expect(await kind.observe({ id })).toMatchObject({ state: 'running' });
  });

  it('keeps the agent running when the server is killed', async () => {
    await givenFixture();
    const program = `
      import { processKind } from ${JSON.stringify(resolve('compute/process/process.ts'))};
      const [dataDir, agentFile, run] = process.argv.slice(1);
      const kind = processKind({ dataDir, agentFile, node: process.execPath, clock: () => new Date() });
      await kind.apply(JSON.parse(run));
      process.kill(process.pid, 'SIGKILL');
    `;
    const server = spawn(
      process.execPath,
      [
        '--input-type=module',
        '-e',
        program,
        fixture.dataDir,
        join(fixture.dataDir, 'agent.cjs'),
        JSON.stringify(runOf(kind, {}, id)),
      ],
      { stdio: 'inherit' },
    );
    expect(await once(server, 'exit')).toEqual([null, 'SIGKILL']);
    await whenWritten('.up');
    expect(await kind.observe({ id })).toMatchObject({ state: 'running', buildId: `${id}-b1` });
    await settle(() => kind.stop({ id }));
    expect(fixture.processes(id)).toEqual([]);
  });

  it('removes read-only folders, and does not follow symbolic links out of the home', async () => {
    await givenFixture();
    await start();
    const outside = join(fixture.dataDir, 'outside');
    mkdirSync(outside);
    writeFileSync(join(outside, 'precious'), 'x');
    symlinkSync(outside, homeFile('link'));
    mkdirSync(homeFile('deep/er'), { recursive: true });
    writeFileSync(homeFile('deep/er/file'), 'x');
    for (const folder of ['deep/er', 'deep']) chmodSync(homeFile(folder), 0o555);
    await settle(() => kind.destroy(deleted(id)));
    expect(await fixture.leftovers(id)).toEqual([]);
    expect(existsSync(join(outside, 'precious'))).toBe(true);
  });

  it('truncates the log of an agent that writes too much', async () => {
    await givenFixture(`
      process.stderr.write('x'.repeat(3_000_000), () => require('node:fs').writeFileSync(process.env.HOME + '/done', 'y'));
      setInterval(() => {}, 60_000);
    `);
    await start();
    await whenWritten('done');
    await kind.observe({ id });
    expect(statSync(join(fixture.dataDir, 'compute', id, 'agent.log')).size).toBeLessThan(1_048_577);
  });
});
