import type { V1NetworkPolicy, V1PersistentVolumeClaim, V1Pod } from '@kubernetes/client-node';
import { afterEach, beforeEach } from 'vitest';
import type { KubernetesKindSettings } from '../../../contracts/settings/kubernetes.ts';
import { newWorkspaceId, runOf, settle } from '../contract.ts';
import { type KubernetesFixture, openKubernetesFixture, plainSpec } from './fixture.ts';

/** A spec with one container, and more fields of the container and of the pod. */
export const withContainer = (container: object, pod: object = {}) => ({
  pod: { spec: { containers: [{ name: 'dev', image: 'debian:13', ...container }], ...pod } },
});

/** Opens a cluster with the kind and one workspace id for each test. All results are those of the current test. */
export const kubernetesSuite = (options: Parameters<typeof openKubernetesFixture>[0] = {}) => {
  let fixture: KubernetesFixture;
  let kind: KubernetesFixture['kind'];
  let id: string;
  beforeEach(async () => {
    fixture = await openKubernetesFixture(options);
    kind = fixture.open();
    id = newWorkspaceId();
  });
  afterEach(() => fixture.close());

  const apply = (spec: unknown = plainSpec, number = 1) => kind.apply(runOf(kind, spec, id, number));
  const pod = () => fixture.cluster.objects<V1Pod>('pods')[0] as V1Pod;
  return {
    get fixture() {
      return fixture;
    },
    get kind() {
      return kind;
    },
    get id() {
      return id;
    },
    /** Opens the kind again with other settings. */
    open: (settings: Partial<KubernetesKindSettings>) => {
      kind = fixture.open(settings);
    },
    apply,
    /** Creates the pod, and returns the progress of the call after that. */
    applyTwice: async (spec: unknown = plainSpec) => {
      await apply(spec);
      return apply(spec);
    },
    start: (spec: unknown = plainSpec, number = 1) => settle(() => apply(spec, number)),
    stop: () => settle(() => kind.stop({ id })),
    pod,
    container: (name = 'dev') => pod().spec?.containers.find((one) => one.name === name),
    policy: () => fixture.cluster.objects<V1NetworkPolicy>('networkpolicies')[0] as V1NetworkPolicy,
    claims: () => fixture.cluster.objects<V1PersistentVolumeClaim>('persistentvolumeclaims'),
  };
};
