import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { portOf } from '../contracts/names.ts';
import type { Destination } from '../core/gateway.ts';
import { closeIfUnread } from './body.ts';
import { Html, html } from './html.ts';

const style = `
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:Canvas;color:CanvasText}
main{max-width:32rem;padding:2rem}
h1{font-size:1.4rem;margin:0 0 .5rem}
a{display:inline-block;margin-top:1rem;padding:.6rem 1.2rem;border-radius:.4rem;background:#1864ab;color:#fff;text-decoration:none}
a:focus-visible{outline:3px solid #74c0fc;outline-offset:2px}`;
const styleHash = createHash('sha256').update(style).digest('base64');
const styleElement = new Html(`<style>${style}</style>`);

export interface Page {
  status: number;
  title: string;
  text: string;
  /** Where the one button leads. */
  link?: { href: string; label: string };
  /** Loads itself again after this many seconds. */
  refresh?: number;
}

const render = ({ title, text, link, refresh }: Page): string =>
  html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${title} · Berth</title>${refresh === undefined ? '' : html`<meta http-equiv="refresh" content="${String(refresh)}">`}${styleElement}</head>
<body><main><h1>${title}</h1><p>${text}</p>${link === undefined ? '' : html`<a href="${link.href}">${link.label}</a>`}</main></body></html>
`.text;

/** Answers with a page that loads nothing, runs nothing and can be framed by nobody. */
export const sendPage = (response: ServerResponse, page: Page): void => {
  closeIfUnread(response);
  response.writeHead(page.status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'no-referrer',
    'cache-control': 'no-store',
    ...(page.refresh === undefined ? {} : { 'retry-after': String(page.refresh) }),
  });
  response.end(render(page));
};

const refreshSeconds = 2;

/** Why a workspace's app cannot be shown now, and what to do. */
export const workspacePage = ({ name, status, workspaceId, isShared }: Destination, portalUrl: string): Page => {
  const portal = `${portalUrl}/workspaces/${workspaceId}`;
  // Whom only an app is shared with sees nothing of the workspace there, and nobody but its owner starts it.
  const link = (href: string, label: string) => (isShared ? {} : { link: { href, label } });
  const open = link(portal, 'Show it in the portal');
  const wait = { status: 503, refresh: refreshSeconds, ...open };
  switch (status) {
    case 'pending':
    case 'starting':
      return { ...wait, title: `${name} is starting`, text: 'This page shows the app as soon as it answers.' };
    case 'running':
      return {
        ...wait,
        title: `${name} is connecting`,
        text: 'The workspace runs but is not connected at the moment.',
      };
    case 'stopping':
    case 'canceling':
      return { ...wait, title: `${name} is stopping`, text: 'Once it has stopped it can be started again.' };
    case 'failed':
      return {
        status: 503,
        title: `${name} failed to start`,
        text: isShared ? 'Its owner sees why in the portal.' : 'The portal says why, and what to do.',
        ...open,
      };
    case 'stopped':
      return {
        status: 503,
        title: `${name} is stopped`,
        text: isShared ? 'Ask its owner to start it.' : 'Its files are kept. Start it to use its apps.',
        ...link(`${portal}?start=1`, 'Start it in the portal'),
      };
    case 'deleting':
    case 'deleted':
      return { status: 503, title: `${name} is deleted`, text: 'It cannot be started any more.' };
  }
};

const silent = { status: 502, refresh: refreshSeconds };

/** Nothing listens where an app, or a port, should be. */
export const silentPage = (app: string): Page => {
  const port = portOf(app);
  if (port === undefined) {
    const text =
      'The workspace runs, but nothing listens where the app should. This page shows the app as soon as it does.';
    return { ...silent, title: `${app} does not answer yet`, text };
  }
  const text = `Start your server in the workspace on port ${port} of localhost, 127.0.0.1 or all addresses. This page shows it as soon as it answers.`;
  return { ...silent, title: `Nothing listens on port ${port} yet`, text };
};

export const notFoundPage: Page = {
  status: 404,
  title: 'Not found',
  text: 'There is no such app, or it is not shared with you. See whether the address is right.',
};

export const wrongHostPage: Page = {
  status: 421,
  title: 'No app has this address',
  text: 'An app’s address looks like app--workspace--owner, a port’s like 3000--workspace--owner. Open it from the portal.',
};
