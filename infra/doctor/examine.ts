import { type Finding, fail, ok, type Verdict, warn } from '../../contracts/doctor.ts';
import { addressesOf } from '../installation.ts';
import { readSettings, SettingsError } from '../read-settings.ts';
import type { Settings } from '../settings.ts';
import type { Check, Context } from './check.ts';
import { checks } from './checks.ts';
import { credentials } from './credentials.ts';
import { findDeployment, isDeployed } from './deployment.ts';
import { type Limits, runChecks } from './run.ts';
import { judgeStacks } from './stacks.ts';

/** Everything outside that checks ask, for given settings. */
export type Outside = Omit<Context, 'settings' | 'addresses' | 'deployment'>;

const settingsOf = (file: string): { settings?: Settings; findings: Finding[] } => {
  const told = (verdict: Verdict) => ({ check: 'settings', ...verdict });
  try {
    return { settings: readSettings(file), findings: [told(ok(`${file} is sound.`))] };
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error;
    const todo = `Correct it; infra/settings.example.yaml shows how it is meant.`;
    return { findings: error.problems.map((problem) => told(fail(`${file}: ${problem}.`, todo))) };
  }
};

/** Also remembers what it found, for the checks after it. */
const stacks: Check = {
  name: 'stacks',
  when: 'before',
  asks: 'aws',
  run: async (context) => {
    context.deployment = await findDeployment(context.settings, context.aws, context.edge);
    return judgeStacks(context.settings, context.deployment);
  },
};

/**
 * Looks at settings and, if they are sound, at everything that a deployment with them needs and, once there is one, that
 * it has. Without credentials for the settings' account, only at what takes none.
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
  const possible = due.filter(({ asks }) => asks === 'web' || isSignedIn);
  findings.push(...(await runChecks(possible, context, limits)));
  if (!isSignedIn) {
    const names = new Set(due.filter((check) => !possible.includes(check)).map(({ name }) => name));
    const todo = 'Mend the credentials, then look again.';
    findings.push({ check: 'credentials', ...warn(`Not looked at for want of them: ${[...names].join(', ')}.`, todo) });
  }
  return findings;
};
