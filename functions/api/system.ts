import { version } from '../../contracts/version.ts';
import type { Handlers } from './envelope.ts';

export const systemHandlers: Handlers<'health' | 'config'> = {
  health: async () => ({ status: 'ok', version }),
  config: async ({ runtime }) => ({ ...runtime.signIn, appDomain: runtime.appAddress.domain }),
};
