import type { StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { AgentIdentitySettings } from '../contracts/agent-identities.ts';
import { gatewayRules } from './alarm-rules.ts';
import { Alarms } from './alarms.ts';
import { Gateway, pointToGateway } from './gateway.ts';
import type { Installation } from './installation.ts';
import type { KeptStack } from './kept-stack.ts';
import { regionalKey } from './key.ts';
import { Names } from './names.ts';
import { Network } from './network.ts';
import { Peering, type Side } from './peering.ts';
import type { GatewayRegion } from './settings.ts';
import { ZonedStack } from './zoned-stack.ts';

export interface GatewayStackProps extends StackProps {
  installation: Installation;
  kept: KeptStack;
  here: GatewayRegion;
  identities: AgentIdentitySettings;
  /** Networks that are there already, the installation's own first; this one joins them all. */
  joined: Side[];
}

/** The gateway in a further region: the same program, which works on the installation's table and secrets. */
export class GatewayStack extends ZonedStack {
  readonly side: Side;
  /** By the region that it leads to. */
  readonly peerings: ReadonlyMap<string, Peering>;

  constructor(scope: Construct, id: string, props: GatewayStackProps) {
    const { installation, kept, here, identities, joined, ...stack } = props;
    const { zones } = here.network;
    super(scope, id, { ...stack, zones, description: `Berth: the gateway in ${here.region}` });
    const { settings, addresses } = installation;
    const { logRetentionDays } = settings;
    const key = regionalKey(this, settings);
    const network = new Network(this, 'Network', {
      network: { new: { ...here.network, nat: 'none' } },
      logRetentionDays,
      key,
    });
    this.side = { region: here.region, network };
    const names = new Names(this, 'Names', {
      settings,
      hosts: [addresses.gateway, `*.${addresses.apps}`],
      given: here.certificate,
    });
    const { certificate } = names;
    const others = settings.gateway.regions.filter(({ region }) => region !== here.region);
    const elsewhere = [
      ...joined.slice(0, 1).map((home) => home.network.cidr),
      ...others.map(({ network: { cidr } }) => cidr),
    ];
    const { replicas } = here;
    const gateway = new Gateway(this, 'Gateway', {
      installation,
      kept,
      key,
      network,
      certificate,
      replicas,
      elsewhere,
    });
    gateway.trust(identities);
    pointToGateway(names, addresses, gateway);
    this.peerings = new Map(
      joined.map((far) => [far.region, new Peering(this, `To-${far.region}`, { near: this.side, far })]),
    );
    const alarms = { ...settings.alarms, ...(here.alarmTopic === undefined ? {} : { topic: here.alarmTopic }) };
    new Alarms(this, 'Alarms', { settings: { ...settings, alarms }, key, rules: gatewayRules(gateway) });
  }
}
