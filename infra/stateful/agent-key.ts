import { RemovalPolicy } from 'aws-cdk-lib';
import { type IKey, Key } from 'aws-cdk-lib/aws-kms';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import { Construct } from 'constructs';
import { allow, allowKey, type Workload } from '../functions/workload.ts';
import type { Settings } from '../settings/settings.ts';

/** The secret that agents' tokens are derived from. Secrets Manager generates it, so nobody has to see it. */
export class AgentKey extends Construct {
  readonly #arn: string;
  readonly #key: IKey;

  constructor(scope: Construct, id: string, { key, replica }: { key: IKey; replica?: Settings['replica'] }) {
    super(scope, id);
    this.#key = key;
    const secret = new Secret(this, 'Secret', {
      description: 'Signs the tokens of agents. A new value disconnects every agent until its workspace starts again.',
      encryptionKey: key,
      generateSecretString: { passwordLength: 64, excludePunctuation: true },
      ...(replica && {
        replicaRegions: [{ region: replica.region, encryptionKey: Key.fromKeyArn(this, 'ReplicaKey', replica.key) }],
      }),
      removalPolicy: RemovalPolicy.RETAIN,
    });
    this.#arn = secret.secretArn;
  }

  grantRead(workload: Workload): void {
    allow(workload, ['secretsmanager:GetSecretValue'], [this.#arn]);
    allowKey(workload, this.#key, 'secretsmanager', ['kms:Decrypt']);
    workload.addEnvironment('BERTH_AGENT_KEY', this.#arn);
  }
}
