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

const isInstalled = (command: string): boolean =>
  ['/usr/local/bin', '/usr/bin', '/bin'].some((folder) => statSync(join(folder, command), { throwIfNoEntry: false }));
const canRun = optional('git over SSH', isInstalled('git') && isInstalled('ssh'), 'Install git and openssh-client.');

const templates = {
  plain: plainTemplate,
  withDotfiles: `
name: with-dotfiles
parameters: [{ name: dotfiles, type: string, default: '' }]
compute: { kind: process }
agent: { dotfiles: '\${{ parameters.dotfiles }}' }
`,
  impatient: `
name: impatient
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

/** Creates a bare repository with one commit, like on a Git host. */
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
const runSuccessfully = async (workspace: string, script: string): Promise<string> => {
  const { code, output } = await run(workspace, script);
  expect(code, output).toBe(0);
  return output.trim();
};
const stepOf = async ({ id, build }: Workspace, name: string): Promise<Step | undefined> => {
  const { steps } = await berth.as('ada').getBuild({ params: { workspace: id, build: build.number } });
  return steps.find((step) => step.name === name);
};
const clone = (into: string) => `git clone -q ${host.url('app.git')} ${into} < /dev/null`;

/** The record of ada's git key, which contains the sealed private key. */
const gitKeyItem = async (): Promise<Item> => {
  const { id } = await berth.as('ada').me();
  return (await berth.runtime.rules.table.get({ pk: `person#${id}`, sk: 'git-key' })) as Item;
};
const openPrivateKey = async (): Promise<Buffer> => {
  const { id } = await berth.as('ada').me();
  const sealer = localSealer(readFileSync(join(berth.dataDir, 'sealing.secret'), 'utf8'));
  const { sealed } = (await gitKeyItem()) as Item & { sealed: string };
  return Buffer.from(await sealer.open(sealed, { purpose: 'git-key', person: id }));
};

const filesBelow = (path: string): string[] =>
  readdirSync(path, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
/** The files with the environments and arguments of all processes. */
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

describe.runIf(canRun)('the git key of a person', () => {
  test('is created with the first workspace; before that, the error names the command that creates one', async () => {
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

  test('clones a private repository as soon as its host knows the key, and never waits for an input', async () => {
    const refused = await run('first', clone('~/refused'));
    expect(refused.code).toBe(128);
    expect(refused.output).toContain('Permission denied');
    host.authorized.add((await berth.as('ada').getGitKey()).publicKey);
    await runSuccessfully('first', clone('~/app'));
    expect(await runSuccessfully('first', 'cat ~/app/README.md')).toBe('the app');
  });

  test('records the host’s key in the home, and refuses another one from then on', async () => {
    const { port } = new URL(host.url('app.git'));
    expect(await runSuccessfully('first', `ssh-keygen -F '[127.0.0.1]:${port}' -f ~/.ssh/known_hosts`)).toContain(
      'found',
    );
    const other = execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'other')]);
    expect(other.toString()).toBe('');
    const [type, blob] = readFileSync(join(folder, 'other.pub'), 'utf8').split(' ');
    await runSuccessfully('second', `mkdir -p ~/.ssh; echo '[127.0.0.1]:${port} ${type} ${blob}' > ~/.ssh/known_hosts`);
    const { code, output } = await run('second', clone('~/app'));
    expect(code).toBe(128);
    expect(output).toContain('REMOTE HOST IDENTIFICATION HAS CHANGED');
  });

  test('comes with the owner’s name for commits, until they configure another', async () => {
    const author = "git -C ~/app commit -q --allow-empty -m x && git -C ~/app log -1 --format='%an <%ae>, %cn'";
    expect(await runSuccessfully('first', author)).toBe('Ada Lovelace <ada@example.com>, Ada Lovelace');
    await runSuccessfully(
      'first',
      'git config --global user.name "Countess" && git config --global core.sshCommand false',
    );
    expect(await runSuccessfully('first', author)).toBe('Countess <ada@example.com>, Countess');
    expect((await run('first', clone('~/again'))).code).toBe(128);
    await runSuccessfully('first', 'git config --global --unset core.sshCommand');
  });

  test('leaves precedence to the ssh configuration in the home', async () => {
    const { port } = new URL(host.url('app.git'));
    await runSuccessfully(
      'first',
      `printf 'Host short\\n HostName 127.0.0.1\\n Port ${port}\\n User git\\n' > ~/.ssh/config`,
    );
    await runSuccessfully('first', 'git clone -q short:/app.git ~/by-alias < /dev/null');
    await runSuccessfully(
      'first',
      'rm ~/.ssh/known_hosts; printf "Host *\\n StrictHostKeyChecking yes\\n" > ~/.ssh/config',
    );
    expect((await run('first', clone('~/strict'))).output).toContain('verification failed');
    await runSuccessfully('first', 'rm ~/.ssh/config');
  });

  test('does not replace a template’s own ssh-agent and configuration', async () => {
    await start('own', { template: 'own' });
    expect(await runSuccessfully('own', 'echo $SSH_AUTH_SOCK $GIT_CONFIG_SYSTEM')).toBe('/run/other.sock /dev/null');
  });

  test('is offered by an agent that lists and signs; it adds and removes no keys and cannot be locked', async () => {
    const { fingerprint } = await berth.as('ada').getGitKey();
    expect(await runSuccessfully('first', 'ssh-add -l')).toBe(`256 ${fingerprint} berth:ada (ED25519)`);
    for (const attempt of ['ssh-add -D', `ssh-add ${join(folder, 'other')}`, 'ssh-add -d ~/.ssh/x', 'ssh-add -x']) {
      await run('first', `echo | ${attempt} < /dev/null`);
    }
    expect(await runSuccessfully('first', 'ssh-add -l')).toBe(`256 ${fingerprint} berth:ada (ED25519)`);
    expect(await runSuccessfully('first', 'stat -c %a "$SSH_AUTH_SOCK" "$(dirname "$SSH_AUTH_SOCK")"')).toBe(
      '600\n700',
    );
  });

  test('can sign a commit', async () => {
    const sign =
      'git -C ~/app -c gpg.format=ssh -c user.signingKey="key::$(ssh-add -L)" commit -q --allow-empty -S -m x';
    await runSuccessfully('first', sign);
    expect(await runSuccessfully('first', 'git -C ~/app cat-file commit HEAD')).toContain('BEGIN SSH SIGNATURE');
  });

  test('has its private part in no file, environment or argument', async () => {
    const privateKey = await openPrivateKey();
    const seed = privateKey.subarray(-32);
    const needles = [privateKey, seed].flatMap((bytes) => [
      bytes,
      ...(['base64', 'base64url', 'hex'] as const).map((encoding) =>
        Buffer.from(bytes.toString(encoding).replace(/=+$/, '')),
      ),
    ]);
    const searched = [...filesBelow(berth.dataDir), ...processTexts()];
    expect(searched.length).toBeGreaterThan(20);
    const found = searched.filter((file) => needles.some((needle) => contentOf(file).includes(needle)));
    expect(found).toEqual([]);
    // The search finds a key that is present.
    writeFileSync(join(folder, 'found'), privateKey.toString('base64'));
    expect(needles.some((needle) => contentOf(join(folder, 'found')).includes(needle))).toBe(true);
  });

  test('is replaced in the workspace after a rotation and a restart', async () => {
    const before = await berth.as('ada').getGitKey();
    const after = await berth.as('ada').makeGitKey({ body: { rotate: true } });
    expect(after.fingerprint).not.toBe(before.fingerprint);
    await restart('first');
    expect(await runSuccessfully('first', 'ssh-add -L')).toBe(after.publicKey);
    host.tried.length = 0;
    expect((await run('first', clone('~/with-new'))).output).toContain('Permission denied');
    expect(host.tried).not.toContain(before.publicKey.split(' ')[1]);
    host.authorized.clear();
    host.authorized.add(after.publicKey);
    await runSuccessfully('first', clone('~/with-new'));
  });

  test('is created and rotated with audit events, which do not contain the key', async () => {
    const { id } = await berth.as('ada').me();
    const { fingerprint } = await berth.as('ada').getGitKey();
    const events = () =>
      (deliveredAudit(berth.dataDir).get(id) ?? []).filter(({ action }) => action.startsWith('git-key'));
    await expect.poll(() => events().map(({ action }) => action)).toEqual(['git-key.create', 'git-key.rotate']);
    expect(events()[1]).toMatchObject({ actor: id, outcome: 'success', details: { fingerprint } });
    expect(Object.keys(events()[1]?.details ?? {})).toEqual(['fingerprint']);
  });

  test('is printed by the command line as the only text on stdout, to be piped', async () => {
    const { publicKey, fingerprint } = await berth.as('ada').getGitKey();
    const program = join(import.meta.dirname, '../../../cli/main.ts');
    const cli = async (...args: string[]) => {
      const env = { PATH: process.env['PATH'], BERTH_URL: berth.url, BERTH_TOKEN: berth.tokenOf('ada') };
      return promisify(execFile)(process.execPath, [program, 'git-key', ...args], { env });
    };
    expect(await cli()).toEqual({ stdout: `${publicKey}\n`, stderr: expect.stringContaining(fingerprint) });
    expect(JSON.parse((await cli('create', '--json')).stdout)).toMatchObject({ publicKey });
  });

  test('has one value after concurrent rotations, which one of them returned', async () => {
    const rotate = () => berth.as('linus').makeGitKey({ body: { rotate: true } });
    const rotated = await Promise.all([rotate(), rotate(), rotate()]);
    const now = await berth.as('linus').getGitKey();
    expect(rotated.map(({ fingerprint }) => fingerprint)).toContain(now.fingerprint);
  });

  test('is reported by a failed step when it cannot be decrypted, and the workspace runs', async () => {
    const item = await gitKeyItem();
    const { table } = berth.runtime.rules;
    await table.write([{ put: { ...item, sealed: `${String(item['sealed']).slice(0, -4)}AAAA` } }]);
    const running = await restart('first');
    expect(await stepOf(running, 'git')).toMatchObject({
      status: 'failed',
      message: expect.stringMatching(/could not be decrypted.*berth git-key rotate/),
    });
    expect(await runSuccessfully('first', 'echo "[$SSH_AUTH_SOCK]"; git config user.email')).toBe(
      '[]\nada@example.com',
    );
    await table.write([{ put: item }]);
  });
});

describe.runIf(canRun)('dotfiles', () => {
  const startWithDotfiles = (name: string, url: string, template = 'with-dotfiles') =>
    start(name, { template, parameters: { dotfiles: url } });

  test('are cloned from a private repository with the git key, and their install script runs', async () => {
    const running = await startWithDotfiles('dots', host.url('dotfiles.git'));
    expect(await stepOf(running, 'dotfiles')).toMatchObject({ status: 'succeeded', message: 'Ran install.sh.' });
    expect(await runSuccessfully('dots', 'cat ~/installed')).toBe('installed');
    const again = await restart('dots');
    expect((await stepOf(again, 'dotfiles'))?.message).toContain('Nothing changed');
  });

  test('are installed although their script is not executable', async () => {
    await startWithDotfiles('modeless', host.url('modeless.git'));
    await runSuccessfully('modeless', 'test -e ~/set-up');
  });

  test.each([
    ['broken', 'with-dotfiles', /^install\.sh ended with exit code 3\. Its last line: no such package$/],
    ['hangs', 'impatient', /^install did not end within 6s and was killed\.$/],
    ['absent', 'with-dotfiles', /^git clone ended with exit code 128\. .*(not found|does not appear|not a git repo)/],
  ])('that fail (%s) are reported with the reason, and the workspace runs', async (name, template, reason) => {
    const running = await startWithDotfiles(name, host.url(`${name}.git`), template);
    expect(await stepOf(running, 'dotfiles')).toMatchObject({
      status: 'failed',
      message: expect.stringMatching(reason),
      hasLog: true,
    });
  });

  test('whose repository refuses the key are reported with the remedy', async () => {
    const authorized = [...host.authorized];
    host.authorized.clear();
    const running = await startWithDotfiles('denied', host.url('dotfiles.git'));
    const step = await stepOf(running, 'dotfiles');
    expect(step?.message).toMatch(/Permission denied.*add your git key.*berth git-key/);
    for (const key of authorized) host.authorized.add(key);
  });

  test('that need a password do not hang', async () => {
    const server = createServer((_, response) =>
      response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end(),
    );
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const running = await startWithDotfiles('asking', `http://127.0.0.1:${port}/dotfiles.git`);
    const step = await stepOf(running, 'dotfiles');
    expect(step?.message).toMatch(/could not read Username.*use its SSH URL/);
    server.close();
  });
});

describe.runIf(canRun)('a start whose dotfiles fail', () => {
  test('prints the reason on the command line, and has its own exit code', async () => {
    const environment = { BERTH_URL: berth.url, BERTH_TOKEN: berth.tokenOf('ada') };
    const args = ['create', 'waited', '-t', 'with-dotfiles', '-p', `dotfiles=${host.url('broken.git')}`, '--wait'];
    const { code, err } = await runCli(args, environment);
    expect(err).toContain('✗ Dotfiles');
    expect(err).toContain('install.sh ended with exit code 3. Its last line: no such package');
    expect(code).toBe(6);
  });
});
