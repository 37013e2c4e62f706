import { describe, expect, test } from 'vitest';
import { plainSpec, testSettings } from './fixture.ts';
import { kubernetesSuite, withContainer } from './suite.ts';

const suite = kubernetesSuite();

describe('the pod', () => {
  const other = { name: 'db', image: 'postgres:18' };

  test('runs the agent instead of the image’s command', async () => {
    await suite.start();
    const [install] = suite.pod().spec?.initContainers ?? [];
    expect(install).toMatchObject({ image: 'registry.example/berth-agent:1' });
    expect(install?.command?.at(-1)).toBe(install?.volumeMounts?.[0]?.mountPath);
    expect(suite.container()?.command).toEqual(['/berth/bin/node', '/berth/agent.cjs']);
    expect(suite.container()?.volumeMounts).toContainEqual({
      name: 'berth-agent',
      mountPath: '/berth',
      readOnly: true,
    });
  });

  test('contains no secret: the agent authenticates with a projected token for the audience berth', async () => {
    await suite.start();
    expect(JSON.stringify(suite.fixture.cluster.requests.map(({ body }) => body))).not.toContain('the-secret-token');
    const token = suite.pod().spec?.volumes?.find(({ projected }) => projected)?.projected?.sources;
    expect(token).toEqual([{ serviceAccountToken: { audience: 'berth', expirationSeconds: 600, path: 'token' } }]);
    const env = Object.fromEntries((suite.container()?.env ?? []).map(({ name, value }) => [name, value]));
    expect(env).toEqual({
      HOME: '/home/berth',
      BERTH_GATEWAY_URL: 'http://127.0.0.1:9',
      BERTH_WORKSPACE_ID: suite.id,
      BERTH_WORKSPACE_NAME: 'demo',
      BERTH_WORKSPACE_OWNER: 'ada',
      BERTH_AGENT_SIGN_ON: 'kubernetes',
      BERTH_AGENT_TOKEN_FILE: '/var/run/berth/token',
      BERTH_AGENT_DIR: '/var/run/berth-agent',
    });
  });

  test('runs as an unprivileged user by default', async () => {
    await suite.start();
    expect(suite.pod().spec).toMatchObject({
      automountServiceAccountToken: false,
      securityContext: { seccompProfile: { type: 'RuntimeDefault' }, fsGroup: 1000 },
    });
    expect(suite.container()?.securityContext).toEqual({
      runAsUser: 1000,
      runAsNonRoot: true,
      allowPrivilegeEscalation: false,
      capabilities: { drop: ['ALL'] },
    });
  });

  test.each([
    ['shares the process namespace, so that the pause process reaps orphaned processes', {}, true],
    ['keeps shareProcessNamespace: false of a template', { shareProcessNamespace: false }, false],
    [
      'does not share the process namespace with a second container',
      { containers: [...plainSpec.pod.spec.containers, other] },
      undefined,
    ],
    ['does not share it with a sidecar', { initContainers: [{ ...other, restartPolicy: 'Always' }] }, undefined],
    ['shares it with an init container, which ends before', { initContainers: [other] }, true],
  ])('%s', async (_, more, shared) => {
    await suite.start({ container: 'dev', pod: { spec: { ...plainSpec.pod.spec, ...more } } });
    expect(suite.pod().spec?.shareProcessNamespace).toBe(shared);
  });

  test('does not set shareProcessNamespace with hostPID', async () => {
    suite.open({ privilegedTemplates: ['quickstart'] });
    await suite.start({ ...withContainer({}, { hostPID: true }), privileged: true });
    expect(suite.pod().spec).toMatchObject({ hostPID: true });
    expect(suite.pod().spec?.shareProcessNamespace).toBeUndefined();
  });

  test('may run as root with capabilities of the security baseline', async () => {
    const securityContext = {
      runAsUser: 0,
      allowPrivilegeEscalation: true,
      capabilities: { drop: [], add: ['CHOWN'] },
    };
    await suite.start(withContainer({ securityContext }));
    expect(suite.container()?.securityContext).toEqual(securityContext);
  });

  test('has labels for cost allocation; labels of the template do not replace Berth’s', async () => {
    const metadata = {
      labels: { group: 'payments', 'cost-centre': '1' },
      annotations: { 'owner-mail': 'ada@example.com' },
    };
    await suite.start({ pod: { ...plainSpec.pod, metadata } });
    const labels = {
      'app.kubernetes.io/managed-by': 'berth',
      'berth.dev/installation': 'test',
      'berth.dev/workspace': suite.id,
      'berth.dev/build': '1',
      'berth.dev/owner': 'p-ada',
      'berth.dev/template': 'quickstart',
      'cost-centre': '4711',
      group: 'payments',
    };
    expect(suite.pod().metadata?.labels).toEqual(labels);
    expect(suite.claims()[0]?.metadata?.labels).toEqual(labels);
    expect(suite.pod().metadata?.annotations).toMatchObject({
      'berth.dev/workspace-name': 'demo',
      'berth.dev/owner-name': 'ada',
      'owner-mail': 'ada@example.com',
      'karpenter.sh/do-not-disrupt': 'true',
    });
  });

  test('contains every container, volume and field of the template', async () => {
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
    await suite.start(spec);
    expect(suite.pod().spec).toMatchObject({ tolerations: [{ key: 'spot' }], nodeSelector: { pool: 'workspaces' } });
    expect(suite.container('db')).toMatchObject({ args: ['-c', 'fsync=off'], image: 'postgres:18' });
    expect(suite.container('db')?.command).toBeUndefined();
    const mounts = suite.container()?.volumeMounts?.map(({ name, mountPath }) => `${name} ${mountPath}`);
    expect(mounts).toEqual(expect.arrayContaining(['home /root', 'brew /home/linuxbrew']));
    expect(suite.claims().map(({ metadata }) => metadata?.name)).toEqual([
      `${suite.id}-home`,
      `${suite.id}-brew`,
      `${suite.id}-db`,
    ]);
  });

  test('uses the gateway URL and the certificate authority of the settings', async () => {
    const agent = { ...testSettings().agent, gatewayUrl: 'http://10.0.0.5:8080', caConfigMap: 'company-ca' };
    suite.open({ agent });
    await suite.start();
    expect(suite.container()?.env).toContainEqual({ name: 'BERTH_GATEWAY_URL', value: 'http://10.0.0.5:8080' });
    expect(suite.container()?.env).toContainEqual({ name: 'NODE_EXTRA_CA_CERTS', value: '/var/run/berth-ca/ca.crt' });
    expect(suite.pod().spec?.volumes).toContainEqual({ name: 'berth-ca', configMap: { name: 'company-ca' } });
  });
});
