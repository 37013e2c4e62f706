import { RemovalPolicy } from 'aws-cdk-lib';
import {
  AttributeType,
  Billing,
  ProjectionType,
  StreamViewType,
  TableEncryptionV2,
  TableV2,
} from 'aws-cdk-lib/aws-dynamodb';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { Construct } from 'constructs';
import type { Settings } from './settings.ts';
import { allow, allowKey, type Worker } from './worker.ts';

/** As adapters/table/definition.ts has them; a test holds the two together. */
const indexes = ['list', 'all', 'due'];

const text = (name: string) => ({ name, type: AttributeType.STRING });

export interface BerthTableProps {
  key: IKey;
  /** Worked on instead of the one that is made here, which stays as it is. */
  restored?: Settings['restoredTable'];
}

/** Everything Berth knows, in one table, with its change stream. */
export class BerthTable extends Construct {
  readonly name: string;
  readonly streamArn: string;
  /** How other stacks know the table that is made here. */
  readonly own: string[];
  readonly #arn: string;
  readonly #key: IKey;

  constructor(scope: Construct, id: string, { key, restored }: BerthTableProps) {
    super(scope, id);
    const table = new TableV2(this, 'Table', {
      partitionKey: text('pk'),
      sortKey: text('sk'),
      globalSecondaryIndexes: indexes.map((index) => ({
        indexName: index,
        partitionKey: text(`${index}Pk`),
        sortKey: text(`${index}Sk`),
        projectionType: ProjectionType.ALL,
      })),
      billing: Billing.onDemand(),
      timeToLiveAttribute: 'expires',
      dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
      encryption: TableEncryptionV2.customerManagedKey(key),
      pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true, recoveryPeriodInDays: 35 },
      deletionProtection: true,
      removalPolicy: RemovalPolicy.RETAIN,
    });
    if (table.tableStreamArn === undefined) throw new Error('the table has no change stream');
    this.own = [table.tableName, table.tableArn, table.tableStreamArn];
    this.name = restored?.name ?? table.tableName;
    this.streamArn = restored?.streamArn ?? table.tableStreamArn;
    this.#arn = restored?.streamArn.replace(/\/stream\/.*$/, '') ?? table.tableArn;
    this.#key = key;
  }

  /** What adapters/table/dynamodb.ts calls; a transaction needs the permission of each of its parts. No scan. */
  grantReadWrite(worker: Worker): void {
    const indexArns = indexes.map((index) => `${this.#arn}/index/${index}`);
    allow(worker, ['dynamodb:Query'], [this.#arn, ...indexArns]);
    allow(
      worker,
      [
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:DeleteItem',
        'dynamodb:UpdateItem',
        'dynamodb:ConditionCheckItem',
      ],
      [this.#arn],
    );
    this.#grantKey(worker);
    worker.tell('BERTH_TABLE', this.name);
  }

  /** For an event source mapping, which reads the stream with the role of its function. */
  grantStream(worker: Worker): void {
    allow(worker, ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'], [this.streamArn]);
    // Lists streams of the account and takes no resource.
    allow(worker, ['dynamodb:ListStreams'], ['*']);
    this.#grantKey(worker);
  }

  #grantKey(worker: Worker): void {
    allowKey(worker, this.#key, 'dynamodb', ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:DescribeKey']);
  }
}
