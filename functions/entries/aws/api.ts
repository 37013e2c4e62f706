import { cognitoIdentity } from '../../../adapters/identity/cognito.ts';
import { readVariables } from '../../../contracts/settings/environment.ts';
import type { ApiRuntime } from '../../runtime.ts';
import { publicRuntime } from './public.ts';
import { awsRules } from './table.ts';

export const apiRuntime = (): ApiRuntime => {
  const { BERTH_ISSUER, BERTH_CLIENT_ID, BERTH_ROLE_GROUPS, BERTH_LIMITS } = readVariables(process.env, [
    'BERTH_ISSUER',
    'BERTH_CLIENT_ID',
    'BERTH_ROLE_GROUPS',
    'BERTH_LIMITS',
  ]);
  return {
    ...publicRuntime(),
    rules: awsRules({ roleGroups: BERTH_ROLE_GROUPS, installation: BERTH_LIMITS }),
    identity: cognitoIdentity({ issuer: BERTH_ISSUER, clientId: BERTH_CLIENT_ID }),
  };
};
