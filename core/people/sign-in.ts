import type { Role } from '../../contracts/people.ts';
import { nameLimits, OwnerName } from '../../contracts/values/names.ts';
import { chainStart, recordAuditEvents } from '../audit/audit-events.ts';
import { instant } from '../instant.ts';
import type { SignIn } from '../ports/identity.ts';
import { type Change, type Table, WriteConflict } from '../ports/table.ts';
import type { Rules } from '../rules.ts';
import {
  loadPerson,
  type PersonRecord,
  personIdOf,
  personItem,
  requireActive,
  unchangedPerson,
  userNameItems,
  userNameKey,
} from './person-record.ts';

export const rolesOf = (groups: readonly string[], roleGroups: Rules['roleGroups']): Role[] => {
  const granted = Object.entries(roleGroups).filter(([, group]) => groups.includes(group));
  return ['member', ...granted.map(([role]) => role as Role)];
};

/**
 * Returns the person of a verified sign-in, created or updated from its claims, because the identity provider decides
 * about their groups. Throws `unauthenticated` for a deactivated person. One get when nothing changed.
 */
export const recordSignIn = async (rules: Rules, signIn: SignIn): Promise<PersonRecord> => {
  const id = personIdOf(signIn.subject);
  for (;;) {
    const before = await loadPerson(rules.table, id);
    if (before !== undefined) requireActive(before);
    if (before !== undefined && isCurrent(before, signIn)) return before;
    const name = before?.name ?? (await freeUserName(rules.table, signIn.name, id));
    const written = await writePerson(rules, before, { ...signIn, name }, id);
    if (written !== undefined) return written;
  }
};

/** An older token than the recorded one changes nothing: revoked groups stay revoked. */
const isCurrent = (person: PersonRecord, signIn: SignIn): boolean =>
  instant(signIn.issuedAt) < person.toldAt || (!isNewSignIn(person, signIn) && hasSameClaims(person, signIn));

const isNewSignIn = (person: PersonRecord, { signedInAt }: SignIn): boolean =>
  signedInAt !== undefined && instant(signedInAt) > (person.signedInAt ?? '');

const hasSameClaims = (person: PersonRecord, signIn: SignIn): boolean =>
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
  const written = { ...person, audit: audit.head };
  const claim: Change[] =
    before === undefined
      ? [{ put: userNameItems.item(userNameKey(signIn.name), { personId: id }), when: { absent: true } }]
      : [];
  try {
    await table.write([{ put: personItem(written), when: unchangedPerson(before) }, ...claim, ...audit.changes]);
    return written;
  } catch (error) {
    if (error instanceof WriteConflict) return undefined;
    throw error;
  }
};

/** The sign-in's name as a user name that fits into a host label, with a number if it is taken. */
const freeUserName = async (table: Table, wanted: string, id: string): Promise<string> => {
  const base = toUserName(wanted);
  for (let n = 1; ; n++) {
    const suffix = n === 1 ? '' : `-${n}`;
    const name = base.slice(0, nameLimits.owner - suffix.length).replace(/-$/, '') + suffix;
    const claim = await table.get(userNameKey(name));
    if (claim === undefined || claim['personId'] === id) return name;
  }
};

const toUserName = (wanted: string): string => {
  const name = (wanted.split('@')[0] ?? '')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^[^a-z]+|-+$/g, '')
    .slice(0, nameLimits.owner)
    .replace(/-+$/, '');
  return OwnerName.safeParse(name).success ? name : 'user';
};
