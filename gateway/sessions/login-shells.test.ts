import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { optional } from '../../test/requirements.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { type Berth, cleanUp, givenBerth, givenWorkspace, untilReady, type Workspace } from '../testing/harness.ts';
import { givenSessionOf, type Session } from '../testing/session.ts';

const resetting = 'export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/profile/bin\n';

/** How a distribution's /etc/profile changes the search path. */
const profiles = {
  Debian: `${resetting}export FROM_SYSTEM=yes\n`,
  Alpine: `${resetting}export PAGER=less FROM_SYSTEM=yes\numask 022\nexport PS1='$ '\n`,
  Fedora: `pathmunge () {
    case ":$PATH:" in
        *:"$1":*) ;;
        *) if [ "$2" = after ]; then PATH=$PATH:$1; else PATH=$1:$PATH; fi
    esac
}
pathmunge /usr/local/sbin
pathmunge /opt/profile/bin
export PATH FROM_SYSTEM=yes
unset -f pathmunge
`,
};
type Distribution = keyof typeof profiles;

const namespaces = spawnSync('unshare', ['--user', '--map-root-user', '--mount', 'true']).status === 0;
const ready = optional('Login shells', namespaces, 'Allow user namespaces, as Debian does.');

/** Mounts files over the system's, and then runs the program. */
const replace = 'set -e; while [ "$1" != -- ]; do mount --bind "$1" "$2"; shift 2; done; shift; exec "$@"';

/** The command that runs a program with this shell in /etc/passwd and a distribution's profile. */
const givenSystem = (shell: string, distribution: Distribution, more: Record<string, string> = {}) => {
  const folder = temporaryFolder();
  const entry = (name: string) => `root:x:0:0:root:/root:${name}\n`;
  const files = {
    '/etc/passwd': entry(shell),
    '/etc/profile': profiles[distribution],
    ...(existsSync('/etc/zsh/zprofile') ? { '/etc/zsh/zprofile': "emulate sh -c '. /etc/profile'\n" } : {}),
    ...more,
  };
  const words = Object.entries(files).flatMap(([path, text]) => {
    const file = join(folder, path.replaceAll('/', '_'));
    writeFileSync(file, text);
    return [file, path];
  });
  return ['unshare', '--user', '--map-root-user', '--mount', 'sh', '-c', replace, 'sh', ...words, '--'];
};

let berth: Berth;
let workspace: Workspace;

beforeEach(async () => {
  berth = await givenBerth();
  berth.rules.bearers.set('token-of-ada', 'ada');
});
afterEach(cleanUp);

const given = async (within: readonly string[], startup = '', more: Record<string, string> = {}) => {
  const env = { PATH: '/opt/tools/bin:$PATH', ...more };
  workspace = await givenWorkspace(berth, { within, env, startup });
  await untilReady(berth);
};

const inHome = (name: string, text: string) => {
  const file = join(workspace.home, name);
  mkdirSync(join(file, '..'), { recursive: true });
  writeFileSync(file, text);
};

const variables = async (session: Session): Promise<Record<string, string>> => {
  const file = join(workspace.home, 'variables');
  rmSync(file, { force: true });
  session.type('env > variables.new; mv variables.new variables\n');
  await expect.poll(() => existsSync(file)).toBe(true);
  const lines = readFileSync(file, 'utf8').split('\n');
  return Object.fromEntries(lines.map((line) => [line.split('=')[0], line.slice(line.indexOf('=') + 1)]));
};

const inTerminal = async () => variables(await givenSessionOf(berth, workspace.name, 'terminal'));
/** fish reads its input to the end before it runs any of it. */
const withoutTerminal = async () => {
  const session = await givenSessionOf(berth, workspace.name, 'exec');
  const seen = variables(session);
  session.send({ type: 'eof' });
  return await seen;
};
const inExec = async () => {
  const session = await givenSessionOf(berth, workspace.name, 'exec', { command: ['sh', '-c', 'echo "$PATH"'] });
  await session.exit().toMatchObject({ code: 0 });
  return session.text().trim();
};

/** First the search path of the workspace, as in `berth exec`, then what the profile adds, each folder once. */
const expectKept = (path: string | undefined, workspacePath: string) => {
  const folders = path?.split(':') ?? [];
  expect(workspacePath).toContain('/opt/tools/bin:');
  expect(path?.startsWith(workspacePath)).toBe(true);
  expect(new Set(folders).size).toBe(folders.length);
};

interface Shell {
  path: string;
  package: string;
  /** The person's startup files, each of which sets a variable, and the variables that result. */
  files: Record<string, string>;
  read: Record<string, string>;
  /** Whether the shell reads the system's profile. */
  readsProfile: boolean;
}

const profile = (name: string) => `export FROM_PROFILE=${name} PATH_THEN="$PATH"\n`;

const shells: Record<string, Shell> = {
  bash: {
    path: '/bin/bash',
    package: 'bash',
    files: { '.bash_profile': `${profile('bash')}. ~/.bashrc\n`, '.bashrc': 'export FROM_RC=$-\n' },
    read: { FROM_PROFILE: 'bash', FROM_RC: expect.stringMatching(/i.*m|m.*i/), SHLVL: '1' },
    readsProfile: true,
  },
  dash: {
    path: '/bin/dash',
    package: 'dash',
    files: { '.profile': `${profile('dash')}export ENV='$HOME/.shrc'\n`, '.shrc': 'export FROM_RC=$-\n' },
    read: { FROM_PROFILE: 'dash', FROM_RC: expect.stringContaining('i') },
    readsProfile: true,
  },
  zsh: {
    path: '/bin/zsh',
    package: 'zsh',
    files: {
      '.zshenv': 'export ZDOTDIR=$HOME/zsh\n',
      'zsh/.zprofile': profile('zsh'),
      'zsh/.zshrc': 'export FROM_RC=$-\n',
      'zsh/.zlogin': 'export FROM_LOGIN=yes\n',
    },
    read: { FROM_PROFILE: 'zsh', FROM_RC: expect.stringContaining('l'), FROM_LOGIN: 'yes', SHLVL: '1' },
    readsProfile: true,
  },
  fish: {
    path: '/usr/bin/fish',
    package: 'fish',
    files: {
      '.config/fish/config.fish': 'status is-login; and set -gx FROM_PROFILE fish; set -gx PATH /usr/bin /bin\n',
    },
    read: { FROM_PROFILE: 'fish', SHLVL: '1' },
    readsProfile: false,
  },
  tcsh: {
    path: '/bin/tcsh',
    package: 'tcsh',
    files: { '.tcshrc': 'setenv FROM_RC yes\n', '.login': 'setenv FROM_PROFILE tcsh\n' },
    read: { FROM_PROFILE: 'tcsh', FROM_RC: 'yes', SHLVL: '1' },
    readsProfile: false,
  },
};

const cases = Object.entries(shells).flatMap(([name, shell]) =>
  (Object.keys(profiles) as Distribution[]).map((distribution) => ({ name, distribution, ...shell })),
);

/** busybox acts as the program by whose name it is run; here it is mounted over /bin/sh. */
const busybox = '/usr/bin/busybox';

describe.runIf(ready)('a login shell', () => {
  for (const { name, distribution, path, package: debian, files, read, readsProfile } of cases) {
    const installed = optional(`Login shells with ${name}`, existsSync(path), `Install Debian’s ${debian}.`);
    it.runIf(installed)(`of ${name} keeps the workspace’s search path under ${distribution}’s profile`, async () => {
      await given(givenSystem(path, distribution));
      for (const [file, text] of Object.entries(files)) inHome(file, text);
      const seen = await inTerminal();
      expect(seen).toMatchObject({ ...read, SHELL: path, ...(readsProfile ? { FROM_SYSTEM: 'yes' } : {}) });
      expect(Object.keys(seen).filter((variable) => variable.startsWith('BERTH_LOGIN_'))).toEqual([]);
      const exec = await inExec();
      const piped = await withoutTerminal();
      expect(piped).toMatchObject({ FROM_PROFILE: read['FROM_PROFILE'], SHELL: path });
      expect(piped['PATH']?.split(':').toSorted()).toEqual(seen['PATH']?.split(':').toSorted());
      expect(Object.keys(piped).filter((variable) => variable.startsWith('BERTH_LOGIN_'))).toEqual([]);
      expect(piped['BASH_ENV'] ?? piped['ZDOTDIR'] ?? '').not.toContain('.agent');
      if (name === 'fish') expect(seen['PATH']?.split(':')).toEqual(expect.arrayContaining(exec.split(':')));
      else expectKept(seen['PATH'], exec);
      // The person's own profile finds the workspace's programs too, and may prepend folders.
      if (readsProfile) {
        expectKept(seen['PATH_THEN'], exec);
        expect(seen['PATH']).toContain(':/opt/profile/bin');
      }
    });
  }

  const hasBusybox = optional('Login shells with busybox', existsSync(busybox), 'Install Debian’s busybox-static.');
  it.runIf(hasBusybox)('of busybox keeps it under Alpine’s profile', async () => {
    const within = givenSystem('/bin/sh', 'Alpine', { '/bin/sh': '' });
    // Mounts busybox instead of the empty file.
    within[within.lastIndexOf('/bin/sh') - 1] = busybox;
    await given(within);
    inHome('.profile', profile('ash'));
    const seen = await inTerminal();
    expect(seen).toMatchObject({ SHELL: '/bin/sh', FROM_PROFILE: 'ash', FROM_SYSTEM: 'yes' });
    expectKept(seen['PATH'], await inExec());
  });

  it('is the one that the startup script chose', async () => {
    const choose = "printf 'root:x:0:0:root:/root:/bin/dash\\n' > /etc/passwd";
    await given(givenSystem('/bin/bash', 'Debian'), choose);
    expect(await inTerminal()).toMatchObject({ SHELL: '/bin/dash' });
  });

  it('is the one of SHELL if the entry names no shell', async () => {
    await given(givenSystem('/usr/sbin/nologin', 'Debian'), '', { SHELL: '/bin/dash' });
    expect(await inTerminal()).toMatchObject({ SHELL: '/bin/dash' });
  });

  it('is bash if neither the entry nor SHELL names an existing shell', async () => {
    await given(givenSystem('/bin/gone', 'Debian'));
    expect(await inTerminal()).toMatchObject({ SHELL: expect.stringMatching(/\/bash$/) });
  });

  it('keeps folders that the person’s own files prepend', async () => {
    await given(givenSystem('/bin/bash', 'Debian'));
    inHome('.bash_profile', 'PATH=~/shims:$PATH\n');
    expect((await inTerminal())['PATH']).toBe(`${workspace.home}/shims:${await inExec()}:/opt/profile/bin`);
  });

  it('of bash ends with logout, and runs .bash_logout', async () => {
    await given(givenSystem('/bin/bash', 'Debian'));
    inHome('.bash_logout', 'echo bye > ~/logged-out\n');
    const session = await givenSessionOf(berth, workspace.name, 'terminal');
    session.type('logout\n');
    await session.exit().toMatchObject({ code: 0 });
    expect(readFileSync(join(workspace.home, 'logged-out'), 'utf8')).toBe('bye\n');
  });

  it('starts also if the agent cannot write its files', async () => {
    await given(givenSystem('/bin/bash', 'Debian'));
    inHome('.agent/login', 'a file instead of the folder');
    expect(await inTerminal()).toMatchObject({ FROM_SYSTEM: 'yes', SHELL: '/bin/bash' });
  });
});
