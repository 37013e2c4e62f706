import { Argument, Option } from 'commander';
import { addCommand, type Group, parameterOption, versionOption, wholeNumber } from '../registration.ts';
import { starterNames } from './starters.ts';

export const addTemplates: Group = (program, done) => {
  program.commandsGroup('Templates:');
  const template = program
    .command('template')
    .alias('templates')
    .description('Manage templates (changes: admins and template admins)');
  addCommand(template, 'ls', 'List the templates that you can use').action(async (options) =>
    (await import('./list.ts')).listTemplates(options),
  );
  addCommand(template, 'show <template>', 'Show a template and its parameters').action(async (name, options) =>
    (await import('./list.ts')).showTemplate(name, options),
  );
  addCommand(template, 'versions <template>', 'List the versions of a template, newest first').action(
    async (name, options) => (await import('./list.ts')).listVersions(name, options),
  );
  addCommand(template, 'init <name>', 'Create the folder of a new template')
    .addOption(new Option('--from <starter>', 'Starter to copy').choices(starterNames).default('process'))
    .option('--folder <folder>', 'Folder to create (default: the name of the template)')
    .action(async (name, options) => (await import('./init.ts')).initTemplate(name, options));
  addCommand(template, 'lint <folder>', 'Report every problem in a template folder without publishing it').action(
    async (folder, options) => done(await (await import('./lint.ts')).lintTemplate(folder, options)),
  );
  addCommand(template, 'preview <source>', 'Show what a workspace of a folder or template would create and cost')
    .addOption(versionOption())
    .addOption(parameterOption())
    .action(async (source, options) => (await import('./preview.ts')).previewTemplate(source, options));
  addCommand(template, 'push <folder>', 'Publish the template.yaml and README.md of a folder as a new version')
    .option('--no-promote', 'Do not make the new version active')
    .action(async (folder, options) => (await import('./push.ts')).pushTemplate(folder, options));
  addCommand(template, 'promote <template>', 'Make a version, newer or older, the active one')
    .addArgument(new Argument('<version>').argParser(wholeNumber))
    .action(async (name, version, options) => (await import('./manage.ts')).promoteTemplate(name, version, options));
  addCommand(
    template,
    'deprecate <template>',
    'Deprecate a template: it takes no new workspaces, existing ones keep running',
  )
    .option('--message <text>', 'Reason, and what to use instead')
    .option('--undo', 'Undo the deprecation')
    .action(async (name, options) => (await import('./manage.ts')).deprecateTemplate(name, options));
};
