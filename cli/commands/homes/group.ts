import { addCommand, type Group, parameterOption, versionOption } from '../registration.ts';

/** Commands for unowned homes. */
export const addHomes: Group = (program) => {
  program.commandsGroup('Administration:');
  const homes = program
    .command('homes')
    .description('Manage unowned homes, for example after a loss of the table (admins; auditors can list)');
  addCommand(homes, 'ls', 'List unowned homes', { isDefault: true }).action(async (options) =>
    (await import('./homes.ts')).listHomes(options),
  );
  addCommand(homes, 'adopt <id>', 'Create a stopped workspace for an unowned home; its owner starts it')
    .requiredOption('--owner <person>', 'Owner of the workspace (user name)')
    .option('--name <name>', 'Name of the workspace (default: its previous name)')
    .option('-t, --template <name>', 'Template (default: its previous template)')
    .addOption(versionOption())
    .addOption(parameterOption())
    .action(async (id, options) => (await import('./homes.ts')).adoptHome(id, options));
  addCommand(homes, 'discard <id>', 'Destroy an unowned home with all its files')
    .option('-y, --yes', 'Do not ask for confirmation')
    .action(async (id, options) => (await import('./homes.ts')).discardHome(id, options));
};
