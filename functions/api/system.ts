import { version } from '../../contracts/version.ts';
import type { Handlers } from './envelope.ts';

export const systemHandlers: Handlers<'health' | 'config'> = {
  health: async ({ runtime }) => {
    const troubles = runtime.incidents?.();
    const isDegraded = troubles?.some(({ level }) => level === 'fail') === true;
    return { status: isDegraded ? 'degraded' : 'ok', version, ...(troubles === undefined ? {} : { troubles }) };
  },
  config: async ({ runtime: { signIn, appAddress, support } }) => ({
    ...signIn,
    appDomain: appAddress.domain,
    version,
    ...(support === undefined ? {} : { support }),
  }),
};
