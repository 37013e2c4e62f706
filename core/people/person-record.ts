import { createHash } from 'node:crypto';
import type { Person } from '../actor.ts';
import type { AuditHead } from '../audit/audit-events.ts';
import { BerthError } from '../errors.ts';
import type { Condition, Item, Key, Table } from '../ports/table.ts';
import { ItemKind } from '../table/item-kind.ts';

export interface PersonRecord extends Person {
  displayName: string;
  email?: string | undefined;
  /** False for a deactivated person: their requests are refused until an admin activates them; a sign-in does not. */
  active: boolean;
  /** When the provider issued these claims; an older token does not replace them. */
  toldAt: string;
  /** The time of the last sign-in. */
  signedInAt?: string | undefined;
  audit: AuditHead;
}

export const personItems = new ItemKind<PersonRecord>('person', {
  id: 'string',
  name: 'string',
  displayName: 'string',
  groups: 'list',
  roles: 'list',
  active: 'boolean',
  audit: 'object',
});

/** The claim on a user name, which makes it unique. */
export const userNameItems = new ItemKind<{ personId: string }>('user name', { personId: 'string' });

export const personKey = (id: string): Key => ({ pk: `person#${id}`, sk: 'person' });
export const userNameKey = (name: string): Key => ({ pk: `handle#${name}`, sk: 'handle' });

/** All people: in the index `list` by user name, in `all` by display name. */
export const peoplePartition = 'people';

/** Opaque and stable for a subject of the identity provider. */
export const personIdOf = (subject: string): string =>
  `p-${createHash('sha256').update(subject).digest('hex').slice(0, 24)}`;

export const personItem = (person: PersonRecord): Item =>
  personItems.item(personKey(person.id), {
    ...person,
    auditSeq: person.audit.seq,
    listPk: peoplePartition,
    listSk: person.name,
    allPk: peoplePartition,
    allSk: `${person.displayName.toLowerCase()}#${person.name}`,
  });

/** Requires that the person's item is unchanged since it was read. The head of the audit chain guards every write. */
export const unchangedPerson = (before: Pick<PersonRecord, 'audit'> | undefined): Condition =>
  before === undefined ? { absent: true } : { equals: { auditSeq: before.audit.seq } };

export const loadPerson = async (table: Table, id: string): Promise<PersonRecord | undefined> => {
  const item = await table.get(personKey(id));
  return item && personItems.read(item);
};

/** The ID of the person with a user name. One get. */
export const personIdByName = async (table: Table, name: string): Promise<string | undefined> => {
  const claim = await table.get(userNameKey(name));
  return claim && userNameItems.read(claim).personId;
};

/** Whether an admin deactivated the person; then none of their workspaces may run. */
export const isDeactivated = async (table: Table, id: string): Promise<boolean> =>
  (await loadPerson(table, id))?.active === false;

/** Throws `unauthenticated` for a deactivated person; `requested` is the ID of what they requested. */
export const requireActive = (person: PersonRecord | undefined, requested?: string): PersonRecord => {
  if (person?.active === true) return person;
  throw new BerthError('unauthenticated', 'Your account is not active in Berth. Ask your administrator.', {
    refused: requested,
  });
};
