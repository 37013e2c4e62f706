import type { IncomingMessage, ServerResponse } from 'node:http';
import { activityPath, activityScriptPath } from '../../contracts/agent/activity.ts';
import type { AppHost } from '../../contracts/values/names.ts';
import { appNotFoundPage, sendPage } from '../http/html-pages.ts';
import { type AppSessionOptions, openAppSession } from './app-session.ts';
import { type PageActivityOptions, serveActivityReport, serveActivityScript } from './page-activity.ts';

const pathOf = ({ url = '' }: IncomingMessage): string => url.split('?')[0] ?? '';

/** Whether a request is for the gateway itself, on an app's host. */
export const isReservedPath = (request: IncomingMessage): boolean => pathOf(request).startsWith('/.berth/');

export const serveReservedPath = async (
  request: IncomingMessage,
  response: ServerResponse,
  host: AppHost,
  options: AppSessionOptions & PageActivityOptions,
): Promise<void> => {
  switch (pathOf(request)) {
    case '/.berth/session':
      return openAppSession(request, response, host, options);
    case activityScriptPath:
      return serveActivityScript(request, response);
    case activityPath:
      return serveActivityReport(request, response, host, options);
    default:
      return sendPage(response, appNotFoundPage);
  }
};
