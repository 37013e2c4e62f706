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

/** An empty cluster that records its requests. */
const givenCluster = async () => {
  const requests: string[] = [];
  const server = createServer((request, response) => {
    requests.push(`${request.headers.authorization} ${new URL(request.url ?? '', 'http://c').pathname}`);
    response.end('{"items": []}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { requests, url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` };
};

test('without KUBECONFIG nothing is added', async () => {
  expect(await localKubernetes({}, dataDir, log)).toEqual({});
});

test('the kind uses the cluster, user and namespace of the current context', async () => {
  const { requests, url } = await givenCluster();
  givenKubeconfig(kubeconfig(url));
  const { moreKinds, templateFolders } = await localKubernetes(process.env, dataDir, log);
  expect(templateFolders?.map((folder) => folder.replace(/.*\/templates/, 'templates'))).toEqual([
    'templates',
    'templates/kubernetes',
  ]);
  const [kind] = moreKinds ?? [];
  expect(kind?.name).toBe('kubernetes-pod');
  expect(await Array.fromAsync(kind?.listOwned() ?? [])).toEqual([]);
  expect(requests).toContain('Bearer the-token /api/v1/namespaces/dev/pods');
});

test.each([
  ['{', 'BERTH_KUBERNETES is not valid JSON'],
  ['{"agent": {"immage": "x"}}', 'BERTH_KUBERNETES is invalid: agent.image'],
])('invalid settings %s fail the start with one line', async (text, message) => {
  givenKubeconfig(kubeconfig('http://127.0.0.1:9'));
  const started = localKubernetes({ ...process.env, BERTH_KUBERNETES: text }, dataDir, log);
  await expect(started).rejects.toMatchObject({ name: 'StartError', message: expect.stringContaining(message) });
});

test('a KUBECONFIG without a usable context fails the start with one line', async () => {
  givenKubeconfig('apiVersion: v1\nkind: Config\n');
  await expect(localKubernetes(process.env, dataDir, log)).rejects.toMatchObject({ name: 'StartError' });
  givenKubeconfig('{');
  await expect(localKubernetes(process.env, dataDir, log)).rejects.toMatchObject({ name: 'StartError' });
});

test.each([true, false])(
  'a start warns if agents cannot be verified (may review tokens: %s)',
  async (reviewsTokens) => {
    const cluster = await startCluster({ agentFile: '', clock: () => new Date(), namespace: 'dev', reviewsTokens });
    onTestFinished(() => cluster.close());
    givenKubeconfig(kubeconfig(cluster.url));
    const logged: string[] = [];
    await localKubernetes(process.env, dataDir, (level, message) => void logged.push(`${level} ${message}`));
    const isReviewRequested = () => cluster.requests.some(({ path }) => path.endsWith('/selfsubjectaccessreviews'));
    await vi.waitUntil(() => (reviewsTokens ? isReviewRequested() : logged.length > 0), { timeout: 30_000 });
    expect(logged).toEqual(
      reviewsTokens ? [] : [expect.stringMatching(/^warn .*tokenreviews.*Apply infra\/kubernetes\/local\.yaml/)],
    );
  },
);

test('a start warns if its cluster does not respond', async () => {
  givenKubeconfig(kubeconfig('http://127.0.0.1:9'));
  const logged: string[] = [];
  await localKubernetes(process.env, dataDir, (level, message) => void logged.push(`${level} ${message}`));
  await vi.waitUntil(() => logged.length > 0, { timeout: 30_000 });
  expect(logged).toEqual([expect.stringMatching(/^warn The cluster of KUBECONFIG does not respond/)]);
});
