import { CreateTableCommand } from '@aws-sdk/client-dynamodb';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { tableDefinition } from '../../../adapters/table/definition.ts';
import { dynamoClient } from '../../../adapters/table/dynamodb/client.ts';
import { dynamoTable } from '../../../adapters/table/dynamodb/table.ts';
import type { Table } from '../../../core/ports/table.ts';
import { tableContract } from '../../table/contract/contract.ts';
import { type Faults, startFaults } from '../doubles/faults.ts';
import { motoClient } from '../doubles/moto.ts';

const endpoint = inject('dynamo') ?? '';

const givenTable = async (name: string, at = endpoint) => {
  await dynamoClient(motoClient(endpoint)).send(new CreateTableCommand(tableDefinition(name)));
  const client = dynamoClient({ ...motoClient(at), requestTimeoutMs: 3_000 });
  return { table: dynamoTable(client, name), close: async () => client.destroy() };
};

describe.runIf(endpoint)('with DynamoDB Local', () => {
  tableContract('DynamoDB', () => givenTable('contract'));

  describe('with errors of network and service', () => {
    let faults: Faults;
    let table: Table;
    beforeAll(async () => {
      faults = await startFaults(endpoint);
      ({ table } = await givenTable('faults', faults.endpoint));
    });
    afterAll(() => faults?.stop());

    const all = ['throttle', 'fail', 'disconnect', 'lose response', 'stall'] as const;

    it.each(all)('reads after an error: %s', async (what) => {
      const key = { pk: 'read', sk: what };
      await table.write([{ put: { ...key, n: 1 } }]);
      faults.inject({ on: /^GetItem$/, what }, { on: /^Query$/, what });
      expect(await table.get(key)).toEqual({ ...key, n: 1 });
      expect((await table.query({ pk: 'read', prefix: what, limit: 10 })).items).toEqual([{ ...key, n: 1 }]);
    });

    it.each(all)('adds once after an error: %s', async (what) => {
      const key = { pk: 'add', sk: what };
      faults.inject({ on: /^TransactWriteItems$/, what });
      await table.write([{ add: key, amounts: { n: 1 } }]);
      expect(await table.get(key)).toEqual({ ...key, n: 1 });
    });

    it.each(all)('puts a new item after an error without a conflict with its first attempt: %s', async (what) => {
      const item = { pk: 'claim', sk: what };
      faults.inject({ on: /^TransactWriteItems$/, what });
      await table.write([{ put: item, when: { absent: true } }]);
      expect(await table.get(item)).toEqual(item);
    });

    it.each(all)('puts and deletes a single item after an error: %s', async (what) => {
      const item = { pk: 'plain', sk: what };
      faults.inject({ on: /^PutItem$/, what }, { on: /^DeleteItem$/, what });
      await table.write([{ put: item }]);
      expect(await table.get(item)).toEqual(item);
      await table.write([{ delete: item }]);
      expect(await table.get(item)).toBeUndefined();
    });

    it('retries while the first attempt of a transaction is in progress', async () => {
      const item = { pk: 'claim', sk: 'in-progress' };
      const inProgress = { status: 400, error: 'TransactionInProgressException', body: { Message: 'in progress' } };
      faults.inject({ on: /^TransactWriteItems$/, what: inProgress, times: 3 });
      await table.write([{ put: item, when: { absent: true } }]);
      expect(await table.get(item)).toEqual(item);
    });

    it('sends one token per write, with each attempt', async () => {
      const tokens = () =>
        faults.seen.flatMap(({ operation, body }) =>
          operation === 'TransactWriteItems' ? [(body as { ClientRequestToken: string }).ClientRequestToken] : [],
        );
      const before = tokens().length;
      faults.inject({ on: /^TransactWriteItems$/, what: 'lose response', times: 2 });
      await table.write([{ add: { pk: 'token', sk: 'a' }, amounts: { n: 1 } }]);
      await table.write([{ add: { pk: 'token', sk: 'a' }, amounts: { n: 1 } }]);
      const [first, second, third, fourth, ...rest] = tokens().slice(before);
      expect(new Set([first, second, third]).size).toBe(1);
      expect(fourth).not.toBe(first);
      expect(rest).toEqual([]);
      expect(await table.get({ pk: 'token', sk: 'a' })).toMatchObject({ n: 2 });
    });

    it('fails after four attempts when the service does not respond', async () => {
      faults.inject({ on: /^GetItem$/, what: 'stall', times: 4 });
      const before = faults.count(/^GetItem$/);
      await expect(table.get({ pk: 'never', sk: 'a' })).rejects.toThrow();
      expect(faults.count(/^GetItem$/) - before).toBe(4);
    });
  });
});
