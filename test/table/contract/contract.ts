import { describe } from 'vitest';
import { conditionTests } from './conditions.ts';
import { type OpenTable, tableFixture } from './fixture.ts';
import { itemTests } from './items.ts';
import { queryTests } from './queries.ts';
import { transactionTests } from './transactions.ts';
import { valueTests } from './values.ts';

/** The contract of every adapter of the table port. */
export const tableContract = (name: string, open: () => Promise<OpenTable>): void => {
  describe(`table contract: ${name}`, () => {
    const fixture = tableFixture(open);
    itemTests(fixture);
    valueTests(fixture);
    conditionTests(fixture);
    transactionTests(fixture);
    queryTests(fixture);
  });
};
