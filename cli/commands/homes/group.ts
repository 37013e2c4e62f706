import { addCommand, type Group, parameterOption, versionOption } from '../group.ts';

/** Commands for unowned homes. */
export const addHomes: Group = (program) => {
  program.commandsGroup('Administration:');
  const homes = program
    .command('homes')
    .description('homes that no workspace names, as after a loss of the table (admins; auditors may list)');
  addCommand(homes, 'ls', 'list them', { isDefault: true }).action(async (options) =>
    (await import('./homes.ts')).listHomes(options),
  );
  addCommand(homes, 'adopt <id>', 'give one to a workspace again, which its owner then starts')
    .requiredOption('--owner <person>', 'whose it becomes, by user name')
    .option('--name <name>', 'the name of the workspace (default: as it was)')
    .option('-t, --template <name>', 'the template (default: as it was)')
    .addOption(versionOption())
    .addOption(parameterOption())
    .action(async (id, options) => (await import('./homes.ts')).adoptHome(id, options));
  addCommand(homes, 'discard <id>', 'destroy one with all its files')
    .option('-y, --yes', 'do not ask')
    .action(async (id, options) => (await import('./homes.ts')).discardHome(id, options));
};
