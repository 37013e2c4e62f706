import type { StackProps } from 'aws-cdk-lib';
import type { Construct } from 'constructs';
import type { AgentIdentitySettings } from '../../contracts/settings/agent-identities.ts';
import { Gateway, pointToGateway } from '../gateway/gateway.ts';
import { DomainNames } from '../network/domain-names.ts';
import { Network } from '../network/network.ts';
import { Peering, type Side } from '../network/peering.ts';
import { ZonedStack } from '../network/zoned-stack.ts';
import { gatewayAlarmRules } from '../operations/alarm-rules.ts';
import { Alarms } from '../operations/alarms.ts';
import type { Installation } from '../settings/installation.ts';
import type { GatewayRegion } from '../settings/network-settings.ts';
import { regionalKey } from '../stateful/encryption-key.ts';
import type { StatefulStack } from '../stateful/stateful-stack.ts';

export interface GatewayStackProps extends StackProps {
  installation: Installation;
  stateful: StatefulStack;
  here: GatewayRegion;
  identities: AgentIdentitySettings;
  /** The networks to peer with, the installation's own first. */
  joined: Side[];
}

/** The gateway in a further region: the same program, with the table and secrets of the installation's region. */
export class GatewayStack extends ZonedStack {
  readonly side: Side;
  /** By the region of the other network. */
  readonly peerings: ReadonlyMap<string, Peering>;

  constructor(scope: Construct, id: string, props: GatewayStackProps) {
    const { installation, stateful, here, identities, joined, ...stack } = props;
    const { zones } = here.network;
    super(scope, id, { ...stack, zones, description: `Berth: the gateway in ${here.region}` });
    const { settings, addresses } = installation;
    const { logRetentionDays, name } = settings;
    const key = regionalKey(this, settings);
    const network = new Network(this, 'Network', {
      network: { new: { ...here.network, nat: 'none' } },
      logRetentionDays,
      name,
      key,
    });
    this.side = { region: here.region, network };
    const names = new DomainNames(this, 'Names', {
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
      stateful,
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
    new Alarms(this, 'Alarms', { settings: { ...settings, alarms }, key, rules: gatewayAlarmRules(gateway) });
  }
}
