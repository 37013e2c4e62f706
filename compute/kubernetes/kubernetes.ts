import type { V1PersistentVolumeClaim, V1Pod } from '@kubernetes/client-node';
import type { KubernetesKindSettings } from '../../contracts/settings/kubernetes.ts';
import { durationMs } from '../../contracts/values/duration.ts';
import { WorkspaceId } from '../../contracts/values/names.ts';
import { BerthError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports/clock.ts';
import type { ComputeKind, Observation, Owned, Progress, Quarantine, Run } from '../../core/ports/compute-kind.ts';
import { again, settled } from '../progress.ts';
import type { KubernetesApi } from './api/client.ts';
import {
  checkWorkspaceId,
  installationLabels,
  knownAsOf,
  podName,
  policyName,
  quarantineAnnotations,
  quarantineOf,
  recordedMetadataOf,
  workspaceLabels,
} from './manifests/metadata.ts';
import { checkNetwork, networkPolicyManifest } from './manifests/network-policy.ts';
import { podManifest } from './manifests/pod.ts';
import {
  claimManifests,
  claimNames,
  growthNotice,
  isUnbound,
  type WantedClaim,
  withoutGrowth,
} from './manifests/volumes.ts';
import type { KubernetesPodSpec } from './spec/spec-fields.ts';
import { awaitDeletion } from './status/deletion.ts';
import { describeProblem, eventProblem, isFinal, type PodProblem, podProblem } from './status/pod-problems.ts';
import { epochOf, isTerminating, stateOf } from './status/pod-state.ts';
import { checkPrivileges, kubernetesPodTemplates } from './templates.ts';

interface KubernetesPodKindOptions {
  api: KubernetesApi;
  settings: KubernetesKindSettings;
  clock: Clock;
}

/** A pod that is about to run is polled often. One that waits for a node is not: each poll costs a state transition. */
const fastPollMs = 400;
const slowPollMs = 10_000;
/** Events are read only after a start takes longer than usual. */
const eventsAfterMs = 10_000;
/** A pod that is this long past its grace period is on a lost node, which will not confirm the deletion. */
const forceDeleteAfterMs = 300_000;

/** Only one forced deletion: after it, only a finalizer can keep the pod, which further requests do not remove. */
const isAbandoned = ({ metadata }: V1Pod, now: number): boolean =>
  metadata?.deletionGracePeriodSeconds !== 0 && now - epochOf(metadata?.deletionTimestamp) > forceDeleteAfterMs;

/** A workspace as a pod in a Kubernetes cluster, with volumes that outlive the pod. */
export const kubernetesPodKind = ({ api, settings, clock }: KubernetesPodKindOptions) => {
  checkNetwork(settings.network);
  const of = (id: string) => workspaceLabels(settings.installation, id);
  const all = <T>(items: AsyncGenerator<T>): Promise<T[]> => Array.fromAsync(items);
  const ageMs = (pod: V1Pod) => clock().getTime() - epochOf(pod.metadata?.creationTimestamp);

  /** Requests the deletion of each pod; settled when there is none. */
  const deletePods = async (pods: readonly V1Pod[]): Promise<Progress> => {
    const now = clock().getTime();
    for (const pod of pods) {
      const name = pod.metadata?.name ?? '';
      if (!isTerminating(pod)) await api.remove('pods', name);
      else if (isAbandoned(pod, now)) await api.remove('pods', name, { graceSeconds: 0 });
    }
    return awaitDeletion('pods', pods, new Date(now));
  };

  const problemOf = async (pod: V1Pod, spec: KubernetesPodSpec): Promise<PodProblem | undefined> => {
    const known = podProblem(pod);
    if (known !== undefined && known.transient !== 'scheduling') return known;
    if (ageMs(pod) < eventsAfterMs) return known;
    const workspaceId = recordedMetadataOf(pod).workspaceId ?? '';
    const events = [
      ...(await Promise.all(claimNames(workspaceId, spec).map((name) => api.events('PersistentVolumeClaim', name)))),
      await api.events('Pod', pod.metadata?.name ?? ''),
    ];
    return eventProblem(events.flat()) ?? known;
  };

  /** Waits for the workspace's container to run; throws when it cannot. */
  const awaitPod = async (pod: V1Pod, spec: KubernetesPodSpec): Promise<Progress> => {
    if (stateOf(pod) === 'running') {
      const { notice } = recordedMetadataOf(pod);
      const detail = `The pod is running on ${pod.spec?.nodeName ?? 'its node'}.`;
      return { settled: true, detail, ...(notice === undefined ? {} : { notice }) };
    }
    if (isTerminating(pod)) return again('A previous pod of this build is being deleted.', fastPollMs);
    const found = await problemOf(pod, spec);
    const timeouts = { schedulingMs: durationMs(settings.schedulingPatience) };
    if (found !== undefined && isFinal(found, pod, clock(), timeouts)) {
      const { message, remedy } = found;
      throw new BerthError('compute_failed', message, remedy === undefined ? {} : { remedy });
    }
    return again(
      found === undefined ? 'The pod is starting.' : describeProblem(found),
      ageMs(pod) < eventsAfterMs ? fastPollMs : slowPollMs,
    );
  };

  const markClaims = (claims: readonly V1PersistentVolumeClaim[], mark?: Quarantine) =>
    Promise.all(
      claims.map(({ metadata }) =>
        api.annotate('persistentvolumeclaims', metadata?.name ?? '', quarantineAnnotations(mark)),
      ),
    );

  /**
   * Creates or changes the claim. A claim that cannot grow keeps its size, with a notice to the owner instead of a
   * failed start.
   */
  const applyClaim = async (wanted: WantedClaim): Promise<string | undefined> => {
    try {
      await api.apply('persistentvolumeclaims', wanted.claim);
      return undefined;
    } catch (error) {
      const kept = withoutGrowth(wanted);
      if (kept === undefined || !(error instanceof BerthError) || error.name !== 'compute_failed') throw error;
      await api.apply('persistentvolumeclaims', kept);
      return growthNotice(wanted, error.message);
    }
  };

  /**
   * The network policy comes first, so that no pod runs without one. It carries the newest build's number and is
   * written only at the resource version that was read: a late call for an older build fails here.
   */
  const create = async (run: Run<KubernetesPodSpec>): Promise<Progress> => {
    const { id } = run.workspace;
    const [policy, claims] = await Promise.all([
      api.get('networkpolicies', policyName(id)),
      all(api.list('persistentvolumeclaims', of(id))),
    ]);
    if (policy !== undefined && recordedMetadataOf(policy).buildNumber > run.build.number) {
      return settled('Nothing was done, because there is a newer build.');
    }
    const isApplied = await api.apply(
      'networkpolicies',
      networkPolicyManifest(run, settings, policy?.metadata?.resourceVersion),
    );
    if (!isApplied) return again('Another call changed the workspace first.', fastPollMs);
    const going = claims.filter(isTerminating);
    if (going.length > 0) return awaitDeletion('persistentvolumeclaims', going, clock());
    const empty = claims.filter(
      (claim) => isUnbound(claim) && recordedMetadataOf(claim).buildNumber < run.build.number,
    );
    if (empty.length > 0) {
      await Promise.all(empty.map((claim) => api.removeUnchanged('persistentvolumeclaims', claim)));
      return again('Volumes that were never created are being requested again.', fastPollMs);
    }
    const notices = await Promise.all(claimManifests(run, settings, claims).map(applyClaim));
    await markClaims(claims.filter(quarantineOf));
    await api.apply('pods', podManifest(run, settings, notices.filter(Boolean).join(' ')));
    return again('The pod was created.', fastPollMs);
  };

  const apply = async (run: Run<KubernetesPodSpec>): Promise<Progress> => {
    checkPrivileges(settings, run);
    const pods = await all(api.list('pods', of(checkWorkspaceId(run.workspace.id))));
    const { number } = run.build;
    if (pods.some((pod) => recordedMetadataOf(pod).buildNumber > number))
      return settled('Nothing was done, because there is a newer build.');
    const older = pods.filter((pod) => recordedMetadataOf(pod).buildNumber < number);
    if (older.length > 0) return deletePods(older);
    const own = pods.find(({ metadata }) => metadata?.name === podName(run.workspace.id, number));
    return own === undefined ? create(run) : awaitPod(own, run.spec);
  };

  /** Requests the deletion of all objects of one type that belong to the workspace; settled when there is none. */
  const deleteAll = async (resource: 'persistentvolumeclaims' | 'networkpolicies', id: string): Promise<Progress> => {
    const found = await all(api.list(resource, of(id)));
    if (found.every(isTerminating)) return awaitDeletion(resource, found, clock());
    await api.removeAll(resource, of(id));
    return awaitDeletion(resource, await all(api.list(resource, of(id))), clock());
  };

  const destroy = async (id: string): Promise<Progress> => {
    const ended = await deletePods(await all(api.list('pods', of(id))));
    if (!ended.settled) return ended;
    const volumes = await deleteAll('persistentvolumeclaims', id);
    return volumes.settled ? deleteAll('networkpolicies', id) : volumes;
  };

  const quarantine = async (id: string, mark: Quarantine): Promise<Progress> => {
    const ended = await deletePods(await all(api.list('pods', of(id))));
    if (!ended.settled) return ended;
    const claims = await all(api.list('persistentvolumeclaims', of(id)));
    await markClaims(
      claims.filter((claim) => quarantineOf(claim) === undefined),
      mark,
    );
    await api.removeAll('networkpolicies', of(id));
    return settled(claims.length > 0 ? 'No pod is running. The volumes are kept.' : 'No volume existed.');
  };

  const observe = async (id: string): Promise<Observation> => {
    const pods = await all(api.list('pods', of(id)));
    const [pod] = pods.toSorted((a, b) => recordedMetadataOf(b).buildNumber - recordedMetadataOf(a).buildNumber);
    if (pod !== undefined) {
      const state = stateOf(pod);
      const { buildId } = recordedMetadataOf(pod);
      const problem = state === 'running' ? undefined : podProblem(pod);
      const detail = problem === undefined ? `The pod is ${state}.` : describeProblem(problem);
      return { state, detail, ...(buildId === undefined ? {} : { buildId }) };
    }
    const kept = await api.get('networkpolicies', policyName(id));
    if (kept !== undefined) return { state: 'stopped', detail: 'No pod is running. The volumes are kept.' };
    const claims = await all(api.list('persistentvolumeclaims', of(id)));
    return claims.length > 0
      ? { state: 'stopped', detail: 'No pod is running. Volumes are left.' }
      : { state: 'absent' };
  };

  return {
    ...kubernetesPodTemplates(settings),
    apply,
    stop: async ({ id }) => deletePods(await all(api.list('pods', of(checkWorkspaceId(id))))),
    destroy: async ({ workspaceId }) => destroy(checkWorkspaceId(workspaceId)),
    quarantine: async ({ id }, mark) => quarantine(checkWorkspaceId(id), mark),
    observe: async ({ id }) => observe(checkWorkspaceId(id)),
    async *listOwned() {
      const labels = installationLabels(settings.installation);
      const found = new Map<string, Owned>();
      const note = (workspaceId: string | undefined, more: Omit<Owned, 'workspaceId'> = {}) => {
        const id = WorkspaceId.safeParse(workspaceId).data;
        if (id !== undefined) found.set(id, { ...found.get(id), workspaceId: id, ...more });
      };
      for await (const policy of api.list('networkpolicies', labels)) note(recordedMetadataOf(policy).workspaceId);
      for await (const claim of api.list('persistentvolumeclaims', labels)) {
        const mark = quarantineOf(claim);
        note(recordedMetadataOf(claim).workspaceId, {
          knownAs: knownAsOf(claim),
          ...(mark === undefined ? {} : { quarantine: mark }),
        });
      }
      for await (const pod of api.list('pods', labels)) {
        const { workspaceId, buildId } = recordedMetadataOf(pod);
        note(workspaceId, buildId === undefined ? {} : { buildId });
      }
      yield* found.values();
    },
  } satisfies ComputeKind<KubernetesPodSpec>;
};
