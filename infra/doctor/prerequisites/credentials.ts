import { GetCallerIdentityCommand } from '@aws-sdk/client-sts';
import { fail, ok, warn } from '../../../contracts/doctor.ts';
import type { Check } from '../context/check.ts';

/** Runs before all other checks, whose findings would be about another installation if the account were wrong. */
export const credentials: Check = {
  name: 'credentials',
  when: 'before',
  queries: 'aws',
  run: async ({ aws, settings, environmentRegion }) => {
    const { Account, Arn } = await aws.sts.send(new GetCallerIdentityCommand({}));
    if (Account !== settings.account) {
      return [
        fail(
          `The credentials are for account ${Account} (${Arn}); the settings are for ${settings.account}.`,
          'Sign in to the account of the settings, or select its profile with AWS_PROFILE.',
        ),
      ];
    }
    const signedIn = ok(`Account ${Account}, as ${Arn}.`);
    if (environmentRegion === undefined || environmentRegion === settings.region) return [signedIn];
    return [
      signedIn,
      warn(
        `The environment’s region is ${environmentRegion}; the settings say ${settings.region}. Berth uses the settings.`,
        `Set AWS_REGION=${settings.region} for the AWS CLI.`,
      ),
    ];
  },
};
