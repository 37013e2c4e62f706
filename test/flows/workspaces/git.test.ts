import { execFile, execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { localSealer } from '../../../adapters/sealer/local.ts';
import type { Step } from '../../../contracts/workspaces/builds.ts';
import type { Workspace } from '../../../contracts/workspaces/workspace.ts';
import type { Item } from '../../../core/ports/table.ts';
import { optional } from '../../requirements.ts';
import { givenBerth, givenTemplates, plainTemplate, type TestBerth, untilStatus } from '../../support/berth.ts';
import { deliveredAudit } from '../../support/checks/audit-chains.ts';
import { runCli } from '../../support/clients/cli.ts';
import { givenExec } from '../../support/clients/exec.ts';
import { type GitServer, givenGitServer } from '../../support/doubles/git-server.ts';
import { temporaryFolder } from '../../support/temporary-folder.ts';

const isHere = (command: string): boolean =>
  ['/usr/local/bin', '/usr/bin', '/bin'].some((folder) => statSync(join(folder, command), { throwIfNoEntry: false }));
const canRun = optional('git over SSH', isHere('git') && isHere('ssh'), 'Install git and openssh-client.');

const templates = {
  plain: plainTemplate,
  dotted: `
name: dotted
parameters: [{ name: dotfiles, type: string, default: '' }]
compute: { kind: process }
agent: { dotfiles: '\${{ parameters.dotfiles }}' }
`,
  hurried: `
name: hurried
parameters: [{ name: dotfiles, type: string, default: '' }]
compute: { kind: process }
agent: { startupTimeout: 6s, dotfiles: '\${{ parameters.dotfiles }}' }
`,
  own: `
name: own
compute: { kind: process }
agent: { env: { SSH_AUTH_SOCK: /run/other.sock, GIT_CONFIG_SYSTEM: /dev/null } }
`,
};

/** A repository with one commit, bare, as a host keeps it. */
const givenRepository = (folder: string, name: string, files: Record<string, string>): void => {
  const work = join(folder, `${name}.work`);
  mkdirSync(work);
  for (const [file, text] of Object.entries(files)) {
    writeFileSync(join(work, file), text);
    if (text.startsWith('#!')) chmodSync(join(work, file), 0o755);
  }
  const git = (...args: string[]) =>
    execFileSync('git', ['-c', 'user.name=Test', '-c', 'user.email=test@example.com', ...args], { cwd: work });
  git('init', '-q', '-b', 'main');
  git('add', '.');
  git('commit', '-q', '-m', 'first');
  execFileSync('git', ['clone', '-q', '--bare', work, join(folder, name)]);
};

let berth: TestBerth;
let folder: string;
let host: GitServer;
beforeAll(async () => {
  berth = await givenBerth({ templateFolders: [givenTemplates(templates)] });
  folder = temporaryFolder();
  if (!canRun) return;
  host = await givenGitServer(folder);
  givenRepository(folder, 'app.git', { 'README.md': 'the app' });
  givenRepository(folder, 'dotfiles.git', { '.bar': 'bar', 'install.sh': '#!/bin/sh\necho installed > ~/installed' });
  givenRepository(folder, 'broken.git', { 'install.sh': '#!/bin/sh\necho "no such package" >&2\nexit 3' });
  givenRepository(folder, 'modeless.git', { setup: 'touch ~/set-up' });
  givenRepository(folder, 'hangs.git', { install: '#!/bin/sh\nsleep 600' });
});
afterAll(async () => {
  await berth.end();
  await host?.close();
});

const start = async (name: string, body: { template: string; parameters?: Record<string, string> }) => {
  const { id } = await berth.as('ada').createWorkspace({ body: { name, ...body } });
  return untilStatus(berth.as('ada'), id, 'running');
};
const restart = async (name: string): Promise<Workspace> => {
  const params = { workspace: name };
  const { id } = await berth.as('ada').stopWorkspace({ params });
  await untilStatus(berth.as('ada'), id, 'stopped');
  await berth.as('ada').startWorkspace({ params, body: {} });
  return untilStatus(berth.as('ada'), id, 'running');
};
const run = async (workspace: string, script: string): Promise<{ code: number; output: string }> => {
  const exec = await givenExec(berth, workspace, ['sh', '-c', `{ ${script}\n} 2>&1`]);
  const code = await exec.exit;
  return { code, output: exec.output() };
};
const succeeds = async (workspace: string, script: string): Promise<string> => {
  const { code, output } = await run(workspace, script);
  expect(code, output).toBe(0);
  return output.trim();
};
const stepOf = async ({ id, build }: Workspace, name: string): Promise<Step | undefined> => {
  const { steps } = await berth.as('ada').getBuild({ params: { workspace: id, build: build.number } });
  return steps.find((step) => step.name === name);
};
const clone = (into: string) => `git clone -q ${host.url('app.git')} ${into} < /dev/null`;

/** What the sealed half is in the table, and what is in it. */
const gitKeyItem = async (): Promise<Item> => {
  const { id } = await berth.as('ada').me();
  return (await berth.runtime.rules.table.get({ pk: `person#${id}`, sk: 'git-key' })) as Item;
};
const privateHalf = async (): Promise<Buffer> => {
  const { id } = await berth.as('ada').me();
  const sealer = localSealer(readFileSync(join(berth.dataDir, 'sealing.secret'), 'utf8'));
  const { sealed } = (await gitKeyItem()) as Item & { sealed: string };
  return Buffer.from(await sealer.open(sealed, { purpose: 'git-key', person: id }));
};

const filesBelow = (path: string): string[] =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
/** Environments and arguments of everything that runs; what ends meanwhile has none. */
const processTexts = (): string[] =>
  readdirSync('/proc')
    .filter((name) => /^[0-9]+$/.test(name))
    .flatMap((pid) => ['environ', 'cmdline'].map((file) => `/proc/${pid}/${file}`));
const contentOf = (file: string): Buffer => {
  try {
    return readFileSync(file);
  } catch (error) {
    if (['ENOENT', 'ESRCH', 'EACCES'].includes((error as NodeJS.ErrnoException).code ?? '')) return Buffer.alloc(0);
    throw error;
  }
};

describe.runIf(canRun)('git from minute one', () => {
  test('who has no key is told how to make one; the first workspace makes it', async () => {
    await expect(berth.as('linus').getGitKey()).rejects.toMatchObject({
      error: 'not_found',
      message: expect.stringContaining('berth git-key create'),
    });
    await start('first', { template: 'plain' });
    const key = await berth.as('ada').getGitKey();
    expect(key.publicKey).toMatch(/^ssh-ed25519 [A-Za-z0-9+/=]{68} berth:ada$/);
    writeFileSync(join(folder, 'key.pub'), key.publicKey);
    expect(execFileSync('ssh-keygen', ['-lf', join(folder, 'key.pub')], { encoding: 'utf8' })).toContain(
      `256 ${key.fingerprint} berth:ada (ED25519)`,
    );
    await start('second', { template: 'plain' });
    expect(await berth.as('ada').getGitKey()).toEqual(key);
    expect(await berth.as('ada').makeGitKey({ body: {} })).toEqual(key);
  });

  test('a private repository is cloned as soon as the key is where it is hosted, and no question hangs', async () => {
    const refused = await run('first', clone('~/refused'));
    expect(refused.code).toBe(128);
    expect(refused.output).toContain('Permission denied');
    host.authorized.add((await berth.as('ada').getGitKey()).publicKey);
    await succeeds('first', clone('~/app'));
    expect(await succeeds('first', 'cat ~/app/README.md')).toBe('the app');
  });

  test('the host is remembered in the home, and another key of it is refused from then on', async () => {
    const { port } = new URL(host.url('app.git'));
    expect(await succeeds('first', `ssh-keygen -F '[127.0.0.1]:${port}' -f ~/.ssh/known_hosts`)).toContain('found');
    const other = execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'other')]);
    expect(other.toString()).toBe('');
    const [type, blob] = readFileSync(join(folder, 'other.pub'), 'utf8').split(' ');
    await succeeds('second', `mkdir -p ~/.ssh; echo '[127.0.0.1]:${port} ${type} ${blob}' > ~/.ssh/known_hosts`);
    const { code, output } = await run('second', clone('~/app'));
    expect(code).toBe(128);
    expect(output).toContain('REMOTE HOST IDENTIFICATION HAS CHANGED');
  });

  test('commits carry the owner’s name, until they configure another', async () => {
    const author = "git -C ~/app commit -q --allow-empty -m x && git -C ~/app log -1 --format='%an <%ae>, %cn'";
    expect(await succeeds('first', author)).toBe('Ada Lovelace <ada@example.com>, Ada Lovelace');
    await succeeds('first', 'git config --global user.name "Countess" && git config --global core.sshCommand false');
    expect(await succeeds('first', author)).toBe('Countess <ada@example.com>, Countess');
    expect((await run('first', clone('~/again'))).code).toBe(128);
    await succeeds('first', 'git config --global --unset core.sshCommand');
  });

  test('what ssh is configured to in the home goes before', async () => {
    const { port } = new URL(host.url('app.git'));
    await succeeds('first', `printf 'Host short\\n HostName 127.0.0.1\\n Port ${port}\\n User git\\n' > ~/.ssh/config`);
    await succeeds('first', 'git clone -q short:/app.git ~/by-alias < /dev/null');
    await succeeds('first', 'rm ~/.ssh/known_hosts; printf "Host *\\n StrictHostKeyChecking yes\\n" > ~/.ssh/config');
    expect((await run('first', clone('~/strict'))).output).toContain('verification failed');
    await succeeds('first', 'rm ~/.ssh/config');
  });

  test('a template that brings its own agent and configuration keeps them', async () => {
    await start('own', { template: 'own' });
    expect(await succeeds('own', 'echo $SSH_AUTH_SOCK $GIT_CONFIG_SYSTEM')).toBe('/run/other.sock /dev/null');
  });

  test('the agent in the workspace lists and signs; it takes no key, forgets none and is never locked', async () => {
    const { fingerprint } = await berth.as('ada').getGitKey();
    expect(await succeeds('first', 'ssh-add -l')).toBe(`256 ${fingerprint} berth:ada (ED25519)`);
    for (const attempt of ['ssh-add -D', `ssh-add ${join(folder, 'other')}`, 'ssh-add -d ~/.ssh/x', 'ssh-add -x']) {
      await run('first', `echo | ${attempt} < /dev/null`);
    }
    expect(await succeeds('first', 'ssh-add -l')).toBe(`256 ${fingerprint} berth:ada (ED25519)`);
    expect(await succeeds('first', 'stat -c %a "$SSH_AUTH_SOCK" "$(dirname "$SSH_AUTH_SOCK")"')).toBe('600\n700');
  });

  test('a commit can be signed with it', async () => {
    const sign =
      'git -C ~/app -c gpg.format=ssh -c user.signingKey="key::$(ssh-add -L)" commit -q --allow-empty -S -m x';
    await succeeds('first', sign);
    expect(await succeeds('first', 'git -C ~/app cat-file commit HEAD')).toContain('BEGIN SSH SIGNATURE');
  });

  test('the private half is in no file, environment or argument', async () => {
    const half = await privateHalf();
    const seed = half.subarray(-32);
    const needles = [half, seed].flatMap((bytes) => [
      bytes,
      ...(['base64', 'base64url', 'hex'] as const).map((encoding) =>
        Buffer.from(bytes.toString(encoding).replace(/=+$/, '')),
      ),
    ]);
    const places = [...filesBelow(berth.dataDir), ...processTexts()];
    expect(places.length).toBeGreaterThan(20);
    const found = places.filter((place) => needles.some((needle) => contentOf(place).includes(needle)));
    expect(found).toEqual([]);
    // The search does find what is there.
    writeFileSync(join(folder, 'found'), half.toString('base64'));
    expect(needles.some((needle) => contentOf(join(folder, 'found')).includes(needle))).toBe(true);
  });

  test('after it was rotated and the workspace restarted, the old key is gone and the new one works', async () => {
    const before = await berth.as('ada').getGitKey();
    const after = await berth.as('ada').makeGitKey({ body: { rotate: true } });
    expect(after.fingerprint).not.toBe(before.fingerprint);
    await restart('first');
    expect(await succeeds('first', 'ssh-add -L')).toBe(after.publicKey);
    host.tried.length = 0;
    expect((await run('first', clone('~/with-new'))).output).toContain('Permission denied');
    expect(host.tried).not.toContain(before.publicKey.split(' ')[1]);
    host.authorized.clear();
    host.authorized.add(after.publicKey);
    await succeeds('first', clone('~/with-new'));
  });

  test('making and rotating are audited, without the key', async () => {
    const { id } = await berth.as('ada').me();
    const { fingerprint } = await berth.as('ada').getGitKey();
    const acts = () =>
      (deliveredAudit(berth.dataDir).get(id) ?? []).filter(({ action }) => action.startsWith('git-key'));
    await expect.poll(() => acts().map(({ action }) => action)).toEqual(['git-key.create', 'git-key.rotate']);
    expect(acts()[1]).toMatchObject({ actor: id, outcome: 'success', details: { fingerprint } });
    expect(Object.keys(acts()[1]?.details ?? {})).toEqual(['fingerprint']);
  });

  test('from a terminal: the key alone goes to stdout, to be piped to where it belongs', async () => {
    const { publicKey, fingerprint } = await berth.as('ada').getGitKey();
    const program = join(import.meta.dirname, '../../../cli/main.ts');
    const cli = async (...args: string[]) => {
      const env = { PATH: process.env['PATH'], BERTH_URL: berth.url, BERTH_TOKEN: berth.tokenOf('ada') };
      return promisify(execFile)(process.execPath, [program, 'git-key', ...args], { env });
    };
    expect(await cli()).toEqual({ stdout: `${publicKey}\n`, stderr: expect.stringContaining(fingerprint) });
    expect(JSON.parse((await cli('create', '--json')).stdout)).toMatchObject({ publicKey });
  });

  test('of two rotations at once one wins, and both are told that one', async () => {
    const rotate = () => berth.as('linus').makeGitKey({ body: { rotate: true } });
    const made = await Promise.all([rotate(), rotate(), rotate()]);
    const now = await berth.as('linus').getGitKey();
    expect(made.map(({ fingerprint }) => fingerprint)).toContain(now.fingerprint);
  });

  test('a key that cannot be decrypted is reported as a step, and the workspace runs', async () => {
    const item = await gitKeyItem();
    const { table } = berth.runtime.rules;
    await table.write([{ put: { ...item, sealed: `${String(item['sealed']).slice(0, -4)}AAAA` } }]);
    const running = await restart('first');
    expect(await stepOf(running, 'git')).toMatchObject({
      status: 'failed',
      message: expect.stringMatching(/could not be decrypted.*berth git-key rotate/),
    });
    expect(await succeeds('first', 'echo "[$SSH_AUTH_SOCK]"; git config user.email')).toBe('[]\nada@example.com');
    await table.write([{ put: item }]);
  });
});

describe.runIf(canRun)('dotfiles', () => {
  const dotted = (name: string, url: string, template = 'dotted') =>
    start(name, { template, parameters: { dotfiles: url } });

  test('of a private repository come by the git key, and their install script is run', async () => {
    const running = await dotted('dots', host.url('dotfiles.git'));
    expect(await stepOf(running, 'dotfiles')).toMatchObject({ status: 'succeeded', message: 'Ran install.sh.' });
    expect(await succeeds('dots', 'cat ~/installed')).toBe('installed');
    const again = await restart('dots');
    expect((await stepOf(again, 'dotfiles'))?.message).toContain('Nothing changed');
  });

  test('whose script was committed without its mode are installed all the same', async () => {
    await dotted('modeless', host.url('modeless.git'));
    await succeeds('modeless', 'test -e ~/set-up');
  });

  test.each([
    ['broken', 'dotted', /^install\.sh ended with exit code 3\. Its last line: no such package$/],
    ['hangs', 'hurried', /^install did not end within 6 s and was killed\.$/],
    ['absent', 'dotted', /^git clone ended with exit code 128\. .*(not found|does not appear|not a git repo)/],
  ])('that fail (%s) are told with their reason, and the workspace runs', async (name, template, reason) => {
    const running = await dotted(name, host.url(`${name}.git`), template);
    expect(await stepOf(running, 'dotfiles')).toMatchObject({
      status: 'failed',
      message: expect.stringMatching(reason),
      hasLog: true,
    });
  });

  test('that the key does not open are told with what to do', async () => {
    const authorized = [...host.authorized];
    host.authorized.clear();
    const running = await dotted('denied', host.url('dotfiles.git'));
    const step = await stepOf(running, 'dotfiles');
    expect(step?.message).toMatch(/Permission denied.*add your git key.*berth git-key/);
    for (const key of authorized) host.authorized.add(key);
  });

  test('that ask for a password do not hang', async () => {
    const server = createServer((_, response) =>
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end(),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const running = await dotted('asking', `http://127.0.0.1:${port}/dotfiles.git`);
    const step = await stepOf(running, 'dotfiles');
    expect(step?.message).toMatch(/could not read Username.*use its SSH URL/);
    server.close();
  });
});

describe.runIf(canRun)('a start whose dotfiles fail', () => {
  test('says why on the command line, and with its exit code', async () => {
    const environment = { BERTH_URL: berth.url, BERTH_TOKEN: berth.tokenOf('ada') };
    const args = ['create', 'waited', '-t', 'dotted', '-p', `dotfiles=${host.url('broken.git')}`, '--wait'];
    const { code, err } = await runCli(args, environment);
    expect(err).toContain('✗ Dotfiles');
    expect(err).toContain('install.sh ended with exit code 3. Its last line: no such package');
    expect(code).toBe(6);
  });
});
