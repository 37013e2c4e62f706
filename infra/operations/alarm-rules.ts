import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Api } from '../api/api.ts';
import type { FailureQueue } from '../functions/failure-queue.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Audit } from '../stateful/audit.ts';
import type { SignIn } from '../stateful/sign-in.ts';
import type { BerthTable } from '../stateful/table.ts';
import type { Schedules } from '../workflows/schedules.ts';
import type { Streams } from '../workflows/streams.ts';
import type { Workflows } from '../workflows/workflows.ts';

/** The constructs whose metrics alarms and the dashboard use. */
export interface MonitoredConstructs {
  api: Api;
  workflows: Workflows;
  streams: Streams;
  schedules: Schedules;
  gateway: Gateway;
  table: BerthTable;
  audit: Audit;
  signIn: SignIn;
  /** 1 for each minute in which a workspace runs or starts, otherwise 0. */
  busy: IMetric;
}

export type AlarmRule = {
  /** A sentence that says what is wrong; the alarm's description. */
  what: string;
  metric: IMetric;
  /** The number of consecutive periods. */
  periods: number;
  /** Whether missing data raises the alarm; by default it does not. */
  whenSilent?: 'alarm';
} & ({ above: number; below?: never } | { above?: never; below: number });

const minute = Duration.minutes(1);
const fiveMinutes = Duration.minutes(5);
const sum = { statistic: Stats.SUM, period: fiveMinutes };

const queuedMessages = ({ queue }: FailureQueue): IMetric =>
  queue.metricApproximateNumberOfMessagesVisible({ statistic: Stats.MAXIMUM, period: fiveMinutes });

const sumOf = (metrics: Record<string, IMetric>): IMetric =>
  new MathExpression({ expression: Object.keys(metrics).join(' + '), usingMetrics: metrics, period: fiveMinutes });

/** An execution succeeds even if its build fails. One that does not succeed has left a build without an end. */
const unsuccessful = ({ machines }: Workflows): IMetric =>
  sumOf(
    Object.fromEntries(
      Object.values(machines).flatMap((machine, index) => [
        [`failed${index}`, machine.metricFailed(sum)],
        [`timedOut${index}`, machine.metricTimedOut(sum)],
        [`aborted${index}`, machine.metricAborted(sum)],
      ]),
    ),
  );

const throttled = ({ name }: BerthTable): IMetric => {
  const of = (metricName: string) =>
    new Metric({ namespace: 'AWS/DynamoDB', metricName, dimensionsMap: { TableName: name }, ...sum });
  return sumOf({ reads: of('ReadThrottleEvents'), writes: of('WriteThrottleEvents') });
};

/** 1 while a workspace runs or starts and no replica is healthy. */
const missingGateway = ({ gateway, busy }: MonitoredConstructs): IMetric =>
  new MathExpression({
    expression: 'IF(busy > 0 AND FILL(healthy, 0) < 1, 1, 0)',
    usingMetrics: {
      busy,
      healthy: gateway.targets.metrics.healthyHostCount({ statistic: Stats.MAXIMUM, period: minute }),
    },
    period: minute,
  });

const gatewayAtCapacity = ({ service }: Gateway): AlarmRule => ({
  what: 'The gateway is at its capacity: it has reached mostReplicas, or new replicas do not start.',
  metric: service.metricCpuUtilization({ statistic: Stats.AVERAGE, period: fiveMinutes }),
  above: 80,
  periods: 3,
});

const unhealthyGateway = ({ targets }: Gateway): AlarmRule => ({
  what: 'A replica of the gateway fails its health checks.',
  metric: targets.metrics.unhealthyHostCount({ statistic: Stats.MAXIMUM, period: minute }),
  above: 0,
  periods: 10,
});

/** The alarms of a further region. The gateway does not sleep there. */
export const gatewayAlarmRules = (gateway: Gateway): Record<string, AlarmRule> => ({
  'gateway-is-missing': {
    what: 'The gateway has no healthy replica in this region: DNS sends people and agents to another region.',
    metric: gateway.targets.metrics.healthyHostCount({ statistic: Stats.MAXIMUM, period: minute }),
    below: 1,
    periods: 10,
    whenSilent: 'alarm',
  },
  'gateway-is-unwell': unhealthyGateway(gateway),
  'gateway-is-full': gatewayAtCapacity(gateway),
});

const ofDelivery = ({ delivery }: Audit, metricName: string): IMetric =>
  new Metric({
    namespace: 'AWS/Firehose',
    metricName,
    dimensionsMap: { DeliveryStreamName: delivery.ref },
    statistic: Stats.MAXIMUM,
    period: fiveMinutes,
  });

/** Every alarm, by the anchor of its article in the runbook. */
export const alarmRules = (watched: MonitoredConstructs): Record<string, AlarmRule> => {
  const { api, streams, schedules, gateway, audit, signIn } = watched;
  return {
    'api-fails': {
      what: 'The API returns server errors (5xx).',
      metric: api.http.metricServerError(sum),
      above: 5,
      periods: 2,
    },
    'api-is-slow': {
      what: 'One in a hundred API requests takes longer than 3 s.',
      metric: api.http.metricLatency({ statistic: Stats.percentile(99), period: fiveMinutes }),
      above: 3_000,
      periods: 3,
    },
    'sign-in-fails': {
      what: 'People cannot sign in: a trigger of the user pool fails.',
      metric: sumOf({
        profiles: signIn.inboundFederation.lambda.metricErrors(sum),
        tokens: signIn.preToken.lambda.metricErrors(sum),
      }),
      above: 0,
      periods: 1,
    },
    'workflow-broke-off': {
      what: 'A workflow execution failed, timed out or was aborted, so a build may not have ended.',
      metric: unsuccessful(watched.workflows),
      above: 0,
      periods: 1,
    },
    'changes-wait': {
      what: 'Changes of the table have waited for more than a minute: workspaces start and stop late.',
      metric: iteratorAge(streams.workspaces),
      above: minute.toMilliseconds(),
      periods: 3,
    },
    'audit-waits': {
      what: 'Audit events have waited in the change stream for more than 15 minutes; they are lost after 24 h.',
      metric: iteratorAge(streams.audit),
      above: Duration.minutes(15).toMilliseconds(),
      periods: 1,
    },
    'changes-given-up': {
      what: 'A change could not be handled and is in the dead-letter queue.',
      metric: queuedMessages(streams.failures),
      above: 0,
      periods: 1,
    },
    'schedules-given-up': {
      what: 'A schedule or the function it calls failed after all retries.',
      metric: queuedMessages(schedules.failures),
      above: 0,
      periods: 1,
    },
    'sweep-is-missing': {
      what: 'The sweep does not run, or fails: nothing repairs lost starts, stops or machines.',
      metric: new MathExpression({
        expression: 'FILL(calls, 0) - FILL(errors, 0)',
        usingMetrics: {
          calls: schedules.sweep.lambda.metricInvocations(sum),
          errors: schedules.sweep.lambda.metricErrors(sum),
        },
        period: fiveMinutes,
      }),
      below: 1,
      periods: 2,
      whenSilent: 'alarm',
    },
    'gateway-is-missing': {
      what: 'Workspaces are running, but the gateway has no healthy replica: nobody can connect.',
      metric: missingGateway(watched),
      above: 0,
      periods: 10,
    },
    'gateway-is-unwell': unhealthyGateway(gateway),
    'gateway-is-full': gatewayAtCapacity(gateway),
    'table-throttles': {
      what: 'The table throttles requests.',
      metric: throttled(watched.table),
      above: 100,
      periods: 2,
    },
    'audit-readers-lag': {
      what: 'A reader of the audit stream is more than an hour behind; events are lost to it after 24 h.',
      metric: audit.stream.metricGetRecordsIteratorAgeMilliseconds({ statistic: Stats.MAXIMUM, period: fiveMinutes }),
      above: Duration.hours(1).toMilliseconds(),
      periods: 1,
    },
    'audit-is-not-kept': {
      what: 'Audit events have not reached the bucket for more than an hour; they are lost after 24 h.',
      metric: ofDelivery(audit, 'DeliveryToS3.DataFreshness'),
      above: Duration.hours(1).toSeconds(),
      periods: 1,
    },
  };
};

const iteratorAge = ({ lambda }: Streams['workspaces']): IMetric =>
  lambda.metric('IteratorAge', { statistic: Stats.MAXIMUM, period: fiveMinutes });
