import { verify, X509Certificate } from 'node:crypto';
import * as z from 'zod';
import type { AgentIdentitySettings } from '../../contracts/agent-identities.ts';
import type { AgentIdentities } from '../../core/ports.ts';
import { notVouchedFor } from './refused.ts';

/** What an instance identity document says. It says more; nothing else is believed. */
const Document = z.object({
  instanceId: z.string().regex(/^i-[0-9a-f]{8,17}$/),
  accountId: z.string(),
  region: z.string(),
});

const base64 = /^[A-Za-z0-9+/\s]+={0,2}\s*$/;

/**
 * Machines by their instance identity documents. A document counts when its bytes are signed with RSA and SHA-256 by a
 * certificate of the settings, and it is of this account and region. The plain signature is taken, not the one in PKCS #7:
 * that brings certificates along, which must never be looked at. Nothing is parsed before it is verified, or fetched.
 */
export const ec2Identity = ({
  account,
  region,
  certificates,
}: NonNullable<AgentIdentitySettings['ec2']>): NonNullable<AgentIdentities['ec2']> => {
  const keys = certificates.map((certificate) => new X509Certificate(certificate).publicKey);
  if (keys.some(({ asymmetricKeyType }) => asymmetricKeyType !== 'rsa')) {
    throw new Error(
      'A certificate of the EC2 agent identity is not for RSA. Use the one AWS lists for RSA signatures.',
    );
  }
  return async (text, signature) => {
    const bytes = Buffer.from(text);
    const isSigned =
      base64.test(signature) && keys.some((key) => verify('sha256', bytes, key, Buffer.from(signature, 'base64')));
    if (!isSigned) throw notVouchedFor('its identity document is not signed by AWS');
    const document = Document.safeParse(JSON.parse(text));
    if (!document.success) throw notVouchedFor('its identity document is of no form that is known', document.error);
    const { instanceId, accountId, region: from } = document.data;
    if (accountId !== account || from !== region) throw notVouchedFor('its machine is of another account or region');
    return { instanceId };
  };
};
