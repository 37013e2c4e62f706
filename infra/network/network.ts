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
import type { Settings } from '../settings/settings.ts';

export interface NetworkProps {
  network: Settings['network'];
  /** The installation's name. */
  name: string;
  logRetentionDays: number;
  /** A key of the same region. */
  key: IKey;
}

/** The VPC of the gateway and the workspaces: a new one or an existing one. */
export class Network extends Construct {
  readonly vpc: IVpc;
  /** For the load balancer. */
  readonly publicSubnets: ISubnet[];
  /**
   * For replicas and VMs. Without NAT these are the public subnets; replicas and VMs then have public addresses and no
   * open port.
   */
  readonly subnets: ISubnet[];
  readonly needsPublicAddress: boolean;
  readonly cidr: string;
  /** The route tables of `subnets`; in an existing VPC, those that the settings name. */
  readonly routeTables: string[];

  constructor(scope: Construct, id: string, props: NetworkProps) {
    super(scope, id);
    const { existing, new: wanted = { cidr: '10.40.0.0/16', zones: [], nat: 'none' as const } } = props.network;
    this.cidr = existing?.cidr ?? wanted.cidr;
    this.vpc = existing === undefined ? this.#newVpc(wanted, props) : this.#existingVpc(existing);
    this.publicSubnets = this.vpc.publicSubnets;
    this.needsPublicAddress = this.vpc.privateSubnets.length === 0;
    this.subnets = this.needsPublicAddress ? this.vpc.publicSubnets : this.vpc.privateSubnets;
    this.routeTables = existing?.routeTables ?? this.subnets.map(({ routeTable }) => routeTable.routeTableId);
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

  #newVpc(
    { cidr, zones, nat }: NonNullable<Settings['network']['new']>,
    { key, logRetentionDays, name }: NetworkProps,
  ): IVpc {
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
      // Gateway endpoints are free, and their traffic does not use the NAT.
      gatewayEndpoints: {
        S3: { service: GatewayVpcEndpointAwsService.S3 },
        DynamoDb: { service: GatewayVpcEndpointAwsService.DYNAMODB },
      },
    });
    instances?.connections.allowFrom(Peer.ipv4(cidr), Port.allTraffic(), 'packets to forward');
    const logs = new LogGroup(this, 'FlowLogs', {
      logGroupName: `/aws/vpc/${name}/refused`,
      encryptionKey: key,
      retention: logRetentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    // Rejected connections show attacks and mistakes; logging all traffic would cost more than the gateway.
    vpc.addFlowLog('Refused', {
      destination: FlowLogDestination.toCloudWatchLogs(logs),
      trafficType: FlowLogTrafficType.REJECT,
    });
    return vpc as IVpc;
  }
}

const natInstances = () =>
  NatProvider.instanceV2({
    // Bursts of up to 5 Gbit/s for a few USD a month.
    instanceType: InstanceType.of(InstanceClass.T4G, InstanceSize.NANO),
    defaultAllowedTraffic: NatTrafficDirection.OUTBOUND_ONLY,
  });
