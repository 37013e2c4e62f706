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
import { indexes, projections } from '../../contracts/table-indexes.ts';
import { allow, allowKey, type Workload } from '../functions/workload.ts';
import type { Settings } from '../settings/settings.ts';

/** The projection of an index, in the construct's terms. */
const projectionOf = (index: (typeof indexes)[number]) => {
  const names = projections[index];
  if (names === undefined) return { projectionType: ProjectionType.ALL };
  return names.length === 0
    ? { projectionType: ProjectionType.KEYS_ONLY }
    : { projectionType: ProjectionType.INCLUDE, nonKeyAttributes: [...names] };
};

const text = (name: string) => ({ name, type: AttributeType.STRING });

export interface BerthTableProps {
  key: IKey;
  /** A restored table to use instead of the one that is created here, which stays unchanged. */
  restored?: Settings['restoredTable'];
  replica?: Settings['replica'];
}

/** The table with all of Berth's data, and its change stream. */
export class BerthTable extends Construct {
  readonly name: string;
  readonly streamArn: string;
  /** The references to the table that is created here, which other stacks import. */
  readonly own: string[];
  readonly #arn: string;
  readonly #key: IKey;
  readonly #restoredAt: string | undefined;

  constructor(scope: Construct, id: string, { key, restored, replica }: BerthTableProps) {
    super(scope, id);
    const table = new TableV2(this, 'Table', {
      partitionKey: text('pk'),
      sortKey: text('sk'),
      globalSecondaryIndexes: indexes.map((index) => ({
        indexName: index,
        partitionKey: text(`${index}Pk`),
        sortKey: text(`${index}Sk`),
        ...projectionOf(index),
      })),
      billing: Billing.onDemand(),
      timeToLiveAttribute: 'expires',
      dynamoStream: StreamViewType.NEW_AND_OLD_IMAGES,
      encryption: TableEncryptionV2.customerManagedKey(key, replica && { [replica.region]: replica.key }),
      ...(replica && {
        replicas: [
          {
            region: replica.region,
            deletionProtection: true,
            pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true, recoveryPeriodInDays: 35 },
          },
        ],
      }),
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
    this.#restoredAt = restored?.restoredAt;
  }

  /**
   * Grants what adapters/table/dynamodb/table.ts calls, which excludes scans. A transaction needs the permissions of
   * its parts.
   */
  grantReadWrite(workload: Workload): void {
    const indexArns = indexes.map((index) => `${this.#arn}/index/${index}`);
    allow(workload, ['dynamodb:Query'], [this.#arn, ...indexArns]);
    allow(
      workload,
      [
        'dynamodb:GetItem',
        'dynamodb:PutItem',
        'dynamodb:DeleteItem',
        'dynamodb:UpdateItem',
        'dynamodb:ConditionCheckItem',
      ],
      [this.#arn],
    );
    this.#grantKey(workload);
    workload.addEnvironment('BERTH_TABLE', this.name);
    if (this.#restoredAt !== undefined) workload.addEnvironment('BERTH_RESTORED_AT', this.#restoredAt);
  }

  /** For an event source mapping, which reads the stream with the role of the function. */
  grantStream(workload: Workload): void {
    allow(workload, ['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'], [this.streamArn]);
    // ListStreams supports no resource.
    allow(workload, ['dynamodb:ListStreams'], ['*']);
    this.#grantKey(workload);
  }

  #grantKey(workload: Workload): void {
    allowKey(workload, this.#key, 'dynamodb', ['kms:Decrypt', 'kms:Encrypt', 'kms:GenerateDataKey', 'kms:DescribeKey']);
  }
}
