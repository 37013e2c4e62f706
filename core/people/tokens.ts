import { randomBytes } from 'node:crypto';
import type { Token } from '../../contracts/routes.ts';
import { quoted } from '../access.ts';
import type { Person } from '../actor.ts';
import { BerthError } from '../errors.ts';
import { instant, later } from '../instant.ts';
import { fromItem, toItem } from '../item.ts';
import type { Key } from '../ports.ts';
import type { Rules } from '../rules.ts';
import { hashSecret, newSecret, sameText } from '../secrets.ts';
import { recordPersonActs } from './acts.ts';
import { loadPerson, type PersonRecord, requireActive } from './people.ts';

/** An API token as it is stored: its secret only as a hash. */
interface TokenRecord extends Token {
  personId: string;
  hash: string;
}

const tokenKey = (id: string): Key => ({ pk: `token#${id}`, sk: 'token' });

/** `berth_<id>_<secret>`: recognisable to secret scanners, and found by its id. */
const tokenPattern = /^berth_([0-9a-f]{16})_([A-Za-z0-9_-]{43})$/;
export const isApiToken = (text: string): boolean => text.startsWith('berth_');

const dayMs = 86_400_000;

const view = ({ id, name, createdAt, expiresAt }: TokenRecord): Token => ({ id, name, createdAt, expiresAt });

/** It would live on in the tokens that it made, after it is revoked or its time is over. */
const refuseByToken = ({ apiToken }: Person): void => {
  if (apiToken === undefined) return;
  throw new BerthError(
    'forbidden',
    'An API token makes no other one. Sign in to the portal, or by "berth login" with BERTH_TOKEN unset, and make it there.',
    { refused: apiToken },
  );
};

/** Throws `forbidden` for who came by an API token. */
export const createToken = async (
  rules: Rules,
  person: Person,
  request: { name: string; days: number },
): Promise<Token & { secret: string }> => {
  refuseByToken(person);
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
  const item = toItem(tokenKey(id), { ...record, listPk: `tokens#${person.id}`, listSk: `${record.createdAt}#${id}` });
  const act = { action: 'token.create' as const, actor: person, details: { token: id, days: request.days } };
  await recordPersonActs(rules, person.id, [act], [{ put: item, when: { absent: true } }]);
  return { ...view(record), secret: `berth_${id}_${secret}` };
};

export const listTokens = async (
  { table }: Rules,
  person: Person,
  { limit, cursor }: { limit: number; cursor?: string | undefined },
) => {
  const page = await table.query({
    pk: `tokens#${person.id}`,
    index: 'list',
    limit,
    ...(cursor === undefined ? {} : { cursor }),
  });
  return { ...page, items: page.items.map((item) => view(fromItem<TokenRecord>(item))) };
};

export const revokeToken = async (rules: Rules, person: Person, id: string): Promise<void> => {
  const item = await rules.table.get(tokenKey(id));
  if (item === undefined || fromItem<TokenRecord>(item).personId !== person.id) {
    throw new BerthError('not_found', `You have no API token ${quoted(id)}. List yours to see their ids.`);
  }
  const act = { action: 'token.revoke' as const, actor: person, details: { token: id } };
  await recordPersonActs(rules, person.id, [act], [{ delete: tokenKey(id), when: { present: true } }]);
};

const refused = () =>
  new BerthError(
    'unauthenticated',
    'The API token is not valid, has expired or was revoked. Make a new one in the portal.',
  );

type Reading = Pick<Rules, 'table' | 'clock'>;

const loadLive = async ({ table, clock }: Reading, id: string): Promise<TokenRecord> => {
  const item = await table.get(tokenKey(id));
  const record = item && fromItem<TokenRecord>(item);
  if (record === undefined || record.expiresAt <= instant(clock())) throw refused();
  return record;
};

/** The person behind an API token. Two gets. */
export const personOfToken = async (rules: Reading, token: string): Promise<PersonRecord> => {
  const [, id, secret] = tokenPattern.exec(token) ?? [];
  if (id === undefined || secret === undefined) throw refused();
  const { hash, personId } = await loadLive(rules, id);
  if (!sameText(hash, hashSecret(secret))) throw refused();
  return { ...requireActive(await loadPerson(rules.table, personId)), apiToken: id };
};

/** Refuses what was opened by an API token, given by its id, that was revoked since or whose time is over. One get; none without a token. */
export const requireLiveToken = async (rules: Reading, id: string | undefined): Promise<void> => {
  if (id !== undefined) await loadLive(rules, id);
};
