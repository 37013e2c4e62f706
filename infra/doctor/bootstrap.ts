import { GetParameterCommand, type SSMClient } from '@aws-sdk/client-ssm';
import { fail, ok, type Verdict } from '../../contracts/doctor.ts';
import { type Check, unlessAbsent } from './check.ts';

/** The templates ask for 6; the role with which the CDK looks before it deploys came with 8. */
const neededVersion = 8;

const verdictIn = async (ssm: SSMClient, account: string, region: string): Promise<Verdict> => {
  const Name = '/cdk-bootstrap/hnb659fds/version';
  const found = await unlessAbsent(['ParameterNotFound'], ssm.send(new GetParameterCommand({ Name })));
  const todo = `Run: npx cdk bootstrap aws://${account}/${region}`;
  if (found === undefined) return fail(`The CDK is not bootstrapped in ${region}.`, todo);
  const version = Number(found.Parameter?.Value);
  return version >= neededVersion
    ? ok(`The CDK is bootstrapped in ${region}, version ${version}.`)
    : fail(`The CDK's bootstrap in ${region} is of version ${version}; ${neededVersion} is needed.`, todo);
};

/** What the CDK needs in a region before it can deploy anything there. */
export const bootstrap: Check = {
  name: 'bootstrap',
  when: 'before',
  asks: 'aws',
  run: ({ aws, edge, further, settings: { account, region } }) => {
    const clients = new Map([[region, aws], ['us-east-1', edge], ...further]);
    return Promise.all([...clients].map(([name, { ssm }]) => verdictIn(ssm, account, name)));
  },
};
