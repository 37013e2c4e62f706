import { readVariables } from '../../../contracts/settings/environment.ts';
import type { PublicRuntime } from '../../runtime.ts';
import { log } from '../log.ts';

/** The dependencies of public routes: settings only, no permissions. */
export const publicRuntime = (): PublicRuntime => {
  const { BERTH_ISSUER, BERTH_CLIENT_ID, BERTH_APP_DOMAIN, BERTH_SUPPORT_URL } = readVariables(process.env, [
    'BERTH_ISSUER',
    'BERTH_CLIENT_ID',
    'BERTH_APP_DOMAIN',
    'BERTH_SUPPORT_URL',
  ]);
  return {
    appAddress: { scheme: 'https', domain: BERTH_APP_DOMAIN },
    signIn: { issuer: BERTH_ISSUER, clientId: BERTH_CLIENT_ID, scope: 'openid profile email' },
    support: BERTH_SUPPORT_URL,
    log,
  };
};
