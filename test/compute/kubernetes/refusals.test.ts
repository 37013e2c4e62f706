import { expect, test } from 'vitest';
import { runOf, settle } from '../contract.ts';
import { plainSpec } from './fixture.ts';
import { kubernetesSuite } from './suite.ts';

const suite = kubernetesSuite();
const { apply } = suite;
const patches = () =>
  suite.fixture.cluster.requests.filter(({ method, path }) => method === 'PATCH' && path.includes('/pods/'));

/** The messages of Kubernetes 1.36; `npm run test:kubernetes` checks them against a real API server. */
const forbidden = (message: string): [number, string] => [403, `pods "x" is forbidden: ${message}`];
test.each<[string, [number, string], RegExp]>([
  [
    'missing permissions',
    forbidden('User "berth" cannot patch resource "pods" in API group "" in the namespace "berth"'),
    /check Berth's permissions/,
  ],
  [
    'an exceeded quota',
    forbidden('exceeded quota: q, requested: pods=1, used: pods=1, limited: pods=1'),
    /quota is used up/,
  ],
  [
    'a quota that requires limits',
    forbidden('failed quota: q: must specify limits.cpu for: dev; limits.memory for: dev'),
    /give every container of the template the requests and limits/,
  ],
  [
    'a LimitRange',
    forbidden('maximum memory usage per Container is 1Gi, but limit is 2Gi'),
    /LimitRange does not allow this amount/,
  ],
  [
    'a pod security level',
    forbidden('violates PodSecurity "restricted:latest": runAsNonRoot != true'),
    /pod security level is stricter/,
  ],
  ['a PriorityClass', forbidden('no PriorityClass with name urgent was found'), /Correct priorityClassName/],
  ['a RuntimeClass', forbidden('pod rejected: RuntimeClass "gvisor" not found'), /Correct runtimeClassName/],
  [
    'a ServiceAccount',
    forbidden('error looking up service account berth/builder: serviceaccount "builder" not found'),
    /Correct serviceAccountName/,
  ],
  [
    'a ValidatingAdmissionPolicy, which can set any status',
    [422, `pods "x" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no latest`],
    /A policy of the cluster forbids it/,
  ],
  [
    'a webhook',
    [403, 'admission webhook "policy.example" denied the request: images must be signed'],
    /A policy of the cluster forbids it/,
  ],
  [
    'a webhook that does not respond',
    [500, 'Internal error occurred: failed calling webhook "policy.example": connection refused'],
    /webhook of the cluster does not respond/,
  ],
  [
    'a namespace that is being deleted',
    forbidden('unable to create new content in namespace berth because it is being terminated'),
    /namespace of Berth's workspaces is being deleted/,
  ],
  ['an admission rule of another kind', forbidden('no'), /An admission rule of the cluster forbids it/],
  ['expired credentials', [401, 'Unauthorized'], /check Berth's credentials/],
  ['a missing field', [422, 'Pod "x" is invalid: spec.x: Required value'], /Required value\. Correct compute\.spec/],
])('derives the remedy from the message, not the status: %s', async (_, [status, message], remedy) => {
  suite.fixture.cluster.failRequests({ status, message, times: 9, path: /\/pods\// });
  await expect(apply()).rejects.toThrow(remedy);
});

test('does not retry a malformed object, and reports it as an error of the template', async () => {
  const run = runOf(suite.kind, plainSpec, suite.id);
  run.spec.pod.spec.containers[0] = { name: 'dev', image: 'debian:13', env: [{ name: 'A' }, { name: 'A' }] };
  await expect(suite.kind.apply(run)).rejects.toMatchObject({
    name: 'compute_failed',
    message: expect.stringMatching(/duplicate entries for key \[name="A"\]\. Correct compute\.spec/),
  });
  expect(patches()).toHaveLength(1);
});

test('retries while an API server that just started refuses every request', async () => {
  suite.fixture.cluster.setStarting(true);
  await expect(apply()).rejects.toMatchObject({ name: 'compute_unreachable' });
  suite.fixture.cluster.setStarting(false);
  await settle(() => apply());
});

test('retries a refusal from the moment before the API server became ready', async () => {
  suite.fixture.cluster.failRequests({
    status: 403,
    message: 'pods is forbidden: User "berth" cannot list resource "pods" in API group "" in the namespace "berth"',
    times: 1,
  });
  await settle(() => apply());
});
