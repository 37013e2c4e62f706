import { serializeByKey } from '../../../compute/process/serialize-by-key.ts';
import { awsError, type Intercepted, type Rule } from '../doubles/request-rules.ts';

interface Attached {
  InstanceId?: string;
  State?: string;
}
const attachmentsOf = (output: unknown): Attached[] =>
  (output as { Volumes?: { Attachments?: Attached[] }[] }).Volumes?.[0]?.Attachments ?? [];

/** A repeated request with the same client token returns the first response. */
const idempotent = (): Rule => {
  const responses = new Map<unknown, Promise<Record<string, unknown>>>();
  return (input, pass) => {
    const token = input['ClientToken'];
    if (token === undefined) return pass();
    const response = responses.get(token) ?? pass();
    responses.set(token, response);
    response.catch(() => responses.delete(token));
    return response;
  };
};

/** moto cannot filter instances by client token. */
const filterByClientToken =
  (tokens: Map<unknown, string>): Rule =>
  (input, pass) => {
    const [filter] = (input['Filters'] ?? []) as { Name: string; Values: string[] }[];
    if (filter?.Name !== 'client-token') return pass();
    const found = tokens.get(filter.Values[0]);
    return found === undefined ? Promise.resolve({ Reservations: [] }) : pass({ InstanceIds: [found] });
  };

/** Adds rules of AWS that moto does not enforce. */
export const addAwsBehavior = (
  rules: Intercepted,
  describe: (what: 'volume' | 'member', id: string) => Promise<unknown>,
): void => {
  const tokens = new Map<unknown, string>();
  rules.rule('CreateVolume', idempotent());
  rules.rule('RunInstances', async (input, pass) => {
    const output = await pass();
    const [launched] = output['Instances'] as { InstanceId: string }[];
    tokens.set(input['ClientToken'], launched?.InstanceId ?? '');
    return output;
  });
  rules.rule('RunInstances', idempotent());
  rules.rule('DescribeInstances', filterByClientToken(tokens));
  rules.rule('AttachVolume', async (input, pass) => {
    const attached = attachmentsOf(await describe('volume', String(input['VolumeId'])));
    if (attached.length > 0) throw awsError('VolumeInUse', `${input['VolumeId']} is already attached to an instance`);
    return pass();
  });
  rules.rule('DetachInstances', async (input, pass) => {
    for (const id of input['InstanceIds'] as string[]) {
      const { AutoScalingInstances } = (await describe('member', id)) as { AutoScalingInstances: unknown[] };
      if (AutoScalingInstances.length === 0) {
        throw awsError('ValidationError', `The instance ${id} is not part of Auto Scaling group.`);
      }
    }
    return pass();
  });
  // moto counts a group's machines and then launches the missing ones, without a lock: when two machines leave at the
  // same time, both are replaced twice. AWS has one control loop per group.
  const inGroup = serializeByKey();
  for (const operation of ['DetachInstances', 'SetDesiredCapacity', 'PutWarmPool']) {
    rules.rule(operation, (input, pass) => inGroup(String(input['AutoScalingGroupName']), () => pass()));
  }
};
