import { dynamoTable } from '../../../adapters/table/dynamodb.ts';
import { dynamoClient } from '../../../adapters/table/dynamodb-client.ts';
import { readVariables } from '../../../contracts/environment.ts';
import type { Rules } from '../../../core/rules.ts';

/** The rules on the deployed table. Only what signs people in needs to know which groups give roles. */
export const awsRules = (roleGroups: Rules['roleGroups'] = {}): Rules => {
  const { BERTH_TABLE } = readVariables(process.env, ['BERTH_TABLE']);
  return { table: dynamoTable(dynamoClient(), BERTH_TABLE), clock: () => new Date(), roleGroups };
};
