import {
  DescribeImagesCommand,
  DescribeInstanceTypeOfferingsCommand,
  DescribeInstanceTypesCommand,
  type Image,
  type InstanceTypeInfo,
} from '@aws-sdk/client-ec2';
import { fail, ok, type Verdict, warn } from '../../../contracts/doctor.ts';
import type { VmPoolSettings } from '../../settings/compute-settings.ts';
import type { Settings } from '../../settings/settings.ts';
import type { Check, Context } from '../context/check.ts';

const judgeImage = ({ name, ami, architecture, rootDevice }: VmPoolSettings, image: Image | undefined): Verdict => {
  const todo = `Correct the ami of the pool ${name}, or remove it to use Amazon Linux 2023.`;
  if (image === undefined) return fail(`Pool ${name}: the account cannot use an image ${ami}.`, todo);
  if (image.State !== 'available') return fail(`Pool ${name}: the image ${ami} is ${image.State}.`, todo);
  if (image.Architecture !== architecture) {
    return fail(`Pool ${name} is for ${architecture}, but the image ${ami} is for ${image.Architecture}.`, todo);
  }
  return image.RootDeviceName === rootDevice
    ? ok(`Pool ${name}: the image ${ami} is available for ${architecture}.`)
    : warn(
        `Pool ${name}: the root device of the image ${ami} is ${image.RootDeviceName}; diskGiB would create a second disk at ${rootDevice}.`,
        `Set the pool’s rootDevice to ${image.RootDeviceName}.`,
      );
};

interface Offering {
  type: string;
  zone: string;
}

const judgeTypes = (
  pool: VmPoolSettings,
  known: InstanceTypeInfo[],
  offered: Offering[],
  zones: string[],
): Verdict[] => {
  const { name, instanceTypes, architecture } = pool;
  const todo = `Correct the instanceTypes of the pool ${name}.`;
  const wrong = instanceTypes.flatMap((type) => {
    const found = known.find(({ InstanceType }) => InstanceType === type);
    if (found === undefined) return [fail(`Pool ${name}: the region has no instance type ${type}.`, todo)];
    if (found.ProcessorInfo?.SupportedArchitectures?.includes(architecture)) return [];
    return [fail(`Pool ${name} is for ${architecture}, but ${type} is not.`, todo)];
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
    ...empty.map((zone) => fail(`Pool ${name}: none of its instance types is offered in ${zone}.`, todo)),
    ...(missing.length > 0
      ? [warn(`Pool ${name}: ${missing.join(', ')} is not offered; the pool uses its other types there.`, todo)]
      : []),
    ...(wrong.length + empty.length + missing.length === 0
      ? [ok(`Pool ${name}: all instance types are offered in all zones.`)]
      : []),
  ];
};

const zonesOf = ({ network }: Settings): string[] => network.new?.zones ?? network.existing?.zones ?? [];

const judge = async ({ aws: { ec2 }, settings }: Context, pool: VmPoolSettings): Promise<Verdict[]> => {
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
  queries: 'aws',
  run: async (context) => (await Promise.all(context.settings.vmPools.map((pool) => judge(context, pool)))).flat(),
};
