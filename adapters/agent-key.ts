import { GetSecretValueCommand, type SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import type { AgentKey } from '../core/ports/agent-identities.ts';

/** Reads the installation's key from Secrets Manager on first use and caches it. */
export const secretAgentKey = (client: SecretsManagerClient, arn: string): AgentKey => {
  const read = async () => {
    const { SecretString } = await client.send(new GetSecretValueCommand({ SecretId: arn }));
    if (!SecretString) throw new Error('The secret that signs agent tokens is empty. Deploy Berth again.');
    return SecretString;
  };
  let key: Promise<string> | undefined;
  return () => {
    key ??= read().catch((error: unknown) => {
      key = undefined;
      throw error;
    });
    return key;
  };
};
