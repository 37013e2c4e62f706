import { describe, expect, test } from 'vitest';
import { newWorkspaceId, runOf } from '../contract.ts';
import { plainSpec } from './fixture.ts';
import { kubernetesSuite, withContainer } from './suite.ts';

const suite = kubernetesSuite();

describe('privileges', () => {
  const refusals = (spec: unknown, of = suite.kind) =>
    (of.spec.safeParse(spec).error?.issues ?? []).map(({ path, message }) => `${path.join('.')} ${message}`);

  const withVolume = (source: object) => withContainer({}, { volumes: [{ name: 'a', ...source }] });

  test.each([
    ['containers.0.securityContext.privileged', withContainer({ securityContext: { privileged: true } })],
    [
      'containers.0.securityContext.capabilities.add.0',
      withContainer({ securityContext: { capabilities: { add: ['SYS_ADMIN'] } } }),
    ],
    [
      'containers.0.securityContext.seccompProfile.type',
      withContainer({ securityContext: { seccompProfile: { type: 'Unconfined' } } }),
    ],
    ['containers.0.securityContext.procMount', withContainer({ securityContext: { procMount: 'Unmasked' } })],
    [
      'containers.0.securityContext.seLinuxOptions.type',
      withContainer({ securityContext: { seLinuxOptions: { type: 'spc_t' } } }),
    ],
    ['containers.0.ports.0.hostPort', withContainer({ ports: [{ containerPort: 80, hostPort: 80 }] })],
    [
      'containers.0.livenessProbe.httpGet.host',
      withContainer({ livenessProbe: { httpGet: { host: '169.254.169.254', port: 80 } } }),
    ],
    [
      'initContainers.0.securityContext.privileged',
      withContainer({}, { initContainers: [{ name: 'a', image: 'b', securityContext: { privileged: true } }] }),
    ],
    ['hostNetwork', withContainer({}, { hostNetwork: true })],
    ['hostPID', withContainer({}, { hostPID: true })],
    ['hostIPC', withContainer({}, { hostIPC: true })],
    ['nodeName', withContainer({}, { nodeName: 'node-1' })],
    ['automountServiceAccountToken', withContainer({}, { automountServiceAccountToken: true })],
    ['priorityClassName', withContainer({}, { priorityClassName: 'system-node-critical' })],
    [
      'securityContext.sysctls.0',
      withContainer({}, { securityContext: { sysctls: [{ name: 'kernel.msgmax', value: '1' }] } }),
    ],
    [
      'securityContext.appArmorProfile.type',
      withContainer({}, { securityContext: { appArmorProfile: { type: 'Unconfined' } } }),
    ],
    ['volumes.0.hostPath', withContainer({}, { volumes: [{ name: 'a', hostPath: { path: '/' } }] })],
    [
      'volumes.0.awsElasticBlockStore',
      withContainer({}, { volumes: [{ name: 'a', awsElasticBlockStore: { volumeID: 'vol-1' } }] }),
    ],
    [
      'volumes.0.persistentVolumeClaim.claimName',
      withContainer(
        {},
        { volumes: [{ name: 'a', persistentVolumeClaim: { claimName: 'ws-00000000000000000000000009-home' } }] },
      ),
    ],
    [
      'volumes.0.projected.sources.0.serviceAccountToken',
      withContainer({}, { volumes: [{ name: 'a', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }] }),
    ],
    [
      'volumes.0.projected.sources.1.podCertificate',
      withVolume({
        projected: {
          sources: [
            { configMap: { name: 'c' } },
            { podCertificate: { signerName: 'kubernetes.io/kube-apiserver-client-pod', keyType: 'ED25519' } },
          ],
        },
      }),
    ],
    ...[
      { spec: { dataSource: { kind: 'PersistentVolumeClaim', name: 'ws-00000000000000000000000009-home' } } },
      { spec: { dataSourceRef: { kind: 'PersistentVolumeClaim', name: 'ws-00000000000000000000000009-home' } } },
      { spec: { volumeName: 'pvc-1' } },
      { spec: { selector: { matchLabels: { a: 'b' } } } },
      { metadata: { labels: { 'berth.dev/workspace': 'ws-00000000000000000000000009' } }, spec: {} },
    ].map((volumeClaimTemplate): [string, ReturnType<typeof withVolume>] => [
      'volumes.0.ephemeral',
      withVolume({ ephemeral: { volumeClaimTemplate } }),
    ]),
    [
      'volumes.0.csi.driver',
      withVolume({ csi: { driver: 'nfs.csi.k8s.io', volumeAttributes: { server: '10.0.0.9', share: '/' } } }),
    ],
  ])('refuses %s without privileged: true', (field, spec) => {
    expect(refusals(spec)).toEqual([
      expect.stringMatching(new RegExp(`^pod\\.spec\\.${field.replaceAll('.', '\\.')} .*privileged: true`)),
    ]);
    expect(
      refusals({ ...spec, privileged: true }, suite.fixture.open({ privilegedTemplates: ['quickstart'] })),
    ).toEqual([]);
  });

  test('allows the CSI driver for secrets of the pod’s own service account', () => {
    expect(refusals(withVolume({ csi: { driver: 'secrets-store.csi.k8s.io', readOnly: true } }))).toEqual([]);
  });

  test.each(['dataSource', 'dataSourceRef', 'volumeName', 'selector', 'labels'])(
    'refuses %s in persistent volumes',
    (field) => {
      expect(refusals({ ...plainSpec, home: { [field]: 'x' } })).toEqual([expect.stringContaining(field)]);
      expect(refusals({ ...plainSpec, volumes: [{ name: 'a', [field]: 'x' }] })).toEqual([
        expect.stringContaining(field),
      ]);
    },
  );

  test.each([
    ['automountServiceAccountToken', withContainer({}, { automountServiceAccountToken: null })],
    ['securityContext.seccompProfile', withContainer({}, { securityContext: { seccompProfile: null } })],
    [
      'containers.0.securityContext.allowPrivilegeEscalation',
      withContainer({ securityContext: { allowPrivilegeEscalation: null } }),
    ],
    [
      'containers.0.securityContext.capabilities.drop',
      withContainer({ securityContext: { capabilities: { drop: null } } }),
    ],
    ['containers', { pod: { spec: { containers: null } } }],
  ])('refuses null at %s, which would override Berth’s default, privileged or not', (field, spec) => {
    const of = suite.fixture.open({ privilegedTemplates: ['quickstart'] });
    const refused = [`pod.spec.${field} is empty (null); leave it out or give it a value`];
    expect(refusals(spec, of)).toEqual(refused);
    expect(refusals({ ...spec, privileged: true }, of)).toEqual(refused);
  });

  test.each([
    [301, 'terminationGracePeriodSeconds', withContainer({}, { terminationGracePeriodSeconds: 301 })],
    [0, 'terminationGracePeriodSeconds', withContainer({}, { terminationGracePeriodSeconds: 0 })],
    [
      301,
      'containers.0.livenessProbe.terminationGracePeriodSeconds',
      withContainer({ livenessProbe: { exec: { command: ['true'] }, terminationGracePeriodSeconds: 301 } }),
    ],
  ])('refuses a grace period of %i s in %s', (_, field, spec) => {
    const of = suite.fixture.open({ privilegedTemplates: ['quickstart'] });
    const refused = [expect.stringContaining(`pod.spec.${field} must be from 1 to 300 seconds`)];
    expect(refusals(spec, of)).toEqual(refused);
    expect(refusals({ ...spec, privileged: true }, of)).toEqual(refused);
  });

  const dockerInDocker = {
    privileged: true,
    home: { size: '4Gi', mountPath: '/root' },
    volumes: [
      { name: 'docker', size: '10Gi', mountPath: '/var/lib/docker' },
      { name: 'linuxbrew', size: '10Gi', mountPath: '/home/linuxbrew' },
    ],
    pod: {
      metadata: {
        labels: { 'app.kubernetes.io/name': 'workspace' },
        annotations: { 'owner-mail': 'ada@example.com' },
      },
      spec: {
        containers: [
          {
            name: 'dev',
            image: 'k0rventen/code:0.1',
            imagePullPolicy: 'Always',
            securityContext: { privileged: true },
            resources: { requests: { cpu: '250m', memory: '512Mi' }, limits: { cpu: 8, memory: '8Gi' } },
          },
        ],
      },
    },
  };

  test('refuses docker in docker if no template may be privileged', () => {
    expect(refusals(dockerInDocker)).toEqual([expect.stringContaining('ask your administrator')]);
  });

  test('runs docker in docker for a template in privilegedTemplates, and for no other', async () => {
    suite.open({ privilegedTemplates: ['quickstart'] });
    await suite.start(dockerInDocker);
    expect(suite.container()).toMatchObject({ securityContext: { privileged: true }, imagePullPolicy: 'Always' });
    const other = { ...runOf(suite.kind, dockerInDocker, newWorkspaceId()), template: { name: 'other', version: 1 } };
    await expect(suite.kind.apply(other)).rejects.toMatchObject({
      name: 'invalid_template',
      field: 'compute.spec.privileged',
    });
    expect(() => suite.kind.plan(other)).toThrow('privilegedTemplates');
  });
});
