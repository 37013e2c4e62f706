import type { IncomingMessage, ServerResponse } from 'node:http';
import { type AppHost, appLabel } from '../../contracts/values/names.ts';
import { BerthError, toProblem } from '../../core/errors.ts';
import type { Destination } from '../../core/gateway.ts';
import { closeIfBodyUnread } from '../http/body.ts';
import {
  addressTooLongPage,
  appFailurePage,
  appNotFoundPage,
  type HtmlPage,
  sendPage,
  workspacePage,
} from '../http/html-pages.ts';
import { isNavigation, sendProblem } from '../http/problems.ts';
import { AppConnectionError } from './forward.ts';

/** CloudFront, which serves the portal on AWS, accepts 8,192 bytes, and needs some of them itself. */
const longestUrl = 8_000;

export const notConnected = (workspace: string) =>
  new BerthError(
    'agent_unreachable',
    `The workspace ${workspace} is not running or not connected. Open it in the portal to see its status.`,
  );

/**
 * Whether a request failed because of a fault in Berth, such as an outage of its table, and not of the person or the
 * app.
 */
export const isFault = (thrown: unknown): boolean =>
  !(thrown instanceof BerthError || thrown instanceof AppConnectionError);

/** An error that a request to an app threw, as one that people may read. */
export const toBerthError = (thrown: unknown): BerthError => {
  if (thrown instanceof BerthError) return thrown;
  if (thrown instanceof AppConnectionError) {
    return new BerthError('agent_unreachable', 'The app closed the connection before it responded. Try again.');
  }
  return new BerthError('internal', toProblem(thrown).detail);
};

/** Explains that a workspace does not run or is not connected: to people on a page, to programs as a problem. */
export const sendWorkspaceStatus = (
  request: IncomingMessage,
  response: ServerResponse,
  destination: Destination,
  portalUrl: string,
): void => {
  if (isNavigation(request)) sendPage(response, workspacePage(destination, portalUrl));
  else sendProblem(response, toProblem(notConnected(destination.name)));
};

/** Sends the browser to the portal to sign in, which sends it back to the same address. */
const redirectToSignIn = (request: IncomingMessage, response: ServerResponse, host: AppHost, portalUrl: string) => {
  // Without a fragment, so that the browser adds the one of the address that it came to.
  const query = new URLSearchParams({ app: appLabel(host), path: request.url ?? '/' });
  const location = `${portalUrl}/open?${query}`;
  if (location.length > longestUrl) return sendPage(response, addressTooLongPage(host.app));
  closeIfBodyUnread(response);
  response.writeHead(302, { location, 'cache-control': 'no-store' });
  response.end();
};

const refusalPage = (error: BerthError, host: AppHost): HtmlPage => {
  if (error.name === 'not_found') return appNotFoundPage;
  if (error.name === 'agent_unreachable') return appFailurePage(host.app, 'refused');
  return { status: error.status, title: 'The request failed', text: error.message };
};

/**
 * Explains why the gateway does not forward a request: to people on a page or by a sign-in, to programs as a problem.
 */
export const sendRefusal = (
  request: IncomingMessage,
  response: ServerResponse,
  host: AppHost,
  error: BerthError,
  portalUrl: string,
): void => {
  if (!isNavigation(request)) sendProblem(response, toProblem(error));
  else if (error.name === 'unauthenticated') redirectToSignIn(request, response, host, portalUrl);
  else sendPage(response, refusalPage(error, host));
};
