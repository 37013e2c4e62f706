import { CreateSecretCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { GetParameterCommand, PutParameterCommand, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import { describe, expect, inject, it } from 'vitest';
import { secretAgentKey } from '../../../adapters/agent-key.ts';
import { awsClient } from '../../../adapters/aws-client.ts';
import { startFaults } from '../doubles/faults.ts';
import { motoClient } from '../doubles/moto.ts';

const endpoint = inject('moto') ?? '';

describe.runIf(endpoint)('other services with moto', () => {
  it('returns the caller’s account from STS', async () => {
    const client = new STSClient(awsClient(motoClient(endpoint)));
    expect(await client.send(new GetCallerIdentityCommand({}))).toMatchObject({ Account: '123456789012' });
  });

  it('stores a parameter in SSM', async () => {
    const client = new SSMClient(awsClient(motoClient(endpoint)));
    await client.send(
      new PutParameterCommand({ Name: '/berth/reachable', Value: 'yes', Type: 'String', Overwrite: true }),
    );
    const { Parameter } = await client.send(new GetParameterCommand({ Name: '/berth/reachable' }));
    expect(Parameter?.Value).toBe('yes');
  });

  it('reads the agent key from its secret once, and again after a failure', async () => {
    const faults = await startFaults(endpoint);
    const client = new SecretsManagerClient(awsClient(motoClient(faults.endpoint)));
    const { ARN = '' } = await client.send(new CreateSecretCommand({ Name: 'agents', SecretString: 'a key' }));
    const key = secretAgentKey(client, ARN);
    const denied = { status: 400, error: 'AccessDeniedException', body: { message: 'not allowed' } };
    faults.inject({ on: /GetSecretValue/, what: denied });
    await expect(key()).rejects.toThrow('not allowed');
    expect(await Promise.all([key(), key()])).toEqual(['a key', 'a key']);
    expect(faults.count(/GetSecretValue/)).toBe(2);
    await faults.stop();
  });
});
