import { describe, expect, it } from 'vitest';
import { VmPool } from '../../../contracts/settings/vm.ts';
import type { GroupMember } from '../aws/auto-scaling-group.ts';
import { countStarting, launchOptions, nextLaunchOption, requirementsFor, selectSpares } from './select-instance.ts';

const pool = VmPool.parse({
  name: 'general',
  autoScalingGroup: 'g',
  launchTemplate: { id: 'lt-1', version: '1' },
  instanceTypes: ['m7g.large', 'm6g.large', 'm7g.xlarge'],
  subnets: [
    { id: 'subnet-a', zone: 'a' },
    { id: 'subnet-b', zone: 'b' },
  ],
  securityGroups: ['sg-1'],
  publicAddress: false,
  architecture: 'arm64',
  cap: 10,
});
const member = (instanceId: string, more: Partial<GroupMember> = {}): GroupMember => ({
  instanceId,
  instanceType: 'm7g.large',
  zone: 'a',
  lifecycle: 'InService',
  healthy: true,
  ...more,
});
const requirements = (size?: string, homeZone?: string, seed = 'ws-1') => requirementsFor(pool, size, homeZone, seed);

describe('candidates', () => {
  it('are healthy running spares of the accepted types, the preferred type first', () => {
    const members = [
      member('i-xl', { instanceType: 'm7g.xlarge' }),
      member('i-sick', { healthy: false }),
      member('i-booting', { lifecycle: 'Pending' }),
      member('i-leaving', { lifecycle: 'Detaching' }),
      member('i-old', { instanceType: 'm6g.large' }),
      member('i-foreign', { instanceType: 't3.micro' }),
      member('i-new'),
    ];
    expect(selectSpares(members, requirements()).map(({ instanceId }) => instanceId)).toEqual([
      'i-new',
      'i-old',
      'i-xl',
    ]);
    expect(selectSpares(members, requirements('m6g.large')).map(({ instanceId }) => instanceId)).toEqual([
      'i-old',
      'i-xl',
    ]);
  });

  it('are in the zone of an existing home', () => {
    const members = [member('i-a'), member('i-b', { zone: 'b' })];
    expect(selectSpares(members, requirements(undefined, 'b'))).toEqual([members[1]]);
    expect(selectSpares(members, requirements(undefined, 'c'))).toEqual([]);
  });

  it('have another order for each workspace, so that concurrent starts do not compete for the same spare', () => {
    const members = Array.from({ length: 10 }, (_, at) => member(`i-${at}`));
    const firsts = Array.from(
      { length: 10 },
      (_, at) => selectSpares(members, requirements(undefined, undefined, `ws-${at}`))[0],
    );
    expect(new Set(firsts).size).toBeGreaterThan(3);
  });
});

it('counts only starting instances that match', () => {
  const warm = (zone: string) => member('i', { lifecycle: 'Warmed:Stopped', zone });
  expect(
    countStarting([warm('a'), warm('b'), member('i'), member('i', { lifecycle: 'Pending:Wait' })], requirements()),
  ).toBe(3);
  expect(countStarting([warm('a'), warm('b')], requirements(undefined, 'b'))).toBe(1);
});

describe('launch options', () => {
  const options = (...[size, zone]: Parameters<typeof requirements>) =>
    launchOptions(pool, requirements(size, zone)).map((option) => `${option.instanceType} ${option.subnetId}`);

  it('try a type in every zone before the next type', () => {
    expect(options().map((option) => option.split(' ')[0])).toEqual(
      ['m7g.large', 'm6g.large', 'm7g.xlarge'].flatMap((type) => [type, type]),
    );
    expect(options('m7g.xlarge', 'b')).toEqual(['m7g.xlarge subnet-b']);
    expect(options(undefined, 'c')).toEqual([]);
  });

  it('skip a type whose quota is used up', () => {
    const options = launchOptions(pool, requirements());
    expect(nextLaunchOption(options, 0, 'InsufficientInstanceCapacity')).toBe(1);
    expect(nextLaunchOption(options, 0, 'VcpuLimitExceeded')).toBe(2);
    expect(nextLaunchOption(options, 5, 'VcpuLimitExceeded')).toBe(options.length);
  });
});
