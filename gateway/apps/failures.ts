import type { IncomingMessage, ServerResponse } from 'node:http';
import { AppDiagnosis } from '../../contracts/agent/tunnel.ts';
import { diagnosisAuthority } from '../../contracts/agent/wire.ts';
import { type AppFailure, appFailureText } from '../../contracts/errors/app-failures.ts';
import { parseJson } from '../../contracts/values/json.ts';
import { portOf } from '../../contracts/values/names.ts';
import { BerthError, toProblem } from '../../core/errors.ts';
import { type AgentLink, AgentUnresponsive } from '../agents/agent-link.ts';
import { readResponse } from '../agents/tunnel.ts';
import { appFailurePage, sendPage } from '../http/html-pages.ts';
import { isNavigation, sendProblem } from '../http/problems.ts';
import { AppConnectionError } from './forward.ts';

/**
 * Why an app failed according to its agent; `unknown` if the agent cannot determine it, since there is an error to
 * report anyway.
 */
const requestDiagnosis = async (link: AgentLink, authority: string): Promise<AppDiagnosis> => {
  try {
    const stream = await link.connect(diagnosisAuthority(authority));
    stream.end();
    return AppDiagnosis.catch('unknown').parse(parseJson(await readResponse(stream)));
  } catch {
    return 'unknown';
  }
};

/** Failures whose error states the cause. */
const isClear = (failure: AppFailure | undefined): boolean => failure === 'head_too_large' || failure === 'refused';

/** Why a request to an app failed; `undefined` if the app is not the cause. */
export const diagnoseFailure = async (
  link: AgentLink,
  authority: string,
  thrown: unknown,
): Promise<AppFailure | undefined> => {
  if (thrown instanceof AgentUnresponsive) return undefined;
  const failure = thrown instanceof AppConnectionError ? thrown.failure : undefined;
  const isUnreachable = thrown instanceof BerthError && thrown.name === 'agent_unreachable';
  if (isClear(failure) || !(isUnreachable || failure !== undefined)) return failure;
  const diagnosis = await requestDiagnosis(link, authority);
  return diagnosis === 'unknown' ? failure : diagnosis;
};

const appFailed = (app: string, failure: AppFailure): BerthError => {
  const { title, text } = appFailureText(app, failure, portOf(app));
  return new BerthError('app_failed', `${title}. ${text}`);
};

/** Explains an app's failure: to people on a page, to programs as a problem. */
export const sendAppFailure = (
  request: IncomingMessage,
  response: ServerResponse,
  app: string,
  failure: AppFailure,
): void => {
  if (isNavigation(request)) sendPage(response, appFailurePage(app, failure));
  else sendProblem(response, toProblem(appFailed(app, failure)));
};
