import { Option } from 'commander';
import { addCommand, type Group, parameterOption, versionOption, waitOption, wholeNumber } from '../group.ts';

export const addWorkspaces: Group = (program) => {
  program.commandsGroup('Workspaces:');
  addCommand(program, 'create <name>', 'create a workspace and start it')
    .requiredOption('-t, --template <name>', 'the template to make it from: berth template ls lists them')
    .addOption(versionOption())
    .addOption(parameterOption())
    .addOption(waitOption())
    .action(async (name, options) => (await import('./create.ts')).create(name, options));
  addCommand(program, 'ls', 'list your workspaces')
    .alias('list')
    .addOption(new Option('--all', 'those of everyone (admins and auditors)').conflicts('shared'))
    .option('--shared', 'what others share with you')
    .action(async (options) => {
      if (options.shared) return (await import('./ls-shared.ts')).listShared(options);
      await (await import('./ls.ts')).ls(options);
    });
  addCommand(program, 'show <workspace>', 'show everything about a workspace').action(async (name, options) =>
    (await import('./show.ts')).show(name, options),
  );
  addCommand(program, 'logs <workspace>', 'print the log of its last start')
    .option('-f, --follow', 'go on until the build has ended')
    .addOption(new Option('--build <number>', 'of this build instead').argParser(wholeNumber))
    .action(async (name, options) => (await import('./logs.ts')).logs(name, options));
  addCommand(program, 'builds <workspace>', 'list its builds, newest first: starts, stops, and why').action(
    async (name, options) => (await import('./builds.ts')).listBuilds(name, options),
  );
  addCommand(program, 'stop <workspace>', 'stop it, or cancel its start; its home is kept')
    .addOption(waitOption())
    .action(async (name, options) => (await import('./stop.ts')).stop(name, options));
  addCommand(program, 'start <workspace>', 'start it, with other parameters or another version if you like')
    .addOption(versionOption())
    .addOption(parameterOption())
    .addOption(waitOption())
    .action(async (name, options) => (await import('./start.ts')).start(name, options));
  addCommand(program, 'restart <workspace>', 'stop it and start it again as it is; its home is kept')
    .addOption(waitOption())
    .action(async (name, options) =>
      (await import('./start.ts')).start(name, { ...options, parameter: [], restart: true }),
    );
  addCommand(program, 'startup <workspace>', 'run its startup script again, after that failed')
    .addOption(waitOption())
    .action(async (name, options) => (await import('./startup.ts')).runStartup(name, options));
  addCommand(program, 'update [workspace]', 'start it with the active version of its template')
    .option('--all', 'each of yours')
    .addOption(parameterOption())
    .addOption(waitOption())
    .action(async (name, options) => (await import('./update.ts')).update(name, options));
  addCommand(program, 'rm <workspace>', 'delete it with its home')
    .alias('delete')
    .option('-y, --yes', 'do not ask')
    .addOption(waitOption())
    .action(async (name, options) => (await import('./rm.ts')).rm(name, options));
  addCommand(program, 'extend <workspace> <time>', 'put its stop off, counted from now: berth extend demo 2h').action(
    async (name, time, options) => (await import('./extend.ts')).extend(name, time, options),
  );
  addCommand(
    program,
    'autostart <workspace>',
    'show or set when it starts by itself: berth autostart demo --days mon-fri --at 8:30',
  )
    .option('--days <days>', 'the days of the week: mon-fri, or mon,wed,sat')
    .option('--at <HH:MM>', 'the time of day')
    .option('--time-zone <name>', "whose clocks these are, like Europe/Berlin (default: this machine's)")
    .addOption(new Option('--off', 'start it by itself no more').conflicts(['days', 'at', 'timeZone']))
    .action(async (name, options) => (await import('./autostart.ts')).autostart(name, options));
};
