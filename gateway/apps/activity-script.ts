import type { IncomingMessage } from 'node:http';
import { activityScriptPath } from '../../contracts/agent/activity.ts';

/**
 * The script that reports a person's activity, appended to the pages of apps. It is omitted wherever it could break the
 * page: compressed pages, ranges, downloads, and pages whose Content Security Policy does not let it run.
 */

const documents = new Set(['document', 'iframe', 'frame']);

/** The browser shows the response as a page, alone or in a frame. Browsers without Fetch Metadata get no script. */
export const isForDocument = ({ method, headers }: IncomingMessage): boolean => {
  if (method !== 'GET' || headers.range !== undefined) return false;
  return documents.has(String(headers['sec-fetch-dest']));
};

/** The sources of the first of these directives that a policy has. */
const sourcesOf = (policy: string, ...names: string[]): string[] | undefined => {
  const directives = new Map<string, string[]>();
  for (const part of policy.split(';')) {
    const [name = '', ...sources] = part.trim().split(/\s+/);
    if (!directives.has(name.toLowerCase())) directives.set(name.toLowerCase(), sources);
  }
  for (const name of names) if (directives.has(name)) return directives.get(name);
  return undefined;
};

const allowSelf = (sources: string[] | undefined): boolean =>
  sources === undefined || sources.includes("'self'") || sources.includes('*');

/** How a policy lets the script run: with its nonce, without one, or (`undefined`) not at all. */
const permissionIn = (policy: string): { nonce?: string } | undefined => {
  const scripts = sourcesOf(policy, 'script-src-elem', 'script-src', 'default-src');
  if (!allowSelf(sourcesOf(policy, 'connect-src', 'default-src'))) return undefined;
  const nonce = scripts?.map((source) => /^'nonce-([A-Za-z0-9+/=_-]+)'$/.exec(source)?.[1]).find(Boolean);
  if (nonce !== undefined) return { nonce };
  return allowSelf(scripts) && !scripts?.includes("'strict-dynamic'") ? {} : undefined;
};

/**
 * The element for a page with these Content Security Policies; `undefined` if one of them forbids the script, since the
 * browser would then report a violation in the console of the person who develops the app.
 */
export const scriptElement = (policies: readonly string[]): string | undefined => {
  const permissions = policies.map(permissionIn);
  if (permissions.includes(undefined)) return undefined;
  const nonces = new Set(permissions.flatMap((permission) => permission?.nonce ?? []));
  if (nonces.size > 1) return undefined;
  const [nonce] = nonces;
  return `<script async src="${activityScriptPath}"${nonce === undefined ? '' : ` nonce="${nonce}"`}></script>`;
};

const isPage = ({ statusCode = 0, headers }: IncomingMessage): boolean =>
  statusCode >= 200 &&
  statusCode !== 204 &&
  statusCode !== 304 &&
  /^text\/html\b/i.test(headers['content-type'] ?? '') &&
  (headers['content-encoding'] ?? 'identity') === 'identity' &&
  !/^\s*attachment/i.test(headers['content-disposition'] ?? '');

const policiesOf = ({ headers }: IncomingMessage): string[] =>
  String(headers['content-security-policy'] ?? '')
    .split(',')
    .map((policy) => policy.trim())
    .filter((policy) => policy !== '');

/** The element to append to an app's response; `undefined` if the response is not a page that can take it. */
export const activityScriptFor = (request: IncomingMessage, appResponse: IncomingMessage): string | undefined =>
  isForDocument(request) && isPage(appResponse) ? scriptElement(policiesOf(appResponse)) : undefined;

/**
 * Adds the element after a page's end, where browsers run it as part of the body (HTML, section 13.2.6.4.19), so that
 * the page need not be parsed.
 */
export const appendScript = (element: string) =>
  async function* (body: AsyncIterable<Uint8Array>) {
    yield* body;
    yield element;
  };
