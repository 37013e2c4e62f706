import { expect, test } from 'vitest';
import { all, only } from './example.ts';
import { type Resource, settingsWith, synthesize } from './synth.ts';

test('VMs of workspaces have no inbound traffic, no key pair, IMDSv2 with one hop, and encrypted disks', () => {
  const { LaunchTemplateData: data } = only('AWS::EC2::LaunchTemplate').Properties as {
    LaunchTemplateData: Record<string, unknown>;
  };
  expect(data).toMatchObject({
    MetadataOptions: { HttpTokens: 'required', HttpPutResponseHopLimit: 1, InstanceMetadataTags: 'enabled' },
    BlockDeviceMappings: [{ Ebs: { Encrypted: true, VolumeType: 'gp3' } }],
  });
  expect(data).not.toHaveProperty('KeyName');
  const machines = all('AWS::EC2::SecurityGroup').find(([id]) => id.includes('VmsMachines'));
  expect(machines?.[1]).not.toHaveProperty('SecurityGroupIngress');
  expect(machines?.[1]['SecurityGroupEgress']).toHaveLength(3);
});

test('the disk of a VM is the root device of its image', () => {
  const [pool] = settingsWith().vmPools;
  const ubuntu = { ...pool, ami: 'ami-0123456789abcdef0', rootDevice: '/dev/sda1' };
  const [[, template]] = synthesize({ vmPools: [ubuntu] }).ofType('AWS::EC2::LaunchTemplate') as [[string, Resource]];
  expect(template.Properties['LaunchTemplateData']).toMatchObject({
    BlockDeviceMappings: [{ DeviceName: '/dev/sda1', Ebs: { VolumeSize: 40 } }],
  });
});

test('a cluster that Berth created is protected against deletion, because it has all homes', () => {
  expect(only('AWS::EKS::Cluster').Properties).toMatchObject({ DeletionProtection: true });
});
