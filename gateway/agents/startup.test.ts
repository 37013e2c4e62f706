import { execFileSync } from 'node:child_process';
import { existsSync, lstatSync, mkdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import {
  cleanUp,
  givenBerth,
  givenWorkspace,
  healthOf,
  isAlive,
  logOf,
  statusOf,
  stepOf,
  stepsOf,
  untilReady,
} from '../testing/harness.ts';

afterEach(cleanUp);

const untilStatus = (berth: Parameters<typeof statusOf>[0]) => expect.poll(() => statusOf(berth)).toBeDefined();

describe('the startup script', () => {
  it('runs once, and its output and end are reported as numbered events', async () => {
    const berth = await givenBerth();
    await givenWorkspace(berth, {
      startup: 'echo "out ü"\necho err >&2\necho "$GREETING in $PWD"',
      env: { GREETING: 'hi' },
    });
    await untilReady(berth);
    expect(stepsOf(berth)).toEqual(['startup running', 'startup succeeded']);
    expect(logOf(berth, 'startup')).toContain('out ü');
    expect(logOf(berth, 'startup')).toContain('err');
    expect(logOf(berth, 'startup')).toContain('hi in /');
    expect(berth.rules.events.map(({ seq }) => seq)).toEqual(berth.rules.events.map((_, index) => index + 1));
  });

  it('never sees the agent’s token', async () => {
    const berth = await givenBerth();
    const { token } = await givenWorkspace(berth, { startup: 'env' });
    await untilReady(berth);
    const env = logOf(berth, 'startup');
    expect(env).toContain('BERTH_WORKSPACE_NAME=demo1');
    expect(env).toContain(`BERTH_NODE=${process.execPath}`);
    expect(env).not.toContain(token);
    expect(env).not.toContain('BERTH_AGENT_');
  });

  it('fails with its exit code and last line', async () => {
    const berth = await givenBerth();
    await givenWorkspace(berth, { startup: 'echo fine\necho "no disk left"\nexit 3' });
    await untilStatus(berth);
    expect(statusOf(berth)).toMatchObject({
      status: 'start_error',
      error: 'startup_failed',
      message: 'The startup script ended with exit code 3. Its last line: no disk left',
    });
    expect(stepOf(berth, 'startup')?.status).toBe('failed');
  });

  it('that cannot be written to disk has failed; apps are still checked, and it can be run again', async () => {
    const berth = await givenBerth();
    const home = temporaryFolder();
    const folderAtItsPath = join(home, '.agent', 'startup.sh');
    mkdirSync(folderAtItsPath, { recursive: true });
    await givenWorkspace(berth, {
      startup: 'touch ran',
      apps: [{ name: 'web', health: { every: '1s' } }],
      agentEnv: { HOME: home, BERTH_AGENT_DIR: join(home, '.agent') },
    });
    await untilStatus(berth);
    expect(statusOf(berth)).toMatchObject({
      status: 'start_error',
      error: 'startup_failed',
      message: expect.stringMatching(/could not be written to disk .*EISDIR.*then run it again/),
    });
    expect(stepOf(berth, 'startup')?.status).toBe('failed');
    await expect.poll(() => healthOf(berth)).toEqual(['web starting']);
    rmdirSync(folderAtItsPath);
    berth.rules.runs = 1;
    await untilReady(berth);
    expect(existsSync(join(home, 'ran'))).toBe(true);
  });

  it('that hangs is killed with all processes that it started', async () => {
    const berth = await givenBerth();
    const { home } = await givenWorkspace(berth, {
      startup: 'sleep 300 &\necho $! > child\necho waiting\nsleep 300',
      startupTimeoutMs: 3_000,
    });
    await untilStatus(berth);
    expect(statusOf(berth)).toMatchObject({ status: 'start_error', error: 'startup_timeout' });
    expect(statusOf(berth)).toHaveProperty('message', expect.stringContaining('within 3s'));
    const child = Number(readFileSync(join(home, 'child'), 'utf8'));
    await expect.poll(() => isAlive(child)).toBe(false);
  });

  it('may start a background process, which neither delays readiness nor ends with the script', async () => {
    const berth = await givenBerth();
    const { home, agent, ended } = await givenWorkspace(berth, {
      startup: 'sleep 300 &\necho $! > child\necho started',
    });
    await untilReady(berth);
    expect(logOf(berth, 'startup')).toContain('started');
    const child = Number(readFileSync(join(home, 'child'), 'utf8'));
    expect(isAlive(child)).toBe(true);
    agent.kill('SIGTERM');
    expect(await ended).toBe(0);
    expect(isAlive(child)).toBe(false);
  });

  it('that writes 100 MB has a bounded log with the beginning, the end and the number of omitted bytes', async () => {
    const berth = await givenBerth();
    const { agent } = await givenWorkspace(berth, {
      startup: 'echo first\nyes "a line of a flood" | head -c 100000000\necho last',
    });
    await untilReady(berth);
    const log = logOf(berth, 'startup');
    expect(log.length).toBeLessThan(600 * 1024);
    expect(log.startsWith('first\n')).toBe(true);
    expect(log.endsWith('last\n')).toBe(true);
    expect(log).toMatch(/\[\d{8} bytes of the log were omitted\]/);
    const peak = Number(/VmHWM:\s+(\d+)/.exec(readFileSync(`/proc/${agent.pid}/status`, 'utf8'))?.[1]);
    expect(peak, 'KB').toBeLessThan(80_000);
  });
});

describe('apps', () => {
  it('have a port before the script starts, and become healthy when they respond', async () => {
    const berth = await givenBerth();
    const startup = `cat > web.js <<'EOF'
require('http').createServer((_, r) => r.end('hello')).listen(process.env.BERTH_APP_MY_WEB_PORT, '127.0.0.1')
EOF
$BERTH_NODE web.js > /dev/null 2>&1 &`;
    await givenWorkspace(berth, {
      startup,
      apps: [{ name: 'my-web', displayName: 'My web', health: { every: '1s' } }],
    });
    await expect.poll(() => healthOf(berth)).toEqual(['my-web starting', 'my-web healthy']);
    await expect.poll(() => stepOf(berth, 'app-my-web')).toMatchObject({ title: 'App My web', status: 'succeeded' });
  });

  it('that do not respond become unhealthy, with a remedy, and may still recover', async () => {
    const berth = await givenBerth();
    const { home } = await givenWorkspace(berth, {
      startup: `cat > web.js <<'EOF'
require('http').createServer((_, r) => r.end()).listen(process.env.BERTH_APP_WEB_SOCKET)
EOF
(until [ -e go ]; do sleep 0.1; done; exec $BERTH_NODE web.js) > /dev/null 2>&1 &`,
      apps: [{ name: 'web', socket: 'run.sock', health: { every: '1s', failures: 1 } }],
    });
    await expect.poll(() => stepOf(berth, 'app-web')?.status).toBe('failed');
    expect(stepOf(berth, 'app-web')?.message).toBe(
      `Not healthy on socket ${home}/run.sock within 1s: web is not ready yet. The workspace runs, but the app does not listen yet. Check that the startup script starts it.`,
    );
    writeFileSync(join(home, 'go'), '');
    await expect.poll(() => healthOf(berth).at(-1)).toBe('web healthy');
    expect(stepOf(berth, 'app-web')?.status).toBe('failed');
  });
});

describe('dotfiles', () => {
  const givenRepository = (files: Record<string, string>): string => {
    const source = temporaryFolder();
    const git = (...args: string[]) => execFileSync('git', ['-C', source, ...args], { stdio: 'pipe' });
    git('init', '-q', '-b', 'main');
    for (const [name, content] of Object.entries(files)) {
      writeFileSync(join(source, name), content, { mode: name.includes('.sh') ? 0o755 : 0o644 });
    }
    git('add', '.');
    git('-c', 'user.name=t', '-c', 'user.email=t@example.com', 'commit', '-q', '-m', 'one');
    const bare = join(temporaryFolder(), 'dotfiles.git');
    execFileSync('git', ['clone', '-q', '--bare', source, bare], { stdio: 'pipe' });
    return `file://${bare}`;
  };

  it('with an install script are installed by it, before the startup script', async () => {
    const berth = await givenBerth();
    const dotfiles = givenRepository({ 'install.sh': '#!/bin/sh\necho installing\ntouch "$HOME/installed"\n' });
    const { home } = await givenWorkspace(berth, { dotfiles, startup: 'ls installed' });
    await untilReady(berth);
    expect(stepsOf(berth).slice(0, 3)).toEqual(['dotfiles running', 'dotfiles succeeded', 'startup running']);
    expect(stepOf(berth, 'dotfiles')?.message).toBe('Ran install.sh.');
    expect(logOf(berth, 'dotfiles')).toContain('installing');
    expect(existsSync(join(home, 'installed'))).toBe(true);
  });

  it('without one are linked unless a file exists', async () => {
    const berth = await givenBerth();
    const dotfiles = givenRepository({ '.vimrc': 'set nu\n', 'README.md': 'mine\n' });
    const { home } = await givenWorkspace(berth, { dotfiles });
    await untilReady(berth);
    expect(lstatSync(join(home, '.vimrc')).isSymbolicLink()).toBe(true);
    expect(existsSync(join(home, 'README.md'))).toBe(false);
  });

  it('that cannot be fetched fail their step, but not the start', async () => {
    const berth = await givenBerth();
    await givenWorkspace(berth, { dotfiles: 'file:///nowhere/at/all.git' });
    await untilReady(berth);
    expect(stepOf(berth, 'dotfiles')).toMatchObject({
      status: 'failed',
      message: expect.stringContaining('git clone'),
    });
  });

  describe('that changed in their repository', () => {
    const git = (folder: string, ...args: string[]): string =>
      execFileSync('git', ['-C', folder, '-c', 'user.name=t', '-c', 'user.email=t@example.com', ...args], {
        stdio: 'pipe',
        env: { ...process.env, GIT_ALLOW_PROTOCOL: 'file' },
      }).toString();

    /** A repository whose install script installs its version, and functions to change it. */
    const givenHosted = () => {
      const url = givenRepository({ 'install.sh': '#!/bin/sh\ncat version > "$HOME/installed"\n', version: 'one' });
      const bare = url.slice('file://'.length);
      const work = join(temporaryFolder(), 'work');
      execFileSync('git', ['clone', '-q', bare, work], { stdio: 'pipe' });
      const commit = (version: string) => {
        writeFileSync(join(work, 'version'), version);
        git(work, 'add', '.');
        git(work, 'commit', '-q', '-m', version);
      };
      return { url, bare, work, commit, git: (...args: string[]) => git(work, ...args) };
    };

    /** Starts a workspace with the home. Returns the step, and which version was installed. */
    const started = async (dotfiles: string, home = temporaryFolder()) => {
      const berth = await givenBerth();
      await givenWorkspace(berth, { dotfiles, agentEnv: { HOME: home } });
      await untilReady(berth);
      await cleanUp();
      return { home, step: stepOf(berth, 'dotfiles'), version: readFileSync(join(home, 'installed'), 'utf8') };
    };

    it('are updated after a rewritten history, from another branch, and from another repository', async () => {
      const hosted = givenHosted();
      const { home } = await started(hosted.url);
      hosted.git('commit', '-q', '--amend', '-m', 'rewritten');
      hosted.commit('two');
      hosted.git('push', '-q', '--force', 'origin', 'main');
      expect(await started(hosted.url, home)).toMatchObject({ step: { message: 'Ran install.sh.' }, version: 'two' });

      hosted.git('checkout', '-q', '-b', 'trunk');
      hosted.commit('three');
      hosted.git('push', '-q', 'origin', 'trunk');
      git(hosted.bare, 'symbolic-ref', 'HEAD', 'refs/heads/trunk');
      git(hosted.bare, 'branch', '-q', '-D', 'main');
      expect(await started(hosted.url, home)).toMatchObject({ step: { status: 'succeeded' }, version: 'three' });

      const other = givenHosted();
      other.commit('other');
      other.git('push', '-q', 'origin', 'main');
      expect(await started(other.url, home)).toMatchObject({ step: { status: 'succeeded' }, version: 'other' });
      expect((await started(other.url, home)).step?.message).toContain('Nothing changed');
    });

    it('do not overwrite changes of the person, and report that', async () => {
      const hosted = givenHosted();
      const { home } = await started(hosted.url);
      const folder = join(home, '.dotfiles');
      hosted.commit('two');
      hosted.git('push', '-q', 'origin', 'main');
      writeFileSync(join(folder, 'version'), 'mine');
      const changed = await started(hosted.url, home);
      expect(changed.step).toMatchObject({ status: 'failed', message: expect.stringContaining('which were kept') });
      expect(readFileSync(join(folder, 'version'), 'utf8')).toBe('mine');

      git(folder, 'commit', '-q', '-am', 'mine');
      const committed = await started(hosted.url, home);
      expect(committed.step).toMatchObject({ status: 'failed', message: expect.stringMatching(/commits.*were kept/) });
      expect(git(folder, 'log', '-1', '--format=%s').trim()).toBe('mine');
      // Files that do not conflict stay.
      git(folder, 'reset', '-q', '--hard', 'origin/main~0');
      writeFileSync(join(folder, 'notes'), 'untracked');
      expect(await started(hosted.url, home)).toMatchObject({ version: 'two' });
      expect(readFileSync(join(folder, 'notes'), 'utf8')).toBe('untracked');
    });

    it('include their submodules, at the first start and later', async () => {
      const [hosted, first, second] = [givenHosted(), givenHosted(), givenHosted()];
      const add = (url: string, name: string) => {
        hosted.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', url, name);
        hosted.git('commit', '-q', '-m', name);
        hosted.git('push', '-q', 'origin', 'main');
      };
      add(first.url, 'first');
      const { home } = await started(hosted.url);
      expect(existsSync(join(home, '.dotfiles', 'first', 'version'))).toBe(true);
      add(second.url, 'second');
      await started(hosted.url, home);
      expect(existsSync(join(home, '.dotfiles', 'second', 'version'))).toBe(true);
    });
  });

  it('cannot make git run a command', async () => {
    const berth = await givenBerth();
    const { home } = await givenWorkspace(berth, { dotfiles: 'ext::sh -c touch% pwned' });
    await untilReady(berth);
    expect(stepOf(berth, 'dotfiles')?.status).toBe('failed');
    expect(existsSync(join(home, 'pwned'))).toBe(false);
  });
});
