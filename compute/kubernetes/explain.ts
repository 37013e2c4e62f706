import type { V1ContainerStatus, V1Pod } from '@kubernetes/client-node';
import { instantOf, statusesOf, statusOf, workspaceOf } from './pod-state.ts';
import type { ClusterEvent } from './resources.ts';
import { cleaned } from './words.ts';

/**
 * Why a pod does not run, in words. `passing` is what often mends itself, such as a node that is still being started:
 * it is a failure only when the patience for it is over.
 */
export interface Trouble {
  message: string;
  passing?: 'scheduling' | 'starting';
}

/** What a registry says when the image is not there, or not for us: asking again changes nothing. */
const finalPull =
  /not found|manifest unknown|does not exist|unauthorized|authentication required|denied|forbidden|invalid reference/i;

const unpulled = ({ image, name }: V1ContainerStatus, message: string): Trouble => ({
  message: `The image ${image} of the container ${name} cannot be pulled: ${message}. Check its name and tag in the template, and that the cluster may pull it`,
  ...(finalPull.test(message) ? {} : { passing: 'starting' as const }),
});

/** A container that waits for something that does not come. */
const waitingTrouble = (status: V1ContainerStatus): Trouble | undefined => {
  const { reason, message = '' } = status.state?.waiting ?? {};
  const said = cleaned(message);
  switch (reason) {
    case 'ErrImagePull':
    case 'ImagePullBackOff':
    case 'RegistryUnavailable':
      return unpulled(status, said);
    case 'InvalidImageName':
      return {
        message: `The image ${status.image} of the container ${status.name} has no valid name. Correct it in the template`,
      };
    case 'ErrImageNeverPull':
      return {
        message: `The image ${status.image} is not on the node, and its pull policy is Never. Correct the template`,
      };
    case 'CreateContainerConfigError':
      return {
        message: `The container ${status.name} cannot be made as the template describes it: ${said}. Correct the template`,
      };
    case 'CreateContainerError':
    case 'RunContainerError':
      return {
        message: `The container ${status.name} cannot be started: ${said}. Correct the template`,
        passing: 'starting',
      };
    case 'CrashLoopBackOff':
      return (
        endedTrouble(status, status.lastState?.terminated) ?? {
          message: `The container ${status.name} ends again and again`,
        }
      );
    default:
      return undefined;
  }
};

/** How the agent ends by itself; see agent/main.ts. */
const agentEndings: Record<number, string> = {
  41: 'The gateway does not know this agent. Start again; if it stays, ask your administrator whether pods may sign on',
  42: 'The build of this agent is over. Start again',
};

/** A container that ended and should not have. */
const endedTrouble = (status: V1ContainerStatus, ended = status.state?.terminated): Trouble | undefined => {
  if (ended === undefined) return undefined;
  if (ended.reason === 'OOMKilled') {
    return {
      message: `The container ${status.name} needed more memory than its limit and was ended. Choose a larger memory, or start less at once`,
    };
  }
  const said = cleaned(ended.message ?? '');
  return {
    message: `The container ${status.name} ended with exit code ${ended.exitCode}${said === '' ? '' : `: ${said}`}. Look at its log in the cluster, or correct the template`,
  };
};

/** An init container that failed, or the workspace itself. Other containers may end: the workspace goes on. */
const firstEnded = (pod: V1Pod): Trouble | undefined => {
  const failed = pod.status?.initContainerStatuses?.find(({ state }) => (state?.terminated?.exitCode ?? 0) !== 0);
  if (failed !== undefined) return endedTrouble(failed);
  const workspace = statusOf(pod, workspaceOf(pod));
  const agent = agentEndings[workspace?.state?.terminated?.exitCode ?? 0];
  if (agent !== undefined) return { message: agent };
  return workspace && endedTrouble(workspace);
};

/** What the scheduler says, from its own list of reasons: `0/3 nodes are available: 3 Insufficient cpu.` */
const schedulingHints: [RegExp, string][] = [
  [
    /volume node affinity|volume.*(zone|affinity)|topology/i,
    "a volume of the workspace is in a zone that has no room. Ask your administrator for nodes in the volume's zone",
  ],
  [
    /Insufficient (cpu|memory)/i,
    'no node has enough free cpu or memory. Choose a smaller size, or ask your administrator for more capacity',
  ],
  [
    /Insufficient ([\w./-]+)/i,
    'no node has what the template asks for, such as a GPU. Choose another template version, or ask your administrator for such nodes',
  ],
  [
    /untolerated taint|node selector|node affinity|incompatible/i,
    'no node is of the kind that the template asks for. Correct its nodeSelector, affinity or tolerations',
  ],
  [
    /unbound immediate PersistentVolumeClaims|persistentvolumeclaim/i,
    'a volume of the workspace is not there yet. Ask your administrator whether the storage class works',
  ],
  [/too many pods/i, 'every node is full. Ask your administrator for more capacity'],
];

const schedulingTrouble = ({ status }: V1Pod): Trouble | undefined => {
  const condition = status?.conditions?.find(({ type }) => type === 'PodScheduled');
  if (condition?.status !== 'False') return undefined;
  const said = cleaned(condition.message ?? '');
  const [, hint] = schedulingHints.find(([pattern]) => pattern.test(said)) ?? [];
  return {
    message: `No node takes the workspace: ${hint ?? 'ask your administrator for capacity'}${said === '' ? '' : ` (${said})`}`,
    passing: 'scheduling',
  };
};

/** The pod as a whole was ended: by its node, or to make room for another. */
const podTrouble = ({ status, metadata }: V1Pod): Trouble | undefined => {
  const disruption = status?.conditions?.find(({ type, status: is }) => type === 'DisruptionTarget' && is === 'True');
  const said = cleaned(status?.message ?? disruption?.message ?? '');
  if (status?.reason === 'Evicted' || disruption !== undefined) {
    return { message: `The cluster evicted the workspace${said === '' ? '' : `: ${said}`}. Start it again` };
  }
  if (status?.phase === 'Failed' && status.reason !== undefined) {
    return {
      message: `The node gave the workspace up (${status.reason})${said === '' ? '' : `: ${said}`}. Start it again`,
    };
  }
  return metadata?.deletionTimestamp === undefined ? undefined : { message: 'The pod is being taken away' };
};

/** Trouble that only events tell of: the pod itself just waits to be made. */
const eventWords: Record<string, string> = {
  FailedMount: 'A volume of the workspace cannot be mounted',
  FailedAttachVolume: 'A volume of the workspace cannot be attached to its node',
  FailedCreatePodSandBox: 'The node cannot give the workspace a network of its own',
  ProvisioningFailed: 'A volume of the workspace cannot be made',
  FailedBinding: 'A volume of the workspace cannot be made',
};

export const eventTrouble = (events: readonly ClusterEvent[]): Trouble | undefined => {
  const event = events.findLast(({ reason, type }) => type !== 'Normal' && (reason ?? '') in eventWords);
  if (event?.reason === undefined) return undefined;
  const message = `${eventWords[event.reason]}: ${cleaned(event.message ?? '')}. Start again; if it stays, ask your administrator`;
  return { message, passing: 'starting' };
};

/** What the pod itself says, the most telling first. */
export const podProblem = (pod: V1Pod): Trouble | undefined => {
  const waits = statusesOf(pod)
    .map(waitingTrouble)
    .find((trouble) => trouble !== undefined);
  return podTrouble(pod) ?? waits ?? firstEnded(pod) ?? schedulingTrouble(pod);
};

/** How long trouble may last that is not about finding a node: long enough for a registry's or a disk's bad minute. */
const startingPatienceMs = 180_000;

export interface Patience {
  schedulingSeconds: number;
}

/** Whether there is any use in waiting longer. */
export const isLasting = (trouble: Trouble, pod: V1Pod, now: Date, { schedulingSeconds }: Patience): boolean => {
  if (trouble.passing === undefined) return true;
  const patience = trouble.passing === 'scheduling' ? schedulingSeconds * 1_000 : startingPatienceMs;
  const scheduled = pod.status?.conditions?.find(({ type, status }) => type === 'PodScheduled' && status === 'True');
  const since = instantOf(
    trouble.passing === 'starting' && scheduled ? scheduled.lastTransitionTime : pod.metadata?.creationTimestamp,
  );
  return now.getTime() - since > patience;
};
