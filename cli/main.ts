import { CommanderError } from 'commander';
import { exitCodes } from './exit-codes.ts';
import { buildProgram, everyCommand } from './program.ts';

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
  for (const command of [program, ...everyCommand(program)]) command.exitOverride();
  try {
    // Whoever knows no command yet wants to see them.
    await program.parseAsync(process.argv.length > 2 ? process.argv : [...process.argv, '--help']);
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError) return thrown.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    const { explain } = await import('./failure.ts');
    const told = explain(thrown);
    process.stderr.write(json ? `${JSON.stringify(told.problem)}\n` : `berth: ${told.lines.join('\n')}\n`);
    return told.exitCode;
  }
};

// No top-level await: the bundle is CommonJS, as what a file without extension is to Node.
void run().then((code) => {
  process.exitCode = code;
});
