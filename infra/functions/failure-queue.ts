import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { allow, allowKey, type Workload } from './workload.ts';

/** A dead-letter queue. An alarm reports its first message, and `npm run redrive` handles failed changes again. */
export class FailureQueue extends Construct {
  readonly arn: string;
  readonly queue: Queue;
  readonly #key: IKey;

  constructor(scope: Construct, id: string, { key }: { key: IKey }) {
    super(scope, id);
    this.#key = key;
    this.queue = new Queue(this, 'Queue', {
      encryption: QueueEncryption.KMS,
      encryptionMasterKey: key,
      enforceSSL: true,
      // The maximum of SQS.
      retentionPeriod: Duration.days(14),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.arn = this.queue.queueArn;
  }

  grantSend(workload: Pick<Workload, 'role'>): void {
    allow(workload, ['sqs:SendMessage'], [this.arn]);
    allowKey(workload, this.#key, 'sqs', ['kms:GenerateDataKey', 'kms:Decrypt']);
  }
}
