import { dynamoClient } from '../../../adapters/table/dynamodb/client.ts';
import { dynamoTable } from '../../../adapters/table/dynamodb/table.ts';
import { readVariables } from '../../../contracts/settings/environment.ts';
import { buildsFromAt, type Rules } from '../../../core/rules.ts';
import { log } from '../log.ts';

/**
 * The rules on the deployed table. Only functions that serve people need the groups that grant roles, and the limits.
 */
export const awsRules = (people: Partial<Pick<Rules, 'roleGroups' | 'installation'>> = {}): Rules => {
  const { BERTH_TABLE, BERTH_RESTORED_AT, BERTH_HOME_RETENTION } = readVariables(process.env, [
    'BERTH_TABLE',
    'BERTH_RESTORED_AT',
    'BERTH_HOME_RETENTION',
  ]);
  const counted = BERTH_RESTORED_AT === undefined ? {} : { buildsFrom: buildsFromAt(new Date(BERTH_RESTORED_AT)) };
  return {
    table: dynamoTable(dynamoClient(), BERTH_TABLE),
    clock: () => new Date(),
    log,
    roleGroups: {},
    ...counted,
    ...(BERTH_HOME_RETENTION === undefined ? {} : { homeRetention: BERTH_HOME_RETENTION }),
    ...people,
  };
};
