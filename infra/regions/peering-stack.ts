import { Stack, type StackProps } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import { addRoutes, type Side } from '../network/peering.ts';
import type { GatewayStack } from './gateway-stack.ts';

export interface PeeringStackProps extends StackProps {
  here: Side;
  /** The later stacks, which peer with this region's network. */
  joining: GatewayStack[];
}

/**
 * The routes from a region to those that were peered with it later. They are in a stack of their own because a route is
 * created in its own region, after the peering connection, which a later stack creates.
 */
export class PeeringStack extends Stack {
  constructor(scope: Construct, id: string, { here, joining, ...props }: PeeringStackProps) {
    super(scope, id, { ...props, description: `Berth: routes from ${here.region} to the gateway’s other regions` });
    for (const { side, peerings } of joining) {
      const peering = peerings.get(here.region);
      if (peering === undefined) throw new Error(`${side.region} has no peering with ${here.region}`);
      addRoutes(new Construct(this, `To-${side.region}`), here.network, side.network.cidr, peering.id);
    }
  }
}
