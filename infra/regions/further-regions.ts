import type { Construct } from 'constructs';
import type { Installation } from '../settings/installation.ts';
import type { StatefulStack } from '../stateful/stateful-stack.ts';
import type { StatelessStack } from '../stateless-stack.ts';
import { GatewayStack } from './gateway-stack.ts';
import { PeeringStack } from './peering-stack.ts';

/**
 * Adds the gateway in further regions, each peered with all before it. Returns the stacks in the order of deployment.
 */
export const addRegions = (
  scope: Construct,
  installation: Installation,
  stateful: StatefulStack,
  stateless: StatelessStack,
) => {
  const { name, account, region: home, gateway } = installation.settings;
  const { network, identities } = stateless.home;
  const propsIn = (region: string) => ({ env: { account, region }, crossRegionReferences: true });
  const sides = [{ region: home, network }];
  const gateways: GatewayStack[] = [];
  for (const here of gateway.regions) {
    const props = { ...propsIn(here.region), installation, stateful, here, identities, joined: [...sides] };
    const stack = new GatewayStack(scope, `${name}-Gateway-${here.region}`, props);
    gateways.push(stack);
    sides.push(stack.side);
  }
  const peerings = sides.slice(0, -1).map((here, index) => {
    const joining = gateways.slice(index);
    return new PeeringStack(scope, `${name}-Peering-${here.region}`, { ...propsIn(here.region), here, joining });
  });
  return [...gateways, ...peerings];
};
