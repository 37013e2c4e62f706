import type { V1Container, V1Pod, V1PodSpec } from '@kubernetes/client-node';
import type { KubernetesKindSettings } from '../../../contracts/settings/kubernetes.ts';
import type { Run } from '../../../core/ports/compute-kind.ts';
import { type KubernetesPodSpec, workspaceContainer } from '../spec/spec-fields.ts';
import { agentParts } from './agent.ts';
import { metadataOf, noticeAnnotation, podName } from './metadata.ts';
import { podSecurityDefaults, withContainerDefaults } from './security-defaults.ts';
import { podVolumes, workspaceMounts } from './volumes.ts';

/**
 * Keeps Karpenter, EKS Auto Mode and cluster-autoscaler from evicting the pod to consolidate nodes while a person works
 * in it.
 */
const doNotDisrupt = {
  'karpenter.sh/do-not-disrupt': 'true',
  'cluster-autoscaler.kubernetes.io/safe-to-evict': 'false',
};

/** How long the agent may take to end the workspace's processes. */
const graceSeconds = 30;

/**
 * Whether to share the process namespace, so that Kubernetes' pause process reaps orphaned processes: the agent does
 * not, and zombies would accumulate up to the pod's process limit. Only if the workspace's container is the only one:
 * others may need to be PID 1, and sharing would expose their environment and files to the workspace.
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

/** The init container that copies the agent comes first, before any sidecar. */
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
    // An agent that ended ends its build; a restarted container would run the startup script again.
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

/** The pod of one build: the template's, with volumes, agent, labels and security defaults. */
export const podManifest = (run: Run<KubernetesPodSpec>, settings: KubernetesKindSettings, notice = ''): V1Pod => ({
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: {
    ...metadataOf(run, settings, podName(run.workspace.id, run.build.number), {
      ...run.spec.pod.metadata,
      annotations: {
        ...doNotDisrupt,
        'kubectl.kubernetes.io/default-container': workspaceContainer(run.spec),
        ...run.spec.pod.metadata.annotations,
        ...noticeAnnotation(notice),
      },
    }),
  },
  spec: podSpecOf(run.spec.pod.spec, run.spec, settings, run),
});
