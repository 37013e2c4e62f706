import { Command, InvalidArgumentError, Option } from 'commander';
import { exitCodeHelp } from './exit-codes.ts';

const wholeNumber = (text: string): number => {
  if (/^[1-9][0-9]{0,8}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('Write a whole number from 1.');
};
const collect = (value: string, before: string[]): string[] => [...before, value];

const jsonOption = () => new Option('--json', 'print one JSON value instead of text');
const parameterOption = () =>
  new Option('-p, --parameter <name=value>', 'a parameter of the template; lists by commas')
    .argParser(collect)
    .default([], 'none');
const waitOption = () => new Option('--wait', 'wait until it is done, and show each step');
const versionOption = () => new Option('--version <number>', 'the template version').argParser(wholeNumber);

/**
 * The command line. Every command is loaded when it is run, so that help is there at once. `done` gets the exit code
 * of a command that has one of its own.
 */
export const buildProgram = (done: (exitCode: number) => void): Command => {
  const program = new Command('berth')
    .description('Cloud development environments from a terminal.')
    .enablePositionalOptions()
    .addHelpText('after', exitCodeHelp)
    .showHelpAfterError('Run it with --help to see what it takes.');
  const command = (words: string, description: string) =>
    program.command(words).description(description).addOption(jsonOption()).allowExcessArguments(false);

  command('templates [name]', 'list the templates you may use, or show one with its parameters').action(
    async (name, options) => {
      const { listTemplates, showTemplate } = await import('./commands/templates.ts');
      await (name === undefined ? listTemplates(options) : showTemplate(name, options));
    },
  );
  command('create <name>', 'create a workspace and start it')
    .requiredOption('-t, --template <name>', 'the template to make it from')
    .addOption(versionOption())
    .addOption(parameterOption())
    .addOption(waitOption())
    .action(async (name, options) => (await import('./commands/create.ts')).create(name, options));
  command('ls', 'list your workspaces')
    .option('--all', 'those of everyone (admins and auditors)')
    .action(async (options) => (await import('./commands/ls.ts')).ls(options));
  command('show <workspace>', 'show everything about a workspace').action(async (name, options) =>
    (await import('./commands/show.ts')).show(name, options),
  );
  command('logs <workspace>', 'print the log of its last start')
    .option('-f, --follow', 'go on until the build has ended')
    .addOption(new Option('--build <number>', 'of this build instead').argParser(wholeNumber))
    .action(async (name, options) => (await import('./commands/logs.ts')).logs(name, options));
  command('exec <workspace> <command...>', 'run a command in it: berth exec demo -- make test')
    .passThroughOptions()
    .action(async (name, words: string[], options) => {
      const { exec } = await import('./commands/exec.ts');
      done(await exec(name, words[0] === '--' ? words.slice(1) : words, options));
    });
  command('stop <workspace>', 'stop it; its home is kept')
    .addOption(waitOption())
    .action(async (name, options) => (await import('./commands/stop.ts')).stop(name, options));
  command('start <workspace>', 'start it, with other parameters or another version if you like')
    .addOption(versionOption())
    .addOption(parameterOption())
    .addOption(waitOption())
    .action(async (name, options) => (await import('./commands/start.ts')).start(name, options));
  command('rm <workspace>', 'delete it with its home')
    .option('-y, --yes', 'do not ask')
    .addOption(waitOption())
    .action(async (name, options) => (await import('./commands/rm.ts')).rm(name, options));
  command('extend <workspace> <time>', 'put its stop off, counted from now: berth extend demo 2h').action(
    async (name, time, options) => (await import('./commands/extend.ts')).extend(name, time, options),
  );
  command('autostart <workspace>', 'start it by itself: berth autostart demo --days mon-fri --at 08:30')
    .option('--days <days>', 'the days of the week: mon-fri, or mon,wed,sat')
    .option('--at <HH:MM>', 'the time of day')
    .option('--time-zone <name>', "whose clocks these are, like Europe/Berlin (default: this machine's)")
    .addOption(new Option('--off', 'start it by itself no more').conflicts(['days', 'at', 'timeZone']))
    .action(async (name, options) => (await import('./commands/autostart.ts')).autostart(name, options));
  command('whoami', 'show who you are signed in as').action(async (options) =>
    (await import('./commands/whoami.ts')).whoami(options),
  );
  command('doctor', 'check that this machine reaches Berth; with --settings, what a deployment needs and has')
    .option('--settings <file>', 'the settings of a deployment, such as berth.config.yaml, in a clone of Berth')
    .action(async (options) => done(await (await import('./commands/doctor.ts')).doctor(options)));
  addTemplate(program);
  addTokens(program);
  addPeople(program);
  return program;
};

const addTemplate = (program: Command): void => {
  const template = program.command('template').description('publish templates (admins and template admins)');
  template
    .command('push <folder>')
    .description('publish the template.yaml and README.md of a folder as a new version')
    .addOption(jsonOption())
    .action(async (folder, options) => (await import('./commands/template-push.ts')).pushTemplate(folder, options));
};

const addTokens = (program: Command): void => {
  const tokens = program.command('tokens').description('your API tokens');
  tokens
    .command('ls')
    .description('list them')
    .addOption(jsonOption())
    .action(async (options) => (await import('./commands/tokens.ts')).listTokens(options));
  tokens
    .command('create <name>')
    .description('make one; its secret is printed this once')
    .addOption(new Option('--days <number>', 'valid for so many days').argParser(wholeNumber).default(90))
    .addOption(jsonOption())
    .action(async (name, options) => (await import('./commands/tokens.ts')).createToken(name, options));
  tokens
    .command('rm <id>')
    .description('revoke one')
    .addOption(jsonOption())
    .action(async (id, options) => (await import('./commands/tokens.ts')).revokeToken(id, options));
};

const addPeople = (program: Command): void => {
  const people = program.command('people').description('everybody who ever signed in (admins; auditors may list)');
  people
    .command('ls')
    .description('list them')
    .addOption(jsonOption())
    .action(async (options) => (await import('./commands/people.ts')).listPeople(options));
  people
    .command('deactivate <name>')
    .description('refuse somebody from now on, end what they have open, and stop their workspaces')
    .addOption(jsonOption())
    .action(async (name, options) => (await import('./commands/people.ts')).deactivatePerson(name, options));
  people
    .command('activate <name>')
    .description('let somebody in again')
    .addOption(jsonOption())
    .action(async (name, options) => (await import('./commands/people.ts')).activatePerson(name, options));
};
