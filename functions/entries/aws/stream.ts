import { KinesisClient } from '@aws-sdk/client-kinesis';
import { kinesisAudit } from '../../../adapters/audit/kinesis.ts';
import { awsClient } from '../../../adapters/aws-client.ts';
import { readVariables } from '../../../contracts/settings/environment.ts';
import type { AuditRuntime, StreamRuntime } from '../../runtime.ts';
import { log } from '../log.ts';
import { awsScheduler } from './scheduler.ts';
import { awsWorkflows } from './workflows.ts';

export const streamRuntime = (): StreamRuntime => ({ workflows: awsWorkflows(), scheduler: awsScheduler(), log });

export const auditRuntime = (): AuditRuntime => {
  const { BERTH_AUDIT_STREAM } = readVariables(process.env, ['BERTH_AUDIT_STREAM']);
  return { audit: kinesisAudit({ client: new KinesisClient(awsClient()), stream: BERTH_AUDIT_STREAM }), log };
};
