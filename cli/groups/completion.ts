import { Argument } from 'commander';
import { shells } from '../completion/scripts.ts';
import type { Group } from './group.ts';

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
      const { candidateLines, candidates } = await import('../completion/complete.ts');
      const asked = words[0] === '--' ? words.slice(1) : words;
      process.stdout.write(candidateLines(await candidates(program, asked)));
    });
};
