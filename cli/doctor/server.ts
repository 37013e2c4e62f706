import { ApiError, type Client, createClient } from '../../contracts/client.ts';
import { type Finding, fail, jsonOf, ok, type Verdict, warn, whyUnreachable } from '../../contracts/doctor.ts';
import { routes } from '../../contracts/routes.ts';
import { version } from '../../contracts/version.ts';
import { signInHint } from '../failure.ts';
import { allOf } from '../pages.ts';
import { judgeGateway } from './gateway.ts';

/** Tokens of sign-in are refused beyond it. */
const mostSkewMs = 60_000;
const dayMs = 86_400_000;
/** A token that ends within it is worth a word. */
const soonDays = 7;

/** @param date the answer's Date header, whole seconds; @param at when the answer came, @param tookMs after so long */
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

type Token = { token: string } | { why: string };

const judgeToken = async (url: string, found: Token): Promise<Verdict[]> => {
  if ('why' in found) return [fail('There is no token.', found.why)];
  const { token } = found;
  const client = createClient({ baseUrl: url, token: () => token });
  try {
    const { name, roles } = await client.me();
    return [ok(`The token is valid, and ${name}'s (${roles.join(', ')}).`), ...(await expiryOf(client, token))];
  } catch (error) {
    if (error instanceof ApiError) return [fail(`The token is not taken: ${error.message}`, signInHint)];
    return [fail(`Whose token it is could not be asked: ${whyUnreachable(error)}.`, 'Try again.')];
  }
};

const notBerth = 'Set BERTH_URL to the address of the portal.';

const judgeAnswer = async (url: string, answer: Response): Promise<Verdict[]> => {
  const elsewhere = answer.headers.get('location');
  if (elsewhere !== null) return [fail(`${url} sends on to ${elsewhere}.`, notBerth)];
  const health = routes.health.response.safeParse(jsonOf(await answer.text()));
  if (!health.success) return [fail(`${url} is answered (${answer.status}) by something else than Berth.`, notBerth)];
  return [ok(`Berth answers at ${url}.`), judgeVersion(health.data.version)];
};

/** What a person needs of their Berth. If nothing answers, there is no more to look at. */
export const lookAtServer = async (url: string, token: Token): Promise<Finding[]> => {
  const named = (check: string, verdicts: Verdict[]) => verdicts.map((verdict) => ({ check, ...verdict }));
  const begun = Date.now();
  let answer: Response;
  try {
    answer = await fetch(`${url}/api/health`, { redirect: 'manual', signal: AbortSignal.timeout(10_000) });
  } catch (error) {
    const what = `${url} cannot be reached: ${whyUnreachable(error)}.`;
    return named('address', [fail(what, 'Is BERTH_URL right? A Berth on this machine is started with npm start.')]);
  }
  const clock = judgeClock(answer.headers.get('date'), Date.now(), Date.now() - begun);
  const address = await judgeAnswer(url, answer);
  if (address.some(({ level }) => level === 'fail')) return named('address', address);
  const [tokens, gateway] = await Promise.all([judgeToken(url, token), judgeGateway(url)]);
  return [
    ...named('address', address),
    ...named('clock', [clock]),
    ...named('token', tokens),
    ...named('gateway', [gateway]),
  ];
};
