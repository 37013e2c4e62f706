import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AppHost } from '../../contracts/values/names.ts';
import { BerthError } from '../../core/errors.ts';
import { readBody } from '../http/body.ts';
import { type AppDomain, isBelowAppDomain, originOf } from '../http/host.ts';
import { sendPage } from '../http/html-pages.ts';
import { isTopNavigation } from './request-source.ts';

/** A SAML response with many groups has about 50 KB. */
const maxBytes = 256 * 1024;
const maxFields = 100;

const tooLarge = () =>
  new BerthError(
    'too_large',
    `A form from another site may have at most ${maxFields} fields and ${maxBytes / 1024} KB. Send less, or sign in to the app in another way.`,
  );
const tooSlow = () => new BerthError('request_timeout', 'The form did not arrive completely in time. Send it again.');

/**
 * Without an Origin, only what the browser itself calls cross-site counts, so that no workspace passes for another
 * site.
 */
const isFromOtherSite = ({ headers }: IncomingMessage, { appDomain }: AppDomain): boolean => {
  const origin = URL.parse(headers.origin ?? '');
  const site = headers['sec-fetch-site'];
  if (origin === null) return site === 'cross-site';
  return (site === 'cross-site' || site === 'same-site') && !isBelowAppDomain(origin.host, appDomain);
};

/**
 * Whether another site sends a person to an app with a form, as identity providers do at the end of a sign-in by SAML
 * or OpenID Connect's `form_post`. The browser sends no SameSite=Lax cookie along, so the app would not know the
 * person.
 */
export const isForeignForm = (request: IncomingMessage, domain: AppDomain): boolean =>
  request.method === 'POST' &&
  isTopNavigation(request.headers) &&
  request.headers['content-type']?.split(';')[0]?.trim().toLowerCase() === 'application/x-www-form-urlencoded' &&
  isFromOtherSite(request, domain);

/**
 * Shows which site sends the form, on a page of the app's own site whose button sends it on. Without that click any
 * site could act in the apps of its visitors.
 */
export const confirmForeignForm = async (
  request: IncomingMessage,
  response: ServerResponse,
  host: AppHost,
  options: AppDomain & { bodyTimeoutMs: number },
): Promise<void> => {
  const limits = { maxBytes, timeoutMs: options.bodyTimeoutMs, tooLarge, tooSlow };
  const fields = [...new URLSearchParams(await readBody(request, limits))];
  if (fields.length > maxFields) throw tooLarge();
  const site = URL.parse(request.headers.origin ?? '')?.host ?? 'Another site';
  sendPage(response, {
    status: 200,
    title: `Continue to ${host.app}?`,
    text: `${site} is sending data to ${host.app}, as at the end of a sign-in. Continue only if you are signing in to ${host.app}. Otherwise, close this page.`,
    form: { action: originOf(host, options) + (request.url ?? '/'), fields, label: 'Continue' },
  });
};
