import { Stack, type StackProps } from 'aws-cdk-lib';
import { Construct } from 'constructs';
import type { GatewayStack } from './gateway-stack.ts';
import { leadTo, type Side } from './peering.ts';

export interface PeeringStackProps extends StackProps {
  here: Side;
  /** Those that asked to be joined with this region's network. */
  joining: GatewayStack[];
}

/**
 * The ways from a region to those that joined it later. They stand apart, as a route can only be made in its own region,
 * and only when the connection is there that a later stack makes.
 */
export class PeeringStack extends Stack {
  constructor(scope: Construct, id: string, { here, joining, ...props }: PeeringStackProps) {
    super(scope, id, { ...props, description: `Berth: the ways from ${here.region} to the gateway’s other regions` });
    for (const { side, peerings } of joining) {
      const peering = peerings.get(here.region);
      if (peering === undefined) throw new Error(`${side.region} has not joined ${here.region}`);
      leadTo(new Construct(this, `To-${side.region}`), here.network, side.network.cidr, peering.id);
    }
  }
}
