import { CfnRoute, CfnVPCPeeringConnection } from 'aws-cdk-lib/aws-ec2';
import { Construct } from 'constructs';
import type { Network } from './network.ts';

/** A network of the gateway and its region. */
export interface Side {
  region: string;
  network: Network;
}

/** Adds routes to another region's network to the route tables of the gateway's subnets. */
export const addRoutes = (scope: Construct, from: Network, cidr: string, peering: string): void => {
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
  /** The network of another region, whose routes PeeringStack adds there. */
  far: Side;
}

/**
 * Peers two networks. Within an account AWS accepts the connection automatically; traffic between regions is encrypted.
 */
export class Peering extends Construct {
  readonly id: string;

  constructor(scope: Construct, id: string, { near, far }: PeeringProps) {
    super(scope, id);
    this.id = new CfnVPCPeeringConnection(this, 'Connection', {
      vpcId: near.network.vpc.vpcId,
      peerVpcId: far.network.vpc.vpcId,
      peerRegion: far.region,
    }).ref;
    addRoutes(this, near.network, far.network.cidr, this.id);
  }
}
