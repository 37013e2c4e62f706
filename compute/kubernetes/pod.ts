import type { V1Container, V1Pod, V1PodSpec } from '@kubernetes/client-node';
import type { KubernetesKindSettings } from '../../contracts/kubernetes-settings.ts';
import type { Run } from '../kind.ts';
import { agentParts } from './agent.ts';
import { metadataOf, podName } from './names.ts';
import { podSecurityDefaults, withContainerDefaults } from './security.ts';
import { type KubernetesPodSpec, workspaceContainer } from './spec.ts';
import { podVolumes, workspaceMounts } from './volumes.ts';

/** Somebody works in it: a node is not emptied under it to pack pods closer (Karpenter and EKS Auto Mode; cluster-autoscaler). */
const undisturbed = {
  'karpenter.sh/do-not-disrupt': 'true',
  'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false',
};

/** How long the agent has to end what runs in the workspace. */
const graceSeconds = 30;

/**
 * Whether the pod's first process is to be Kubernetes' own, which reaps whatever loses its parent: the agent does not, and
 * daemons that ended would pile up until the pod may have no more processes. Only where the workspace's container is alone: others
 * may want to be the first, and what they hold in their environment and files is none of the workspace's business.
 */
const isAlone = ({ containers, initContainers = [], hostPID }: V1PodSpec): boolean =>
  containers.length === 1 &&
  !initContainers.some(({ restartPolicy }) => restartPolicy === 'Always') &&
  hostPID !== true;

type AgentParts = ReturnType<typeof agentParts>;

const withAgent = (container: V1Container, spec: KubernetesPodSpec, agent: AgentParts): V1Container => ({
  ...container,
  command: agent.command,
  env: [...(container.env ?? []), ...agent.env],
  workingDir: container.workingDir ?? spec.home.mountPath,
  volumeMounts: [...(container.volumeMounts ?? []), ...workspaceMounts(spec), ...agent.mounts],
});

/** Sidecars begin before the agent's container does, but none before the agent was copied. */
const podSpecOf = (
  given: V1PodSpec,
  spec: KubernetesPodSpec,
  settings: KubernetesKindSettings,
  run: Run<unknown>,
): V1PodSpec => {
  const agent = agentParts(run, settings.agent, spec.home.mountPath);
  const isWorkspace = ({ name }: V1Container) => name === workspaceContainer(spec);
  const { serviceAccount, ...rest } = given;
  return {
    // An agent that ended is a build that ended; a container that starts again would run the startup script unasked.
    restartPolicy: 'Never',
    enableServiceLinks: false,
    ...(isAlone(given) ? { shareProcessNamespace: true } : {}),
    terminationGracePeriodSeconds: graceSeconds,
    automountServiceAccountToken: false,
    serviceAccountName: serviceAccount ?? settings.serviceAccount,
    ...rest,
    securityContext: podSecurityDefaults(given.securityContext) ?? {},
    initContainers: [
      agent.initContainer,
      ...(given.initContainers ?? []).map((container) => withContainerDefaults(container, given)),
    ],
    containers: given.containers
      .map((container) => withContainerDefaults(container, given))
      .map((container) => (isWorkspace(container) ? withAgent(container, spec, agent) : container)),
    volumes: [...(given.volumes ?? []), ...podVolumes(run.workspace.id, spec), ...agent.volumes],
  };
};

/** The pod of one build: the template's, with volumes, agent, labels and what it did not say about security. */
export const podOf = (run: Run<KubernetesPodSpec>, settings: KubernetesKindSettings): V1Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    ...metadataOf(run, settings, podName(run.workspace.id, run.build.number), {
      ...run.spec.pod.metadata,
      annotations: {
        ...undisturbed,
        'kubectl.kubernetes.io/default-container': workspaceContainer(run.spec),
        ...run.spec.pod.metadata.annotations,
      },
    }),
  },
  spec: podSpecOf(run.spec.pod.spec, run.spec, settings, run),
});
