import { JwtVerifier } from 'aws-jwt-verify';
import { FetchError, JwksValidationError, JwtBaseError, WaitPeriodNotYetEndedJwkError } from 'aws-jwt-verify/error';
import { SimpleJwksCache } from 'aws-jwt-verify/jwk';
import * as z from 'zod';
import type { AgentIdentitySettings } from '../../contracts/settings/agent-identities.ts';
import type { AgentIdentities } from '../../core/ports/agent-identities.ts';
import { agentRefused } from './refused.ts';

type Settings = NonNullable<AgentIdentitySettings['kubernetes']>;

interface KubernetesIdentityOptions extends Settings {
  /** Fetches the cluster's keys as JSON bytes; by default over HTTPS with a timeout. */
  fetchJwks?: (uri: string) => Promise<ArrayBuffer>;
}

/**
 * The audience of agents' tokens. The cluster's own API audience would not do, because other pods have such tokens too.
 */
const audience = 'berth';
/** A pod's first token is only a second old, and its node's clock may be ahead. */
const graceSeconds = 30;

/** The claims of a token that the kubelet projected into a pod. */
const Claims = z.object({
  sub: z.string(),
  'kubernetes.io': z.object({ namespace: z.string(), pod: z.object({ name: z.string().min(1) }) }),
});

/** The cluster's keys could not be fetched, so the token was neither accepted nor rejected. */
const isUndecided = (error: unknown): boolean =>
  error instanceof FetchError || error instanceof JwksValidationError || error instanceof WaitPeriodNotYetEndedJwkError;

const asRefusal = (error: unknown): unknown => {
  if (isUndecided(error)) return error;
  return error instanceof JwtBaseError || error instanceof SyntaxError
    ? agentRefused('its token is invalid, expired, or not for Berth', error)
    : error;
};

/**
 * Identifies pods by their service account tokens. A token is accepted if it is signed with RS256 by a key that the
 * cluster's issuer publishes at the configured URL, has Berth's audience, has not expired, and belongs to the namespace
 * of workspaces.
 */
export const kubernetesIdentity = (options: KubernetesIdentityOptions): NonNullable<AgentIdentities['kubernetes']> => {
  const { issuer, keys = `${issuer}/keys`, namespace, fetchJwks } = options;
  const jwksCache = new SimpleJwksCache(fetchJwks === undefined ? {} : { fetcher: { fetch: fetchJwks } });
  const verifier = JwtVerifier.create(
    {
      issuer,
      audience,
      jwksUri: keys,
      graceSeconds,
      customJwtCheck: ({ header }) => {
        if (header.alg !== 'RS256') throw agentRefused('its token is not signed with RS256');
      },
    },
    { jwksCache },
  );
  return async (token) => {
    const payload = await verifier.verify(token).catch((error: unknown) => {
      throw asRefusal(error);
    });
    const claims = Claims.safeParse(payload);
    if (!claims.success) throw agentRefused('its token does not belong to a pod', claims.error);
    const { sub, 'kubernetes.io': of } = claims.data;
    if (of.namespace !== namespace || !sub.startsWith(`system:serviceaccount:${namespace}:`))
      throw agentRefused('its pod belongs to another namespace');
    return { namespace, pod: of.pod.name };
  };
};
