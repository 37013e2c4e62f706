import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import type { ClusterEvent } from '../api/resources.ts';
import { sanitizeMessage } from '../api/sanitize-message.ts';
import { epochOf, statusesOf, statusOf, workspaceContainerOf } from './pod-state.ts';

/**
 * Why a pod does not run, for people. A `transient` problem often resolves itself, for example while a node is being
 * added: it is a failure only after a timeout.
 */
export interface PodProblem {
  /** A sentence. */
  message: string;
  /** What to do about it, as a sentence. */
  remedy?: string;
  transient?: 'scheduling' | 'starting';
}

/** A registry's messages for an image that does not exist or that it does not permit: a retry does not help. */
const permanentPullError =
  /not found|manifest unknown|does not exist|unauthorized|authentication required|denied|forbidden|invalid reference/i;

const imagePullProblem = ({ image, name }: V1ContainerStatus, message: string): PodProblem => ({
  message: `The image ${image} of the container ${name} cannot be pulled: ${message}.`,
  remedy: "Check the image's name and tag in the template, and that the cluster may pull it.",
  ...(permanentPullError.test(message) ? {} : { transient: 'starting' as const }),
});

const correctTemplate = 'Correct the template.';

/** Why a container cannot start. */
const waitingProblem = (status: V1ContainerStatus): PodProblem | undefined => {
  const { reason, message = '' } = status.state?.waiting ?? {};
  const reported = sanitizeMessage(message);
  switch (reason) {
    case 'ErrImagePull':
    case 'ImagePullBackOff':
    case 'RegistryUnavailable':
      return imagePullProblem(status, reported);
    case 'InvalidImageName':
      return {
        message: `The image ${status.image} of the container ${status.name} does not have a valid name.`,
        remedy: 'Correct it in the template.',
      };
    case 'ErrImageNeverPull':
      return {
        message: `The image ${status.image} is not on the node, and its pull policy is Never.`,
        remedy: correctTemplate,
      };
    case 'CreateContainerConfigError':
      return {
        message: `The container ${status.name} cannot be created as the template describes it: ${reported}.`,
        remedy: correctTemplate,
      };
    case 'CreateContainerError':
    case 'RunContainerError':
      return {
        message: `The container ${status.name} cannot be started: ${reported}.`,
        remedy: correctTemplate,
        transient: 'starting',
      };
    case 'CrashLoopBackOff':
      return (
        terminatedProblem(status, status.lastState?.terminated) ?? {
          message: `The container ${status.name} ends repeatedly.`,
        }
      );
    default:
      return undefined;
  }
};

/** The agent's own exit codes; see agent/main.ts. */
const agentExitCodes: Record<number, PodProblem> = {
  41: {
    message: 'The gateway refused this agent.',
    remedy: 'Start again. If the problem persists, ask your administrator whether agents in pods can authenticate.',
  },
  42: { message: 'The build of this agent is over.', remedy: 'Start again.' },
};

/** Why a container ended. */
const terminatedProblem = (status: V1ContainerStatus, ended = status.state?.terminated): PodProblem | undefined => {
  if (ended === undefined) return undefined;
  if (ended.reason === 'OOMKilled') {
    return {
      message: `The container ${status.name} exceeded its memory limit and was terminated.`,
      remedy: 'Choose more memory, or start fewer programs.',
    };
  }
  const reported = sanitizeMessage(ended.message ?? '');
  return {
    message: `The container ${status.name} ended with exit code ${ended.exitCode}${reported === '' ? '' : `: ${reported}`}.`,
    remedy: 'Check its log in the cluster, or correct the template.',
  };
};

/**
 * An init container that failed, or the workspace's container. The workspace does not depend on its other containers.
 */
const terminatedContainerProblem = (pod: V1Pod): PodProblem | undefined => {
  const failed = pod.status?.initContainerStatuses?.find(({ state }) => (state?.terminated?.exitCode ?? 0) !== 0);
  if (failed !== undefined) return terminatedProblem(failed);
  const workspace = statusOf(pod, workspaceContainerOf(pod));
  return agentExitCodes[workspace?.state?.terminated?.exitCode ?? 0] ?? (workspace && terminatedProblem(workspace));
};

const moreCapacity = 'Ask your administrator for more capacity.';

/** Reasons and remedies by the scheduler's message, for example `0/3 nodes are available: 3 Insufficient cpu.` */
const schedulingReasons: [pattern: RegExp, reason: string, remedy: string][] = [
  [
    /volume node affinity|volume.*(zone|affinity)|topology/i,
    'a volume of the workspace is in a zone without capacity',
    "Ask your administrator for nodes in the volume's zone.",
  ],
  [
    /Insufficient (cpu|memory)/i,
    'no node has enough free cpu or memory',
    'Choose a smaller size, or ask your administrator for more capacity.',
  ],
  [
    /Insufficient ([\w./-]+)/i,
    'no node has a resource that the template requests, for example a GPU',
    'Choose another template version, or ask your administrator for such nodes.',
  ],
  [
    /untolerated taint|node selector|node affinity|incompatible/i,
    'no node matches what the template requests',
    'Correct its nodeSelector, affinity or tolerations.',
  ],
  [
    /unbound immediate PersistentVolumeClaims|persistentvolumeclaim/i,
    'a volume of the workspace does not exist yet',
    'Ask your administrator whether the storage class works.',
  ],
  [/too many pods/i, 'every node is full', moreCapacity],
];

const schedulingProblem = ({ status }: V1Pod): PodProblem | undefined => {
  const condition = status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (condition?.status !== 'False') return undefined;
  const reported = sanitizeMessage(condition.message ?? '');
  const [, reason, remedy] = schedulingReasons.find(([pattern]) => pattern.test(reported)) ?? [];
  const known = reason === undefined ? '' : `: ${reason}`;
  return {
    message: `No node can run the workspace${known}${reported === '' ? '' : ` (${reported})`}.`,
    remedy: remedy ?? moreCapacity,
    transient: 'scheduling',
  };
};

/** The whole pod was evicted or ended by its node. */
const podLevelProblem = ({ status, metadata }: V1Pod): PodProblem | undefined => {
  const disruption = status?.conditions?.find(({ type, status: is }) => type === 'DisruptionTarget' && is === 'True');
  const reported = sanitizeMessage(status?.message ?? disruption?.message ?? '');
  if (status?.reason === 'Evicted' || disruption !== undefined) {
    return {
      message: `The cluster evicted the workspace${reported === '' ? '' : `: ${reported}`}.`,
      remedy: 'Start it again.',
    };
  }
  if (status?.phase === 'Failed' && status.reason !== undefined) {
    return {
      message: `The node ended the workspace (${status.reason})${reported === '' ? '' : `: ${reported}`}.`,
      remedy: 'Start it again.',
    };
  }
  return metadata?.deletionTimestamp === undefined ? undefined : { message: 'The pod is being deleted.' };
};

/** Problems that only events report, while the pod's own status shows it as pending. */
const eventMessages: Record<string, string> = {
  FailedMount: 'A volume of the workspace cannot be mounted',
  FailedAttachVolume: 'A volume of the workspace cannot be attached to its node',
  FailedCreatePodSandBox: 'The node cannot set up the network of the workspace',
  ProvisioningFailed: 'A volume of the workspace cannot be created',
  FailedBinding: 'A volume of the workspace cannot be created',
};

export const eventProblem = (events: readonly ClusterEvent[]): PodProblem | undefined => {
  const event = events.findLast(({ reason, type }) => type !== 'Normal' && (reason ?? '') in eventMessages);
  if (event?.reason === undefined) return undefined;
  return {
    message: `${eventMessages[event.reason]}: ${sanitizeMessage(event.message ?? '')}.`,
    remedy: 'Start again. If the problem persists, contact your administrator.',
    transient: 'starting',
  };
};

/** What the pod's own status reports, most specific first. */
export const podProblem = (pod: V1Pod): PodProblem | undefined => {
  const waits = statusesOf(pod)
    .map(waitingProblem)
    .find((problem) => problem !== undefined);
  return podLevelProblem(pod) ?? waits ?? terminatedContainerProblem(pod) ?? schedulingProblem(pod);
};

/** For problems other than scheduling: long enough to outlast a short failure of a registry or disk. */
const startingTimeoutMs = 180_000;

interface Timeouts {
  schedulingMs: number;
}

/** Whether to fail instead of waiting longer. */
export const isFinal = (problem: PodProblem, pod: V1Pod, now: Date, { schedulingMs }: Timeouts): boolean => {
  if (problem.transient === undefined) return true;
  const timeoutMs = problem.transient === 'scheduling' ? schedulingMs : startingTimeoutMs;
  const scheduled = pod.status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'True');
  const since = epochOf(
    problem.transient === 'starting' && scheduled ? scheduled.lastTransitionTime : pod.metadata?.creationTimestamp,
  );
  return now.getTime() - since > timeoutMs;
};

/** The problem and its remedy as one text, for a status in which both are shown together. */
export const describeProblem = ({ message, remedy }: PodProblem): string =>
  remedy === undefined ? message : `${message} ${remedy}`;
