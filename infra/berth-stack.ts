import { CfnOutput, Duration, type StackProps } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { ApiGatewayv2DomainProperties } from 'aws-cdk-lib/aws-route53-targets';
import { CfnSamplingRule } from 'aws-cdk-lib/aws-xray';
import type { Construct } from 'constructs';
import type { AgentIdentitySettings } from '../contracts/agent-identities.ts';
import { rulesOf, type Watched } from './alarm-rules.ts';
import { Alarms } from './alarms.ts';
import { Api } from './api.ts';
import { Compute } from './compute.ts';
import { Dashboard } from './dashboard.ts';
import { Gateway, pointToGateway } from './gateway.ts';
import { GatewaySleep } from './gateway-sleep.ts';
import type { Installation } from './installation.ts';
import type { KeptStack } from './kept-stack.ts';
import { Names } from './names.ts';
import { Network } from './network.ts';
import { Schedules } from './schedules.ts';
import { Streams } from './streams.ts';
import { Workflows } from './workflows.ts';
import { ZonedStack } from './zoned-stack.ts';

/** All that can be thrown away and deployed again: what is worth keeping is in the other stack. */
export class BerthStack extends ZonedStack {
  /** What further regions of the gateway join. */
  readonly home: { network: Network; identities: AgentIdentitySettings };

  constructor(scope: Construct, id: string, installation: Installation, kept: KeptStack, props: StackProps) {
    const { settings, addresses } = installation;
    const zones = (settings.network.new ?? settings.network.existing)?.zones ?? [];
    super(scope, id, { ...props, zones, description: 'Berth: what can be replaced' });
    const { key } = kept;
    const names = new Names(this, 'Names', {
      settings,
      hosts: [addresses.gateway, addresses.api, `*.${addresses.apps}`],
      given: settings.domain.certificates?.regional,
    });
    const { certificate } = names;
    const network = new Network(this, 'Network', { ...settings, key });
    const workflows = new Workflows(this, 'Workflows', { installation, kept });
    const schedules = new Schedules(this, 'Schedules', { installation, kept });
    workflows.grantRun(schedules.sweep);
    const streams = new Streams(this, 'Streams', { installation, kept, workflows, schedules });
    const api = new Api(this, 'Api', { installation, kept, certificate });
    const { replicas, regions, sleepWhenIdle } = settings.gateway;
    const gateway = new Gateway(this, 'Gateway', {
      installation,
      kept,
      key,
      network,
      certificate,
      // Left out while it may sleep: a deployment must not wake it, or halve it.
      replicas: sleepWhenIdle ? undefined : replicas,
      elsewhere: regions.map((region) => region.network.cidr),
    });
    const compute = new Compute(this, 'Compute', {
      installation,
      kept,
      network,
      workflows,
      schedules,
      templateFiles: api.functions['template-files'],
    });
    const identities = compute.identities(settings);
    gateway.trust(identities);
    const busy = this.#busy(schedules, settings.name);
    if (sleepWhenIdle) {
      const starts = workflows.machines['start-workspace'];
      new GatewaySleep(this, 'GatewaySleep', { gateway, settings, key, busy, starts });
    }
    this.#pointNames(names, installation, api, gateway);
    this.home = { network, identities };
    this.#sampleTraces(settings.name);
    const { table, audit, signIn } = kept;
    const watched: Watched = { api, workflows, streams, schedules, gateway, table, audit, signIn, busy };
    const { alarms } = new Alarms(this, 'Alarms', { settings, key, rules: rulesOf(watched) });
    new Dashboard(this, 'Dashboard', { name: id, watched, alarms });
    new CfnOutput(this, 'FailedChanges', {
      value: streams.failures.queue.queueUrl,
      description: 'BERTH_FAILED_CHANGES for the redrive command',
    });
  }

  /** The sweep logs each minute whether anybody needs the gateway. */
  #busy({ sweep }: Schedules, installation: string): Metric {
    const metric = { metricNamespace: installation, metricName: 'Busy' };
    new MetricFilter(this, 'Busy', {
      ...metric,
      logGroup: sweep.logs,
      filterPattern: FilterPattern.stringValue('$.message', '=', 'swept'),
      metricValue: '$.busy',
    });
    return new Metric({
      namespace: metric.metricNamespace,
      metricName: metric.metricName,
      statistic: Stats.MAXIMUM,
      period: Duration.minutes(1),
    });
  }

  #pointNames(names: Names, { addresses }: Installation, { domainName }: Api, gateway: Gateway): void {
    names.point('ApiName', addresses.api, {
      target: new ApiGatewayv2DomainProperties(domainName.regionalDomainName, domainName.regionalHostedZoneId),
      address: domainName.regionalDomainName,
    });
    pointToGateway(names, addresses, gateway);
  }

  /** One call in twenty: enough to see where a start spends its time, for a few USD at 10,000 people. */
  #sampleTraces(installation: string): void {
    new CfnSamplingRule(this, 'Traces', {
      samplingRule: {
        ruleName: `${installation}`,
        priority: 9_000,
        fixedRate: 0.05,
        reservoirSize: 1,
        serviceName: `${installation}*`,
        serviceType: '*',
        host: '*',
        httpMethod: '*',
        urlPath: '*',
        resourceArn: '*',
        version: 1,
      },
    });
  }
}
