import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { expect, onTestFinished, test, vi } from 'vitest';
import { startCluster } from '../../test/compute/kubernetes/api.ts';
import { temporaryFolder } from '../../test/support/temporary-folder.ts';
import { localKubernetes } from './kubernetes.ts';

const dataDir = '/data';
const log = () => undefined;

const givenKubeconfig = (text: string): void => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'config'), text);
  vi.stubEnv('KUBECONFIG', join(folder, 'config'));
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
};

const kubeconfig = (server: string) => `
apiVersion: v1
kind: Config
current-context: here
clusters: [{ name: here, cluster: { server: '${server}', insecure-skip-tls-verify: true } }]
users: [{ name: me, user: { token: the-token } }]
contexts: [{ name: here, context: { cluster: here, user: me, namespace: dev } }]
`;

/** A cluster with nothing in it, that remembers what it was asked. */
const givenCluster = async () => {
  const asked: string[] = [];
  const server = createServer((request, response) => {
    asked.push(`${request.headers.authorization} ${new URL(request.url ?? '', 'http://c').pathname}`);
    response.end('{"items": []}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { asked, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
};

test('without KUBECONFIG there is no cluster, and nothing of it', async () => {
  expect(await localKubernetes({}, dataDir, log)).toEqual({});
});

test('the kind speaks to the current context’s cluster, as its user, in its namespace', async () => {
  const { asked, url } = await givenCluster();
  givenKubeconfig(kubeconfig(url));
  const { moreKinds, templateFolders } = await localKubernetes(process.env, dataDir, log);
  expect(templateFolders?.map((folder) => folder.replace(/.*\/templates/, 'templates'))).toEqual([
    'templates',
    'templates/kubernetes',
  ]);
  const [kind] = moreKinds ?? [];
  expect(kind?.name).toBe('kubernetes-pod');
  expect(await Array.fromAsync(kind?.listOwned() ?? [])).toEqual([]);
  expect(asked).toContain('Bearer the-token /api/v1/namespaces/dev/pods');
});

test.each([
  ['{', 'BERTH_KUBERNETES is no JSON'],
  ['{"agent": {"immage": "x"}}', 'BERTH_KUBERNETES is not right: agent.image'],
])('settings %s are refused in one line', async (text, message) => {
  givenKubeconfig(kubeconfig('http://127.0.0.1:9'));
  const started = localKubernetes({ ...process.env, BERTH_KUBERNETES: text }, dataDir, log);
  await expect(started).rejects.toMatchObject({ name: 'StartError', message: expect.stringContaining(message) });
});

test('a KUBECONFIG that leads nowhere is refused in one line', async () => {
  givenKubeconfig('apiVersion: v1\nkind: Config\n');
  await expect(localKubernetes(process.env, dataDir, log)).rejects.toMatchObject({ name: 'StartError' });
  givenKubeconfig('{');
  await expect(localKubernetes(process.env, dataDir, log)).rejects.toMatchObject({ name: 'StartError' });
});

test.each([true, false])(
  'a start says when agents could not be known (may review tokens: %s)',
  async (reviewsTokens) => {
    const cluster = await startCluster({ agentFile: '', clock: () => new Date(), namespace: 'dev', reviewsTokens });
    onTestFinished(() => cluster.close());
    givenKubeconfig(kubeconfig(cluster.url));
    const told: string[] = [];
    await localKubernetes(process.env, dataDir, (level, message) => void told.push(`${level} ${message}`));
    const asked = () => cluster.requests.some(({ path }) => path.endsWith('/selfsubjectaccessreviews'));
    await vi.waitUntil(() => (reviewsTokens ? asked() : told.length > 0), { timeout: 30_000 });
    expect(told).toEqual(
      reviewsTokens ? [] : [expect.stringMatching(/^warn .*tokenreviews.*Apply infra\/kubernetes\/local\.yaml/)],
    );
  },
);

test('a start says when its cluster does not answer', async () => {
  givenKubeconfig(kubeconfig('http://127.0.0.1:9'));
  const told: string[] = [];
  await localKubernetes(process.env, dataDir, (level, message) => void told.push(`${level} ${message}`));
  await vi.waitUntil(() => told.length > 0, { timeout: 30_000 });
  expect(told).toEqual([expect.stringMatching(/^warn The cluster of KUBECONFIG does not answer/)]);
});
