import { CreateKeyCommand, KMSClient } from '@aws-sdk/client-kms';
import { describe, expect, inject, it } from 'vitest';
import { awsClient } from '../../../adapters/aws-client.ts';
import { kmsSealer } from '../../../adapters/sealer/kms.ts';
import { sealerContract } from '../../ports/sealer.ts';
import { motoClient } from '../doubles/moto.ts';

const endpoint = inject('moto') ?? '';

const givenKey = async (client: KMSClient): Promise<string> => {
  const { KeyMetadata } = await client.send(new CreateKeyCommand({ KeyUsage: 'ENCRYPT_DECRYPT' }));
  return KeyMetadata?.Arn ?? '';
};

describe.runIf(endpoint)('with moto', () => {
  sealerContract('KMS', async () => {
    const client = new KMSClient(awsClient(motoClient(endpoint)));
    return {
      sealer: kmsSealer(client, await givenKey(client)),
      another: kmsSealer(client, await givenKey(client)),
      close: async () => client.destroy(),
    };
  });

  it('fails when KMS cannot be reached', async () => {
    const client = new KMSClient({
      ...awsClient({ ...motoClient('http://127.0.0.1:9'), requestTimeoutMs: 200 }),
      maxAttempts: 2,
    });
    await expect(
      kmsSealer(client, 'arn:aws:kms:eu-central-1:1:key/x').seal(Buffer.from('x'), { a: 'b' }),
    ).rejects.toThrow();
    client.destroy();
  });
});
