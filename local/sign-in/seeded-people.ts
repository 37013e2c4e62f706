/** The users of a local Berth, in place of a company's directory. */
export interface LocalPerson {
  name: string;
  displayName: string;
  email: string;
  groups: string[];
  /** The description on the sign-in page. */
  about: string;
}

/** The local provider's constant name. Its issuer URL changes with the port. */
export const localProvider = 'local';

export const roleGroups = {
  admin: 'berth-admins',
  auditor: 'berth-auditors',
  'template-admin': 'berth-template-admins',
};

const person = (name: string, displayName: string, about: string, ...groups: string[]): LocalPerson => ({
  name,
  displayName,
  email: `${name}@example.com`,
  groups,
  about,
});

export const people: LocalPerson[] = [
  person('ada', 'Ada Lovelace', 'developer', 'engineering'),
  person('linus', 'Linus Torvalds', 'developer', 'engineering'),
  person('grace', 'Grace Hopper', 'admin', roleGroups.admin),
  person('sam', 'Sam Auditor', 'auditor', roleGroups.auditor),
];
