import { unmarshall } from '@aws-sdk/util-dynamodb';
import type { AttributeValue, DynamoDBBatchResponse, DynamoDBRecord, DynamoDBStreamEvent } from 'aws-lambda';
import type { ChangeConsumer } from '../../../core/ports/change-consumer.ts';
import type { ChangeRecord, Item } from '../../../core/ports/table.ts';

type Image = Record<string, AttributeValue>;

const fromImage = (image: Image): Item => unmarshall(image as Parameters<typeof unmarshall>[0]) as Item;

/** Parses a DynamoDB Streams record with both images. Throws a `TypeError` if its key or number is missing. */
export const changeRecordOf = ({ dynamodb }: DynamoDBRecord): ChangeRecord => {
  if (dynamodb?.Keys === undefined || dynamodb.SequenceNumber === undefined) {
    throw new TypeError('a stream record has neither key nor sequence number');
  }
  const { pk, sk } = fromImage(dynamodb.Keys);
  return {
    seq: dynamodb.SequenceNumber,
    key: { pk, sk },
    ...(dynamodb.OldImage === undefined ? {} : { before: fromImage(dynamodb.OldImage) }),
    ...(dynamodb.NewImage === undefined ? {} : { after: fromImage(dynamodb.NewImage) }),
  };
};

/** Wraps a consumer as the Lambda handler of the table's stream, with partial batch responses. */
export const streamHandler =
  (consume: ChangeConsumer) =>
  async ({ Records }: DynamoDBStreamEvent): Promise<DynamoDBBatchResponse> => {
    const failed = await consume(
      Records.map((record) => ({
        seq: record.dynamodb?.SequenceNumber ?? '',
        read: () => changeRecordOf(record),
      })),
    );
    return { batchItemFailures: failed === undefined ? [] : [{ itemIdentifier: failed }] };
  };
