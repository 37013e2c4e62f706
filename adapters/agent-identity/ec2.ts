import { verify, X509Certificate } from 'node:crypto';
import * as z from 'zod';
import type { AgentIdentitySettings } from '../../contracts/settings/agent-identities.ts';
import type { AgentIdentities } from '../../core/ports/agent-identities.ts';
import { agentRefused } from './refused.ts';

/** The fields of an instance identity document that Berth uses. All others are ignored. */
const Document = z.object({
  instanceId: z.string().regex(/^i-[0-9a-f]{8,17}$/),
  accountId: z.string(),
  region: z.string(),
});

const base64 = /^[A-Za-z0-9+/\s]+={0,2}\s*$/;

/**
 * Identifies VMs by their instance identity documents. A document is accepted if a configured certificate verifies its
 * RSA/SHA-256 signature, and if it names this account and region. Berth uses the plain signature, not the PKCS #7 one,
 * because PKCS #7 carries certificates of its own, which must not be trusted. Nothing is parsed before it is verified,
 * and nothing is fetched.
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
    if (!isSigned) throw agentRefused('its identity document is not signed by AWS');
    const document = Document.safeParse(JSON.parse(text));
    if (!document.success) throw agentRefused('its identity document has an unknown form', document.error);
    const { instanceId, accountId, region: from } = document.data;
    if (accountId !== account || from !== region)
      throw agentRefused('its machine belongs to another account or region');
    return { instanceId };
  };
};
