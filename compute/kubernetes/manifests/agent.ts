import type { V1Container, V1EnvVar, V1Volume, V1VolumeMount } from '@kubernetes/client-node';
import type { KubernetesKindSettings } from '../../../contracts/settings/kubernetes.ts';
import type { Run } from '../../../core/ports/compute-kind.ts';
import { reservedPaths, reservedVolumes } from '../spec/reserved-names.ts';

const { agent: agentPath, token: tokenPath, ca: caPath, run: runPath } = reservedPaths;
const volumeNames = reservedVolumes;

/**
 * The audience of the agent's token, which the gateway checks. The cluster's API refuses tokens for another audience.
 */
export const tokenAudience = 'berth';
/** The minimum of Kubernetes. The kubelet renews the token long before it expires. */
const tokenSeconds = 600;

type Agent = KubernetesKindSettings['agent'];

/** The sizes allow for the agent (150 MB; with code-server 650 MB) and for its startup script. */
const agentVolumes = ({ caConfigMap }: Agent): V1Volume[] => [
  { name: volumeNames.agent, emptyDir: { sizeLimit: '1Gi' } },
  { name: volumeNames.run, emptyDir: { sizeLimit: '16Mi' } },
  {
    name: volumeNames.token,
    projected: {
      sources: [{ serviceAccountToken: { audience: tokenAudience, expirationSeconds: tokenSeconds, path: 'token' } }],
    },
  },
  ...(caConfigMap === undefined ? [] : [{ name: volumeNames.ca, configMap: { name: caConfigMap } }]),
];

const agentMounts = ({ caConfigMap }: Agent): V1VolumeMount[] => [
  { name: volumeNames.agent, mountPath: agentPath, readOnly: true },
  { name: volumeNames.run, mountPath: runPath },
  { name: volumeNames.token, mountPath: tokenPath, readOnly: true },
  ...(caConfigMap === undefined ? [] : [{ name: volumeNames.ca, mountPath: caPath, readOnly: true }]),
];

const installContainer = ({ image, pullPolicy }: Agent): V1Container => ({
  name: 'berth-agent',
  image,
  imagePullPolicy: pullPolicy,
  command: [`${agentPath}/bin/node`, `${agentPath}/install.cjs`, '/target'],
  volumeMounts: [{ name: volumeNames.agent, mountPath: '/target' }],
  // Requests and limits, because a quota may require both of every container.
  resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { cpu: '1', memory: '256Mi' } },
  securityContext: {
    runAsUser: 65_532,
    runAsNonRoot: true,
    readOnlyRootFilesystem: true,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
  },
});

/** Contains no secret: the agent authenticates with the token that the kubelet projects. */
const agentEnvironment = ({ workspace, agent }: Run<unknown>, settings: Agent, home: string): V1EnvVar[] =>
  Object.entries({
    HOME: home,
    BERTH_GATEWAY_URL: settings.gatewayUrl ?? agent.gatewayUrl,
    BERTH_WORKSPACE_ID: workspace.id,
    BERTH_WORKSPACE_NAME: workspace.name,
    BERTH_WORKSPACE_OWNER: workspace.owner.name,
    BERTH_AGENT_SIGN_ON: 'kubernetes',
    BERTH_AGENT_TOKEN_FILE: `${tokenPath}/token`,
    BERTH_AGENT_DIR: runPath,
    ...(settings.caConfigMap === undefined ? {} : { NODE_EXTRA_CA_CERTS: `${caPath}/ca.crt` }),
  }).map(([name, value]) => ({ name, value }));

/**
 * The parts of a pod that run the agent in a container of any image: an init container of the agent's own image copies
 * the agent into a volume of the pod. The copy needs nothing of the container's image, not even a C library or a shell:
 * its Node uses /berth/lib/ld.so as the loader and the libraries in /berth/lib. See agent/image/Dockerfile.
 */
export const agentParts = (run: Run<unknown>, settings: Agent, home: string) => ({
  volumes: agentVolumes(settings),
  mounts: agentMounts(settings),
  initContainer: installContainer(settings),
  env: agentEnvironment(run, settings, home),
  command: [`${agentPath}/bin/node`, `${agentPath}/agent.cjs`],
});
