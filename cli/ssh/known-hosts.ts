import { exitCodes } from '../io/exit-codes.ts';
import { CliError } from '../io/failure.ts';
import { alone, readIfThere, writePrivate } from '../sign-in/files.ts';

const isHostKey = (text: string): boolean => /^ssh-ed25519 [A-Za-z0-9+/]{20,200}={0,2}$/.test(text);

const linesOf = (file: string): string[] => (readIfThere(file) ?? '').split('\n').filter((line) => line !== '');

/** Makes this key the only one that ssh accepts for the host. Writes the file only if it has to change. */
export const pinHostKey = async (file: string, host: string, hostKey: string | undefined): Promise<void> => {
  if (hostKey === undefined || !isHostKey(hostKey)) {
    const message =
      'The gateway did not tell the host key of the workspace, without which ssh cannot know it. Update Berth.';
    throw new CliError('internal', message, exitCodes.failed);
  }
  const wanted = `${host} ${hostKey}`;
  const isOf = (line: string) => line.startsWith(`${host} `);
  const isPinned = (lines: string[]) => lines.filter(isOf).join() === wanted;
  if (isPinned(linesOf(file))) return;
  await alone(file, async () => {
    const lines = linesOf(file);
    if (!isPinned(lines)) await writePrivate(file, `${[...lines.filter((line) => !isOf(line)), wanted].join('\n')}\n`);
  });
};
