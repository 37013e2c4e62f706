import { dynamoTable } from '../../../adapters/table/dynamodb.ts';
import { dynamoClient } from '../../../adapters/table/dynamodb-client.ts';
import { readVariables } from '../../../contracts/environment.ts';
import type { Rules } from '../../../core/rules.ts';

/** The rules on the deployed table. Only what answers people needs to know which groups give roles, and what they may. */
export const awsRules = (people: Partial<Pick<Rules, 'roleGroups' | 'installation'>> = {}): Rules => {
  const { BERTH_TABLE } = readVariables(process.env, ['BERTH_TABLE']);
  return { table: dynamoTable(dynamoClient(), BERTH_TABLE), clock: () => new Date(), roleGroups: {}, ...people };
};
