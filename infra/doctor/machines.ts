import {
  DescribeImagesCommand,
  DescribeInstanceTypeOfferingsCommand,
  DescribeInstanceTypesCommand,
  type Image,
  type InstanceTypeInfo,
} from '@aws-sdk/client-ec2';
import { fail, ok, type Verdict, warn } from '../../contracts/doctor.ts';
import type { Settings, VmPool } from '../settings.ts';
import type { Check, Context } from './check.ts';

export const judgeImage = ({ name, ami, architecture, rootDevice }: VmPool, image: Image | undefined): Verdict => {
  const todo = `Correct ami in the pool ${name}, or leave it out for Amazon Linux 2023.`;
  if (image === undefined) return fail(`The pool ${name}: there is no image ${ami} that the account may use.`, todo);
  if (image.State !== 'available') return fail(`The pool ${name}: the image ${ami} is ${image.State}.`, todo);
  if (image.Architecture !== architecture) {
    return fail(`The pool ${name} is ${architecture}, its image ${ami} ${image.Architecture}.`, todo);
  }
  return image.RootDeviceName === rootDevice
    ? ok(`The pool ${name}: the image ${ami} is available for ${architecture}.`)
    : warn(
        `The pool ${name}: the image ${ami} has its root at ${image.RootDeviceName}; diskGiB would make a second disk at ${rootDevice}.`,
        `Set rootDevice of the pool to ${image.RootDeviceName}.`,
      );
};

export interface Offering {
  type: string;
  zone: string;
}

export const judgeTypes = (
  pool: VmPool,
  known: InstanceTypeInfo[],
  offered: Offering[],
  zones: string[],
): Verdict[] => {
  const { name, instanceTypes, architecture } = pool;
  const todo = `Correct instanceTypes of the pool ${name}.`;
  const wrong = instanceTypes.flatMap((type) => {
    const found = known.find(({ InstanceType }) => InstanceType === type);
    if (found === undefined) return [fail(`The pool ${name}: the region has no ${type}.`, todo)];
    if (found.ProcessorInfo?.SupportedArchitectures?.includes(architecture)) return [];
    return [fail(`The pool ${name} is ${architecture}, ${type} is not.`, todo)];
  });
  const isOffered = (type: string, zone: string) =>
    offered.some((offering) => offering.type === type && offering.zone === zone);
  const empty = zones.filter((zone) => !instanceTypes.some((type) => isOffered(type, zone)));
  const missing = instanceTypes
    .filter((type) => known.some(({ InstanceType }) => InstanceType === type))
    .flatMap((type) =>
      zones.filter((zone) => !empty.includes(zone) && !isOffered(type, zone)).map((zone) => `${type} in ${zone}`),
    );
  return [
    ...wrong,
    ...empty.map((zone) => fail(`The pool ${name}: none of its types is offered in ${zone}.`, todo)),
    ...(missing.length > 0
      ? [warn(`The pool ${name}: there is no ${missing.join(', no ')}; other types are tried there.`, todo)]
      : []),
    ...(wrong.length + empty.length + missing.length === 0
      ? [ok(`The pool ${name}: all its types are offered in all its zones.`)]
      : []),
  ];
};

export const zonesOf = ({ network }: Settings): string[] => network.new?.zones ?? network.existing?.zones ?? [];

const judge = async ({ aws: { ec2 }, settings }: Context, pool: VmPool): Promise<Verdict[]> => {
  const zones = zonesOf(settings);
  const ofTypes = { Name: 'instance-type', Values: pool.instanceTypes };
  const [images, types, offerings] = await Promise.all([
    pool.ami === undefined
      ? undefined
      : ec2.send(new DescribeImagesCommand({ Filters: [{ Name: 'image-id', Values: [pool.ami] }] })),
    ec2.send(new DescribeInstanceTypesCommand({ Filters: [ofTypes] })),
    ec2.send(
      new DescribeInstanceTypeOfferingsCommand({
        LocationType: 'availability-zone',
        Filters: [ofTypes, { Name: 'location', Values: zones }],
      }),
    ),
  ]);
  const offered = (offerings.InstanceTypeOfferings ?? []).map(({ InstanceType: type = '', Location: zone = '' }) => ({
    type: String(type),
    zone,
  }));
  return [
    ...(images === undefined ? [] : [judgeImage(pool, images.Images?.[0])]),
    ...judgeTypes(pool, types.InstanceTypes ?? [], offered, zones),
  ];
};

export const machines: Check = {
  name: 'machines',
  when: 'before',
  asks: 'aws',
  run: async (context) => (await Promise.all(context.settings.vmPools.map((pool) => judge(context, pool)))).flat(),
};
