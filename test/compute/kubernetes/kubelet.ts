import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { V1Container, V1ContainerStatus, V1Pod, V1Volume } from '@kubernetes/client-node';

/** How a pod ends up that does not run. */
export type PodOutcome =
  | { kind: 'unschedulable'; message: string }
  /** The workspace's container, or the named one, waits forever. */
  | { kind: 'waiting'; reason: string; message: string; container?: string }
  | { kind: 'ended'; reason: string; exitCode: number; message?: string; container?: string }
  /** Scheduled, but its containers are never created. */
  | { kind: 'stuck' };

export interface KubeletOptions {
  dir: string;
  /** The agent, bundled; every workspace runs it. */
  agentFile: string;
  clock: () => Date;
  /** The token that is projected into the pod for the audience berth. */
  tokenOf?: (pod: V1Pod) => string;
}

export interface Kubelet {
  /** Runs the pod, or simulates its outcome, and keeps its status up to date. */
  run(pod: V1Pod, outcome: PodOutcome | undefined): void;
  /** Ends the pod as a node does; resolves when its processes have ended. */
  end(pod: V1Pod, signal: NodeJS.Signals): Promise<void>;
  /** Process ids of the pod. */
  processes(podName: string): number[];
  volumeDir(claimName: string): string;
}

/** The form that the double's token review accepts. */
const unsignedToken = ({ metadata }: V1Pod): string =>
  `header.${Buffer.from(metadata?.name ?? '').toString('base64url')}.signature`;

const agentCommand = ['/berth/bin/node', '/berth/agent.cjs'];

export const startKubelet = ({ dir, agentFile, clock, tokenOf = unsignedToken }: KubeletOptions): Kubelet => {
  const children = new Map<string, { child: ChildProcess; exited: Promise<void> }>();
  const volumeDir = (claim: string) => join(dir, 'volumes', claim);
  const instant = () => clock().toISOString() as unknown as Date;
  const nameOf = (pod: V1Pod) => pod.metadata?.name ?? '';
  const workspaceName = (pod: V1Pod) =>
    pod.metadata?.annotations?.['kubectl.kubernetes.io/default-container'] ?? pod.spec?.containers[0]?.name;

  const hostPathOf = (pod: V1Pod, volume: V1Volume): string => {
    const claim = volume.persistentVolumeClaim?.claimName;
    const path = claim === undefined ? join(dir, 'pods', nameOf(pod), volume.name) : volumeDir(claim);
    mkdirSync(path, { recursive: true });
    const token = volume.projected?.sources?.find(
      ({ serviceAccountToken }) => serviceAccountToken,
    )?.serviceAccountToken;
    if (token) writeFileSync(join(path, token.path), tokenOf(pod));
    return path;
  };

  /** The container's environment, with the mount paths of volumes replaced by their paths on this machine. */
  const environmentOf = (pod: V1Pod, container: V1Container): Record<string, string> => {
    const mounts = (container.volumeMounts ?? []).map(({ name, mountPath }) => {
      const volume = pod.spec?.volumes?.find((one) => one.name === name);
      if (volume === undefined) throw new Error(`no volume ${name}`);
      return { mountPath, hostPath: hostPathOf(pod, volume) };
    });
    const onHost = (value: string) => {
      const mount = mounts.find(({ mountPath }) => value === mountPath || value.startsWith(`${mountPath}/`));
      return mount === undefined ? value : mount.hostPath + value.slice(mount.mountPath.length);
    };
    return Object.fromEntries((container.env ?? []).map(({ name, value = '' }) => [name, onHost(value)]));
  };

  const containerStatus = (container: V1Container, state: V1ContainerStatus['state']): V1ContainerStatus => ({
    name: container.name,
    image: container.image ?? '',
    imageID: '',
    ready: state?.running !== undefined,
    restartCount: 0,
    state: state ?? {},
  });
  const running = (container: V1Container) => containerStatus(container, { running: { startedAt: instant() } });
  const setState = (pod: V1Pod, name: string | undefined, state: NonNullable<V1ContainerStatus['state']>) => {
    const found = [...(pod.status?.initContainerStatuses ?? []), ...(pod.status?.containerStatuses ?? [])].find(
      (status) => status.name === name,
    );
    if (found) Object.assign(found, { state, ready: false });
  };

  const startAgent = (pod: V1Pod, container: V1Container): void => {
    if (JSON.stringify(container.command) !== JSON.stringify(agentCommand)) {
      setState(pod, container.name, { terminated: { reason: 'StartError', exitCode: 127 } });
      return;
    }
    const env = {
      PATH: process.env['PATH'] ?? '',
      ...environmentOf(pod, container),
    };
    const child = spawn(process.execPath, [agentFile], {
      cwd: env['HOME' as keyof typeof env],
      env,
      detached: true,
      stdio: 'ignore',
    });
    const exited = new Promise<void>((resolve) => {
      child.once('exit', (code, signal) => {
        children.delete(nameOf(pod));
        rmSync(join(dir, 'pods', nameOf(pod)), { recursive: true, force: true });
        const exitCode = code ?? 137;
        setState(pod, container.name, { terminated: { reason: signal ? 'Error' : 'Completed', exitCode } });
        if (pod.status && pod.status.reason === undefined) pod.status.phase = exitCode === 0 ? 'Succeeded' : 'Failed';
        resolve();
      });
    });
    children.set(nameOf(pod), { child, exited });
  };

  const scheduled = (pod: V1Pod) => {
    if (pod.spec) pod.spec.nodeName = 'node-1';
    pod.status = {
      phase: 'Pending',
      conditions: [{ type: 'PodScheduled', status: 'True', lastTransitionTime: instant() }],
      initContainerStatuses: (pod.spec?.initContainers ?? []).map((container) =>
        container.restartPolicy === 'Always'
          ? running(container)
          : containerStatus(container, { terminated: { exitCode: 0, reason: 'Completed' } }),
      ),
      containerStatuses: (pod.spec?.containers ?? []).map((container) =>
        containerStatus(container, { waiting: { reason: 'ContainerCreating' } }),
      ),
    };
  };

  const simulateFailure = (pod: V1Pod, outcome: PodOutcome) => {
    if (outcome.kind === 'unschedulable') {
      const condition = { type: 'PodScheduled', status: 'False', reason: 'Unschedulable', message: outcome.message };
      pod.status = { phase: 'Pending', conditions: [{ ...condition, lastTransitionTime: instant() }] };
      return;
    }
    scheduled(pod);
    if (outcome.kind === 'stuck') return;
    const { kind, container = workspaceName(pod), ...details } = outcome;
    if (kind === 'waiting') setState(pod, container, { waiting: details });
    else setState(pod, container, { terminated: details as { exitCode: number } });
    if (pod.status && kind === 'ended') pod.status.phase = 'Failed';
  };

  return {
    volumeDir,
    run(pod, outcome) {
      if (outcome !== undefined) {
        simulateFailure(pod, outcome);
        return;
      }
      scheduled(pod);
      const workspace = pod.spec?.containers.find(({ name }) => name === workspaceName(pod));
      if (pod.status) {
        pod.status.phase = 'Running';
        pod.status.containerStatuses = (pod.spec?.containers ?? []).map(running);
      }
      if (workspace) startAgent(pod, workspace);
    },
    async end(pod, signal) {
      const found = children.get(nameOf(pod));
      if (found === undefined) return;
      process.kill(signal === 'SIGKILL' ? -(found.child.pid ?? 0) : (found.child.pid ?? 0), signal);
      await found.exited;
    },
    processes: (podName) => [children.get(podName)?.child.pid ?? []].flat(),
  };
};
