import { existsSync, readdirSync, readFileSync, readlinkSync, realpathSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { type ProcessMark, residentKiBOf } from './process-mark.ts';

const goneCodes = new Set(['ENOENT', 'ESRCH']);
/** Another user's process, such as one that gained privileges. Its limits can still be read. */
const forbiddenCodes = new Set(['EACCES', 'EPERM']);

/** Reads from /proc; `undefined` if the process has ended or may not be read. */
const ifReadable = <T>(look: () => T): T | undefined => {
  try {
    return look();
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code ?? '';
    if (goneCodes.has(code) || forbiddenCodes.has(code)) return undefined;
    throw error;
  }
};

export const readProc = (pid: number | 'self', file: string): string | undefined =>
  ifReadable(() => readFileSync(`/proc/${pid}/${file}`, 'latin1'));

/** The hard limit on resident memory in bytes; `undefined` if unlimited. */
const residentLimit = (limits: string | undefined): bigint | undefined => {
  const hard = /^Max resident set +\S+ +(\d+) /m.exec(limits ?? '')?.[1];
  return hard === undefined ? undefined : BigInt(hard);
};

const markInEnvironment = (pid: number, { variable }: ProcessMark): string | undefined =>
  readProc(pid, 'environ')
    ?.split('\0')
    .find((entry) => entry.startsWith(`${variable}=`))
    ?.slice(variable.length + 1);

/** The server's own limit, in case an administrator set one for every process. */
const ownLimit = residentLimit(readProc('self', 'limits'));

/**
 * Whether a process carries the mark or has lost it. It has lost the mark if its limit is lower and is not the limit of
 * the mark in its environment, which would make it another workspace's. Only root can raise a hard limit: a workspace's
 * process keeps the mark's limit or a lower one, and an unrelated process has the server's.
 */
export const markStateOf = (pid: number, mark: ProcessMark): 'carried' | 'lost' | undefined => {
  const limit = residentLimit(readProc(pid, 'limits'));
  const markLimit = mark.residentKiB * 1024n;
  if (limit === markLimit) return 'carried';
  const value = markInEnvironment(pid, mark);
  if (value === mark.value) return 'carried';
  if (limit === undefined || limit >= markLimit || (ownLimit !== undefined && limit >= ownLimit)) return undefined;
  return value !== undefined && residentKiBOf(value) * 1024n === limit ? undefined : 'lost';
};

/** The paths that a process uses: working directory, root, executable and open files. */
function* pathsOf(pid: number): Generator<string> {
  const open = ifReadable(() => readdirSync(`/proc/${pid}/fd`)) ?? [];
  for (const link of ['cwd', 'root', 'exe', ...open.map((name) => `fd/${name}`)]) {
    const path = ifReadable(() => readlinkSync(`/proc/${pid}/${link}`));
    if (path !== undefined) yield path;
  }
}

/** The path as /proc reports it, without symbolic links. The folder itself may no longer exist. */
const realFolder = (folder: string): string =>
  existsSync(dirname(folder)) ? join(realpathSync(dirname(folder)), basename(folder)) : folder;

/**
 * Whether a process uses one of the folders. That alone does not make it the workspace's: a person may have opened the
 * home from a shell of their own, which must not be killed.
 */
export const usesFolders = (folders: readonly string[]) => {
  const inside = folders.map((folder) => `${realFolder(folder)}/`);
  return (pid: number): boolean => {
    for (const path of pathsOf(pid)) if (inside.some((folder) => `${path}/`.startsWith(folder))) return true;
    return false;
  };
};
