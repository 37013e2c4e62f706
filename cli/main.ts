import { type Command, CommanderError } from 'commander';
import { exitCodes } from './io/exit-codes.ts';
import { buildProgram, everyCommand } from './program.ts';

// A closed pipe, such as in `berth ls | head -1`, is not an error; a full disk in `berth ls > file` is.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit();
  process.stderr.write(`berth: Could not write the output: ${error.message}. Write it to another destination.\n`);
  process.exit(exitCodes.failed);
});

/** Rewrites a message of commander as a sentence with a remedy. */
const usageMessage = ({ message }: CommanderError): string => {
  const [problem = '', hint = ''] = message.replace(/^error: /, '').split(/\n\(|\)$/);
  const sentence = problem.charAt(0).toUpperCase() + problem.slice(1);
  return [sentence.replace(/[^.]$/, '$&.'), hint, 'For usage, run the command with --help.'].filter(Boolean).join(' ');
};

/** Thrown when a required argument or option is missing. */
class MissingInput extends Error {
  override readonly name = 'MissingInput';
  readonly command: Command;
  constructor(command: Command) {
    super(`${command.name()} is missing an argument or an option`);
    this.command = command;
  }
}

const overrideExit = (command: Command): void => {
  command.exitOverride((error) => {
    const isMissing = ['commander.missingArgument', 'commander.missingMandatoryOptionValue'].includes(error.code);
    throw isMissing ? new MissingInput(command) : error;
  });
};

/** Converts a thrown value to the error to report. */
const reportableError = async (thrown: unknown, command: Command | undefined): Promise<unknown> => {
  const { usageError } = await import('./io/errors.ts');
  if (thrown instanceof CommanderError) return usageError(usageMessage(thrown));
  const { withSuggestion } = await import('./completion/suggest.ts');
  return withSuggestion(thrown, command);
};

/** Prompts for the missing input and runs the command line again with it. */
const runWithMissing = async (argv: readonly string[], { command }: MissingInput): Promise<number> => {
  const { promptForMissing, missingError, missingInput } = await import('./completion/missing-input.ts');
  const { canPrompt } = await import('./io/prompt.ts');
  const missing = missingInput(command);
  const json = argv.includes('--json');
  const added = canPrompt({ json }) ? await promptForMissing(missing) : undefined;
  if (added !== undefined) return run([...argv, ...added]);
  return report(missingError(command, missing), json);
};

const report = async (thrown: unknown, asJson: boolean): Promise<number> => {
  const { describeError } = await import('./io/errors.ts');
  const { problem, lines, exitCode } = describeError(thrown);
  process.stderr.write(asJson ? `${JSON.stringify(problem)}\n` : `berth: ${lines.join('\n')}\n`);
  return exitCode;
};

/** @param argv the whole command line in the format of `process.argv` */
const run = async (argv: readonly string[]): Promise<number> => {
  let exitCode: number = exitCodes.ok;
  let running: Command | undefined;
  const program = buildProgram((code) => {
    exitCode = code;
  });
  program.hook('preAction', (_, command) => {
    running = command;
  });
  for (const command of [program, ...everyCommand(program)]) overrideExit(command);
  try {
    // Without a command, show the help.
    await program.parseAsync(argv.length > 2 ? argv : [...argv, '--help']);
    return exitCode;
  } catch (thrown) {
    if (thrown instanceof CommanderError && thrown.exitCode === 0) return exitCodes.ok;
    // Commander has already printed the help of a command group that was run without a subcommand.
    if (thrown instanceof CommanderError && thrown.code === 'commander.help') return exitCodes.usage;
    if (thrown instanceof MissingInput) return runWithMissing(argv, thrown);
    const asJson = running === undefined ? argv.includes('--json') : running.opts()['json'] === true;
    return report(await reportableError(thrown, running), asJson);
  }
};

// There is no top-level await, because the bundle is CommonJS: Node treats a file without an extension as CommonJS.
void run(process.argv).then((code) => {
  // Do not overwrite an exit code that a successful command has set, such as `stepFailed`.
  if (code !== exitCodes.ok) process.exitCode = code;
});
