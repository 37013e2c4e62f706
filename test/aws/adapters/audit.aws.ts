import { CreateStreamCommand, KinesisClient } from '@aws-sdk/client-kinesis';
import { afterAll, afterEach, beforeAll, describe, expect, inject, it, vi } from 'vitest';
import { kinesisAudit } from '../../../adapters/audit/kinesis.ts';
import { awsClient } from '../../../adapters/aws-client.ts';
import { auditContract, auditEvent } from '../../ports/audit.ts';
import { readAuditStream } from '../doubles/audit-stream.ts';
import { type Faults, startFaults } from '../doubles/faults.ts';
import { motoClient } from '../doubles/moto.ts';

const endpoint = inject('moto') ?? '';

const givenStream = async (stream: string, at = endpoint) => {
  const create = new CreateStreamCommand({ StreamName: stream, ShardCount: 2 });
  await new KinesisClient(awsClient(motoClient(endpoint))).send(create);
  const client = new KinesisClient(awsClient({ ...motoClient(at), requestTimeoutMs: 3_000 }));
  return { audit: kinesisAudit({ client, stream }), delivered: () => readAuditStream(client, stream), client };
};

describe.runIf(endpoint)('with moto', () => {
  auditContract('Kinesis', async () => {
    const { client, ...given } = await givenStream('contract');
    return { ...given, close: async () => client.destroy() };
  });

  describe('with errors of network and service', () => {
    let faults: Faults;
    beforeAll(async () => {
      faults = await startFaults(endpoint);
    });
    afterAll(() => faults?.stop());
    afterEach(() => vi.restoreAllMocks());

    it.each(['throttle', 'fail', 'disconnect', 'lose response', 'stall'] as const)(
      'delivers everything after an error: %s',
      async (what) => {
        const { audit, delivered } = await givenStream(`after-${what.replace(' ', '-')}`, faults.endpoint);
        faults.inject({ on: /PutRecords/, what });
        await audit.put([auditEvent('a', 1), auditEvent('b', 1), auditEvent('a', 2)]);
        const seqs = (await delivered()).filter(({ subject }) => subject === 'a').map(({ seq }) => seq);
        expect([...new Set(seqs)]).toEqual([1, 2]);
      },
    );

    const rejectedRecord = { ErrorCode: 'ProvisionedThroughputExceededException', ErrorMessage: 'slow down' };
    const acceptedRecord = { SequenceNumber: '1', ShardId: 'shardId-000000000000' };
    const responseWith = (...Records: object[]) => ({ status: 200, body: { FailedRecordCount: 1, Records } });

    it('sends a rejected record again before later records of its subject', async () => {
      const { audit, delivered } = await givenStream('partly', faults.endpoint);
      faults.inject({ on: /PutRecords/, what: responseWith(acceptedRecord, rejectedRecord) });
      await audit.put([auditEvent('other', 1), auditEvent('a', 1), auditEvent('a', 2)]);
      // The proxy reported `other` as accepted without forwarding it, so it must not be sent again.
      expect((await delivered()).map(({ id }) => id)).toEqual(['a#1', 'a#2']);
    });

    it('fails when a record is rejected repeatedly, so that the change stream retries', async () => {
      vi.spyOn(Math, 'random').mockReturnValue(0);
      const { audit, delivered } = await givenStream('never', faults.endpoint);
      faults.inject({ on: /PutRecords/, what: responseWith(rejectedRecord), times: 100 });
      await expect(audit.put([auditEvent('a', 1), auditEvent('a', 2)])).rejects.toThrow('rejected 1 of 1');
      expect(await delivered()).toEqual([]);
    });
  });
});
