import { CfnOutput, Duration, type StackProps } from 'aws-cdk-lib';
import { Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { FilterPattern, MetricFilter } from 'aws-cdk-lib/aws-logs';
import { ApiGatewayv2DomainProperties } from 'aws-cdk-lib/aws-route53-targets';
import { CfnSamplingRule } from 'aws-cdk-lib/aws-xray';
import type { Construct } from 'constructs';
import type { AgentIdentitySettings } from '../contracts/settings/agent-identities.ts';
import { Api } from './api/api.ts';
import { Compute } from './compute/compute.ts';
import { Gateway, pointToGateway } from './gateway/gateway.ts';
import { GatewaySleep } from './gateway/sleep.ts';
import { DomainNames } from './network/domain-names.ts';
import { Network } from './network/network.ts';
import { ZonedStack } from './network/zoned-stack.ts';
import { alarmRules, type MonitoredConstructs } from './operations/alarm-rules.ts';
import { Alarms } from './operations/alarms.ts';
import { Dashboard } from './operations/dashboard.ts';
import type { Installation } from './settings/installation.ts';
import type { StatefulStack } from './stateful/stateful-stack.ts';
import { Schedules } from './workflows/schedules.ts';
import { Streams } from './workflows/streams.ts';
import { Workflows } from './workflows/workflows.ts';

/** The resources that can be deleted and deployed again. Those that must not be lost are in the stateful stack. */
export class StatelessStack extends ZonedStack {
  /** The network and the agent identities that further regions of the gateway use. */
  readonly home: { network: Network; identities: AgentIdentitySettings };

  constructor(scope: Construct, id: string, installation: Installation, stateful: StatefulStack, props: StackProps) {
    const { settings, addresses } = installation;
    const zones = (settings.network.new ?? settings.network.existing)?.zones ?? [];
    super(scope, id, { ...props, zones, description: 'Berth: stateless resources' });
    const { key } = stateful;
    const names = new DomainNames(this, 'Names', {
      settings,
      hosts: [addresses.gateway, addresses.api, `*.${addresses.apps}`],
      given: settings.domain.certificates?.regional,
    });
    const { certificate } = names;
    const network = new Network(this, 'Network', { ...settings, key });
    const workflows = new Workflows(this, 'Workflows', { installation, stateful });
    const schedules = new Schedules(this, 'Schedules', { installation, stateful });
    workflows.grantRun(schedules.sweep);
    const streams = new Streams(this, 'Streams', { installation, stateful, workflows, schedules });
    const api = new Api(this, 'Api', { installation, stateful, certificate });
    const { replicas, regions, sleepWhenIdle } = settings.gateway;
    const gateway = new Gateway(this, 'Gateway', {
      installation,
      stateful,
      key,
      network,
      certificate,
      replicas,
      elsewhere: regions.map((region) => region.network.cidr),
    });
    const compute = new Compute(this, 'Compute', {
      installation,
      stateful,
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
    const { table, audit, signIn } = stateful;
    const watched: MonitoredConstructs = { api, workflows, streams, schedules, gateway, table, audit, signIn, busy };
    const { alarms } = new Alarms(this, 'Alarms', { settings, key, rules: alarmRules(watched) });
    new Dashboard(this, 'Dashboard', { name: id, watched, alarms });
    new CfnOutput(this, 'FailedChanges', {
      value: streams.failures.queue.queueUrl,
      description: 'BERTH_FAILED_CHANGES for the redrive command',
    });
  }

  /** A metric of the sweep's log: 1 for each minute in which a workspace runs or starts. */
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

  #pointNames(names: DomainNames, { addresses }: Installation, { domainName }: Api, gateway: Gateway): void {
    const { regionalDomainName: address, regionalHostedZoneId } = domainName;
    const target = new ApiGatewayv2DomainProperties(address, regionalHostedZoneId);
    names.point('ApiName', addresses.api, {
      target: { bind: (...of) => ({ ...target.bind(...of), evaluateTargetHealth: true }) },
      address,
      // A latency-based record, beside which a second region's record can be added; a simple record allows no other.
      region: this.region,
    });
    pointToGateway(names, addresses, gateway);
  }

  /**
   * Traces one workflow execution per second and 5 % of the others, with the functions that they call. The rule does
   * not apply to functions that other services call (API, streams, schedules): Lambda itself traces the first call of
   * each second and 5 % of the others.
   */
  #sampleTraces(installation: string): void {
    new CfnSamplingRule(this, 'Traces', {
      samplingRule: {
        ruleName: `${installation}`,
        priority: 9_000,
        fixedRate: 0.05,
        reservoirSize: 1,
        serviceName: `${installation}*`,
        serviceType: 'AWS::StepFunctions::StateMachine',
        host: '*',
        httpMethod: '*',
        urlPath: '*',
        resourceArn: '*',
        version: 1,
      },
    });
  }
}
