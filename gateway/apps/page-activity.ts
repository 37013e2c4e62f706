import type { IncomingMessage, ServerResponse } from 'node:http';
import { activityScript, isPersonsNavigation } from '../../contracts/agent/activity.ts';
import type { AppHost } from '../../contracts/values/names.ts';
import { BerthError, toProblem } from '../../core/errors.ts';
import type { Destination } from '../../core/gateway.ts';
import type { AppAccess } from '../access/app-access.ts';
import type { ActivityLog } from '../agents/activity.ts';
import { closeIfBodyUnread } from '../http/body.ts';
import { type AppDomain, originOf } from '../http/host.ts';
import { sendProblem } from '../http/problems.ts';
import { readSessionCookie } from './session-cookie.ts';

/** The longest pause between two activity reports of a page. */
const longestPauseMs = 60_000;

export interface PageActivityOptions extends AppDomain {
  appAccess: AppAccess;
  activity: ActivityLog;
}

const foreignPage = () =>
  new BerthError('forbidden', 'Activity is accepted only from pages of the app itself. Open the app.');

/** Only a running workspace has activity: a page of one that is starting must not count. */
const noteIfRunning = async (activity: ActivityLog, destination: Destination): Promise<void> => {
  if (destination.status === 'running') await activity.note(destination, Date.now());
};

/** Counts a page that a person opened as activity. */
export const noteNavigation = (activity: ActivityLog, request: IncomingMessage, destination: Destination): void => {
  if (isPersonsNavigation(request.headers)) void noteIfRunning(activity, destination);
};

const handleReport = async (request: IncomingMessage, host: AppHost, options: PageActivityOptions): Promise<number> => {
  if (request.method !== 'POST' || request.headers.origin !== originOf(host, options)) throw foreignPage();
  const session = readSessionCookie(request.headers.cookie, options.secure);
  const { destination } = await options.appAccess.open(session, host);
  await noteIfRunning(options.activity, destination);
  return Math.min(longestPauseMs, destination.activityLagMs);
};

/**
 * Handles a report of the script in an app's page. The body of the response is how many milliseconds to pause before
 * the next one.
 */
export const serveActivityReport = async (
  request: IncomingMessage,
  response: ServerResponse,
  host: AppHost,
  options: PageActivityOptions,
): Promise<void> => {
  try {
    const pauseMs = await handleReport(request, host, options);
    closeIfBodyUnread(response);
    response.writeHead(200, { 'content-type': 'text/plain', 'cache-control': 'no-store' });
    response.end(String(Math.round(pauseMs)));
  } catch (thrown) {
    sendProblem(response, toProblem(thrown));
  }
};

export const serveActivityScript = (request: IncomingMessage, response: ServerResponse): void => {
  closeIfBodyUnread(response);
  response.writeHead(200, { 'content-type': 'text/javascript; charset=utf-8', 'cache-control': 'max-age=3600' });
  response.end(request.method === 'HEAD' ? undefined : activityScript);
};
