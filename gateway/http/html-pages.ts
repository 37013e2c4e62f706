import { createHash } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { type AppFailure, appFailureText } from '../../contracts/errors/app-failures.ts';
import { portOf } from '../../contracts/values/names.ts';
import type { Destination } from '../../core/gateway.ts';
import { closeIfBodyUnread } from './body.ts';
import { Html, html } from './html.ts';

const style = `
:root{color-scheme:light dark;font:16px/1.5 system-ui,sans-serif}
body{margin:0;min-height:100vh;display:grid;place-items:center;background:Canvas;color:CanvasText}
main{max-width:32rem;padding:2rem}
h1{font-size:1.4rem;margin:0 0 .5rem}
a{display:inline-block;margin-top:1rem;padding:.6rem 1.2rem;border-radius:.4rem;background:#1864ab;color:#fff;text-decoration:none}
button{margin-top:1rem;padding:.6rem 1.2rem;border:0;border-radius:.4rem;background:#1864ab;color:#fff;font:inherit;cursor:pointer}
a:focus-visible,button:focus-visible{outline:3px solid #74c0fc;outline-offset:2px}`;
const styleHash = createHash('sha256').update(style).digest('base64');
const styleElement = new Html(`<style>${style}</style>`);

export interface HtmlPage {
  status: number;
  title: string;
  text: string;
  /** The page's button, as a link. */
  link?: { href: string; label: string };
  /** The page's button, as a form that it sends by POST. */
  form?: { action: string; fields: readonly (readonly [string, string])[]; label: string };
  /** The page reloads after this many seconds. */
  refresh?: number;
}

const formOf = ({ action, fields, label }: NonNullable<HtmlPage['form']>): Html => {
  const inputs = fields.map(([name, value]) => html`<input type="hidden" name="${name}" value="${value}">`.text);
  return html`<form method="post" action="${action}">${new Html(inputs.join(''))}<button>${label}</button></form>`;
};

const render = ({ title, text, link, form, refresh }: HtmlPage): string =>
  html`<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width,initial-scale=1">
<title>${title} · Berth</title>${refresh === undefined ? '' : html`<meta http-equiv="refresh" content="${String(refresh)}">`}${styleElement}</head>
<body><main><h1>${title}</h1><p>${text}</p>${link === undefined ? '' : html`<a href="${link.href}">${link.label}</a>`}${form === undefined ? '' : formOf(form)}</main></body></html>
`.text;

/** Sends a page. Its policy lets it load nothing and run nothing, and no other page can frame it. */
export const sendPage = (response: ServerResponse, page: HtmlPage): void => {
  closeIfBodyUnread(response);
  response.writeHead(page.status, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; frame-ancestors 'none'${page.form === undefined ? "; form-action 'none'" : ''}`,
    'x-content-type-options': 'nosniff',
    // With `no-referrer` the Origin of the form would be `null`, which an app may refuse.
    'referrer-policy': page.form === undefined ? 'no-referrer' : 'same-origin',
    'cache-control': 'no-store',
    ...(page.refresh === undefined ? {} : { 'retry-after': String(page.refresh) }),
  });
  response.end(render(page));
};

const refreshSeconds = 2;

/** Explains why a workspace's app cannot be shown now, and what to do. */
export const workspacePage = ({ name, status, workspaceId, isShared }: Destination, portalUrl: string): HtmlPage => {
  const portal = `${portalUrl}/workspaces/${workspaceId}`;
  // People with whom only an app is shared cannot see the workspace in the portal, and only its owner can start it.
  const link = (href: string, label: string) => (isShared ? {} : { link: { href, label } });
  const open = link(portal, 'Open in portal');
  const wait = { status: 503, refresh: refreshSeconds, ...open };
  switch (status) {
    case 'pending':
    case 'starting':
      return { ...wait, title: `${name} is starting`, text: 'This page shows the app as soon as it responds.' };
    case 'running':
      return {
        ...wait,
        title: `${name} is connecting`,
        text: 'The workspace is running but not connected. This page reloads until it is.',
      };
    case 'stopping':
    case 'canceling':
      return { ...wait, title: `${name} is stopping`, text: 'You can start it again once it has stopped.' };
    case 'failed':
      return {
        status: 503,
        title: `${name} failed to start`,
        text: isShared ? 'Its owner can see the reason in the portal.' : 'Open it in the portal to see the reason.',
        ...open,
      };
    case 'stopped':
      return {
        status: 503,
        title: `${name} is stopped`,
        text: isShared ? 'Ask its owner to start it.' : 'Its files are kept. Start it to use its apps.',
        ...link(`${portal}?start=1`, 'Start workspace'),
      };
    case 'deleting':
    case 'deleted':
      return { status: 503, title: `${name} is deleted`, text: 'It cannot be started again.' };
  }
};

/** Failures that may resolve themselves, so the page reloads. */
const temporary: ReadonlySet<AppFailure> = new Set(['refused', 'https_only']);

/** Explains why an app or a port sent no response that can be shown. */
export const appFailurePage = (app: string, failure: AppFailure): HtmlPage => {
  const port = portOf(app);
  const refresh = temporary.has(failure) && !(failure === 'https_only' && port === undefined);
  return { status: 502, ...appFailureText(app, failure, port), ...(refresh ? { refresh: refreshSeconds } : {}) };
};

/** For an address that is too long to be passed through the sign-in. */
export const addressTooLongPage = (app: string): HtmlPage => ({
  status: 414,
  title: 'Sign in first',
  text: `You are not signed in to ${app}, and this address is too long for the sign-in. Open ${app} from the portal, then come back to this address.`,
});

export const appNotFoundPage: HtmlPage = {
  status: 404,
  title: 'Not found',
  text: 'There is no such app, or it is not shared with you. Check the address.',
};

export const unknownHostPage: HtmlPage = {
  status: 421,
  title: 'No app has this address',
  text: 'The address of an app begins with app--workspace--owner, that of a port with 3000--workspace--owner. Open it from the portal.',
};
