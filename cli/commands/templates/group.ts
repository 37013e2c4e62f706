import { Argument, Option } from 'commander';
import { addCommand, type Group, parameterOption, versionOption, wholeNumber } from '../group.ts';
import { starterNames } from './starters.ts';

export const addTemplates: Group = (program, done) => {
  program.commandsGroup('Templates:');
  const template = program
    .command('template')
    .alias('templates')
    .description('what workspaces are made from; to change them is for admins and template admins');
  addCommand(template, 'ls', 'list those that you may use').action(async (options) =>
    (await import('./templates.ts')).listTemplates(options),
  );
  addCommand(template, 'show <template>', 'show one with its parameters').action(async (name, options) =>
    (await import('./templates.ts')).showTemplate(name, options),
  );
  addCommand(template, 'versions <template>', 'list its versions, newest first').action(async (name, options) =>
    (await import('./templates.ts')).listVersions(name, options),
  );
  addCommand(template, 'init <name>', 'write the folder of a new template')
    .addOption(new Option('--from <starter>', 'what to begin with').choices(starterNames).default('process'))
    .option('--folder <folder>', 'where to write it (default: a folder of its name)')
    .action(async (name, options) => (await import('./template-init.ts')).initTemplate(name, options));
  addCommand(template, 'lint <folder>', 'tell all that is wrong with a folder; publishes nothing').action(
    async (folder, options) => done(await (await import('./template-lint.ts')).lintTemplate(folder, options)),
  );
  addCommand(template, 'preview <what>', 'what a workspace of a folder, or of a template, would create and cost')
    .addOption(versionOption())
    .addOption(parameterOption())
    .action(async (what, options) => (await import('./template-preview.ts')).previewTemplate(what, options));
  addCommand(template, 'push <folder>', 'publish the template.yaml and README.md of a folder as a new version')
    .option('--no-promote', 'leave the version active that is')
    .action(async (folder, options) => (await import('./template-push.ts')).pushTemplate(folder, options));
  addCommand(template, 'promote <template>', 'make a version, newer or older, what new workspaces get')
    .addArgument(new Argument('<version>').argParser(wholeNumber))
    .action(async (name, version, options) =>
      (await import('./template-manage.ts')).promoteTemplate(name, version, options),
    );
  addCommand(template, 'deprecate <template>', 'take no new workspaces; existing ones run on')
    .option('--message <text>', 'why, and what to use instead')
    .option('--undo', 'take new workspaces again')
    .action(async (name, options) => (await import('./template-manage.ts')).deprecateTemplate(name, options));
};
