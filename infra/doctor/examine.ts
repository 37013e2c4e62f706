import { type Finding, fail, ok, type Verdict, warn } from '../../contracts/doctor.ts';
import { addressesOf } from '../settings/installation.ts';
import { readSettings, SettingsError } from '../settings/read-settings.ts';
import type { Settings } from '../settings/settings.ts';
import { checks } from './checks.ts';
import type { Check, Context } from './context/check.ts';
import { findDeployment, isDeployed } from './context/deployment.ts';
import { judgeStacks } from './deployed/stacks.ts';
import { credentials } from './prerequisites/credentials.ts';
import { type Limits, runChecks } from './run.ts';

/** The clients and lookups that checks use, for given settings. */
export type Outside = Omit<Context, 'settings' | 'addresses' | 'deployment'>;

const settingsOf = (file: string): { settings?: Settings; findings: Finding[] } => {
  const finding = (verdict: Verdict) => ({ check: 'settings', ...verdict });
  try {
    return { settings: readSettings(file), findings: [finding(ok(`${file} is valid.`))] };
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const todo = 'Correct it; infra/settings.example.yaml has an example.';
    return { findings: error.problems.map((problem) => finding(fail(`${file}: ${problem}.`, todo))) };
  }
};

/** Also stores the deployment in the context, for the checks that run after it. */
const stacks: Check = {
  name: 'stacks',
  when: 'before',
  queries: 'aws',
  run: async (context) => {
    context.deployment = await findDeployment(context.settings, context);
    return judgeStacks(context.settings, context.deployment);
  },
};

/**
 * Checks the settings and, if they are valid, everything that a deployment with them needs; once there is a deployment,
 * also its parts. Without credentials for the settings' account, only the checks that need none run.
 */
export const examine = async (
  file: string,
  outsideOf: (settings: Settings) => Outside,
  limits?: Limits,
): Promise<Finding[]> => {
  const { settings, findings } = settingsOf(file);
  if (settings === undefined) return findings;
  const context: Context = {
    ...outsideOf(settings),
    settings,
    addresses: addressesOf(settings),
    deployment: {},
  };
  findings.push(...(await runChecks([credentials], context, limits)));
  const isSignedIn = findings.every(({ level }) => level !== 'fail');
  if (isSignedIn) findings.push(...(await runChecks([stacks], context, limits)));
  const due = checks.filter(({ when }) => when === 'before' || isDeployed(context.deployment));
  const possible = due.filter(({ queries }) => queries === 'web' || isSignedIn);
  findings.push(...(await runChecks(possible, context, limits)));
  if (!isSignedIn) {
    const names = new Set(due.filter((check) => !possible.includes(check)).map(({ name }) => name));
    const todo = 'Correct the credentials, then run this check again.';
    findings.push({ check: 'credentials', ...warn(`Skipped without them: ${[...names].join(', ')}.`, todo) });
  }
  return findings;
};
