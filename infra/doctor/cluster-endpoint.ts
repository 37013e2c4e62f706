import { once } from 'node:events';
import type { IncomingMessage } from 'node:http';
import { get } from 'node:https';
import { fail, ok, whyUnreachable } from '../../contracts/doctor.ts';
import type { Check } from './check.ts';

/** Any answer does: whoever has not signed in is refused, by the right server. Node's own fetch takes no authority. */
const knock = async (endpoint: string, ca: Buffer): Promise<number> => {
  const asked = get(new URL('/livez', endpoint), { ca, signal: AbortSignal.timeout(5_000), agent: false });
  const [answer] = (await once(asked, 'response')) as [IncomingMessage];
  answer.destroy();
  return answer.statusCode ?? 0;
};

export const clusterEndpoint: Check = {
  name: 'cluster',
  when: 'before',
  asks: 'web',
  run: async ({ settings: { kubernetes } }) => {
    const existing = kubernetes?.existing;
    if (existing === undefined) return [];
    const { name, endpoint, certificateAuthority } = existing;
    try {
      await knock(endpoint, Buffer.from(certificateAuthority, 'base64'));
      return [ok(`The cluster ${name} answers at ${endpoint}.`)];
    } catch (error) {
      const todo = 'Compare kubernetes.existing with `aws eks describe-cluster`, and see who may reach its endpoint.';
      return [fail(`The cluster ${name} cannot be reached at ${endpoint}: ${whyUnreachable(error)}.`, todo)];
    }
  },
};
