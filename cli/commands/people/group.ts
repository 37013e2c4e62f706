import { addCommand, type Group } from '../registration.ts';

export const addPeople: Group = (program) => {
  program.commandsGroup('Administration:');
  const people = program
    .command('people')
    .description('Manage the people who have signed in (admins; auditors can list)');
  addCommand(people, 'ls', 'List the people who have signed in').action(async (options) =>
    (await import('./people.ts')).listPeople(options),
  );
  addCommand(
    people,
    'deactivate <name>',
    'Refuse requests of a person, close their connections and stop their workspaces',
  ).action(async (name, options) => (await import('./people.ts')).deactivatePerson(name, options));
  addCommand(people, 'activate <name>', 'Reactivate a person').action(async (name, options) =>
    (await import('./people.ts')).activatePerson(name, options),
  );
};
