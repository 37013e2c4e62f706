import { randomBytes } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { WorkspaceId } from '../../contracts/names.ts';
import { BerthError } from '../../core/errors.ts';

/** Where a workspace's things lie. */
export interface Place {
  /** The person's files: outlives stop. */
  home: string;
  /** What the kind keeps for itself. */
  run: string;
  /** Of the running agent; see record.ts. */
  record: string;
  /** The record of the run that was stopped last. */
  last: string;
  /** What the agent says on stdout and stderr. */
  log: string;
  /** The agent's own directory. */
  agent: string;
}

export interface Places {
  homes: string;
  runs: string;
  /** Throws `invalid_request` for anything but a workspace id, so that no path leads elsewhere. */
  of(workspaceId: string): Place;
  /** Random per data directory: two Berths on one machine never take each other's processes for their own. */
  mark(): string;
}

const isCode = (error: unknown, code: string): boolean =>
  error instanceof Error && (error as NodeJS.ErrnoException).code === code;

const checkedId = (workspaceId: string): string => {
  const read = WorkspaceId.safeParse(workspaceId);
  if (read.success) return read.data;
  throw new BerthError('invalid_request', `${JSON.stringify(workspaceId)} is no workspace id.`, {
    field: 'workspace.id',
  });
};

/** Written whole or not at all, and never over another's. */
const readOrMakeMark = (file: string): string => {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    if (!isCode(error, 'ENOENT')) throw error;
  }
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, randomBytes(12).toString('hex'), { mode: 0o600 });
  try {
    linkSync(draft, file);
  } catch (error) {
    if (!isCode(error, 'EEXIST')) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  return readFileSync(file, 'utf8');
};

export const placesIn = (dataDir: string): Places => {
  const homes = join(dataDir, 'homes');
  const runs = join(dataDir, 'compute');
  let mark: string | undefined;
  return {
    homes,
    runs,
    of(workspaceId) {
      const id = checkedId(workspaceId);
      const run = join(runs, id);
      return {
        home: join(homes, id),
        run,
        record: join(run, 'agent.json'),
        last: join(run, 'last.json'),
        log: join(run, 'agent.log'),
        agent: join(run, 'agent'),
      };
    },
    mark() {
      if (mark === undefined) {
        mkdirSync(runs, { recursive: true, mode: 0o700 });
        mark = readOrMakeMark(join(runs, 'mark'));
      }
      return mark;
    },
  };
};
