import { type Finding, fail, type Verdict, whyUnreachable } from '../../contracts/doctor.ts';
import type { Check, Context } from './check.ts';
import { MissingPermission } from './missing-permission.ts';

export interface Limits {
  /** How many checks run at once. */
  atOnce: number;
  /** How long each may take, in milliseconds. */
  timeoutMs: number;
}

/** Credentials, then stacks, then all others in two rounds: 4 times 6 s is 24 s at the longest. */
export const usualLimits: Limits = { atOnce: 12, timeoutMs: 6_000 };

const verdictOf = (error: unknown): Verdict => {
  if (error instanceof MissingPermission) {
    return fail(`It could not be checked: you have no permission for ${error.action}.`, `Ask for ${error.action}.`);
  }
  const { name } = error as Error;
  if (name === 'CredentialsProviderError') {
    return fail('There are no credentials of AWS.', 'Sign in (aws sso login), or set AWS_PROFILE.');
  }
  if (/^(ExpiredToken|InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch)/.test(name)) {
    return fail(
      `AWS does not take the credentials (${name}).`,
      'Sign in again. If they are new, is the region of the settings enabled in the account?',
    );
  }
  return fail(`It could not be checked: ${whyUnreachable(error)} (${name}).`, 'Try again; if it stays, look into it.');
};

const verdictsInTime = async (check: Check, context: Context, timeoutMs: number): Promise<Verdict[]> => {
  const late = Promise.withResolvers<Verdict[]>();
  const seconds = timeoutMs / 1_000;
  const what = `It could not be checked: there was no answer within ${seconds} s.`;
  const timer = setTimeout(() => late.resolve([fail(what, 'Is the network in order? Try again.')]), timeoutMs);
  try {
    return await Promise.race([check.run(context), late.promise]);
  } catch (error) {
    return [verdictOf(error)];
  } finally {
    clearTimeout(timer);
  }
};

/** Runs checks side by side; answers their findings in the order of the checks. Never rejects. */
export const runChecks = async (
  checks: readonly Check[],
  context: Context,
  { atOnce, timeoutMs }: Limits = usualLimits,
): Promise<Finding[]> => {
  const findings: Finding[][] = [];
  const waiting = checks.entries();
  const worker = async () => {
    for (const [place, check] of waiting) {
      const verdicts = await verdictsInTime(check, context, timeoutMs);
      findings[place] = verdicts.map((verdict) => ({ check: check.name, ...verdict }));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return findings.flat();
};
