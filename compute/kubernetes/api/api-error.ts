import { BerthError } from '../../../core/errors.ts';
import type { HttpResponse } from './http.ts';
import { sanitizeMessage } from './sanitize-message.ts';

/** The message of the API server's `Status`. A proxy in front of it may respond with anything. */
const messageOf = ({ body, status }: HttpResponse): string => {
  try {
    const { message } = JSON.parse(body) as { message?: unknown };
    if (typeof message === 'string' && message !== '') return message;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  return `HTTP ${status}`;
};

const templateRemedy = 'Correct compute.spec in the template, or start with another version of it';

/**
 * Server-side apply reads the object by its schema before validation, and the API server responds with status 500 to a
 * list with a duplicate key, an unknown field or a value of another type (k8s.io/apimachinery,
 * managedfields/internal/structuredmerge.go). The object is wrong, so a retry does not help.
 */
const isMalformedObject = (message: string): boolean =>
  /failed to create typed patch object|failed to convert new (typed )?object|failed to create manager for existing fields/.test(
    message,
  );

/** k8s.io/apiserver, endpoints/handlers/responsewriters/errors.go. Any other 403 comes from admission. */
const unauthorizedMessage = /\bUser ".*" cannot \S+ (resource|path) "/;

/**
 * The remedy, by the message of a response: an API server uses 403 both for missing permissions and for what admission
 * refuses, and 500 both for its own failures and for a malformed object. The messages are those of Kubernetes 1.36.
 */
const remedies: [pattern: RegExp, remedy: string][] = [
  [unauthorizedMessage, "Ask your administrator to check Berth's permissions in the cluster"],
  [
    /exceeded quota: /,
    "The namespace's quota is used up: stop or delete another workspace, or ask your administrator for more",
  ],
  [
    /failed quota: .*must specify /,
    "The namespace's quota counts these resources: give every container of the template the requests and limits that are missing",
  ],
  [/insufficient quota to /, 'No quota of the namespace covers what the template requests: ask your administrator'],
  [
    /(maximum|minimum) \S+ usage per |limit to request ratio per /,
    "The namespace's LimitRange does not allow this amount: correct the requests and limits in the template, or ask your administrator",
  ],
  [
    /violates PodSecurity /,
    "The namespace's pod security level is stricter than the template: correct the template, or ask your administrator",
  ],
  [
    /no PriorityClass with name /,
    'Correct priorityClassName in the template, or ask your administrator to create that class',
  ],
  [/priority admission controller computed /, 'Leave priority and preemptionPolicy to the priority class'],
  [
    /RuntimeClass "[^"]*" not found|runtimeClass\.scheduling|RuntimeClass's? /,
    'Correct runtimeClassName in the template, or ask your administrator to create that class',
  ],
  [
    /error looking up service account /,
    'Correct serviceAccountName in the template, or ask your administrator to create that account in the namespace of workspaces',
  ],
  [/ValidatingAdmissionPolicy /, 'A policy of the cluster forbids it: correct the template, or ask your administrator'],
  [
    /admission webhook "[^"]*" denied /,
    'A policy of the cluster forbids it: correct the template, or ask your administrator',
  ],
  [
    /failed calling webhook /,
    'An admission webhook of the cluster does not respond: start again in a few minutes; if the problem persists, ask your administrator to repair it',
  ],
  [
    /because it is being terminated/,
    "The namespace of Berth's workspaces is being deleted: ask your administrator to create it again",
  ],
];

const byStatus = (status: number): string => {
  if (status === 401) return "Ask your administrator to check Berth's credentials for the cluster";
  if (status === 403)
    return 'An admission rule of the cluster forbids it: correct the template, or ask your administrator';
  if (status === 404) return "Ask your administrator whether the namespace of Berth's workspaces exists";
  if (status === 429 || status >= 500)
    return 'Start again in a few minutes; if the problem persists, ask your administrator whether the cluster is healthy';
  return templateRemedy;
};

const remedyFor = (status: number, message: string): string => {
  if (isMalformedObject(message)) return templateRemedy;
  return remedies.find(([pattern]) => pattern.test(message))?.[1] ?? byStatus(status);
};

export const isUnauthorized = (response: HttpResponse): boolean =>
  response.status === 403 && unauthorizedMessage.test(messageOf(response));

/** The API server is busy, restarting or reports a conflict. All requests of this kind of compute may be repeated. */
export const isTransient = (response: HttpResponse): boolean =>
  (response.status === 409 || response.status === 429 || response.status >= 500) &&
  !isMalformedObject(messageOf(response));

/** An error for people, for an unexpected response. */
export const clusterRefusal = (what: string, response: HttpResponse): BerthError => {
  const message = messageOf(response);
  return new BerthError(
    isTransient(response) ? 'compute_unreachable' : 'compute_failed',
    `The cluster refused ${what}: ${sanitizeMessage(message)}.`,
    { remedy: `${remedyFor(response.status, message)}.` },
  );
};

/** The cluster did not respond. The cause may name internal addresses, so it is logged and not shown. */
export const clusterUnreachable = (what: string, cause: unknown): BerthError =>
  new BerthError('compute_unreachable', `The cluster did not respond to a request for ${what}.`, {
    remedy:
      'Start again in a few minutes. If the problem persists, ask your administrator whether the cluster can be reached.',
    cause,
  });
