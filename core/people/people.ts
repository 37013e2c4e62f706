import { createHash } from 'node:crypto';
import { nameLimits, OwnerName } from '../../contracts/names.ts';
import type { Role } from '../../contracts/routes.ts';
import type { Person } from '../actor.ts';
import { type AuditHead, chainStart, recordActs } from '../audit.ts';
import { BerthError } from '../errors.ts';
import { instant } from '../instant.ts';
import { fromItem, toItem } from '../item.ts';
import { type Change, type Key, type SignIn, type Table, WriteConflict } from '../ports.ts';
import type { Rules } from '../rules.ts';

export interface PersonRecord extends Person {
  displayName: string;
  email?: string | undefined;
  /** False for a person who left: refused at the next request, until an admin activates them; no sign-in does. */
  active: boolean;
  /** When the provider said what is written here; an older token changes nothing of it. */
  toldAt: string;
  /** When the sign-in that was last seen happened. */
  signedInAt?: string | undefined;
  audit: AuditHead;
}

export const personKey = (id: string): Key => ({ pk: `person#${id}`, sk: 'person' });
export const handleKey = (name: string): Key => ({ pk: `handle#${name}`, sk: 'handle' });

/** Everybody, in the index `list`. */
export const peoplePartition = 'people';

/** Opaque, and the same for the same person of the same provider for ever. */
export const personIdOf = (subject: string): string =>
  `p-${createHash('sha256').update(subject).digest('hex').slice(0, 24)}`;

export const loadPerson = async (table: Table, id: string): Promise<PersonRecord | undefined> => {
  const item = await table.get(personKey(id));
  return item && fromItem<PersonRecord>(item);
};

/** The id of the person with a user name. One get. */
export const personIdByName = async (table: Table, name: string): Promise<string | undefined> => {
  const claim = await table.get(handleKey(name));
  return claim?.['personId'] as string | undefined;
};

/** Whether somebody deactivated the person; nothing is to run or start in their name then. */
export const isDeactivated = async (table: Table, id: string): Promise<boolean> =>
  (await loadPerson(table, id))?.active === false;

/** The person, refused when they have left; `wanted` is the id of what they are then kept from. */
export const requireActive = (person: PersonRecord | undefined, wanted?: string): PersonRecord => {
  if (person?.active === true) return person;
  throw new BerthError('unauthenticated', 'Your account is not active in Berth. Ask your administrator.', {
    refused: wanted,
  });
};

export const rolesOf = (groups: readonly string[], roleGroups: Rules['roleGroups']): Role[] => {
  const given = Object.entries(roleGroups).filter(([, group]) => groups.includes(group));
  return ['member', ...given.map(([role]) => role as Role)];
};

/**
 * The person behind a verified sign-in, made or brought up to date from its claims: their groups are the identity
 * provider's newest word. One get when nothing changed.
 */
export const personOfSignIn = async (rules: Rules, signIn: SignIn): Promise<PersonRecord> => {
  const id = personIdOf(signIn.subject);
  for (;;) {
    const before = await loadPerson(rules.table, id);
    if (before !== undefined && isCurrent(before, signIn)) return requireActive(before);
    if (before !== undefined) requireActive(before);
    const handle = before?.name ?? (await freeHandle(rules.table, signIn.name, id));
    const written = await writePerson(rules, before, { ...signIn, name: handle }, id);
    if (written !== undefined) return written;
  }
};

/** A token that is older than what is known says nothing new: groups that were taken away stay so. */
const isCurrent = (person: PersonRecord, signIn: SignIn): boolean =>
  instant(signIn.issuedAt) < person.toldAt || (!isNewSignIn(person, signIn) && saysTheSame(person, signIn));

const isNewSignIn = (person: PersonRecord, { signedInAt }: SignIn): boolean =>
  signedInAt !== undefined && instant(signedInAt) > (person.signedInAt ?? '');

const saysTheSame = (person: PersonRecord, signIn: SignIn): boolean =>
  person.email === signIn.email &&
  person.displayName === (signIn.displayName ?? person.displayName) &&
  JSON.stringify([...person.groups].sort()) === JSON.stringify([...signIn.groups].sort());

/** Writes the person with the audit of their sign-in; `undefined` when another request was quicker. */
const writePerson = async (
  { table, clock, roleGroups }: Rules,
  before: PersonRecord | undefined,
  signIn: SignIn,
  id: string,
): Promise<PersonRecord | undefined> => {
  const now = clock();
  const person: PersonRecord = {
    id,
    name: signIn.name,
    displayName: signIn.displayName ?? signIn.name,
    email: signIn.email,
    groups: signIn.groups,
    roles: rolesOf(signIn.groups, roleGroups),
    active: true,
    toldAt: instant(signIn.issuedAt),
    signedInAt: instant(signIn.signedInAt ?? now),
    audit: before?.audit ?? chainStart,
  };
  const act = { action: 'person.sign-in' as const, actor: person, details: { groups: signIn.groups.join(',') } };
  const audit = recordActs(id, person.audit, [act], now);
  const claim: Change[] =
    before === undefined ? [{ put: toItem(handleKey(signIn.name), { personId: id }), when: { absent: true } }] : [];
  try {
    await table.write([
      { put: personItem({ ...person, audit: audit.head }), when: asItWas(before) },
      ...claim,
      ...audit.changes,
    ]);
    return { ...person, audit: audit.head };
  } catch (error) {
    if (error instanceof WriteConflict) return undefined;
    throw error;
  }
};

/** A person's chain of audit events fences every write of their item. */
export const asItWas = (before: Pick<PersonRecord, 'audit'> | undefined) =>
  before === undefined ? { absent: true as const } : { equals: { auditSeq: before.audit.seq } };

export const personItem = (person: PersonRecord) =>
  toItem(personKey(person.id), {
    ...person,
    auditSeq: person.audit.seq,
    listPk: peoplePartition,
    listSk: person.name,
  });

/** The sign-in's name as a user name that fits into a host label; another's gets a number. */
const freeHandle = async (table: Table, wanted: string, id: string): Promise<string> => {
  const base = toHandle(wanted);
  for (let n = 1; ; n++) {
    const suffix = n === 1 ? '' : `-${n}`;
    const handle = base.slice(0, nameLimits.owner - suffix.length).replace(/-$/, '') + suffix;
    const claim = await table.get(handleKey(handle));
    if (claim === undefined || claim['personId'] === id) return handle;
  }
};

const toHandle = (wanted: string): string => {
  const handle = (wanted.split('@')[0] ?? '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, nameLimits.owner)
    .replace(/-+$/, '');
  return OwnerName.safeParse(handle).success ? handle : 'user';
};
