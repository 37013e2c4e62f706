import { ApiError, type Client, createClient } from '../../contracts/client/client.ts';
import { type Finding, fail, ok, type Verdict, warn, whyUnreachable } from '../../contracts/doctor.ts';
import { routes } from '../../contracts/routes/routes.ts';
import type { Trouble } from '../../contracts/troubles.ts';
import { parseJson } from '../../contracts/values/json.ts';
import { version } from '../../contracts/version.ts';
import { signInHint } from '../io/failure.ts';
import { moment } from '../io/format.ts';
import { networkFetch, proxyHint } from '../io/network.ts';
import { allOf } from '../io/pages.ts';
import { judgeGateway } from './gateway.ts';

/** With a larger clock skew, the tokens of a sign-in are rejected. */
const mostSkewMs = 60_000;
const dayMs = 86_400_000;
/** A token that expires within this time gets a warning. */
const soonDays = 7;

/** @param date the response's Date header, in whole seconds; @param at when it arrived; @param tookMs its latency */
export const judgeClock = (date: string | null, at: number, tookMs: number): Verdict => {
  const theirs = Date.parse(date ?? '');
  if (Number.isNaN(theirs))
    return warn('Berth does not say what time it is.', 'Compare this machine’s clock yourself.');
  const skewMs = at - tookMs / 2 - (theirs + 500);
  const seconds = Math.round(Math.abs(skewMs) / 1_000);
  if (Math.abs(skewMs) <= mostSkewMs) return ok(`The clock differs from Berth's by ${seconds} s.`);
  return fail(
    `This machine's clock is ${seconds} s ${skewMs > 0 ? 'ahead' : 'behind'}: tokens fail beyond 60 s.`,
    'Let the system set its time by itself (NTP).',
  );
};

const judgeVersion = (theirs: string): Verdict =>
  theirs === version
    ? ok(`Berth is of version ${theirs}, as this CLI.`)
    : warn(`Berth is of version ${theirs}, this CLI of ${version}.`, 'Take the CLI of the same version.');

const expiryOf = async (client: Client, token: string): Promise<Verdict[]> => {
  const id = /^berth_([0-9a-f]{16})_/.exec(token)?.[1];
  const found = (await allOf((query) => client.listTokens({ query }))).find((known) => known.id === id);
  if (found === undefined) return [];
  const days = Math.floor((Date.parse(found.expiresAt) - Date.now()) / dayMs);
  if (days >= soonDays) return [];
  return [
    warn(
      `The token ${found.name} is valid for ${days} more days.`,
      'Make its successor where you are signed in, in the portal or by: berth tokens create NAME',
    ),
  ];
};

/** Reports nothing to users who may not list homes. */
const judgeHomes = async (client: Client, roles: readonly string[]): Promise<Verdict[]> => {
  if (!roles.includes('admin') && !roles.includes('auditor')) return [];
  const homes = await allOf((query) => client.listHomes({ query }));
  const stuck = homes.filter(({ problem }) => problem !== undefined);
  if (homes.length === 0) return [ok('Every home has its workspace.')];
  const told = homes.length === 1 ? 'One home has no workspace' : `${homes.length} homes have no workspace`;
  const troubled = stuck.length === 0 ? '' : `, and ${stuck.length} cannot be destroyed as an admin asked`;
  const todo = 'Look at them with: berth homes; then adopt or discard each, as docs/runbook.md says.';
  return [warn(`${told} in the table${troubled}.`, todo)];
};

type Token = { token: string } | { why: string };

const named = (check: string, verdicts: Verdict[]): Finding[] => verdicts.map((verdict) => ({ check, ...verdict }));

/** Checks the token and what can only be read with it. */
const judgeToken = async (url: string, found: Token): Promise<Finding[]> => {
  if ('why' in found) return named('token', [fail('There is no token.', found.why)]);
  const { token } = found;
  const client = createClient({ baseUrl: url, token: () => token, fetch: networkFetch });
  try {
    const { name, roles } = await client.me();
    const valid = ok(`The token is valid, and ${name}'s (${roles.join(', ')}).`);
    const ends = await expiryOf(client, token);
    return [...named('token', [valid, ...ends]), ...named('homes', await judgeHomes(client, roles))];
  } catch (error) {
    if (error instanceof ApiError)
      return named('token', [fail(`The token is not taken: ${error.message}`, signInHint)]);
    return named('token', [fail(`Whose token it is could not be asked: ${whyUnreachable(error)}.`, 'Try again.')]);
  }
};

const notBerth = 'Set BERTH_URL to the address of the portal.';

/** A local Berth reports what delays its changes. A deployed one does not, so there is no finding. */
const judgeChanges = (troubles: Trouble[] | undefined): Verdict[] => {
  if (troubles?.length === 0) return [ok('Nothing is held up.')];
  return (troubles ?? []).map(({ level, since, what, todo }) => {
    const when = `${level === 'fail' ? 'Since' : 'At'} ${moment(since)}`;
    return { level, what: `${when}: ${what}`, todo };
  });
};

const judgeAnswer = async (url: string, answer: Response): Promise<Finding[]> => {
  const elsewhere = answer.headers.get('location');
  if (elsewhere !== null) return named('address', [fail(`${url} sends on to ${elsewhere}.`, notBerth)]);
  const health = routes.health.response.safeParse(parseJson(await answer.text()));
  if (!health.success) {
    return named('address', [fail(`${url} is answered (${answer.status}) by something else than Berth.`, notBerth)]);
  }
  const { version: theirs, troubles } = health.data;
  const answers = [ok(`Berth answers at ${url}.`), judgeVersion(theirs)];
  return [...named('address', answers), ...named('changes', judgeChanges(troubles))];
};

/** Checks what a user needs of the server. If it does not respond, the other checks are skipped. */
export const lookAtServer = async (url: string, token: Token): Promise<Finding[]> => {
  const begun = Date.now();
  let answer: Response;
  try {
    answer = await networkFetch(`${url}/api/health`, { redirect: 'manual', signal: AbortSignal.timeout(10_000) });
  } catch (error) {
    const what = `${url} cannot be reached: ${whyUnreachable(error)}.${proxyHint(url)}`;
    return named('address', [fail(what, 'Is BERTH_URL right? A Berth on this machine is started with npm start.')]);
  }
  const clock = judgeClock(answer.headers.get('date'), Date.now(), Date.now() - begun);
  const address = await judgeAnswer(url, answer);
  if (address.some(({ check, level }) => check === 'address' && level === 'fail')) return address;
  const [tokens, gateway] = await Promise.all([judgeToken(url, token), judgeGateway(url)]);
  return [...address, ...named('clock', [clock]), ...tokens, ...named('gateway', [gateway])];
};
