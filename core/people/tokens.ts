import { randomBytes } from 'node:crypto';
import type { Token } from '../../contracts/people.ts';
import { quoted } from '../access/policy.ts';
import type { Person } from '../actor.ts';
import { hashSecret, newSecret, sameText } from '../crypto/secrets.ts';
import { BerthError } from '../errors.ts';
import { instant, later } from '../instant.ts';
import type { Key } from '../ports/table.ts';
import type { Rules } from '../rules.ts';
import { ItemKind } from '../table/item-kind.ts';
import { loadPerson, type PersonRecord, requireActive } from './person-record.ts';
import { recordPersonEvents } from './update-person.ts';

/** An API token as the table stores it, with a hash of its secret. */
interface TokenRecord extends Token {
  personId: string;
  hash: string;
}

export const tokenItems = new ItemKind<TokenRecord>('API token', {
  id: 'string',
  name: 'string',
  personId: 'string',
  hash: 'string',
  createdAt: 'string',
  expiresAt: 'string',
});

const tokenKey = (id: string): Key => ({ pk: `token#${id}`, sk: 'token' });

/** `berth_<id>_<secret>`: recognizable to secret scanners, and found by its id. */
const tokenPattern = /^berth_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;
export const isApiToken = (text: string): boolean => text.startsWith('berth_');

const dayMs = 86_400_000;

const view = ({ id, name, createdAt, expiresAt }: TokenRecord): Token => ({ id, name, createdAt, expiresAt });

/** Without this, a revoked or expired token would remain usable through the tokens that it created. */
const refuseApiToken = ({ apiToken }: Person): void => {
  if (apiToken === undefined) return;
  throw new BerthError(
    'forbidden',
    'An API token cannot create another one. Sign in to the portal, or run "berth login" with BERTH_TOKEN unset, and create it there.',
    { refused: apiToken },
  );
};

/** Throws `forbidden` for a request that an API token authenticated. */
export const createToken = async (
  rules: Rules,
  person: Person,
  request: { name: string; days: number },
): Promise<Token & { secret: string }> => {
  refuseApiToken(person);
  const now = rules.clock();
  const id = randomBytes(8).toString('hex');
  const secret = newSecret();
  const record: TokenRecord = {
    id,
    name: request.name,
    createdAt: instant(now),
    expiresAt: instant(later(now, request.days * dayMs)),
    personId: person.id,
    hash: hashSecret(secret),
  };
  const item = tokenItems.item(tokenKey(id), {
    ...record,
    listPk: `tokens#${person.id}`,
    listSk: `${record.createdAt}#${id}`,
  });
  const auditEvent = { action: 'token.create' as const, actor: person, details: { token: id, days: request.days } };
  await recordPersonEvents(rules, person.id, [auditEvent], [{ put: item, when: { absent: true } }]);
  return { ...view(record), secret: `berth_${id}_${secret}` };
};

export const listTokens = async (
  { table, log }: Rules,
  person: Person,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
) => {
  const page = await table.query({
    pk: `tokens#${person.id}`,
    index: 'list',
    limit,
    ...(cursor === undefined ? {} : { cursor }),
  });
  return { ...page, items: tokenItems.readList(page.items, log).map(view) };
};

export const revokeToken = async (rules: Rules, person: Person, id: string): Promise<void> => {
  const item = await rules.table.get(tokenKey(id));
  if (item === undefined || tokenItems.read(item).personId !== person.id) {
    throw new BerthError('not_found', `You have no API token ${quoted(id)}. List yours to see their IDs.`);
  }
  const auditEvent = { action: 'token.revoke' as const, actor: person, details: { token: id } };
  await recordPersonEvents(rules, person.id, [auditEvent], [{ delete: tokenKey(id), when: { present: true } }]);
};

const refused = () =>
  new BerthError(
    'unauthenticated',
    'The API token is not valid, has expired or was revoked. Create a new one in the portal.',
  );

type ReadRules = Pick<Rules, 'table' | 'clock'>;

const loadLive = async ({ table, clock }: ReadRules, id: string): Promise<TokenRecord> => {
  const item = await table.get(tokenKey(id));
  const record = item && tokenItems.read(item);
  if (record === undefined || record.expiresAt <= instant(clock())) throw refused();
  return record;
};

/** The person behind an API token. Two gets. */
export const authenticateToken = async (rules: ReadRules, token: string): Promise<PersonRecord> => {
  const [, id, secret] = tokenPattern.exec(token) ?? [];
  if (id === undefined || secret === undefined) throw refused();
  const { hash, personId } = await loadLive(rules, id);
  if (!sameText(hash, hashSecret(secret))) throw refused();
  return { ...requireActive(await loadPerson(rules.table, personId)), apiToken: id };
};

/**
 * Throws `unauthenticated` if the API token with this ID, which opened a connection, was revoked or has expired since.
 * One get; none without a token.
 */
export const requireLiveToken = async (rules: ReadRules, id: string | undefined): Promise<void> => {
  if (id !== undefined) await loadLive(rules, id);
};
