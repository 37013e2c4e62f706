import { marshall, unmarshall } from '@aws-sdk/util-dynamodb';
import type { AttributeValue, DynamoDBRecord } from 'aws-lambda';
import type { ChangeRecord, Item, Key } from '../../core/ports.ts';

type Image = Record<string, AttributeValue>;

const toImage = (item: Item | Key): Image => marshall(item) as Image;
const fromImage = (image: Image): Item => unmarshall(image as Parameters<typeof unmarshall>[0]) as Item;

const eventName = ({ before, after }: ChangeRecord): NonNullable<DynamoDBRecord['eventName']> => {
  if (before === undefined) return 'INSERT';
  return after === undefined ? 'REMOVE' : 'MODIFY';
};

/** A change as Lambda gets it from DynamoDB Streams. */
export const streamRecordOf = (change: ChangeRecord): DynamoDBRecord => ({
  eventID: change.seq,
  eventName: eventName(change),
  eventSource: 'aws:dynamodb',
  dynamodb: {
    Keys: toImage(change.key),
    ...(change.before === undefined ? {} : { OldImage: toImage(change.before) }),
    ...(change.after === undefined ? {} : { NewImage: toImage(change.after) }),
    SequenceNumber: change.seq,
    StreamViewType: 'NEW_AND_OLD_IMAGES',
  },
});

/** A record of DynamoDB Streams (with both images) as a change. Throws a `TypeError` for one without key or number. */
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
