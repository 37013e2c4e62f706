import { KMSClient } from '@aws-sdk/client-kms';
import { awsClient } from '../../../adapters/aws-client.ts';
import { kmsSealer } from '../../../adapters/sealer/kms.ts';
import { readVariables } from '../../../contracts/settings/environment.ts';
import type { SealingRuntime } from '../../runtime.ts';
import { apiRuntime } from './api.ts';

/** A KMS that hangs holds the creation of a workspace up for 4 s at the most: 2 attempts. */
const patience = { requestTimeoutMs: 2_000, maxAttempts: 2 };

export const sealingRuntime = (): SealingRuntime => {
  const { BERTH_SEALING_KEY } = readVariables(process.env, ['BERTH_SEALING_KEY']);
  const { maxAttempts, requestTimeoutMs } = patience;
  const client = new KMSClient({ ...awsClient({ requestTimeoutMs }), maxAttempts });
  return { ...apiRuntime(), sealer: kmsSealer(client, BERTH_SEALING_KEY) };
};
