import { serializeByKey } from '../../../compute/process/serialize.ts';
import { awsError, type Intercepted, type Rule } from '../doubles/request-rules.ts';

interface Attached {
  InstanceId?: string;
  State?: string;
}
const attachmentsOf = (output: unknown): Attached[] =>
  (output as { Volumes?: { Attachments?: Attached[] }[] }).Volumes?.[0]?.Attachments ?? [];

/** The same token answers the same thing. */
const remembered = (): Rule => {
  const answers = new Map<unknown, Promise<Record<string, unknown>>>();
  return (input, pass) => {
    const token = input['ClientToken'];
    if (token === undefined) return pass();
    const answer = answers.get(token) ?? pass();
    answers.set(token, answer);
    answer.catch(() => answers.delete(token));
    return answer;
  };
};

/** moto keeps no client tokens to filter by. */
const launchedBy =
  (tokens: Map<unknown, string>): Rule =>
  (input, pass) => {
    const [filter] = (input['Filters'] ?? []) as { Name: string; Values: string[] }[];
    if (filter?.Name !== 'client-token') return pass();
    const found = tokens.get(filter.Values[0]);
    return found === undefined ? Promise.resolve({ Reservations: [] }) : pass({ InstanceIds: [found] });
  };

/** What AWS demands and moto lets pass. */
export const asAws = (
  rules: Intercepted,
  ask: (command: 'volume' | 'member', id: string) => Promise<unknown>,
): void => {
  const tokens = new Map<unknown, string>();
  rules.rule('CreateVolume', remembered());
  rules.rule('RunInstances', async (input, pass) => {
    const output = await pass();
    const [launched] = output['Instances'] as { InstanceId: string }[];
    tokens.set(input['ClientToken'], launched?.InstanceId ?? '');
    return output;
  });
  rules.rule('RunInstances', remembered());
  rules.rule('DescribeInstances', launchedBy(tokens));
  rules.rule('AttachVolume', async (input, pass) => {
    const attached = attachmentsOf(await ask('volume', String(input['VolumeId'])));
    if (attached.length > 0) throw awsError('VolumeInUse', `${input['VolumeId']} is already attached to an instance`);
    return pass();
  });
  rules.rule('DetachInstances', async (input, pass) => {
    for (const id of input['InstanceIds'] as string[]) {
      const { AutoScalingInstances } = (await ask('member', id)) as { AutoScalingInstances: unknown[] };
      if (AutoScalingInstances.length === 0) {
        throw awsError('ValidationError', `The instance ${id} is not part of Auto Scaling group.`);
      }
    }
    return pass();
  });
  // moto counts a group's machines and then launches what is missing, without a lock: two that leave at once are both
  // replaced twice. AWS has one control loop for each group.
  const ofGroup = serializeByKey();
  for (const operation of ['DetachInstances', 'SetDesiredCapacity', 'PutWarmPool']) {
    rules.rule(operation, (input, pass) => ofGroup(String(input['AutoScalingGroupName']), () => pass()));
  }
};
