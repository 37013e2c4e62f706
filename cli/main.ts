import { CommanderError } from 'commander';
import { exitCodes } from './exit-codes.ts';
import { buildProgram } from './program.ts';

// A reader that has seen enough, as in `berth ls | head -1`, is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

const run = async (): Promise<number> => {
  let exitCode: number = exitCodes.ok;
  let json = false;
  const program = buildProgram((code) => {
    exitCode = code;
  });
  program.hook('preAction', (_, command) => {
    json = command.opts()['json'] === true;
  });
  for (const command of [program, ...program.commands, ...program.commands.flatMap((group) => group.commands)]) {
    command.exitOverride();
  }
  try {
    await program.parseAsync();
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    const { explain } = await import('./failure.ts');
    const told = explain(thrown);
    process.stderr.write(json ? `${JSON.stringify(told.problem)}\n` : `berth: ${told.lines.join('\n')}\n`);
    return told.exitCode;
  }
};

process.exitCode = await run();
