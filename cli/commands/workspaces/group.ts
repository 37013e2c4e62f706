import { Option } from 'commander';
import { addCommand, type Group, parameterOption, versionOption, waitOption, wholeNumber } from '../registration.ts';

export const addWorkspaces: Group = (program) => {
  program.commandsGroup('Workspaces:');
  addCommand(program, 'create <name>', 'Create a workspace and start it')
    .requiredOption('-t, --template <name>', 'Template of the workspace (list them with: berth template ls)')
    .addOption(versionOption())
    .addOption(parameterOption())
    .addOption(waitOption())
    .action(async (name, options) => (await import('./create.ts')).create(name, options));
  addCommand(program, 'ls', 'List your workspaces')
    .alias('list')
    .addOption(new Option('--all', 'List the workspaces of all owners (admins and auditors)').conflicts('shared'))
    .option('--shared', 'List what others share with you')
    .action(async (options) => {
      const { ls, listShared } = await import('./ls.ts');
      await (options.shared ? listShared(options) : ls(options));
    });
  addCommand(program, 'show <workspace>', 'Show the details of a workspace').action(async (name, options) =>
    (await import('./show.ts')).show(name, options),
  );
  addCommand(program, 'logs <workspace>', 'Print the log of the last start of a workspace')
    .option('-f, --follow', 'Follow the log until the build has ended')
    .addOption(new Option('--build <number>', 'Print the log of this build instead').argParser(wholeNumber))
    .action(async (name, options) => (await import('./logs.ts')).logs(name, options));
  addCommand(program, 'builds <workspace>', 'List the builds of a workspace and their reasons, newest first').action(
    async (name, options) => (await import('./builds.ts')).listBuilds(name, options),
  );
  addCommand(program, 'stop <workspace>', 'Stop a workspace, or cancel its start; its home is kept')
    .addOption(waitOption())
    .action(async (name, options) => (await import('./stop.ts')).stop(name, options));
  addCommand(program, 'start <workspace>', 'Start a workspace, optionally with other parameters or another version')
    .addOption(versionOption())
    .addOption(parameterOption())
    .addOption(waitOption())
    .action(async (name, options) => (await import('./start.ts')).start(name, options));
  addCommand(program, 'restart <workspace>', 'Stop a workspace and start it again without changes; its home is kept')
    .addOption(waitOption())
    .action(async (name, options) =>
      (await import('./start.ts')).start(name, { ...options, parameter: [], restart: true }),
    );
  addCommand(program, 'startup <workspace>', 'Run the startup script of a workspace again after it failed')
    .addOption(waitOption())
    .action(async (name, options) => (await import('./startup.ts')).runStartup(name, options));
  addCommand(program, 'update [workspace]', 'Start or restart a workspace with the active version of its template')
    .option('--all', 'Update all your workspaces')
    .addOption(parameterOption())
    .addOption(waitOption())
    .action(async (name, options) => (await import('./update.ts')).update(name, options));
  addCommand(program, 'rm <workspace>', 'Delete a workspace and its home')
    .alias('delete')
    .option('-y, --yes', 'Do not ask for confirmation')
    .addOption(waitOption())
    .action(async (name, options) => (await import('./rm.ts')).rm(name, options));
  addCommand(
    program,
    'extend <workspace> <time>',
    'Postpone the autostop to this long from now: berth extend demo 2h',
  ).action(async (name, time, options) => (await import('./extend.ts')).extend(name, time, options));
  addCommand(
    program,
    'autostart <workspace>',
    'Show or set the autostart schedule: berth autostart demo --days mon-fri --at 8:30',
  )
    .option('--days <days>', 'Days of the week, for example mon-fri or mon,wed,sat')
    .option('--at <HH:MM>', 'Time of day')
    .option('--time-zone <name>', 'Time zone, for example Europe/Berlin (default: that of this machine)')
    .addOption(new Option('--off', 'Remove the schedule').conflicts(['days', 'at', 'timeZone']))
    .action(async (name, options) => (await import('./autostart.ts')).autostart(name, options));
};
