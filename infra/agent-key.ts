import { RemovalPolicy } from 'aws-cdk-lib';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { allow, allowKey, type Worker } from './worker.ts';

/** The secret that agents' tokens are worked out from. Made by Secrets Manager; nobody has to see it. */
export class AgentKey extends Construct {
  readonly #arn: string;
  readonly #key: IKey;

  constructor(scope: Construct, id: string, { key }: { key: IKey }) {
    super(scope, id);
    this.#key = key;
    const secret = new Secret(this, 'Secret', {
      description: 'Signs the tokens of agents. A new value cuts every agent off until its workspace starts again.',
      encryptionKey: key,
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.#arn = secret.secretArn;
  }

  grantRead(worker: Worker): void {
    allow(worker, ['secretsmanager:GetSecretValue'], [this.#arn]);
    allowKey(worker, this.#key, 'secretsmanager', ['kms:Decrypt']);
    worker.tell('BERTH_AGENT_KEY', this.#arn);
  }
}
