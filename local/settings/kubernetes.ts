import { createHash } from 'node:crypto';
import type { RequestOptions } from 'node:https';
import { hostname } from 'node:os';
import { join } from 'node:path';
import type { Log } from '../../base/log.ts';
import { kubernetesClient } from '../../compute/kubernetes/api/client.ts';
import type { KubernetesAccess } from '../../compute/kubernetes/api/http.ts';
import { kubernetesPodKind } from '../../compute/kubernetes/kubernetes.ts';
import { mayReviewTokens, tokenReview } from '../../compute/kubernetes/token-review.ts';
import { KubernetesKindSettings } from '../../contracts/settings/kubernetes.ts';
import type { InstallationLimits } from '../../contracts/templates/sharing-limits.ts';
import type { AgentIdentities } from '../../core/ports/agent-identities.ts';
import type { ComputeKind } from '../../core/ports/compute-kind.ts';
import { StartError } from './settings.ts';

/** The options that a cluster adds to a local Berth. */
interface LocalKubernetes {
  moreKinds: ComputeKind<unknown>[];
  identities: AgentIdentities;
  templateFolders: string[];
  limits: Pick<InstallationLimits, 'privilegedTemplates'>;
}

const templates = join(import.meta.dirname, '../../templates');
/** The default tag of an image that is built from agent/image/Dockerfile. */
const defaultImage = 'berth-agent';

/** Connects to the cluster like kubectl, with its certificates, tokens, exec credential plugins and proxies. */
const accessOf = async (file: string): Promise<{ access: KubernetesAccess; namespace: string | undefined }> => {
  // The package has two megabytes, so it is loaded only for a cluster.
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

const parsedSettings = (text: string | undefined): Record<string, unknown> => {
  try {
    return JSON.parse(text ?? '{}') as Record<string, unknown>;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new StartError(`BERTH_KUBERNETES is not valid JSON: ${error.message}.`);
  }
};

const settingsFrom = (env: NodeJS.ProcessEnv, defaults: Record<string, unknown>): KubernetesKindSettings => {
  const read = KubernetesKindSettings.safeParse({ ...defaults, ...parsedSettings(env['BERTH_KUBERNETES']) });
  if (read.success) return read.data;
  const problems = read.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new StartError(`BERTH_KUBERNETES is invalid: ${problems.join('; ')}.`);
};

/** An id that is unique per installation and stable across restarts, so that two can share a cluster. */
const installationOf = (dataDir: string): string =>
  `local-${createHash('sha256').update(`${hostname()}\0${dataDir}`).digest('hex').slice(0, 16)}`;

/** Checks the permission at the start. Without it, agents would be refused later without a visible reason. */
const checkPermission = async (access: KubernetesAccess, log: Log): Promise<void> => {
  try {
    if (await mayReviewTokens(access)) return;
    log(
      'warn',
      "The user of KUBECONFIG's current context may not create tokenreviews in the cluster, with which Berth verifies agents in pods: workspaces there will not become ready. Apply infra/kubernetes/local.yaml as a cluster administrator, or choose another context.",
    );
  } catch (error) {
    log(
      'warn',
      `The cluster of KUBECONFIG does not respond at ${access.endpoint}. Workspaces cannot start there until it does.`,
      { error },
    );
  }
};

/**
 * With `KUBECONFIG` set, the kind `kubernetes-pod` on that cluster's current context. `BERTH_KUBERNETES` contains
 * settings of the kind as JSON, such as the agent's image and the URL at which pods reach this Berth.
 */
export const localKubernetes = async (
  env: NodeJS.ProcessEnv,
  dataDir: string,
  log: Log,
): Promise<LocalKubernetes | Record<string, never>> => {
  const file = env['KUBECONFIG'];
  if (!file) return {};
  const { access, namespace } = await accessOf(file);
  const settings = settingsFrom(env, {
    installation: installationOf(dataDir),
    namespace: namespace ?? 'default',
    agent: { image: defaultImage },
  });
  void checkPermission(access, log);
  const api = kubernetesClient({ ...access, namespace: settings.namespace });
  const kind = kubernetesPodKind({ api, settings, clock: () => new Date() });
  return {
    moreKinds: [kind as ComputeKind<unknown>],
    identities: { kubernetes: tokenReview(access, settings.namespace) },
    templateFolders: [templates, join(templates, 'kubernetes')],
    limits: { privilegedTemplates: settings.privilegedTemplates },
  };
};
