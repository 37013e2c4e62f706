import { readFileSync, renameSync, rmSync } from 'node:fs';
import * as z from 'zod';
import type { ProcessId } from './processes.ts';

/**
 * Which process is the agent, of which build. The launcher writes it before it becomes the agent, so that a server
 * killed between starting and writing leaves no agent that nobody knows of.
 */
const RunRecord = z.object({
  pid: z.int().min(2),
  started: z.string().min(1),
  buildId: z.string(),
  buildNumber: z.int(),
});
export type RunRecord = z.infer<typeof RunRecord>;

const isMissing = (error: unknown): boolean => (error as NodeJS.ErrnoException).code === 'ENOENT';

/** `undefined` when there is none, and when a launcher died while writing it: then it never became an agent. */
export const readRecord = (file: string): RunRecord | undefined => {
  try {
    return RunRecord.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch (error) {
    if (isMissing(error) || error instanceof SyntaxError || error instanceof z.ZodError) return undefined;
    throw error;
  }
};

/** Sets a record aside, as that of the last run. */
export const retireRecord = (from: string, to: string): void => {
  try {
    if (readRecord(from) === undefined) rmSync(from, { force: true });
    else renameSync(from, to);
  } catch (error) {
    if (!isMissing(error)) throw error;
  }
};

export const processIdOf = ({ pid, started }: RunRecord): ProcessId => ({ pid, started });
