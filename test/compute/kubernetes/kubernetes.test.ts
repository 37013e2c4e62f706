import type { V1NetworkPolicy, V1PersistentVolumeClaim, V1Pod } from '@kubernetes/client-node';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { kubernetesPodKind } from '../../../compute/kubernetes/kubernetes.ts';
import { computeContract, deleted, newWorkspaceId, runOf, settle } from '../contract.ts';
import { type KubernetesBench, openKubernetesBench, plainSpec, testSettings } from './fixture.ts';
import type { Fate } from './kubelet.ts';

computeContract('kubernetes-pod', () => openKubernetesBench());

describe('the kind kubernetes-pod', () => {
  let bench: KubernetesBench;
  let kind: KubernetesBench['kind'];
  let id: string;

  beforeEach(async () => {
    bench = await openKubernetesBench();
    kind = bench.open();
    id = newWorkspaceId();
  });
  afterEach(() => bench.close());

  const start = (spec: unknown = plainSpec, number = 1) => settle(() => kind.apply(runOf(kind, spec, id, number)));
  /** Asks once for the pod, and once more for how it goes. */
  const ask = async (spec: unknown = plainSpec) => {
    await kind.apply(runOf(kind, spec, id));
    return kind.apply(runOf(kind, spec, id));
  };
  const pod = () => bench.cluster.objects<V1Pod>('pods')[0] as V1Pod;
  const policy = () => bench.cluster.objects<V1NetworkPolicy>('networkpolicies')[0] as V1NetworkPolicy;
  const claims = () => bench.cluster.objects<V1PersistentVolumeClaim>('persistentvolumeclaims');
  const container = (name = 'dev') => pod().spec?.containers.find((one) => one.name === name);
  const withContainer = (more: object, spec: object = {}) => ({
    pod: { spec: { containers: [{ name: 'dev', image: 'debian:13', ...more }], ...spec } },
  });

  describe('the pod', () => {
    const other = { name: 'db', image: 'postgres:18' };

    test('has the agent put into it, which runs instead of what the image would', async () => {
      await start();
      const [install] = pod().spec?.initContainers ?? [];
      expect(install).toMatchObject({ image: 'registry.example/berth-agent:1' });
      expect(install?.command?.at(-1)).toBe(install?.volumeMounts?.[0]?.mountPath);
      expect(container()?.command).toEqual(['/berth/bin/node', '/berth/agent.cjs']);
      expect(container()?.volumeMounts).toContainEqual({ name: 'berth-agent', mountPath: '/berth', readOnly: true });
    });

    test('carries no secret: the agent signs on with a token that the kubelet projects for Berth alone', async () => {
      await start();
      expect(JSON.stringify(bench.cluster.requests.map(({ body }) => body))).not.toContain('the-secret-token');
      const token = pod().spec?.volumes?.find(({ projected }) => projected)?.projected?.sources;
      expect(token).toEqual([{ serviceAccountToken: { audience: 'berth', expirationSeconds: 600, path: 'token' } }]);
      const env = Object.fromEntries((container()?.env ?? []).map(({ name, value }) => [name, value]));
      expect(env).toEqual({
        HOME: '/home/berth',
        BERTH_GATEWAY_URL: 'http://127.0.0.1:9',
        BERTH_WORKSPACE_ID: id,
        BERTH_WORKSPACE_NAME: 'demo',
        BERTH_WORKSPACE_OWNER: 'ada',
        BERTH_AGENT_SIGN_ON: 'kubernetes',
        BERTH_AGENT_TOKEN_FILE: '/var/run/berth/token',
        BERTH_AGENT_DIR: '/var/run/berth-agent',
      });
    });

    test('is an ordinary user’s that can become no other, unless the template says so', async () => {
      await start();
      expect(pod().spec).toMatchObject({
        automountServiceAccountToken: false,
        securityContext: { seccompProfile: { type: 'RuntimeDefault' }, fsGroup: 1000 },
      });
      expect(container()?.securityContext).toEqual({
        runAsUser: 1000,
        runAsNonRoot: true,
        allowPrivilegeEscalation: false,
        capabilities: { drop: ['ALL'] },
      });
    });

    test.each([
      ['is reaped by Kubernetes, the agent reaps nothing', {}, true],
      ['is not where the template says otherwise', { shareProcessNamespace: false }, false],
      [
        'shares no processes with a second container',
        { containers: [...plainSpec.pod.spec.containers, other] },
        undefined,
      ],
      ['shares none with a sidecar', { initContainers: [{ ...other, restartPolicy: 'Always' }] }, undefined],
      ['is reaped beside an init container', { initContainers: [other] }, true],
    ])('%s', async (_, more, shared) => {
      await start({ container: 'dev', pod: { spec: { ...plainSpec.pod.spec, ...more } } });
      expect(pod().spec?.shareProcessNamespace).toBe(shared);
    });

    test('is reaped by the node where it shares the node’s processes', async () => {
      kind = bench.open({ privilegedTemplates: ['quickstart'] });
      await start({ ...withContainer({}, { hostPID: true }), privileged: true });
      expect(pod().spec).toMatchObject({ hostPID: true });
      expect(pod().spec?.shareProcessNamespace).toBeUndefined();
    });

    test('may be root with the capabilities of an ordinary container', async () => {
      const securityContext = {
        runAsUser: 0,
        allowPrivilegeEscalation: true,
        capabilities: { drop: [], add: ['CHOWN'] },
      };
      await start(withContainer({ securityContext }));
      expect(container()?.securityContext).toEqual(securityContext);
    });

    test('is labelled for cost allocation; the template adds labels, and replaces none of Berth’s', async () => {
      const metadata = {
        labels: { group: 'payments', 'cost-centre': '1' },
        annotations: { 'owner-mail': 'ada@example.com' },
      };
      await start({ pod: { ...plainSpec.pod, metadata } });
      const labels = {
        'app.kubernetes.io/managed-by': 'berth',
        'berth.dev/installation': 'test',
        'berth.dev/workspace': id,
        'berth.dev/build': '1',
        'berth.dev/owner': 'p-ada',
        'berth.dev/template': 'quickstart',
        'cost-centre': '4711',
        group: 'payments',
      };
      expect(pod().metadata?.labels).toEqual(labels);
      expect(claims()[0]?.metadata?.labels).toEqual(labels);
      expect(pod().metadata?.annotations).toMatchObject({
        'berth.dev/workspace-name': 'demo',
        'berth.dev/owner-name': 'ada',
        'owner-mail': 'ada@example.com',
        'karpenter.sh/do-not-disrupt': 'true',
      });
    });

    test('has every container, volume and field of the template', async () => {
      const sidecar = {
        name: 'db',
        image: 'postgres:18',
        args: ['-c', 'fsync=off'],
        securityContext: { runAsUser: 999 },
      };
      const spec = {
        container: 'dev',
        home: { size: '4Gi', mountPath: '/root' },
        volumes: [
          { name: 'brew', size: '10Gi', mountPath: '/home/linuxbrew' },
          { name: 'db', size: '1Gi' },
        ],
        pod: {
          spec: {
            containers: [
              { ...sidecar, volumeMounts: [{ name: 'db', mountPath: '/var/lib/postgresql' }] },
              { name: 'dev', image: 'debian:13', resources: { limits: { cpu: 2, memory: '2Gi' } } },
            ],
            tolerations: [{ key: 'spot', operator: 'Exists' }],
            nodeSelector: { pool: 'workspaces' },
          },
        },
      };
      await start(spec);
      expect(pod().spec).toMatchObject({ tolerations: [{ key: 'spot' }], nodeSelector: { pool: 'workspaces' } });
      expect(container('db')).toMatchObject({ args: ['-c', 'fsync=off'], image: 'postgres:18' });
      expect(container('db')?.command).toBeUndefined();
      const mounts = container()?.volumeMounts?.map(({ name, mountPath }) => `${name} ${mountPath}`);
      expect(mounts).toEqual(expect.arrayContaining(['home /root', 'brew /home/linuxbrew']));
      expect(claims().map(({ metadata }) => metadata?.name)).toEqual([`${id}-home`, `${id}-brew`, `${id}-db`]);
    });

    test('reaches the gateway elsewhere, and trusts another authority, where the settings say so', async () => {
      const agent = { ...testSettings().agent, gatewayUrl: 'http://10.0.0.5:8080', caConfigMap: 'company-ca' };
      kind = bench.open({ agent });
      await start();
      expect(container()?.env).toContainEqual({ name: 'BERTH_GATEWAY_URL', value: 'http://10.0.0.5:8080' });
      expect(container()?.env).toContainEqual({ name: 'NODE_EXTRA_CA_CERTS', value: '/var/run/berth-ca/ca.crt' });
      expect(pod().spec?.volumes).toContainEqual({ name: 'berth-ca', configMap: { name: 'company-ca' } });
    });
  });

  describe('volumes', () => {
    const sizeOf = () => claims()[0]?.spec?.resources?.requests?.['storage'];
    const again = async (spec: unknown, number: number) => {
      await settle(() => kind.stop({ id }));
      await start(spec, number);
    };

    test('grow with the template, never shrink, and keep their class', async () => {
      await start({ ...plainSpec, home: { size: '2048Mi' } });
      expect(claims()[0]?.spec).toMatchObject({ storageClassName: 'standard', accessModes: ['ReadWriteOnce'] });
      await again({ ...plainSpec, home: { size: '5Gi', storageClass: 'fast' } }, 2);
      expect(sizeOf()).toBe('5Gi');
      await again({ ...plainSpec, home: { size: '1Gi' } }, 3);
      expect(sizeOf()).toBe('5Gi');
      expect(claims()[0]?.spec?.storageClassName).toBe('standard');
    });

    test('a home that is to be fresh at each start is none', async () => {
      await start({ ...plainSpec, home: { persistent: false, size: '2Gi' } });
      expect(claims()).toEqual([]);
      expect(pod().spec?.volumes).toContainEqual({ name: 'home', emptyDir: { sizeLimit: '2Gi' } });
    });
  });

  describe('the network', () => {
    test('lets nobody in, and out only to resolvers and the internet: no other pod, no metadata', async () => {
      await start();
      expect(policy().spec?.podSelector?.matchLabels).toEqual({
        'berth.dev/installation': 'test',
        'berth.dev/workspace': id,
      });
      expect(policy().spec).toMatchObject({ policyTypes: ['Ingress', 'Egress'], ingress: [] });
      const [dns, ...out] = policy().spec?.egress ?? [];
      expect(dns?.ports?.map(({ port }) => port)).toEqual([53, 53]);
      const blocks = out.flatMap(({ to = [] }) => to).map(({ ipBlock }) => ipBlock);
      expect(blocks).toEqual([
        {
          cidr: '0.0.0.0/0',
          except: ['169.254.0.0/16', '10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10'],
        },
        { cidr: '::/0', except: ['fe80::/10', 'fd00:ec2::/32', 'fc00::/7'] },
      ]);
    });

    test('is there before the pod is', async () => {
      await start();
      const applied = bench.cluster.requests.filter(({ method }) => method === 'PATCH').map(({ path }) => path);
      expect(applied.map((path) => /(networkpolicies|persistentvolumeclaims|pods)/.exec(path)?.[0])).toEqual([
        'networkpolicies',
        'persistentvolumeclaims',
        'pods',
      ]);
    });

    test('opens what the settings allow, ports and private parts included', async () => {
      const allow = [
        { cidr: '10.0.5.0/24', ports: [{ port: 443, protocol: 'TCP' as const }] },
        { cidr: '198.51.100.0/24' },
      ];
      kind = bench.open({ network: { dns: ['169.254.20.10/32'], allow, deny: ['10.0.0.0/8', '198.51.100.128/25'] } });
      await start();
      const [dns, ...out] = policy().spec?.egress ?? [];
      expect(dns?.to).toContainEqual({ ipBlock: { cidr: '169.254.20.10/32' } });
      expect(out).toEqual([
        { to: [{ ipBlock: { cidr: '10.0.5.0/24' } }], ports: [{ port: 443, protocol: 'TCP' }] },
        { to: [{ ipBlock: { cidr: '198.51.100.0/24', except: ['198.51.100.128/25'] } }] },
      ]);
    });

    test.each(['169.254.169.254/32', '169.254.170.0/24', 'fd00:ec2::254/128'])('never opens %s', (cidr) => {
      expect(() => bench.open({ network: { dns: [], allow: [{ cidr }], deny: [] } })).toThrow(`names ${cidr}`);
    });
  });

  describe('security', () => {
    const refusals = (spec: unknown, of = kind) =>
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
        withContainer(
          {},
          { volumes: [{ name: 'a', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } }] },
        ),
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
    ])('refuses %s, and says what to do', (field, spec) => {
      expect(refusals(spec)).toEqual([
        expect.stringMatching(new RegExp(`^pod\\.spec\\.${field.replaceAll('.', '\\.')} .*privileged: true`)),
      ]);
      expect(refusals({ ...spec, privileged: true }, bench.open({ privilegedTemplates: ['quickstart'] }))).toEqual([]);
    });

    test('lets a pod have the secrets of its own service account', () => {
      expect(refusals(withVolume({ csi: { driver: 'secrets-store.csi.k8s.io', readOnly: true } }))).toEqual([]);
    });

    test.each(['dataSource', 'dataSourceRef', 'volumeName', 'selector', 'labels'])(
      'volumes that stay name no source: %s',
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
    ])('a null at %s does not undo a default of Berth’s, privileged or not', (field, spec) => {
      const of = bench.open({ privilegedTemplates: ['quickstart'] });
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
    ])('a grace of %i s in %s would keep a pod after its stop', (_, field, spec) => {
      const of = bench.open({ privilegedTemplates: ['quickstart'] });
      const refused = [expect.stringContaining(`pod.spec.${field} must be from 1 to 300 seconds`)];
      expect(refusals(spec, of)).toEqual(refused);
      expect(refusals({ ...spec, privileged: true }, of)).toEqual(refused);
    });

    test('a grace of 300 s is kept', async () => {
      await start(withContainer({}, { terminationGracePeriodSeconds: 300 }));
      expect(pod().spec?.terminationGracePeriodSeconds).toBe(300);
    });

    const sidecar = (more: object) => ({ name: 'side', image: 'debian', ...more });
    const mounting = (name: string) => sidecar({ volumeMounts: [{ name, mountPath: '/there' }] });

    test.each(['berth-agent', 'berth-token', 'berth-ca', 'berth-run'])(
      'no container of a template mounts %s',
      (name) => {
        const at = (list: string) => [expect.stringContaining(`pod.spec.${list} "${name}" is for the agent alone`)];
        const { containers } = plainSpec.pod.spec;
        expect(refusals(withContainer({}, { containers: [...containers, mounting(name)] }))).toEqual(
          at('containers.1.volumeMounts.0.name'),
        );
        expect(refusals(withContainer({}, { initContainers: [mounting(name)] }))).toEqual(
          at('initContainers.0.volumeMounts.0.name'),
        );
        const device = sidecar({ volumeDevices: [{ name, devicePath: '/dev/x' }] });
        expect(refusals(withContainer({}, { initContainers: [device] }))).toEqual(
          at('initContainers.0.volumeDevices.0.name'),
        );
      },
    );

    test('other containers may mount the home', () => {
      expect(refusals(withContainer({}, { initContainers: [mounting('home')] }))).toEqual([]);
    });

    test.each([
      [
        'pod.spec.containers.0.volumeMounts.0.mountPath is reserved',
        withContainer({ volumeMounts: [{ name: 'home', mountPath: '/var//run/./berth' }] }),
      ],
      [
        'pod.metadata.annotations Names below berth.dev/',
        { pod: { ...plainSpec.pod, metadata: { annotations: { 'berth.dev/build-id': 'x' } } } },
      ],
      [
        'pod.spec.containers.0.command must not be set, because the agent runs',
        withContainer({ command: ['sleep', '1'] }),
      ],
      [
        'pod.spec.containers.0.env.0.name is set by Berth',
        withContainer({ env: [{ name: 'BERTH_AGENT_TOKEN_FILE', value: 'x' }] }),
      ],
      [
        'pod.spec.containers.0.volumeMounts.0.mountPath is reserved',
        withContainer({ volumeMounts: [{ name: 'home', mountPath: '/berth/bin' }] }),
      ],
      ['pod.spec.containers.0.image is missing', { pod: { spec: { containers: [{ name: 'dev' }] } } }],
      [
        'pod.spec.volumes.0.name "berth-agent" is a volume that Berth adds',
        withContainer({}, { volumes: [{ name: 'berth-agent' }] }),
      ],
      [
        'pod.spec.serviceAccountName "admin" is not a service account',
        withContainer({}, { serviceAccountName: 'admin' }),
      ],
      [
        'pod.metadata.labels Names below berth.dev/',
        { pod: { ...plainSpec.pod, metadata: { labels: { 'berth.dev/workspace': 'x' } } } },
      ],
      ['container must name one of', { ...plainSpec, container: 'other' }],
      ['home.mountPath Use a path', { ...plainSpec, home: { mountPath: '/home/../etc' } }],
      ['volumes.1.name "a" is there twice', { ...plainSpec, volumes: [{ name: 'a' }, { name: 'a' }] }],
    ])('refuses what would collide with Berth’s own: %s', (problem, spec) => {
      expect(refusals(spec)).toEqual([expect.stringContaining(problem)]);
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

    test('docker in docker is refused where no template may be privileged', () => {
      expect(refusals(dockerInDocker)).toEqual([expect.stringContaining('ask your administrator')]);
    });

    test('docker in docker runs where the administrator named the template, and for no other template', async () => {
      kind = bench.open({ privilegedTemplates: ['quickstart'] });
      await start(dockerInDocker);
      expect(container()).toMatchObject({ securityContext: { privileged: true }, imagePullPolicy: 'Always' });
      const other = { ...runOf(kind, dockerInDocker, newWorkspaceId()), template: { name: 'other', version: 1 } };
      await expect(kind.apply(other)).rejects.toMatchObject({
        name: 'invalid_template',
        field: 'compute.spec.privileged',
      });
      expect(() => kind.plan(other)).toThrow('privilegedTemplates');
    });
  });

  describe('failures in words', () => {
    const waiting = (reason: string, message: string): Fate => ({ kind: 'waiting', reason, message });
    const fails = async () => {
      await expect(ask()).rejects.toMatchObject({ name: 'compute_failed' });
      return ask().catch((error: Error) => error.message);
    };

    test.each<[string, Fate, RegExp]>([
      [
        'an image that is not there',
        waiting('ImagePullBackOff', 'Back-off: debian:13: manifest unknown'),
        /image debian:13 .* cannot be pulled: .*Check the image's name/,
      ],
      [
        'an image that the cluster may not have',
        waiting('ErrImagePull', '403 Forbidden'),
        /cannot be pulled.*may pull it/,
      ],
      ['a name that is none', waiting('InvalidImageName', 'x'), /does not have a valid name/],
      [
        'a secret that is missing',
        waiting('CreateContainerConfigError', 'secret "git" not found'),
        /secret "git" not found\. Correct the template/,
      ],
      [
        'too little memory',
        { kind: 'ended', reason: 'OOMKilled', exitCode: 137 },
        /exceeded its memory limit.*Choose more memory/,
      ],
      [
        'an end of its own',
        { kind: 'ended', reason: 'Error', exitCode: 3, message: 'bad\nflag' },
        /exit code 3: bad flag/,
      ],
      [
        'an agent that the gateway refuses',
        { kind: 'ended', reason: 'Error', exitCode: 41 },
        /gateway refused this agent/,
      ],
      [
        'an init container that fails',
        { kind: 'ended', reason: 'Error', exitCode: 1, container: 'berth-agent' },
        /berth-agent ended with exit code 1/,
      ],
    ])('%s', async (_, fate, words) => {
      bench.cluster.ordain(id, fate);
      expect(await fails()).toMatch(words);
    });

    test.each<[string, string, RegExp]>([
      ['too little room', '0/3 nodes are available: 3 Insufficient cpu.', /no node has enough free cpu or memory/],
      [
        'nodes of another kind',
        '0/3 nodes are available: 3 node(s) had untolerated taint {gpu: true}.',
        /no node matches/,
      ],
      [
        'a volume in another zone',
        '0/3 nodes are available: 3 node(s) had volume node affinity conflict.',
        /zone without capacity/,
      ],
    ])('no node: %s, once the patience for a new node is over', async (_, message, words) => {
      bench.cluster.ordain(id, { kind: 'unschedulable', message });
      expect(await ask()).toMatchObject({ settled: false, detail: expect.stringMatching(words) });
      bench.pass(299_000);
      expect(await ask()).toMatchObject({ settled: false, again: 10_000 });
      bench.pass(2_000);
      expect(await fails()).toMatch(words);
    });

    test('a registry’s bad minute is waited for, and no longer than three', async () => {
      bench.cluster.ordain(id, waiting('ImagePullBackOff', 'dial tcp: i/o timeout'));
      expect(await ask()).toMatchObject({ settled: false });
      bench.pass(181_000);
      expect(await fails()).toMatch(/i\/o timeout/);
    });

    test.each([
      [
        'Pod',
        'b1',
        'FailedMount',
        'MountVolume.SetUp failed: configmap "company-ca" not found',
        /cannot be mounted: .*company-ca/,
      ],
      ['Pod', 'b1', 'FailedAttachVolume', 'Multi-Attach error', /cannot be attached to its node: Multi-Attach/],
      [
        'PersistentVolumeClaim',
        'home',
        'ProvisioningFailed',
        'storageclass "fast" not found',
        /cannot be created: storageclass "fast"/,
      ],
    ])('what only the events of a %s tell (%s %s)', async (of, name, reason, message, words) => {
      bench.cluster.ordain(id, { kind: 'stuck' });
      bench.cluster.report(of, `${id}-${name}`, reason, message);
      expect(await ask()).toMatchObject({ settled: false, detail: 'The pod is starting.' });
      bench.pass(11_000);
      expect(await ask()).toMatchObject({ settled: false, detail: expect.stringMatching(words) });
      bench.pass(180_000);
      expect(await fails()).toMatch(words);
    });

    test('links are told without their signatures', async () => {
      bench.cluster.ordain(id, waiting('ErrImagePull', 'get https://s3.example/layer?X-Amz-Signature=abc: denied'));
      expect(await fails()).not.toContain('abc');
    });

    test('an eviction is seen while it runs', async () => {
      await start();
      await bench.cluster.evict(`${id}-b1`, 'The node was low on resource: memory.');
      expect(await kind.observe({ id })).toEqual({
        state: 'failed',
        buildId: `${id}-b1`,
        detail: 'The cluster evicted the workspace: The node was low on resource: memory. Start it again.',
      });
      await start(plainSpec, 2);
      expect(await kind.observe({ id })).toMatchObject({ state: 'running', buildId: `${id}-b2` });
    });
  });

  describe('a cluster with troubles of its own', () => {
    test.each([{ status: 429, retryAfter: '0' }, { status: 500 }, { status: 409 }, { silent: true as const }])(
      '%j is tried again',
      async (fault) => {
        bench.cluster.fail({ ...fault, method: 'PATCH', times: 2 });
        await start();
        expect(await kind.observe({ id })).toMatchObject({ state: 'running' });
      },
    );

    test('one that stays busy is told so, after four attempts', async () => {
      bench.cluster.fail({ status: 503, message: 'the server is currently unable', times: 99, method: 'GET' });
      await expect(kind.apply(runOf(kind, plainSpec, id))).rejects.toMatchObject({
        name: 'compute_unreachable',
        message: expect.stringMatching(
          /refused the pods: the server is currently unable\. Start again in a few minutes/,
        ),
      });
      expect(bench.cluster.requests).toHaveLength(4);
    });

    test('an apply that died after its effect is carried on', async () => {
      bench.cluster.fail({ status: 500, times: 4, path: /\/pods\// });
      await expect(kind.apply(runOf(kind, plainSpec, id))).rejects.toThrow('refused');
      await start();
      expect(bench.cluster.objects('pods')).toHaveLength(1);
    });

    test('a pod whose node is gone is given up after five minutes', async () => {
      bench.cluster.ordain(id, { kind: 'stuck' });
      await ask();
      expect(await kind.stop({ id })).toMatchObject({ settled: false });
      bench.pass(30_000 + 299_000);
      expect(await kind.stop({ id })).toMatchObject({ settled: false });
      expect(bench.cluster.objects('pods')).toHaveLength(1);
      bench.pass(2_000);
      await settle(() => kind.stop({ id }));
      expect(await kind.observe({ id })).toMatchObject({ state: 'stopped' });
    });
  });

  test('a late call for an older build does nothing, also when the newer one was stopped', async () => {
    await start(plainSpec, 2);
    await settle(() => kind.stop({ id }));
    expect(await kind.apply(runOf(kind, plainSpec, id, 1))).toMatchObject({ settled: true });
    expect(bench.cluster.objects('pods')).toEqual([]);
  });

  test('another Berth in the same namespace sees nothing of it, and takes nothing away', async () => {
    await start();
    const other = kubernetesPodKind({
      api: bench.api,
      settings: testSettings({ installation: 'other' }),
      clock: () => new Date(),
    });
    expect(await Array.fromAsync(other.listOwned())).toEqual([]);
    await settle(() => other.destroy(deleted(id)));
    expect([policy(), ...claims()].map(({ metadata }) => metadata?.name)).toEqual([id, `${id}-home`]);
    expect(await kind.observe({ id })).toMatchObject({ state: 'running' });
  });

  test('a start asks the cluster for few things', async () => {
    await start();
    const asked = bench.cluster.requests.length;
    // List, policy, claims; three applied; and a look or two at how it goes.
    expect(asked).toBeLessThanOrEqual(8);
  });
});
