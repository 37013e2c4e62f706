import { Stack } from 'aws-cdk-lib';
import { AutoScalingGroup, PoolState } from 'aws-cdk-lib/aws-autoscaling';
import {
  AmazonLinuxCpuType,
  BlockDeviceVolume,
  EbsDeviceVolumeType,
  type IMachineImage,
  InstanceType,
  LaunchTemplate,
  LaunchTemplateHttpTokens,
  MachineImage,
  OperatingSystemType,
  Peer,
  Port,
  SecurityGroup,
  UserData,
} from 'aws-cdk-lib/aws-ec2';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { Construct } from 'constructs';
import type { VmPool, VmSettings } from '../../contracts/settings/vm.ts';
import { allow } from '../functions/workload.ts';
import type { Network } from '../network/network.ts';
import type { VmPoolSettings } from '../settings/compute-settings.ts';
import type { Installation } from '../settings/installation.ts';
import { VmGrants } from './vm-grants.ts';

export interface VmPoolsProps {
  installation: Installation;
  network: Network;
}

/** The VM pools from which workspaces lease: for each, an Auto Scaling group of spares with a warm pool. */
export class VmPools extends Construct {
  /** The value of `ec2-vm` in `BERTH_COMPUTE`. */
  readonly settings: VmSettings;
  readonly grants: VmGrants;

  constructor(scope: Construct, id: string, { installation, network }: VmPoolsProps) {
    super(scope, id);
    const { settings } = installation;
    const role = this.#machineRole();
    const group = this.#securityGroup(network);
    const pools = settings.vmPools.map((pool) => this.#pool(pool, installation, network, role, group));
    this.settings = {
      region: settings.region,
      account: settings.account,
      installation: settings.name,
      pools,
      tags: {},
    };
    this.grants = new VmGrants({
      stack: Stack.of(this),
      installation: settings.name,
      machineRole: role,
      securityGroup: group,
      pools,
    });
  }

  /** Allows Session Manager only, for emergencies: everybody who works in a workspace can use the role of its VM. */
  #machineRole(): Role {
    const role = new Role(this, 'MachineRole', { assumedBy: new ServicePrincipal('ec2.amazonaws.com') });
    allow(
      { role },
      [
        'ssm:UpdateInstanceInformation',
        'ssmmessages:CreateControlChannel',
        'ssmmessages:CreateDataChannel',
        'ssmmessages:OpenControlChannel',
        'ssmmessages:OpenDataChannel',
      ],
      ['*'],
    );
    return role;
  }

  /** No inbound traffic. Outbound traffic is for the tunnel, packages and git. */
  #securityGroup({ vpc }: Network): SecurityGroup {
    const group = new SecurityGroup(this, 'Machines', {
      vpc,
      description: 'Berth workspaces',
      allowAllOutbound: false,
    });
    group.addEgressRule(Peer.anyIpv4(), Port.tcp(443), 'the gateway, packages, git');
    group.addEgressRule(Peer.anyIpv4(), Port.tcp(80), 'packages');
    group.addEgressRule(Peer.anyIpv4(), Port.tcp(22), 'git over ssh');
    return group;
  }

  #pool(
    pool: VmPoolSettings,
    { settings, artifacts }: Installation,
    network: Network,
    role: Role,
    securityGroup: SecurityGroup,
  ): VmPool {
    const template = new LaunchTemplate(this, `${pool.name}Template`, {
      machineImage: imageOf(pool),
      instanceType: new InstanceType(pool.instanceTypes[0] ?? ''),
      role,
      securityGroup,
      associatePublicIpAddress: network.needsPublicAddress,
      userData: UserData.custom(artifacts.vmUserData(pool.architecture)),
      httpTokens: LaunchTemplateHttpTokens.REQUIRED,
      httpPutResponseHopLimit: 1,
      instanceMetadataTags: true,
      requireImdsv2: true,
      detailedMonitoring: false,
      blockDevices: [
        {
          // With another device name, this would be a second disk, and the root would have the image's size.
          deviceName: pool.rootDevice,
          volume: BlockDeviceVolume.ebs(pool.diskGiB, {
            encrypted: true,
            volumeType: EbsDeviceVolumeType.GP3,
            deleteOnTermination: true,
          }),
        },
      ],
    });
    // The name is set, so that policies can refer to it.
    const autoScalingGroupName = `${settings.name}-${pool.name}`;
    const group = new AutoScalingGroup(this, `${pool.name}Spares`, {
      autoScalingGroupName,
      vpc: network.vpc,
      vpcSubnets: { subnets: network.subnets },
      launchTemplate: template,
      minCapacity: 0,
      maxCapacity: pool.cap,
    });
    group.addWarmPool({ poolState: PoolState.STOPPED, minSize: 0, maxGroupPreparedCapacity: 0 });
    return {
      name: pool.name,
      autoScalingGroup: autoScalingGroupName,
      launchTemplate: { id: template.launchTemplateId ?? '', version: template.latestVersionNumber },
      instanceTypes: pool.instanceTypes,
      subnets: network.subnets.map(({ subnetId, availabilityZone }) => ({ id: subnetId, zone: availabilityZone })),
      securityGroups: [securityGroup.securityGroupId],
      publicAddress: network.needsPublicAddress,
      architecture: pool.architecture,
      cap: pool.cap,
      spares: pool.spares,
    };
  }
}

const imageOf = ({ ami, architecture }: VmPoolSettings): IMachineImage => {
  if (ami !== undefined)
    return { getImage: () => ({ imageId: ami, osType: OperatingSystemType.LINUX, userData: UserData.forLinux() }) };
  const cpuType = architecture === 'arm64' ? AmazonLinuxCpuType.ARM_64 : AmazonLinuxCpuType.X86_64;
  return MachineImage.latestAmazonLinux2023({ cpuType });
};
