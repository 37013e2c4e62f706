import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { fail, ok, whyUnreachable } from '../../../contracts/doctor.ts';
import type { Check } from '../context/check.ts';

/**
 * Any response will do, because the server refuses unauthenticated requests. Node's `fetch` takes no certificate
 * authority.
 */
const statusOf = async (endpoint: string, ca: Buffer): Promise<number> => {
  const request = get(new URL('/livez', endpoint), { ca, signal: AbortSignal.timeout(5_000), agent: false });
  const [response] = (await once(request, 'response')) as [IncomingMessage];
  response.destroy();
  return response.statusCode ?? 0;
};

export const clusterEndpoint: Check = {
  name: 'cluster',
  when: 'before',
  queries: 'web',
  run: async ({ settings: { kubernetes } }) => {
    const existing = kubernetes?.existing;
    if (existing === undefined) return [];
    const { name, endpoint, certificateAuthority } = existing;
    try {
      await statusOf(endpoint, Buffer.from(certificateAuthority, 'base64'));
      return [ok(`The cluster ${name} responds at ${endpoint}.`)];
    } catch (error) {
      const todo = 'Compare kubernetes.existing with `aws eks describe-cluster`, and check who can reach its endpoint.';
      return [fail(`The cluster ${name} cannot be reached at ${endpoint}: ${whyUnreachable(error)}.`, todo)];
    }
  },
};
