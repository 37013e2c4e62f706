import type { Construct } from 'constructs';
import type { BerthStack } from './berth-stack.ts';
import { GatewayStack } from './gateway-stack.ts';
import type { Installation } from './installation.ts';
import type { KeptStack } from './kept-stack.ts';
import { PeeringStack } from './peering-stack.ts';

/** The gateway in further regions, each joined with all before it. Answers the stacks in the order of their deployment. */
export const addRegions = (scope: Construct, installation: Installation, kept: KeptStack, berth: BerthStack) => {
  const { name, account, region: home, gateway } = installation.settings;
  const { network, identities } = berth.home;
  const propsIn = (region: string) => ({ env: { account, region }, crossRegionReferences: true });
  const sides = [{ region: home, network }];
  const gateways: GatewayStack[] = [];
  for (const here of gateway.regions) {
    const props = { ...propsIn(here.region), installation, kept, here, identities, joined: [...sides] };
    const stack = new GatewayStack(scope, `${name}-Gateway-${here.region}`, props);
    gateways.push(stack);
    sides.push(stack.side);
  }
  const ways = sides.slice(0, -1).map((here, index) => {
    const joining = gateways.slice(index);
    return new PeeringStack(scope, `${name}-Peering-${here.region}`, { ...propsIn(here.region), here, joining });
  });
  return [...gateways, ...ways];
};
