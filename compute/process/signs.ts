import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type Mark, residentKiBOf } from './mark.ts';

const gone = new Set(['ENOENT', 'ESRCH']);
/** Another user's. None of a workspace's processes is, unless it raised its rights; its limits can be read all the same. */
const closed = new Set(['EACCES', 'EPERM']);

/** What /proc says of a process; `undefined` when the process is gone or does not let us look. */
const lookAt = <T>(look: () => T): T | undefined => {
  try {
    return look();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (gone.has(code) || closed.has(code)) return undefined;
    throw error;
  }
};

export const readProc = (pid: number | 'self', file: string): string | undefined =>
  lookAt(() => readFileSync(`/proc/${pid}/${file}`, 'latin1'));

/** The hard limit on resident memory in bytes; `undefined` when there is none. */
const residentLimit = (limits: string | undefined): bigint | undefined => {
  const hard = /^Max resident set +\S+ +(\d+) /m.exec(limits ?? '')?.[1];
  return hard === undefined ? undefined : BigInt(hard);
};

const markIn = (pid: number, { variable }: Mark): string | undefined =>
  readProc(pid, 'environ')
    ?.split('\0')
    .find((entry) => entry.startsWith(`${variable}=`))
    ?.slice(variable.length + 1);

/** The server's own limit: where an administrator set one, every process has it. */
const ownLimit = residentLimit(readProc('self', 'limits'));

/**
 * Whether a process carries the mark, or has lost it: its limit was lowered and is not that of the mark in its
 * environment (which would make it another workspace's). Without the rights of root nobody can raise the limit again, so
 * that a workspace's process has its mark or less for ever, and a stranger, who has what the server has, never less.
 */
export const markOn = (pid: number, mark: Mark): 'carried' | 'lost' | undefined => {
  const limit = residentLimit(readProc(pid, 'limits'));
  const whole = mark.residentKiB * 1024n;
  if (limit === whole) return 'carried';
  const named = markIn(pid, mark);
  if (named === mark.value) return 'carried';
  if (limit === undefined || limit >= whole || (ownLimit !== undefined && limit >= ownLimit)) return undefined;
  return named !== undefined && residentKiBOf(named) * 1024n === limit ? undefined : 'lost';
};

/** What a process works with: its directory, its root, its program and its open files. */
function* pathsOf(pid: number): Generator<string> {
  const open = lookAt(() => readdirSync(`/proc/${pid}/fd`)) ?? [];
  for (const link of ['cwd', 'root', 'exe', ...open.map((name) => `fd/${name}`)]) {
    const path = lookAt(() => readlinkSync(`/proc/${pid}/${link}`));
    if (path !== undefined) yield path;
  }
}

/** As /proc names a folder: without symbolic links on the way to it. The folder itself may be gone. */
const realFolder = (folder: string): string =>
  existsSync(dirname(folder)) ? join(realpathSync(dirname(folder)), basename(folder)) : folder;

/**
 * Tells whether a process works in one of the folders. Alone that says nothing: a person may look into a workspace's
 * home from a shell of their own, which must live on.
 */
export const worksIn = (folders: readonly string[]) => {
  const inside = folders.map((folder) => `${realFolder(folder)}/`);
  return (pid: number): boolean => {
    for (const path of pathsOf(pid)) if (inside.some((folder) => `${path}/`.startsWith(folder))) return true;
    return false;
  };
};
