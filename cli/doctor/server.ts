import { ApiError, type Client, createClient } from '../../contracts/client/client.ts';
import { type Finding, fail, ok, type Verdict, warn, whyUnreachable } from '../../contracts/doctor.ts';
import type { Incident } from '../../contracts/incident.ts';
import { routes } from '../../contracts/routes/routes.ts';
import { parseJson } from '../../contracts/values/json.ts';
import { version } from '../../contracts/version.ts';
import { signInHint } from '../io/errors.ts';
import { dateTime } from '../io/format.ts';
import { networkFetch, proxyHint } from '../io/network.ts';
import { fetchAllPages } from '../io/pages.ts';
import { checkGateway } from './gateway.ts';

/** With a larger clock skew, the tokens of a sign-in are rejected. */
const maxSkewMs = 60_000;
const dayMs = 86_400_000;
/** A token that expires within this time gets a warning. */
const soonDays = 7;

/**
 * @param date the response's Date header, in whole seconds; @param at when it arrived; @param latencyMs of the request
 */
export const checkClock = (date: string | null, at: number, latencyMs: number): Verdict => {
  const serverTime = Date.parse(date ?? '');
  if (Number.isNaN(serverTime))
    return warn('The response of Berth contains no time.', 'Check the clock of this machine.');
  const skewMs = at - latencyMs / 2 - (serverTime + 500);
  const seconds = Math.round(Math.abs(skewMs) / 1_000);
  if (Math.abs(skewMs) <= maxSkewMs) return ok(`The clock differs from Berth's by ${seconds}s.`);
  return fail(
    `The clock of this machine is ${seconds}s ${skewMs > 0 ? 'ahead' : 'behind'}. Tokens are rejected beyond 60s.`,
    'Set the clock automatically (NTP).',
  );
};

const checkVersion = (serverVersion: string): Verdict =>
  serverVersion === version
    ? ok(`Berth and this CLI have version ${version}.`)
    : warn(`Berth has version ${serverVersion}, this CLI has ${version}.`, 'Install the CLI of the same version.');

const checkExpiry = async (client: Client, token: string): Promise<Verdict[]> => {
  const id = /^berth_([0-9a-f]{16})_/.exec(token)?.[1];
  const found = (await fetchAllPages((query) => client.listTokens({ query }))).find((known) => known.id === id);
  if (found === undefined) return [];
  const days = Math.floor((Date.parse(found.expiresAt) - Date.now()) / dayMs);
  if (days >= soonDays) return [];
  return [
    warn(
      `The token ${found.name} is valid for less than ${days + 1} days.`,
      'Create a new one in the portal or, signed in with your browser, with: berth tokens create NAME',
    ),
  ];
};

/** Reports nothing to users who may not list homes. */
const checkHomes = async (client: Client, roles: readonly string[]): Promise<Verdict[]> => {
  if (!roles.includes('admin') && !roles.includes('auditor')) return [];
  const homes = await fetchAllPages((query) => client.listHomes({ query }));
  const stuck = homes.filter(({ problem }) => problem !== undefined);
  if (homes.length === 0) return [ok('There are no unowned homes.')];
  const count = homes.length === 1 ? 'There is 1 unowned home' : `There are ${homes.length} unowned homes`;
  const failures = stuck.length === 0 ? '' : `, and ${stuck.length} of them could not be destroyed`;
  const todo = 'List them with "berth homes", then adopt or discard each (docs/runbook.md).';
  return [warn(`${count}${failures}.`, todo)];
};

type Token = { token: string } | { reason: string };

const findingsOf = (check: string, verdicts: Verdict[]): Finding[] =>
  verdicts.map((verdict) => ({ check, ...verdict }));

/** Checks the token and what can only be read with it. */
const checkToken = async (url: string, found: Token): Promise<Finding[]> => {
  if ('reason' in found) return findingsOf('token', [fail('There is no token.', found.reason)]);
  const { token } = found;
  const client = createClient({ baseUrl: url, token: () => token, fetch: networkFetch });
  try {
    const { name, roles } = await client.me();
    const valid = ok(`The token is valid. It belongs to ${name} (${roles.join(', ')}).`);
    const expiry = await checkExpiry(client, token);
    return [...findingsOf('token', [valid, ...expiry]), ...findingsOf('homes', await checkHomes(client, roles))];
  } catch (error) {
    if (error instanceof ApiError)
      return findingsOf('token', [fail(`The token was rejected: ${error.message}`, signInHint)]);
    return findingsOf('token', [fail(`Could not check the token: ${whyUnreachable(error)}.`, 'Try again.')]);
  }
};

const notBerth = 'Set BERTH_URL to the URL of the portal.';

/** A local Berth reports what delays its changes. A deployed one does not, so there is no finding. */
const checkChanges = (troubles: Incident[] | undefined): Verdict[] => {
  if (troubles?.length === 0) return [ok('No change is delayed.')];
  return (troubles ?? []).map(({ level, since, what, todo }) => {
    const when = `${level === 'fail' ? 'Since' : 'At'} ${dateTime(since)}`;
    return { level, what: `${when}: ${what}`, todo };
  });
};

const checkResponse = async (url: string, response: Response): Promise<Finding[]> => {
  const target = response.headers.get('location');
  if (target !== null) return findingsOf('address', [fail(`${url} redirects to ${target}.`, notBerth)]);
  const health = routes.health.response.safeParse(parseJson(await response.text()));
  if (!health.success) {
    return findingsOf('address', [
      fail(`The response from ${url} (status ${response.status}) is not from Berth.`, notBerth),
    ]);
  }
  const { version: serverVersion, troubles } = health.data;
  const verdicts = [ok(`Berth responds at ${url}.`), checkVersion(serverVersion)];
  return [...findingsOf('address', verdicts), ...findingsOf('changes', checkChanges(troubles))];
};

/** Checks what a user needs of the server. If it does not respond, the other checks are skipped. */
export const checkServer = async (url: string, token: Token): Promise<Finding[]> => {
  const startedAt = Date.now();
  let response: Response;
  try {
    response = await networkFetch(`${url}/api/health`, { redirect: 'manual', signal: AbortSignal.timeout(10_000) });
  } catch (error) {
    const what = `Could not reach ${url}: ${whyUnreachable(error)}.${proxyHint(url)}`;
    return findingsOf('address', [
      fail(what, 'Set BERTH_URL to the right URL, or start Berth on this machine with npm start.'),
    ]);
  }
  const clock = checkClock(response.headers.get('date'), Date.now(), Date.now() - startedAt);
  const address = await checkResponse(url, response);
  if (address.some(({ check, level }) => check === 'address' && level === 'fail')) return address;
  const [tokens, gateway] = await Promise.all([checkToken(url, token), checkGateway(url)]);
  return [...address, ...findingsOf('clock', [clock]), ...tokens, ...findingsOf('gateway', [gateway])];
};
