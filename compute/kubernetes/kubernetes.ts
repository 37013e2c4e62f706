import type { V1Pod } from '@kubernetes/client-node';
import type { KubernetesKindSettings } from '../../contracts/kubernetes-settings.ts';
import { WorkspaceId } from '../../contracts/names.ts';
import { BerthError } from '../../core/errors.ts';
import type { Clock } from '../../core/ports.ts';
import type { ComputeKind, Observation, Progress, Run } from '../kind.ts';
import type { KubernetesApi } from './client.ts';
import { eventTrouble, isLasting, podProblem, type Trouble } from './explain.ts';
import { allOf, checkedId, originOf, podName, policyName, selectorOf } from './names.ts';
import { checkNetwork, networkPolicyOf } from './network-policy.ts';
import { podOf } from './pod.ts';
import { instantOf, isGoing, stateOf } from './pod-state.ts';
import type { KubernetesPodSpec } from './spec.ts';
import { checkPrivileges, kubernetesPodTemplates } from './templates.ts';
import { claimNames, claimsOf } from './volumes.ts';

export interface KubernetesPodKindOptions {
  api: KubernetesApi;
  settings: KubernetesKindSettings;
  clock: Clock;
}

const settled = (detail: string): Progress => ({ settled: true, detail });
const waiting = (detail: string, again: number): Progress => ({ settled: false, detail, again });

/** A pod that is nearly up is looked at often; one that waits for a node is not worth a state transition each second. */
const quickMs = 400;
const slowMs = 10_000;
/** Events are worth a request once the usual start is over. */
const eventsAfterMs = 10_000;
/** A pod is this long past its grace when its node is gone for good; nobody would ever confirm its end. */
const givenUpMs = 300_000;

/** A workspace as a pod of a Kubernetes cluster, with volumes that outlive it. */
export const kubernetesPodKind = ({ api, settings, clock }: KubernetesPodKindOptions) => {
  checkNetwork(settings.network);
  const of = (id: string) => selectorOf(settings.installation, id);
  const all = <T>(items: AsyncGenerator<T>): Promise<T[]> => Array.fromAsync(items);
  const ageMs = (pod: V1Pod) => clock().getTime() - instantOf(pod.metadata?.creationTimestamp);

  /** Asks for the end of each pod; settled when there is none. */
  const endPods = async (pods: readonly V1Pod[]): Promise<Progress> => {
    const now = clock().getTime();
    for (const pod of pods) {
      const name = pod.metadata?.name ?? '';
      if (!isGoing(pod)) await api.remove('pods', name);
      else if (now - instantOf(pod.metadata?.deletionTimestamp) > givenUpMs) {
        await api.remove('pods', name, { graceSeconds: 0 });
      }
    }
    return pods.length === 0 ? settled('No pod is left.') : waiting('The pod is ending.', quickMs);
  };

  const trouble = async (pod: V1Pod, spec: KubernetesPodSpec): Promise<Trouble | undefined> => {
    const known = podProblem(pod);
    if (known !== undefined && known.passing !== 'scheduling') return known;
    if (ageMs(pod) < eventsAfterMs) return known;
    const workspaceId = originOf(pod).workspaceId ?? '';
    const events = [
      ...(await Promise.all(claimNames(workspaceId, spec).map((name) => api.events('PersistentVolumeClaim', name)))),
      await api.events('Pod', pod.metadata?.name ?? ''),
    ];
    return eventTrouble(events.flat()) ?? known;
  };

  /** Towards a container that runs; throws when it never will. */
  const follow = async (pod: V1Pod, spec: KubernetesPodSpec): Promise<Progress> => {
    if (stateOf(pod) === 'running') return settled(`The pod runs on ${pod.spec?.nodeName ?? 'its node'}.`);
    if (isGoing(pod)) return waiting('An earlier pod of this build is ending.', quickMs);
    const found = await trouble(pod, spec);
    const patience = { schedulingSeconds: settings.schedulingPatienceSeconds };
    if (found !== undefined && isLasting(found, pod, clock(), patience)) {
      throw new BerthError('compute_failed', `${found.message}.`);
    }
    return waiting(found?.message ?? 'The pod is starting.', ageMs(pod) < eventsAfterMs ? quickMs : slowMs);
  };

  /**
   * The policy comes first, so that no pod is ever without; and it carries the newest build's number, which it only
   * takes from whoever saw the number before: a late call for an older build finds that out here.
   */
  const create = async (run: Run<KubernetesPodSpec>): Promise<Progress> => {
    const { id } = run.workspace;
    const [policy, claims] = await Promise.all([
      api.get('networkpolicies', policyName(id)),
      all(api.list('persistentvolumeclaims', of(id))),
    ]);
    if (policy !== undefined && originOf(policy).buildNumber > run.build.number) {
      return settled('There is a newer build; nothing was done.');
    }
    const ours = await api.apply('networkpolicies', networkPolicyOf(run, settings, policy?.metadata?.resourceVersion));
    if (!ours) return waiting('Another call was quicker.', quickMs);
    await Promise.all(claimsOf(run, settings, claims).map((claim) => api.apply('persistentvolumeclaims', claim)));
    await api.apply('pods', podOf(run, settings));
    return waiting('The pod was asked for.', quickMs);
  };

  const apply = async (run: Run<KubernetesPodSpec>): Promise<Progress> => {
    checkPrivileges(settings, run);
    const pods = await all(api.list('pods', of(checkedId(run.workspace.id))));
    const { number } = run.build;
    if (pods.some((pod) => originOf(pod).buildNumber > number))
      return settled('There is a newer build; nothing was done.');
    const older = pods.filter((pod) => originOf(pod).buildNumber < number);
    if (older.length > 0) return endPods(older);
    const own = pods.find(({ metadata }) => metadata?.name === podName(run.workspace.id, number));
    return own === undefined ? create(run) : follow(own, run.spec);
  };

  const destroy = async (id: string): Promise<Progress> => {
    const ended = await endPods(await all(api.list('pods', of(id))));
    if (!ended.settled) return ended;
    await api.removeAll('persistentvolumeclaims', of(id));
    const claims = await all(api.list('persistentvolumeclaims', of(id)));
    if (claims.length > 0) return waiting('The volumes are being deleted.', quickMs);
    await api.removeAll('networkpolicies', of(id));
    return settled('Nothing is left.');
  };

  const observe = async (id: string): Promise<Observation> => {
    const pods = await all(api.list('pods', of(id)));
    const [pod] = pods.toSorted((a, b) => originOf(b).buildNumber - originOf(a).buildNumber);
    if (pod !== undefined) {
      const state = stateOf(pod);
      const { buildId } = originOf(pod);
      const problem = state === 'running' ? undefined : podProblem(pod);
      const detail = problem === undefined ? `The pod is ${state}.` : `${problem.message}.`;
      return { state, detail, ...(buildId === undefined ? {} : { buildId }) };
    }
    const kept = await api.get('networkpolicies', policyName(id));
    if (kept !== undefined) return { state: 'stopped', detail: 'No pod runs; the volumes are kept.' };
    const claims = await all(api.list('persistentvolumeclaims', of(id)));
    return claims.length > 0 ? { state: 'stopped', detail: 'No pod runs; volumes are left.' } : { state: 'absent' };
  };

  return {
    ...kubernetesPodTemplates(settings),
    apply,
    stop: async ({ id }) => endPods(await all(api.list('pods', of(checkedId(id))))),
    destroy: async ({ id }) => destroy(checkedId(id)),
    observe: async ({ id }) => observe(checkedId(id)),
    async *listOwned() {
      const labels = allOf(settings.installation);
      const builds = new Map<string, string | undefined>();
      const note = (workspaceId: string | undefined, buildId?: string) => {
        if (WorkspaceId.safeParse(workspaceId).success) builds.set(workspaceId ?? '', buildId);
      };
      for await (const policy of api.list('networkpolicies', labels)) note(originOf(policy).workspaceId);
      for await (const claim of api.list('persistentvolumeclaims', labels)) note(originOf(claim).workspaceId);
      for await (const pod of api.list('pods', labels)) note(originOf(pod).workspaceId, originOf(pod).buildId);
      for (const [workspaceId, buildId] of builds)
        yield buildId === undefined ? { workspaceId } : { workspaceId, buildId };
    },
  } satisfies ComputeKind<KubernetesPodSpec>;
};
