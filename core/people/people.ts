import { createHash } from 'node:crypto';
import type { Role } from '../../contracts/people.ts';
import { nameLimits, OwnerName } from '../../contracts/values/names.ts';
import type { Person } from '../actor.ts';
import { type AuditHead, chainStart, recordAuditEvents } from '../audit/audit-events.ts';
import { BerthError } from '../errors.ts';
import { instant } from '../instant.ts';
import type { SignIn } from '../ports/identity.ts';
import { type Change, type Key, type Table, WriteConflict } from '../ports/table.ts';
import type { Rules } from '../rules.ts';
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
export const handleKey = (name: string): Key => ({ pk: `handle#${name}`, sk: 'handle' });

/** All people: in the index `list` by user name, in `all` by display name. */
export const peoplePartition = 'people';

/** Opaque and stable for a subject of the identity provider. */
export const personIdOf = (subject: string): string =>
  `p-${createHash('sha256').update(subject).digest('hex').slice(0, 24)}`;

export const loadPerson = async (table: Table, id: string): Promise<PersonRecord | undefined> => {
  const item = await table.get(personKey(id));
  return item && personItems.read(item);
};

/** The id of the person with a user name. One get. */
export const personIdByName = async (table: Table, name: string): Promise<string | undefined> => {
  const claim = await table.get(handleKey(name));
  return claim && userNameItems.read(claim).personId;
};

/** Whether an admin deactivated the person; then none of their workspaces may run. */
export const isDeactivated = async (table: Table, id: string): Promise<boolean> =>
  (await loadPerson(table, id))?.active === false;

/** Throws `unauthenticated` for a deactivated person; `wanted` is the id of what they requested. */
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
 * The person of a verified sign-in, created or updated from its claims, as the identity provider decides about their
 * groups. One get when nothing changed.
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

/** An older token than the recorded one changes nothing: revoked groups stay revoked. */
const isCurrent = (person: PersonRecord, signIn: SignIn): boolean =>
  instant(signIn.issuedAt) < person.toldAt || (!isNewSignIn(person, signIn) && saysTheSame(person, signIn));

const isNewSignIn = (person: PersonRecord, { signedInAt }: SignIn): boolean =>
  signedInAt !== undefined && instant(signedInAt) > (person.signedInAt ?? '');

const saysTheSame = (person: PersonRecord, signIn: SignIn): boolean =>
  person.email === signIn.email &&
  person.displayName === (signIn.displayName ?? person.displayName) &&
  JSON.stringify([...person.groups].sort()) === JSON.stringify([...signIn.groups].sort());

/** Writes the person with the audit event of their sign-in; `undefined` when another request was faster. */
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
  const auditEvent = { action: 'person.sign-in' as const, actor: person, details: { groups: signIn.groups.join(',') } };
  const audit = recordAuditEvents(id, person.audit, [auditEvent], now);
  const claim: Change[] =
    before === undefined
      ? [{ put: userNameItems.item(handleKey(signIn.name), { personId: id }), when: { absent: true } }]
      : [];
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

/** The head of a person's audit chain guards every write of their item. */
export const asItWas = (before: Pick<PersonRecord, 'audit'> | undefined) =>
  before === undefined ? { absent: true as const } : { equals: { auditSeq: before.audit.seq } };

export const personItem = (person: PersonRecord) =>
  personItems.item(personKey(person.id), {
    ...person,
    auditSeq: person.audit.seq,
    listPk: peoplePartition,
    listSk: person.name,
    allPk: peoplePartition,
    allSk: `${person.displayName.toLowerCase()}#${person.name}`,
  });

/** The sign-in's name as a user name that fits into a host label, with a number if it is taken. */
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
