import type { Handlers } from './envelope.ts';

export const version = '0.1.0';

export const systemHandlers: Handlers<'health' | 'config'> = {
  health: async () => ({ status: 'ok', version }),
  config: async ({ runtime }) => ({ ...runtime.signIn, appDomain: runtime.appAddress.domain }),
};
