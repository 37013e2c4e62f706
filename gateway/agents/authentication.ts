import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Log } from '../../base/log.ts';
import { AgentAuthenticationRequest } from '../../contracts/agent/authentication.ts';
import { parseJson } from '../../contracts/values/json.ts';
import { BerthError, toProblem } from '../../core/errors.ts';
import type { GatewayRules } from '../../core/gateway.ts';
import { readBody } from '../http/body.ts';
import { sendProblem } from '../http/problems.ts';

const maxBytes = 16 * 1024;

const tooLarge = () =>
  new BerthError('too_large', `An agent’s authentication request has at most ${maxBytes / 1024} KB. Send less.`);
const tooSlow = () =>
  new BerthError('request_timeout', 'The authentication request did not arrive completely in time. Send it again.');
const malformed = () =>
  new BerthError(
    'invalid_request',
    'This is not an agent’s authentication request. Use the agent that comes with this version of Berth.',
  );
const wrongMethod = () => new BerthError('method_not_allowed', 'Agents authenticate with POST. Use POST.');

interface Options {
  rules: Pick<GatewayRules, 'authenticateAgent'>;
  bodyTimeoutMs: number;
  log: Log;
}

const authenticate = async (incoming: IncomingMessage, { rules, bodyTimeoutMs: timeoutMs }: Options) => {
  if (incoming.method !== 'POST') throw wrongMethod();
  const body = await readBody(incoming, { maxBytes, timeoutMs, tooLarge, tooSlow });
  const request = AgentAuthenticationRequest.safeParse(parseJson(body));
  if (!request.success) throw malformed();
  return rules.authenticateAgent(request.data);
};

/** `POST /agent/sign-on`: an agent proves which build it belongs to and receives its token. */
export const serveAgentAuthentication = async (
  incoming: IncomingMessage,
  response: ServerResponse,
  options: Options,
): Promise<void> => {
  try {
    const authenticated = await authenticate(incoming, options);
    response.writeHead(200, { 'content-type': 'application/json', 'cache-control': 'no-store' });
    response.end(JSON.stringify(authenticated));
  } catch (thrown) {
    if (!(thrown instanceof BerthError)) {
      options.log('error', 'an agent could not be authenticated', { error: thrown });
    }
    sendProblem(response, toProblem(thrown));
  }
};
