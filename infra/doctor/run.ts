import { type Finding, fail, type Verdict, whyUnreachable } from '../../contracts/doctor.ts';
import type { Check, Context } from './context/check.ts';
import { MissingPermission } from './context/missing-permission.ts';

export interface Limits {
  /** The most checks that run at once. */
  atOnce: number;
  /** How long each may take, in milliseconds. */
  timeoutMs: number;
}

/** Credentials, then stacks, then the other checks in two rounds: at most 4 times 6 s. */
export const usualLimits: Limits = { atOnce: 13, timeoutMs: 6_000 };

const verdictOf = (error: unknown): Verdict => {
  if (error instanceof MissingPermission) {
    return fail(
      `The check failed: you do not have the permission ${error.action}.`,
      `Ask your administrator for ${error.action}.`,
    );
  }
  const { name } = error as Error;
  if (name === 'CredentialsProviderError') {
    return fail('No AWS credentials were found.', 'Sign in with aws sso login, or set AWS_PROFILE.');
  }
  if (/^(ExpiredToken|InvalidClientTokenId|UnrecognizedClient|SignatureDoesNotMatch)/.test(name)) {
    return fail(
      `AWS rejected the credentials (${name}).`,
      'Sign in again. If that does not help, check that the settings’ region is enabled in the account.',
    );
  }
  return fail(`The check failed: ${whyUnreachable(error)} (${name}).`, 'Try again.');
};

const verdictsInTime = async (check: Check, context: Context, timeoutMs: number): Promise<Verdict[]> => {
  const late = Promise.withResolvers<Verdict[]>();
  const seconds = timeoutMs / 1_000;
  const what = `The check failed: it did not complete within ${seconds} s.`;
  const timer = setTimeout(
    () => late.resolve([fail(what, 'Check the network connection, then try again.')]),
    timeoutMs,
  );
  try {
    return await Promise.race([check.run(context), late.promise]);
  } catch (error) {
    return [verdictOf(error)];
  } finally {
    clearTimeout(timer);
  }
};

/** Runs checks concurrently and returns their findings in the order of the checks. Does not reject. */
export const runChecks = async (
  checks: readonly Check[],
  context: Context,
  { atOnce, timeoutMs }: Limits = usualLimits,
): Promise<Finding[]> => {
  const findings: Finding[][] = [];
  const waiting = checks.entries();
  const worker = async () => {
    for (const [index, check] of waiting) {
      const verdicts = await verdictsInTime(check, context, timeoutMs);
      findings[index] = verdicts.map((verdict) => ({ check: check.name, ...verdict }));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
  return findings.flat();
};
