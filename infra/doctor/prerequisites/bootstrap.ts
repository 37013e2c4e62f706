import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { fail, ok, type Verdict } from '../../../contracts/doctor.ts';
import { type Check, unlessAbsent } from '../context/check.ts';

/** Templates require version 6. Version 8 added the lookup role, which the CDK uses before it deploys. */
const neededVersion = 8;

const verdictIn = async (ssm: SSMClient, account: string, region: string): Promise<Verdict> => {
  const Name = '/cdk-bootstrap/hnb659fds/version';
  const found = await unlessAbsent(['ParameterNotFound'], ssm.send(new GetParameterCommand({ Name })));
  const todo = `Run npx cdk bootstrap aws://${account}/${region}.`;
  if (found === undefined) return fail(`${region} is not bootstrapped for the CDK.`, todo);
  const version = Number(found.Parameter?.Value);
  return version >= neededVersion
    ? ok(`${region} is bootstrapped for the CDK, version ${version}.`)
    : fail(`The CDK bootstrap stack in ${region} has version ${version}; ${neededVersion} is required.`, todo);
};

/** The CDK's bootstrap stack, without which it cannot deploy to a region. */
export const bootstrap: Check = {
  name: 'bootstrap',
  when: 'before',
  queries: 'aws',
  run: ({ aws, edge, further, settings: { account, region } }) => {
    const clients = new Map([[region, aws], ['us-east-1', edge], ...further]);
    return Promise.all([...clients].map(([name, { ssm }]) => verdictIn(ssm, account, name)));
  },
};
