import { KMSClient } from '@aws-sdk/client-kms';
import { awsClient } from '../../../adapters/aws-client.ts';
import { kmsSealer } from '../../../adapters/sealer/kms.ts';
import { readVariables } from '../../../contracts/settings/environment.ts';
import type { SealingRuntime } from '../../runtime.ts';
import { apiRuntime } from './api.ts';

/** If KMS does not respond, creating a workspace is delayed by at most 4 s: 2 attempts. */
const limits = { requestTimeoutMs: 2_000, maxAttempts: 2 };

export const sealingRuntime = (): SealingRuntime => {
  const { BERTH_SEALING_KEY } = readVariables(process.env, ['BERTH_SEALING_KEY']);
  const { maxAttempts, requestTimeoutMs } = limits;
  const client = new KMSClient({ ...awsClient({ requestTimeoutMs }), maxAttempts });
  return { ...apiRuntime(), sealer: kmsSealer(client, BERTH_SEALING_KEY) };
};
