import { CfnRoute, CfnVPCPeeringConnection } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { Network } from './network.ts';

/** A network of the gateway, and the region it is in. */
export interface Side {
  region: string;
  network: Network;
}

/** Sends what is for another region's network its way, from all subnets that the gateway stands in. */
export const leadTo = (scope: Construct, from: Network, cidr: string, peering: string): void => {
  for (const [index, routeTableId] of from.routeTables.entries()) {
    new CfnRoute(scope, `Route${index + 1}`, {
      routeTableId,
      destinationCidrBlock: cidr,
      vpcPeeringConnectionId: peering,
    });
  }
};

export interface PeeringProps {
  near: Side;
  /** Of another region, whose own routes are added by a stack there: see PeeringStack. */
  far: Side;
}

/** Joins two networks. Within one account AWS accepts it by itself, and encrypts what goes between regions. */
export class Peering extends Construct {
  readonly id: string;

  constructor(scope: Construct, id: string, { near, far }: PeeringProps) {
    super(scope, id);
    this.id = new CfnVPCPeeringConnection(this, 'Connection', {
      vpcId: near.network.vpc.vpcId,
      peerVpcId: far.network.vpc.vpcId,
      peerRegion: far.region,
    }).ref;
    leadTo(this, near.network, far.network.cidr, this.id);
  }
}
