import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2';
import type { PeerRequest, ReplicaRules } from '../../core/gateway.ts';

/**
 * The protocol between replicas, over HTTP/2: `CONNECT` with the authority that the agent receives, or `DELETE` of a
 * connection that an agent has left (authority `release.<connection>`). Statuses: 401 the credential is not a peer's;
 * 404 the agent is not here; 502 the agent refused; 504 the agent did not respond. `berth-reason` has the reason.
 */
const workspaceHeader = 'berth-workspace';
const buildHeader = 'berth-build';
const credentialHeader = 'berth-credential';
const reasonHeader = 'berth-reason';

export const unresponsiveStatus = 504;

export const releaseAuthority = (connection: string): string => `release.${connection}`;

export const peerHeaders = (request: PeerRequest, rules: ReplicaRules): OutgoingHttpHeaders => ({
  [workspaceHeader]: request.workspaceId,
  [buildHeader]: request.buildId,
  [credentialHeader]: rules.signPeerRequest(request),
});

const singleValue = (header: string | string[] | undefined): string => (typeof header === 'string' ? header : '');

/** The request of a peer to this replica; `undefined` if its credential is not a peer's, or is for another request. */
export const readPeerRequest = (
  headers: IncomingHttpHeaders,
  replica: string,
  rules: ReplicaRules,
): PeerRequest | undefined => {
  const request = {
    replica,
    workspaceId: singleValue(headers[workspaceHeader]),
    buildId: singleValue(headers[buildHeader]),
    authority: singleValue(headers[':authority']),
  };
  return rules.isSignedPeerRequest(request, singleValue(headers[credentialHeader])) ? request : undefined;
};

export const reasonHeaders = (reason: string): OutgoingHttpHeaders => ({ [reasonHeader]: encodeURIComponent(reason) });

/** The reason that a peer gave, if any. */
export const reasonOf = (headers: IncomingHttpHeaders): string | undefined => {
  const text = singleValue(headers[reasonHeader]);
  return text === '' ? undefined : decodeURIComponent(text);
};
