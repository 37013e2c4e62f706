import { Duration, RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Queue, QueueEncryption } from 'aws-cdk-lib/aws-sqs';
import { Construct } from 'constructs';
import { allow, allowKey, type Worker } from './worker.ts';

/** Keeps what failed for good until somebody looks and drives it again; an alarm tells as soon as there is one. */
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
      // The longest SQS keeps: two weeks to look.
      retentionPeriod: Duration.days(14),
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.arn = this.queue.queueArn;
  }

  grantSend(worker: Pick<Worker, 'role'>): void {
    allow(worker, ['sqs:SendMessage'], [this.arn]);
    allowKey(worker, this.#key, 'sqs', ['kms:GenerateDataKey', 'kms:Decrypt']);
  }
}
