import type { V1Container, V1EnvVar, V1Volume, V1VolumeMount } from '@kubernetes/client-node';
import type { KubernetesKindSettings } from '../../contracts/kubernetes-settings.ts';
import type { Run } from '../kind.ts';

/**
 * How the agent comes into a container of any image: an init container of the agent's own image copies it into a volume
 * of the pod. What it copies needs nothing of the container it lands in, not even a C library or a shell: Node there
 * names /berth/lib/ld.so as its loader and /berth/lib as the place of its libraries. See agent/image/Dockerfile.
 */
const agentPath = '/berth';
const tokenPath = '/var/run/berth';
const caPath = '/var/run/berth-ca';
const runPath = '/var/run/berth-agent';
export const reservedPaths = [agentPath, tokenPath, caPath, runPath];

const volumeNames = { agent: 'berth-agent', token: 'berth-token', ca: 'berth-ca', run: 'berth-run' };
export const reservedVolumes: ReadonlySet<string> = new Set([...Object.values(volumeNames), 'home']);

/** Whom the agent's token is for, as the gateway demands it; the cluster's API refuses a token for another. */
export const tokenAudience = 'berth';
/** The kubelet renews the token long before. 600 is the least that Kubernetes gives. */
const tokenSeconds = 600;

type Agent = KubernetesKindSettings['agent'];

/** Room for the agent (150 MB; with code-server 650 MB), and for its startup script. */
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

const installAgent = ({ image, pullPolicy }: Agent): V1Container => ({
  name: 'berth-agent',
  image,
  imagePullPolicy: pullPolicy,
  command: [`${agentPath}/bin/node`, `${agentPath}/install.cjs`, '/target'],
  volumeMounts: [{ name: volumeNames.agent, mountPath: '/target' }],
  resources: { requests: { cpu: '50m', memory: '64Mi' }, limits: { memory: '256Mi' } },
  securityContext: {
    runAsUser: 65_532,
    runAsNonRoot: true,
    readOnlyRootFilesystem: true,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ['ALL'] },
  },
});

/** What the agent is told. No secret is among it: it signs on with the token that the kubelet projects. */
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

/** The parts of a pod that bring the agent into it. */
export const agentParts = (run: Run<unknown>, settings: Agent, home: string) => ({
  volumes: agentVolumes(settings),
  mounts: agentMounts(settings),
  initContainer: installAgent(settings),
  env: agentEnvironment(run, settings, home),
  command: [`${agentPath}/bin/node`, `${agentPath}/agent.cjs`],
});
