import { BerthError } from '../../core/errors.ts';
import type { AgentIdentities } from '../../core/ports.ts';
import { tokenAudience } from './agent.ts';
import { type KubernetesAccess, sendTo } from './http.ts';

/** What the cluster says of a token; see `authentication.k8s.io/v1`. */
interface Review {
  status?: {
    authenticated?: boolean;
    audiences?: string[];
    user?: { username?: string; extra?: Record<string, string[]> };
  };
}

const timeoutMs = 5_000;
const path = '/apis/authentication.k8s.io/v1/tokenreviews';

const refusal = () => new BerthError('agent_refused', 'The cluster does not vouch for this agent.');

/**
 * Asks the cluster itself whose a pod's token is, for clusters whose issuer nobody outside can reach. It also knows that
 * the pod is still there. The namespace is the one of workspaces: only Berth makes pods in it.
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
    const answer = await send({ method: 'POST', path, contentType: 'application/json', body: JSON.stringify(review) });
    if (answer.status >= 300) throw new Error(`the cluster answered ${answer.status} when it was asked about a token`);
    const { status } = JSON.parse(answer.body) as Review;
    const pod = status?.user?.extra?.['authentication.kubernetes.io/pod-name']?.[0];
    const ofWorkspaces = status?.user?.username?.startsWith(`system:serviceaccount:${namespace}:`) === true;
    const forBerth = status?.authenticated === true && status.audiences?.includes(tokenAudience) === true;
    if (pod === undefined || !ofWorkspaces || !forBerth) throw refusal();
    return { namespace, pod };
  };
};
