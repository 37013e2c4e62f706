import type { IncomingMessage, ServerResponse } from 'node:http';
import { SignOnRequest } from '../contracts/agent.ts';
import { parseJson } from '../contracts/json.ts';
import { BerthError, toProblem } from '../core/errors.ts';
import type { GatewayRules } from '../core/gateway.ts';
import { readBody } from './body.ts';
import type { Log } from './log.ts';
import { sendProblem } from './problems.ts';

const mostBytes = 16 * 1024;

const tooLarge = () => new BerthError('too_large', `A sign-on has at most ${mostBytes / 1024} KB. Send less.`);
const tooSlow = () => new BerthError('request_timeout', 'The sign-on did not arrive whole in time. Send it again.');
const notOne = () =>
  new BerthError('invalid_request', 'This is no sign-on of an agent. Use the agent that comes with this Berth.');
const onlyPost = () => new BerthError('method_not_allowed', 'Agents sign on with POST. Use it.');

interface Options {
  rules: GatewayRules;
  bodyWithinMs: number;
  log: Log;
}

const signOn = async (incoming: IncomingMessage, { rules, bodyWithinMs: withinMs }: Options): Promise<string> => {
  if (incoming.method !== 'POST') throw onlyPost();
  const body = await readBody(incoming, { mostBytes, withinMs, tooLarge, tooSlow });
  const request = SignOnRequest.safeParse(parseJson(body));
  if (!request.success) throw notOne();
  return JSON.stringify(await rules.signOn(request.data));
};

/** `POST /agent/sign-on`: an agent shows whose it is and is given its token. */
export const serveSignOn = async (
  incoming: IncomingMessage,
  response: ServerResponse,
  options: Options,
): Promise<void> => {
  try {
    const answer = await signOn(incoming, options);
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(answer);
  } catch (thrown) {
    if (!(thrown instanceof BerthError)) options.log('error', 'a sign-on failed', { reason: String(thrown) });
    sendProblem(response, toProblem(thrown));
  }
};
