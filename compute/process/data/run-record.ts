import { readFileSync, renameSync, rmSync } from 'node:fs';
import * as z from 'zod';
import type { ProcessId } from '../processes/process-table.ts';

/**
 * The agent's process and its build. The launcher writes it before it becomes the agent, so that a server that is
 * killed during a launch leaves no unknown agent behind.
 */
const RunRecord = z.object({
  pid: z.int().min(2),
  started: z.string().min(1),
  buildId: z.string(),
  buildNumber: z.int(),
});
export type RunRecord = z.infer<typeof RunRecord>;

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

/** `undefined` if there is none, or if a launcher died while writing it: then it did not become an agent. */
export const readRunRecord = (file: string): RunRecord | undefined => {
  try {
    return RunRecord.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    throw error;
  }
};

/** Moves the record of a run that ended to the one of the last run. */
export const retireRunRecord = (from: string, to: string): void => {
  try {
    if (readRunRecord(from) === undefined) rmSync(from, { force: true });
    else renameSync(from, to);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
};

export const processIdOf = ({ pid, started }: RunRecord): ProcessId => ({ pid, started });
