import { BerthError } from '../../core/errors.ts';
import type { AgentIdentities } from '../../core/ports/agent-identities.ts';
import { type KubernetesAccess, sendTo } from './api/http.ts';
import { tokenAudience } from './manifests/agent.ts';

/** The part of a `TokenReview` (`authentication.k8s.io/v1`) that is read. */
interface Review {
  status?: {
    authenticated?: boolean;
    audiences?: string[];
    user?: { username?: string; extra?: Record<string, string[]> };
  };
}

const timeoutMs = 5_000;
const path = '/apis/authentication.k8s.io/v1/tokenreviews';

const refusal = () => new BerthError('agent_refused', 'The cluster did not authenticate this agent.');

/**
 * Has the cluster review an agent's token, for clusters whose issuer cannot be reached from outside. The review also
 * fails when the pod no longer exists. `namespace` is the one of workspaces, in which only Berth creates pods.
 */
export const tokenReview = (
  access: KubernetesAccess,
  namespace: string,
): NonNullable<AgentIdentities['kubernetes']> => {
  const send = sendTo(access, timeoutMs);
  return async (token) => {
    const review = {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token, audiences: [tokenAudience] },
    };
    const response = await send({
      method: 'POST',
      path,
      contentType: 'application/json',
      body: JSON.stringify(review),
    });
    if (response.status === 403) {
      throw new Error('Berth may not create tokenreviews in the cluster. Apply infra/kubernetes/local.yaml there.');
    }
    if (response.status >= 300)
      throw new Error(`the cluster responded with status ${response.status} to a token review`);
    const { status } = JSON.parse(response.body) as Review;
    const pod = status?.user?.extra?.['authentication.kubernetes.io/pod-name']?.[0];
    const isInNamespace = status?.user?.username?.startsWith(`system:serviceaccount:${namespace}:`) === true;
    const isAuthenticated = status?.authenticated === true && status.audiences?.includes(tokenAudience) === true;
    if (pod === undefined || !isInNamespace || !isAuthenticated) throw refusal();
    return { namespace, pod };
  };
};

/** Whether Berth's own credentials may create token reviews. */
export const mayReviewTokens = async (access: KubernetesAccess): Promise<boolean> => {
  const review = {
    apiVersion: 'authorization.k8s.io/v1',
    kind: 'SelfSubjectAccessReview',
    spec: { resourceAttributes: { group: 'authentication.k8s.io', resource: 'tokenreviews', verb: 'create' } },
  };
  const response = await sendTo(
    access,
    timeoutMs,
  )({
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
    contentType: 'application/json',
    body: JSON.stringify(review),
  });
  if (response.status >= 300)
    throw new Error(`the cluster responded with status ${response.status} to an access review`);
  return (JSON.parse(response.body) as { status?: { allowed?: boolean } }).status?.allowed === true;
};
