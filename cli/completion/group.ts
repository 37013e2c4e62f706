import { Argument } from 'commander';
import type { Group } from '../commands/group.ts';
import { shells } from './scripts.ts';

export const addCompletion: Group = (program) => {
  program
    .command('completion')
    .description('print what completes commands and names in a shell: source <(berth completion bash)')
    .addArgument(new Argument('<shell>').choices(Object.keys(shells)))
    .action(async (shell) => void process.stdout.write(shells[shell] ?? ''));
  program
    .command('__complete [words...]', { hidden: true })
    .description('the words that may stand in the place of the last one')
    .passThroughOptions()
    .allowUnknownOption()
    .helpOption(false)
    .action(async (words: string[]) => {
      const { candidateLines, candidates } = await import('./complete.ts');
      const asked = words[0] === '--' ? words.slice(1) : words;
      process.stdout.write(candidateLines(await candidates(program, asked)));
    });
};
