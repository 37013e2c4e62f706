import { createHash } from 'node:crypto';
import type { RequestOptions } from 'node:https';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { ComputeKind } from '../compute/kind.ts';
import { kubernetesClient } from '../compute/kubernetes/client.ts';
import type { KubernetesAccess } from '../compute/kubernetes/http.ts';
import { kubernetesPodKind } from '../compute/kubernetes/kubernetes.ts';
import { tokenReview } from '../compute/kubernetes/token-review.ts';
import { KubernetesKindSettings } from '../contracts/kubernetes-settings.ts';
import type { AgentIdentities } from '../core/ports.ts';
import { StartError } from './settings.ts';

/** What a cluster adds to a local Berth. */
export interface LocalKubernetes {
  moreKinds: ComputeKind<unknown>[];
  identities: AgentIdentities;
  templateFolders: string[];
}

const templates = join(import.meta.dirname, '../templates');
/** As agent/image/Dockerfile is built without further ado. */
const usualImage = 'berth-agent';

/** The way into the cluster that kubectl would take: certificates, tokens, programs that fetch either, proxies. */
const accessOf = async (file: string): Promise<{ access: KubernetesAccess; namespace: string | undefined }> => {
  // Two megabytes that a Berth without a cluster does not load.
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  try {
    config.loadFromDefault();
  } catch (error) {
    throw new StartError(`KUBECONFIG is "${file}", which cannot be read: ${(error as Error).message}.`);
  }
  const cluster = config.getCurrentCluster();
  if (cluster === null)
    throw new StartError(`KUBECONFIG is "${file}", which has no current context. Choose one with kubectl.`);
  const connect = async () => {
    const options: RequestOptions = {};
    await config.applyToHTTPSOptions(options);
    return options;
  };
  const { namespace } = config.getContextObject(config.getCurrentContext()) ?? {};
  return { access: { endpoint: cluster.server, connect }, namespace };
};

const given = (text: string | undefined): Record<string, unknown> => {
  try {
    return JSON.parse(text ?? '{}') as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new StartError(`BERTH_KUBERNETES is no JSON: ${error.message}.`);
  }
};

const settingsFrom = (env: NodeJS.ProcessEnv, defaults: Record<string, unknown>): KubernetesKindSettings => {
  const read = KubernetesKindSettings.safeParse({ ...defaults, ...given(env['BERTH_KUBERNETES']) });
  if (read.success) return read.data;
  const problems = read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new StartError(`BERTH_KUBERNETES is not right: ${problems.join('; ')}.`);
};

/** Two Berths that share a cluster keep apart, and one finds its own things again after a restart. */
const installationOf = (dataDir: string): string =>
  `local-${createHash('sha256').update(`${hostname()}\0${dataDir}`).digest('hex').slice(0, 16)}`;

/**
 * With `KUBECONFIG` set, the kind `kubernetes-pod` on that cluster's current context. `BERTH_KUBERNETES` holds settings of
 * the kind as JSON, such as the agent's image and where pods reach this Berth.
 */
export const localKubernetes = async (
  env: NodeJS.ProcessEnv,
  dataDir: string,
): Promise<LocalKubernetes | Record<string, never>> => {
  const file = env['KUBECONFIG'];
  if (!file) return {};
  const { access, namespace } = await accessOf(file);
  const settings = settingsFrom(env, {
    installation: installationOf(dataDir),
    namespace: namespace ?? 'default',
    agent: { image: usualImage },
  });
  const api = kubernetesClient({ ...access, namespace: settings.namespace });
  const kind = kubernetesPodKind({ api, settings, clock: () => new Date() });
  return {
    moreKinds: [kind as ComputeKind<unknown>],
    identities: { kubernetes: tokenReview(access, settings.namespace) },
    templateFolders: [templates, join(templates, 'kubernetes')],
  };
};
