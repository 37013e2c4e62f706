import type { V1PersistentVolumeClaim } from '@kubernetes/client-node';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { kubernetesClient } from '../../compute/kubernetes/api/client.ts';
import { kubernetesPodKind } from '../../compute/kubernetes/kubernetes.ts';
import { podManifest } from '../../compute/kubernetes/manifests/pod.ts';
import { computeContract, deleted, newWorkspaceId, runOf, settle } from '../compute/contract.ts';
import { plainSpec, testSettings } from '../compute/kubernetes/fixture.ts';
import { refusedSpecs } from '../compute/kubernetes/refused-specs.ts';
import { openRealFixture, type RealCluster, type RealFixture, startRealCluster } from './fixture.ts';

let cluster: RealCluster;
beforeAll(async () => {
  cluster = await startRealCluster();
});
afterAll(() => cluster?.close());

computeContract('kubernetes-pod on a real control plane', () => openRealFixture(cluster));

describe('a real API server', () => {
  let fixture: RealFixture;
  let id: string;
  beforeEach(async () => {
    fixture = await openRealFixture(cluster);
    id = newWorkspaceId();
  });
  afterEach(() => fixture.close());

  const spec = (more: object, container: object = {}) => ({
    pod: { spec: { containers: [{ name: 'dev', image: 'debian:13', ...container }], ...more } },
  });
  const apply = (of: unknown = plainSpec, number = 1, workspace = id) =>
    fixture.kind.apply(runOf(fixture.kind, of, workspace, number));
  const start = (of: unknown = plainSpec, number = 1) => settle(() => apply(of, number));
  const stop = () => settle(() => fixture.kind.stop({ id }));
  const create = (path: string, body: object) => fixture.admin.create(path, body);
  const inNamespace = (path: string) => path.replace('NS', fixture.namespace);
  /** Expects a refusal of new pods, as soon as the cluster's new rules are in force. */
  const expectRefusal = async (of: unknown, pattern: RegExp) => {
    await expect
      .poll(
        () =>
          apply(of, 1, newWorkspaceId()).then(
            () => '',
            (error: Error) => `${error.name}: ${error.message}`,
          ),
        { timeout: 30_000 },
      )
      .toMatch(pattern);
  };

  test('refuses an object with a duplicate key as an error of the template', async () => {
    const run = runOf(fixture.kind, plainSpec, id);
    run.spec.pod.spec.containers[0] = { name: 'dev', image: 'debian:13', env: [{ name: 'A' }, { name: 'A' }] };
    await expect(fixture.kind.apply(run)).rejects.toMatchObject({
      name: 'compute_failed',
      message: expect.stringMatching(/duplicate entries for key \[name="A"\]\. Correct compute\.spec/),
    });
  });

  test.each(refusedSpecs)('refuses what lint refuses: %s', async (_, given) => {
    const { home = {}, volumes = [], pod } = given as { home?: object; volumes?: object[]; pod: { spec: object } };
    const run = runOf(fixture.kind, plainSpec, id);
    const merged = {
      ...run,
      spec: {
        ...run.spec,
        home: { ...run.spec.home, ...home },
        volumes: volumes.map((volume) => ({ size: '1Gi', accessMode: 'ReadWriteOnce', ...volume })),
        pod: {
          ...run.spec.pod,
          ...pod,
          metadata: { labels: {}, annotations: {}, ...(pod as { metadata?: object }).metadata },
        },
      },
    } as typeof run;
    const body = podManifest(merged, testSettings({ namespace: fixture.namespace }));
    await expect(fixture.api.apply('pods', body)).rejects.toMatchObject({ name: 'compute_failed' });
  });

  describe('refuses a pod because of', () => {
    test('an exceeded quota, and a quota that requires limits', async () => {
      const quotas = inNamespace('/api/v1/namespaces/NS/resourcequotas');
      await create(quotas, { metadata: { name: 'limits' }, spec: { hard: { 'limits.cpu': '4' } } });
      await expectRefusal(
        plainSpec,
        /must specify limits\.cpu for: dev\. The namespace's quota counts these resources/,
      );
      await create(quotas, { metadata: { name: 'pods' }, spec: { hard: { pods: '0' } } });
      const limited = spec({}, { resources: { limits: { cpu: 1 } } });
      await expectRefusal(limited, /exceeded quota: pods.*quota is used up/);
    });

    test('a LimitRange', async () => {
      const limits = [{ type: 'Container', max: { memory: '300Mi' } }];
      await create(inNamespace('/api/v1/namespaces/NS/limitranges'), { metadata: { name: 'small' }, spec: { limits } });
      await expectRefusal(
        spec({}, { resources: { limits: { memory: '1Gi' } } }),
        /LimitRange does not allow this amount/,
      );
    });

    test('a pod security level', async () => {
      const level = { 'pod-security.kubernetes.io/enforce': 'restricted' };
      await fixture.admin.patch(`/api/v1/namespaces/${fixture.namespace}`, { metadata: { labels: level } });
      await expectRefusal(spec({}, { securityContext: { runAsUser: 0 } }), /pod security level is stricter/);
    });

    test('an unknown PriorityClass, RuntimeClass or ServiceAccount', async () => {
      await expectRefusal(spec({ priorityClassName: 'urgent' }), /Correct priorityClassName/);
      await expectRefusal(spec({ runtimeClassName: 'gvisor' }), /Correct runtimeClassName/);
      fixture.kind = fixture.open({ templateServiceAccounts: ['builder'] });
      await expectRefusal(spec({ serviceAccountName: 'builder' }), /Correct serviceAccountName/);
    });

    test('a ValidatingAdmissionPolicy', async () => {
      const group = '/apis/admissionregistration.k8s.io/v1';
      const resourceRules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }];
      const namespaceSelector = { matchLabels: { 'kubernetes.io/metadata.name': fixture.namespace } };
      await create(`${group}/validatingadmissionpolicies`, {
        metadata: { name: fixture.namespace },
        spec: {
          matchConstraints: { resourceRules, namespaceSelector },
          validations: [{ expression: 'false', message: 'not today' }],
        },
      });
      await create(`${group}/validatingadmissionpolicybindings`, {
        metadata: { name: fixture.namespace },
        spec: { policyName: fixture.namespace, validationActions: ['Deny'] },
      });
      await expectRefusal(plainSpec, /denied request: not today\. A policy of the cluster forbids it/);
    });

    test('a webhook that does not respond', async () => {
      const rules = [{ apiGroups: [''], apiVersions: ['v1'], operations: ['CREATE'], resources: ['pods'] }];
      await create('/apis/admissionregistration.k8s.io/v1/validatingwebhookconfigurations', {
        metadata: { name: fixture.namespace },
        webhooks: [
          {
            name: 'policy.example.com',
            rules,
            clientConfig: { url: 'https://127.0.0.1:1/' },
            namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': fixture.namespace } },
            admissionReviewVersions: ['v1'],
            sideEffects: 'None',
            timeoutSeconds: 1,
          },
        ],
      });
      await expectRefusal(plainSpec, /^compute_unreachable: .*admission webhook of the cluster does not respond/);
    });

    test('a namespace that is being deleted', async () => {
      await create(inNamespace('/api/v1/namespaces/NS/configmaps'), {
        metadata: { name: 'held', finalizers: ['example.com/held'] },
      });
      await fixture.admin.remove(`/api/v1/namespaces/${fixture.namespace}`);
      await expectRefusal(plainSpec, /namespace of Berth's workspaces is being deleted/);
    });

    test('missing permissions', async () => {
      const api = kubernetesClient({ ...cluster.plane.stranger, namespace: fixture.namespace });
      const kind = kubernetesPodKind({
        api,
        settings: testSettings({ namespace: fixture.namespace }),
        clock: () => new Date(),
      });
      await expect(kind.apply(runOf(kind, plainSpec, id))).rejects.toThrow(
        /User "stranger" cannot list.*check Berth's permissions/,
      );
    });
  });

  describe('volumes', () => {
    const withHome = (home: object) => ({ ...plainSpec, home });
    const claim = async () => (await fixture.objects<V1PersistentVolumeClaim>('persistentvolumeclaims'))[0];

    test('an unknown storage class is reported during the wait, and can be corrected', async () => {
      await apply(withHome({ size: '10Gi', storageClass: 'gp33' }));
      const detail = async () => (await apply(withHome({ size: '10Gi', storageClass: 'gp33' }))).detail;
      await expect
        .poll(detail, { timeout: 30_000 })
        .toMatch(/^No node can run the workspace: .*(volume|storage ?class)/i);
      await stop();
      await start(withHome({ size: '20Gi', storageClass: 'fast' }), 2);
      expect((await claim())?.spec).toMatchObject({
        storageClassName: 'fast',
        resources: { requests: { storage: '20Gi' } },
      });
    });

    test('a volume that cannot grow keeps its size, and the start has a notice', async () => {
      await start(withHome({ size: '10Gi', storageClass: 'fixed' }));
      await stop();
      await start(withHome({ size: '20Gi', storageClass: 'fixed' }), 2);
      expect(await apply(withHome({ size: '20Gi', storageClass: 'fixed' }), 2)).toMatchObject({
        notice: expect.stringMatching(
          /^The volume home stays at 10Gi instead of 20Gi, because its storage class does not allow expansion/,
        ),
      });
    });

    test('a volume grows, keeps its storage class, and never shrinks', async () => {
      await start(withHome({ size: '10Gi', storageClass: 'fast' }));
      await stop();
      await start(withHome({ size: '20Gi', storageClass: 'standard' }), 2);
      await stop();
      await start(withHome({ size: '5Gi' }), 3);
      expect((await claim())?.spec).toMatchObject({
        storageClassName: 'fast',
        resources: { requests: { storage: '20Gi' } },
      });
    });
  });

  test('reports a pod that fits no node during the wait', async () => {
    const large = spec({}, { resources: { requests: { cpu: '1000' } } });
    await apply(large);
    await expect
      .poll(async () => (await apply(large)).detail, { timeout: 30_000 })
      .toMatch(/no node has enough free cpu.*Insufficient cpu/);
  });

  test('reports a finalizer that blocks the deletion of a pod, and fails after half an hour', async () => {
    await start();
    const path = `/api/v1/namespaces/${fixture.namespace}/pods/${id}-b1`;
    await fixture.admin.patch(path, { metadata: { finalizers: ['example.com/billing'] } });
    await expect.poll(() => fixture.node.kubelet.processes(`${id}-b1`)).toHaveLength(1);
    await fixture.kind.stop({ id });
    fixture.advanceClock(120_000);
    await expect
      .poll(async () => (await fixture.kind.stop({ id })).detail)
      .toMatch(/held back for 2 minutes by the finalizer example\.com\/billing/);
    fixture.advanceClock(30 * 60_000);
    await expect(fixture.kind.stop({ id })).rejects.toThrow(
      /Ask your administrator to repair the component that set it/,
    );
    await fixture.admin.patch(path, { metadata: { finalizers: null } });
    await settle(() => fixture.kind.destroy(deleted(id)));
    // With the advanced clock the pod was force-deleted, so its process may outlive it for a moment.
    await expect.poll(() => fixture.leftovers(id)).toEqual([]);
  });

  test('an outage of the API server is compute_unreachable, and the start continues afterwards', async () => {
    await apply();
    await cluster.plane.stopApiServer();
    await expect(apply()).rejects.toMatchObject({ name: 'compute_unreachable' });
    await cluster.plane.startApiServer();
    await start();
  });
});
