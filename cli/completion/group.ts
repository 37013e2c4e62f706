import { Argument } from 'commander';
import type { Group } from '../commands/registration.ts';
import { shells } from './scripts.ts';

export const addCompletion: Group = (program) => {
  program
    .command('completion')
    .description('Print the completion script of a shell: source <(berth completion bash)')
    .addArgument(new Argument('<shell>').choices(Object.keys(shells)))
    .action(async (shell) => void process.stdout.write(shells[shell] ?? ''));
  program
    .command('__complete [args...]', { hidden: true })
    .description('Print the completions of the last argument')
    .passThroughOptions()
    .allowUnknownOption()
    .helpOption(false)
    .action(async (args: string[]) => {
      const { candidateLines, candidates } = await import('./complete.ts');
      const line = args[0] === '--' ? args.slice(1) : args;
      process.stdout.write(candidateLines(await candidates(program, line)));
    });
};
