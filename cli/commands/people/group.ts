import { addCommand, type Group } from '../group.ts';

export const addPeople: Group = (program) => {
  program.commandsGroup('Administration:');
  const people = program.command('people').description('everybody who ever signed in (admins; auditors may list)');
  addCommand(people, 'ls', 'list them').action(async (options) => (await import('./people.ts')).listPeople(options));
  addCommand(
    people,
    'deactivate <name>',
    'refuse somebody from now on, end what they have open, and stop their workspaces',
  ).action(async (name, options) => (await import('./people.ts')).deactivatePerson(name, options));
  addCommand(people, 'activate <name>', 'let somebody in again').action(async (name, options) =>
    (await import('./people.ts')).activatePerson(name, options),
  );
};
