import { CliError } from '../io/errors.ts';
import { exitCodes } from '../io/exit-codes.ts';
import { readFileIfExists, withFileLock, writePrivateFile } from '../sign-in/files.ts';

const isHostKey = (text: string): boolean => /^ssh-ed25519 [A-Za-z0-9+/]{20,200}={0,2}$/.test(text);

const linesOf = (file: string): string[] => (readFileIfExists(file) ?? '').split('\n').filter((line) => line !== '');

/** Makes this key the only one that ssh accepts for the host. Writes the file only if it has to change. */
export const pinHostKey = async (file: string, host: string, hostKey: string | undefined): Promise<void> => {
  if (hostKey === undefined || !isHostKey(hostKey)) {
    const message = 'The gateway did not send the host key of the workspace, so ssh cannot verify it. Update Berth.';
    throw new CliError('internal', message, exitCodes.failed);
  }
  const entry = `${host} ${hostKey}`;
  const isOf = (line: string) => line.startsWith(`${host} `);
  const isPinned = (lines: string[]) => lines.filter(isOf).join() === entry;
  if (isPinned(linesOf(file))) return;
  await withFileLock(file, async () => {
    const lines = linesOf(file);
    if (!isPinned(lines))
      await writePrivateFile(file, `${[...lines.filter((line) => !isOf(line)), entry].join('\n')}\n`);
  });
};
