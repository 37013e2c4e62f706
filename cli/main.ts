import { CommanderError } from 'commander';
import { exitCodes } from './exit-codes.ts';
import { buildProgram, everyCommand } from './program.ts';

// A reader that has seen enough, as in `berth ls | head -1`, is no error.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit();
});

/** What commander says, as a sentence that says what to do. */
const wordsOf = ({ message }: CommanderError): string => {
  const [what = '', hint = ''] = message.replace(/^error: /, '').split(/\n\(|\)$/);
  const sentence = what.charAt(0).toUpperCase() + what.slice(1);
  return [sentence.replace(/[^.]$/, '$&.'), hint, 'Run it with --help to see what it takes.'].filter(Boolean).join(' ');
};

const run = async (): Promise<number> => {
  let exitCode: number = exitCodes.ok;
  let json: boolean | undefined;
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
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return exitCodes.ok;
    // The help of a group of commands, where none of them was named, is told already.
    if (thrown instanceof CommanderError && thrown.code === 'commander.help') return exitCodes.usage;
    const { explain, usageError } = await import('./failure.ts');
    const told = explain(thrown instanceof CommanderError ? usageError(wordsOf(thrown)) : thrown);
    const asJson = json ?? process.argv.includes('--json');
    process.stderr.write(asJson ? `${JSON.stringify(told.problem)}\n` : `berth: ${told.lines.join('\n')}\n`);
    return told.exitCode;
  }
};

// No top-level await: the bundle is CommonJS, as what a file without extension is to Node.
void run().then((code) => {
  process.exitCode = code;
});
