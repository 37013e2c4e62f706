import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WorkspaceId } from '../../../contracts/values/names.ts';
import { BerthError } from '../../../core/errors.ts';
import { retireRunRecord } from './run-record.ts';

/** The paths of one workspace. */
export interface WorkspacePaths {
  /** The owner's files; outlives a stop. */
  home: string;
  /** Files of this kind of compute. */
  run: string;
  /** The run record of the agent that runs; see run-record.ts. */
  record: string;
  /** The run record of the last run that was stopped. */
  last: string;
  /** Exists while the home is quarantined. */
  quarantine: string;
  /** The names of workspace, owner and template, for people. */
  knownAs: string;
  /** The agent's stdout and stderr. */
  log: string;
  /** The agent's own directory. */
  agent: string;
}

interface DataDirectories {
  homes: string;
  runs: string;
  /** Throws `invalid_request` for anything but a workspace id, so that no path leads elsewhere. */
  of(workspaceId: string): WorkspacePaths;
  /**
   * Random per data directory and different in a copy of it, so that no Berth mistakes another's processes for its own.
   */
  mark(): string;
}

const hasCode = (error: unknown, code: string): boolean =>
  error instanceof Error && (error as NodeJS.ErrnoException).code === code;

const checkWorkspaceId = (workspaceId: string): string => {
  const read = WorkspaceId.safeParse(workspaceId);
  if (read.success) return read.data;
  throw new BerthError('invalid_request', `${JSON.stringify(workspaceId)} is not a workspace id.`, {
    field: 'workspace.id',
  });
};

/** Writes to a draft and links it: the file appears complete, and never replaces one that another process wrote. */
const readOrCreateMark = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, randomBytes(12).toString('hex'), { mode: 0o600 });
  try {
    linkSync(draft, file);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return readFileSync(file, 'utf8');
};

/** Identifies a folder: a copy has another identity; a move within the same disk keeps it. */
const identityOf = (folder: string): string => {
  const { dev, ino } = statSync(folder);
  return `${dev} ${ino}`;
};

/**
 * Detects a copied data folder. The copy has the original's mark and run records, with which it would end the
 * original's workspaces: so it gets a new mark, and its run records are retired. Homes are unchanged. The identity is
 * written last, so that a start that is killed in between repeats all of it.
 */
const claimDataFolder = (runs: string): void => {
  mkdirSync(runs, { recursive: true, mode: 0o700 });
  const file = join(runs, 'folder');
  const identity = identityOf(runs);
  const before = readIfExists(file);
  if (before === identity) return;
  if (before !== undefined) {
    for (const { name } of readdirSync(runs, { withFileTypes: true }).filter((entry) => entry.isDirectory())) {
      retireRunRecord(join(runs, name, 'agent.json'), join(runs, name, 'last.json'));
    }
    rmSync(join(runs, 'mark'), { force: true });
  }
  writeFileSync(file, identity, { mode: 0o600, flush: true });
};

const readIfExists = (file: string): string | undefined => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
};

export const openDataDirectories = (dataDir: string): DataDirectories => {
  const homes = join(dataDir, 'homes');
  const runs = join(dataDir, 'compute');
  let mark: string | undefined;
  claimDataFolder(runs);
  return {
    homes,
    runs,
    of(workspaceId) {
      const id = checkWorkspaceId(workspaceId);
      const run = join(runs, id);
      return {
        home: join(homes, id),
        run,
        record: join(run, 'agent.json'),
        last: join(run, 'last.json'),
        quarantine: join(run, 'quarantine.json'),
        knownAs: join(run, 'known-as.json'),
        log: join(run, 'agent.log'),
        agent: join(run, 'agent'),
      };
    },
    mark() {
      if (mark === undefined) {
        mark = readOrCreateMark(join(runs, 'mark'));
      }
      return mark;
    },
  };
};
