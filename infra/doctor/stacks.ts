import { fail, ok, type Verdict, warn } from '../../contracts/doctor.ts';
import type { Settings } from '../settings.ts';
import type { DeployedStack, Deployment } from './deployment.ts';

const again =
  'See its events in CloudFormation for why, then deploy again: npm run deploy -- -c settings=berth.config.yaml';

const judgeStatus = ({ name, status }: DeployedStack): Verdict => {
  if (status.endsWith('_IN_PROGRESS'))
    return warn(`The stack ${name} is being changed (${status}).`, 'Look again when it is done.');
  if (/^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(status)) return ok(`The stack ${name} is ${status}.`);
  if (status === 'UPDATE_ROLLBACK_COMPLETE') {
    return warn(`The last change of the stack ${name} was taken back; what was there before runs.`, again);
  }
  return fail(`The stack ${name} is ${status}.`, again);
};

/** What infra/berth-stack.ts tells. */
const neededOutputs = ({ domain }: Settings): string[] => [
  'FailedChanges',
  ...(domain.hostedZone === undefined ? ['ApiName', 'GatewayName', 'AppsName'] : []),
];

/** What is to be said of the stacks themselves. */
export const judgeStacks = (settings: Settings, { kept, berth, portal }: Deployment): Verdict[] => {
  if (berth === undefined && kept === undefined) {
    return [ok(`Nothing is deployed yet as ${settings.name}: this is what a deployment needs.`)];
  }
  const { name } = settings;
  const all = [kept ?? `${name}Kept`, berth ?? name, portal ?? `${name}Portal`];
  // Logical ids of outputs within a construct begin with the path to it.
  const missing =
    berth === undefined
      ? []
      : neededOutputs(settings).filter((key) => !berth.outputs.some((output) => output.includes(key)));
  return [
    ...all.map((stack) =>
      typeof stack === 'string' ? fail(`There is no stack ${stack}.`, again) : judgeStatus(stack),
    ),
    ...missing.map((key) => fail(`The stack ${name} has no output ${key}.`, again)),
  ];
};
