import { Agent } from 'node:https';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Clock } from '../../core/ports.ts';
import type { KubernetesAccess } from './http.ts';

export interface EksOptions {
  /** The name of the EKS cluster. */
  cluster: string;
  endpoint: string;
  /** PEM in base64, as EKS gives it. */
  ca: string;
  region: string;
  credentials: ConstructorParameters<typeof SignatureV4>[0]['credentials'];
  clock: Clock;
}

/** EKS takes a token for 15 minutes after it was signed, whatever the link itself says. */
const tokenMs = 14 * 60_000;
/** The authenticator wants a link of 15 minutes at the most; this is what AWS's own tools ask for. */
const linkSeconds = 60;

const stsHost = (region: string): string => `sts.${region}.amazonaws.com${region.startsWith('cn-') ? '.cn' : ''}`;

/** A link to STS that says who signed it, for this cluster alone: `x-k8s-aws-id` is part of what is signed. */
const signToken = async ({ cluster, region, credentials, clock }: EksOptions): Promise<string> => {
  const signer = new SignatureV4({ service: 'sts', region, credentials, sha256: Sha256 });
  const hostname = stsHost(region);
  const query = { Action: 'GetCallerIdentity', Version: '2011-06-15' };
  const headers = { host: hostname, 'x-k8s-aws-id': cluster };
  const link = await signer.presign(
    { method: 'GET', protocol: 'https:', hostname, path: '/', query, headers },
    { expiresIn: linkSeconds, signingDate: clock() },
  );
  const search = new URLSearchParams(link.query as Record<string, string>);
  return `k8s-aws-v1.${Buffer.from(`https://${hostname}/?${search}`).toString('base64url')}`;
};

/** A way into an EKS cluster as whoever the credentials are of; the cluster's access entries say what they may. */
export const eksAccess = (options: EksOptions): KubernetesAccess => {
  let signed: { token: Promise<string>; until: number } | undefined;
  const token = (): Promise<string> => {
    const now = options.clock().getTime();
    if (signed !== undefined && now < signed.until) return signed.token;
    const fresh = { token: signToken(options), until: now + tokenMs };
    signed = fresh;
    // One that could not be signed is not kept; whoever asked is told.
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
