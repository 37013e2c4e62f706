import { RemovalPolicy } from 'aws-cdk-lib';
import {
  FlowLogDestination,
  FlowLogTrafficType,
  GatewayVpcEndpointAwsService,
  InstanceClass,
  InstanceSize,
  InstanceType,
  IpAddresses,
  type ISubnet,
  type IVpc,
  NatProvider,
  NatTrafficDirection,
  Peer,
  Port,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { Construct } from 'constructs';
import type { Settings } from './settings.ts';

export interface NetworkProps {
  settings: Settings;
  key: IKey;
}

/** Where gateway and workspaces stand: a VPC of Berth's own, or one that is there. */
export class Network extends Construct {
  readonly vpc: IVpc;
  /** For what is reached from outside: the load balancer. */
  readonly publicSubnets: ISubnet[];
  /** For what only goes out. Without NAT these are the public ones, with a public address and no open port. */
  readonly subnets: ISubnet[];
  readonly needsPublicAddress: boolean;

  constructor(scope: Construct, id: string, { settings, key }: NetworkProps) {
    super(scope, id);
    const given = settings.network;
    this.vpc = given.existing === undefined ? this.#newVpc(settings, key) : this.#existingVpc(given.existing);
    this.publicSubnets = this.vpc.publicSubnets;
    this.needsPublicAddress = this.vpc.privateSubnets.length === 0;
    this.subnets = this.needsPublicAddress ? this.vpc.publicSubnets : this.vpc.privateSubnets;
  }

  #existingVpc(existing: NonNullable<Settings['network']['existing']>): IVpc {
    return Vpc.fromVpcAttributes(this, 'Vpc', {
      vpcId: existing.vpcId,
      vpcCidrBlock: existing.cidr,
      availabilityZones: existing.zones,
      publicSubnetIds: existing.publicSubnets,
      ...(existing.privateSubnets.length === 0 ? {} : { privateSubnetIds: existing.privateSubnets }),
    });
  }

  #newVpc(settings: Settings, key: IKey): IVpc {
    const { cidr, zones, nat } = settings.network.new ?? { cidr: '10.40.0.0/16', zones: [], nat: 'none' as const };
    const instances = nat === 'instance' ? natInstances() : undefined;
    const vpc = new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr(cidr),
      availabilityZones: zones,
      natGateways: nat === 'none' ? 0 : zones.length,
      ...(instances === undefined ? {} : { natGatewayProvider: instances, natGateways: 1 }),
      subnetConfiguration: [
        { name: 'Public', subnetType: SubnetType.PUBLIC, cidrMask: 20, mapPublicIpOnLaunch: nat === 'none' },
        ...(nat === 'none' ? [] : [{ name: 'Private', subnetType: SubnetType.PRIVATE_WITH_EGRESS, cidrMask: 20 }]),
      ],
      restrictDefaultSecurityGroup: false,
      // Both cost nothing and keep this traffic off the NAT.
      gatewayEndpoints: {
        S3: { service: GatewayVpcEndpointAwsService.S3 },
        DynamoDb: { service: GatewayVpcEndpointAwsService.DYNAMODB },
      },
    });
    instances?.connections.allowFrom(Peer.ipv4(cidr), Port.allTraffic(), 'what it passes on');
    const logs = new LogGroup(this, 'FlowLogs', {
      encryptionKey: key,
      retention: settings.logRetentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // What was refused tells of attempts; all traffic would cost more than the gateway.
    vpc.addFlowLog('Refused', {
      destination: FlowLogDestination.toCloudWatchLogs(logs),
      trafficType: FlowLogTrafficType.REJECT,
    });
    return vpc as IVpc;
  }
}

const natInstances = () =>
  NatProvider.instanceV2({
    // 5 Gbit/s in bursts for a few USD a month.
    instanceType: InstanceType.of(InstanceClass.T4G, InstanceSize.NANO),
    defaultAllowedTraffic: NatTrafficDirection.OUTBOUND_ONLY,
  });
