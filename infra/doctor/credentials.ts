import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { fail, ok, warn } from '../../contracts/doctor.ts';
import type { Check } from './check.ts';

/** Asked before all others: in another account, whatever they found would be about something else. */
export const credentials: Check = {
  name: 'credentials',
  when: 'before',
  asks: 'aws',
  run: async ({ aws, settings, environmentRegion }) => {
    const { Account, Arn } = await aws.sts.send(new GetCallerIdentityCommand({}));
    if (Account !== settings.account) {
      return [
        fail(
          `The credentials are of account ${Account} (${Arn}), the settings are for ${settings.account}.`,
          'Sign in to the other account, or choose its profile by AWS_PROFILE.',
        ),
      ];
    }
    const signedIn = ok(`Account ${Account}, as ${Arn}.`);
    if (environmentRegion === undefined || environmentRegion === settings.region) return [signedIn];
    return [
      signedIn,
      warn(
        `The environment says ${environmentRegion}, the settings ${settings.region}. Berth goes by the settings.`,
        `For the aws command line, set AWS_REGION=${settings.region}.`,
      ),
    ];
  },
};
