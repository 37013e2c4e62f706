import { Agent } from 'node:https';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Clock } from '../../../core/ports/clock.ts';
import type { KubernetesAccess } from './http.ts';

interface EksOptions {
  /** The name of the EKS cluster. */
  cluster: string;
  endpoint: string;
  /** Base64-encoded PEM, as EKS returns it. */
  ca: string;
  region: string;
  credentials: ConstructorParameters<typeof SignatureV4>[0]['credentials'];
  clock: Clock;
}

/** EKS accepts a token for 15 minutes after it was signed, whatever the URL's own expiry. */
const tokenMs = 14 * 60_000;
/** The authenticator accepts at most 15 minutes; this is what AWS's own tools use. */
const urlSeconds = 60;

const stsHost = (region: string): string => `sts.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;

/** Presigns a request to STS. Signing `x-k8s-aws-id` with it binds the token to this cluster. */
const signToken = async ({ cluster, region, credentials, clock }: EksOptions): Promise<string> => {
  const signer = new SignatureV4({ service: 'sts', region, credentials, sha256: Sha256 });
  const hostname = stsHost(region);
  const query = { Action: 'GetCallerIdentity', Version: '2011-06-15' };
  const headers = { host: hostname, 'x-k8s-aws-id': cluster };
  const presigned = await signer.presign(
    { method: 'GET', protocol: 'https:', hostname, path: '/', query, headers },
    { expiresIn: urlSeconds, signingDate: clock() },
  );
  const search = new URLSearchParams(presigned.query as Record<string, string>);
  return `k8s-aws-v1.${Buffer.from(`https://${hostname}/?${search}`).toString('base64url')}`;
};

/** Access to an EKS cluster with AWS credentials. The cluster's access entries decide what they may do. */
export const eksAccess = (options: EksOptions): KubernetesAccess => {
  let signed: { token: Promise<string>; until: number } | undefined;
  const token = (): Promise<string> => {
    const now = options.clock().getTime();
    if (signed !== undefined && now < signed.until) return signed.token;
    const fresh = { token: signToken(options), until: now + tokenMs };
    signed = fresh;
    // Do not cache a failure: the next request signs again.
    fresh.token.catch(() => {
      if (signed === fresh) signed = undefined;
    });
    return fresh.token;
  };
  const agent = new Agent({ keepAlive: true, ca: Buffer.from(options.ca, 'base64') });
  return {
    endpoint: options.endpoint,
    connect: async () => ({ agent, headers: { authorization: `Bearer ${await token()}` } }),
  };
};
