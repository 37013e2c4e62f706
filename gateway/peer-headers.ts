import type { IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2';
import type { PeerRequest, ReplicaRules } from '../core/gateway.ts';

/**
 * What replicas say to each other, over HTTP/2: `CONNECT` with the authority as the agent gets it, or `DELETE` of a
 * connection that an agent has left (authority `release.<connection>`). 401: not a peer's credential; 404: the agent is
 * not here; 502: it is, and refused, `berth-reason` says why.
 */
const workspaceHeader = 'berth-workspace';
const buildHeader = 'berth-build';
const credentialHeader = 'berth-credential';
const reasonHeader = 'berth-reason';

export const releaseAuthority = (connection: string): string => `release.${connection}`;

export const peerHeaders = (request: PeerRequest, rules: ReplicaRules): OutgoingHttpHeaders => ({
  [workspaceHeader]: request.workspaceId,
  [buildHeader]: request.buildId,
  [credentialHeader]: rules.signPeer(request),
});

const textOf = (header: string | string[] | undefined): string => (typeof header === 'string' ? header : '');

/** A request that a peer made to this very replica; `undefined` for anybody else's. */
export const readPeerRequest = (
  headers: IncomingHttpHeaders,
  replica: string,
  rules: ReplicaRules,
): PeerRequest | undefined => {
  const request = {
    replica,
    workspaceId: textOf(headers[workspaceHeader]),
    buildId: textOf(headers[buildHeader]),
    authority: textOf(headers[':authority']),
  };
  return rules.isFromPeer(request, textOf(headers[credentialHeader])) ? request : undefined;
};

export const reasonHeaders = (reason: string): OutgoingHttpHeaders => ({ [reasonHeader]: encodeURIComponent(reason) });

/** The sentence a peer gave; `undefined` when it gave none. */
export const reasonOf = (headers: IncomingHttpHeaders): string | undefined => {
  const text = textOf(headers[reasonHeader]);
  return text === '' ? undefined : decodeURIComponent(text);
};
