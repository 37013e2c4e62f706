import { fail, ok, type Verdict, warn } from '../../../contracts/doctor.ts';
import type { Settings } from '../../settings/settings.ts';
import { type DeployedStack, type Deployment, gatewayStackName } from '../context/deployment.ts';

const deploy = 'Run npm run deploy -- -c settings=berth.config.yaml.';
const deployAgain =
  'See the reason in the stack’s events in CloudFormation, then run npm run deploy -- -c settings=berth.config.yaml.';

const judgeStatus = ({ name, status }: DeployedStack): Verdict => {
  if (status.endsWith('_IN_PROGRESS'))
    return warn(`The stack ${name} is being changed (${status}).`, 'Run this check again when the change is complete.');
  if (/^(CREATE|UPDATE|IMPORT)_COMPLETE$/.test(status)) return ok(`The stack ${name} is ${status}.`);
  if (status === 'UPDATE_ROLLBACK_COMPLETE') {
    return warn(
      `The last deployment of the stack ${name} was rolled back; the version before it is running.`,
      deployAgain,
    );
  }
  return fail(`The stack ${name} is ${status}.`, deployAgain);
};

/** The outputs of infra/stateless-stack.ts. */
const neededOutputs = ({ domain }: Settings): string[] => [
  'FailedChanges',
  ...(domain.hostedZone === undefined ? ['ApiName', 'GatewayName', 'AppsName'] : []),
];

/** Checks that the stacks exist, are complete and have their outputs. */
export const judgeStacks = (
  settings: Settings,
  { stateful, stateless, portal, gateways = new Map() }: Deployment,
): Verdict[] => {
  if (stateless === undefined && stateful === undefined) {
    return [ok(`${settings.name} is not deployed yet. These checks show whether it can be.`)];
  }
  const { name } = settings;
  const all = [stateful ?? `${name}Kept`, stateless ?? name, portal ?? `${name}Portal`];
  // The logical id of an output within a construct starts with the construct's path.
  const missing =
    stateless === undefined
      ? []
      : neededOutputs(settings).filter((key) => !stateless.outputs.some((output) => output.includes(key)));
  return [
    ...all.map((stack) =>
      typeof stack === 'string' ? fail(`The stack ${stack} does not exist.`, deploy) : judgeStatus(stack),
    ),
    ...[...gateways].map(([region, stack]) =>
      stack === undefined
        ? warn(`The stack ${gatewayStackName(name, region)} does not exist yet.`, deploy)
        : judgeStatus(stack),
    ),
    ...missing.map((key) => fail(`The stack ${name} has no output ${key}.`, deploy)),
  ];
};
