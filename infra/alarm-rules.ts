import { Duration } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Api } from './api.ts';
import type { Audit } from './audit.ts';
import type { FailureQueue } from './failure-queue.ts';
import type { Gateway } from './gateway.ts';
import type { Schedules } from './schedules.ts';
import type { SignIn } from './sign-in.ts';
import type { Streams } from './streams.ts';
import type { BerthTable } from './table.ts';
import type { Workflows } from './workflows.ts';

/** What alarms look at. */
export interface Watched {
  api: Api;
  workflows: Workflows;
  streams: Streams;
  schedules: Schedules;
  gateway: Gateway;
  table: BerthTable;
  audit: Audit;
  signIn: SignIn;
  /** 1 while any workspace runs or is about to, each minute. */
  busy: IMetric;
}

export type AlarmRule = {
  /** A sentence: what is wrong. */
  what: string;
  metric: IMetric;
  /** How many periods in a row. */
  periods: number;
  /** What no data means; `fine` if left out. */
  whenSilent?: 'alarm';
} & ({ above: number; below?: never } | { above?: never; below: number });

const minute = Duration.minutes(1);
const fiveMinutes = Duration.minutes(5);
const sum = { statistic: Stats.SUM, period: fiveMinutes };

const waiting = ({ queue }: FailureQueue): IMetric =>
  queue.metricApproximateNumberOfMessagesVisible({ statistic: Stats.MAXIMUM, period: fiveMinutes });

const sumOf = (metrics: Record<string, IMetric>): IMetric =>
  new MathExpression({ expression: Object.keys(metrics).join(' + '), usingMetrics: metrics, period: fiveMinutes });

/** Workflows end well even when a build fails; one that does not has left a build without an end. */
const brokenOff = ({ machines }: Workflows): IMetric =>
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

/** Somebody needs the gateway, and no replica is well. */
const missingGateway = ({ gateway, busy }: Watched): IMetric =>
  new MathExpression({
    expression: 'IF(busy > 0 AND FILL(healthy, 0) < 1, 1, 0)',
    usingMetrics: {
      busy,
      healthy: gateway.targets.metrics.healthyHostCount({ statistic: Stats.MAXIMUM, period: minute }),
    },
    period: minute,
  });

const unwellGateway = ({ targets }: Gateway): AlarmRule => ({
  what: 'A replica of the gateway fails its health checks.',
  metric: targets.metrics.unhealthyHostCount({ statistic: Stats.MAXIMUM, period: minute }),
  above: 0,
  periods: 10,
});

/** Of a further region, where the gateway never sleeps. */
export const gatewayRules = (gateway: Gateway): Record<string, AlarmRule> => ({
  'gateway-is-missing': {
    what: 'No replica of the gateway is well in this region: people and agents are sent to another.',
    metric: gateway.targets.metrics.healthyHostCount({ statistic: Stats.MAXIMUM, period: minute }),
    below: 1,
    periods: 10,
    whenSilent: 'alarm',
  },
  'gateway-is-unwell': unwellGateway(gateway),
});

const ofDelivery = ({ delivery }: Audit, metricName: string): IMetric =>
  new Metric({
    namespace: 'AWS/Firehose',
    metricName,
    dimensionsMap: { DeliveryStreamName: delivery.ref },
    statistic: Stats.MAXIMUM,
    period: fiveMinutes,
  });

/** Every alarm by the anchor of its article in the runbook. */
export const rulesOf = (watched: Watched): Record<string, AlarmRule> => {
  const { api, streams, schedules, gateway, audit, signIn } = watched;
  return {
    'api-fails': {
      what: 'The API answers requests with faults of its own.',
      metric: api.http.metricServerError(sum),
      above: 5,
      periods: 2,
    },
    'api-is-slow': {
      what: 'One request of a hundred takes longer than 3 s.',
      metric: api.http.metricLatency({ statistic: Stats.percentile(99), period: fiveMinutes }),
      above: 3_000,
      periods: 3,
    },
    'sign-in-fails': {
      what: 'People cannot sign in: their groups cannot be put into their tokens.',
      metric: signIn.preToken.lambda.metricErrors(sum),
      above: 0,
      periods: 1,
    },
    'workflow-broke-off': {
      what: 'A workflow ended in a way that its definition does not foresee.',
      metric: brokenOff(watched.workflows),
      above: 0,
      periods: 1,
    },
    'changes-wait': {
      what: 'Changes wait for more than a minute: workspaces start and stop late.',
      metric: iteratorAge(streams.workspaces),
      above: minute.toMilliseconds(),
      periods: 3,
    },
    'audit-waits': {
      what: 'Audit events wait in the change stream; they are lost after 24 h.',
      metric: iteratorAge(streams.audit),
      above: Duration.minutes(15).toMilliseconds(),
      periods: 1,
    },
    'changes-given-up': {
      what: 'A change could not be handled and was given up.',
      metric: waiting(streams.failures),
      above: 0,
      periods: 1,
    },
    'schedules-given-up': {
      what: 'A schedule, or a function that one calls, failed for good.',
      metric: waiting(schedules.failures),
      above: 0,
      periods: 1,
    },
    'sweep-is-missing': {
      what: 'The sweep does not run or fails: nothing repairs what is lost.',
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
      what: 'Workspaces run and no replica of the gateway is well: nobody reaches theirs.',
      metric: missingGateway(watched),
      above: 0,
      periods: 10,
    },
    'gateway-is-unwell': unwellGateway(gateway),
    'table-throttles': {
      what: 'The table refuses requests because there are too many at once.',
      metric: throttled(watched.table),
      above: 100,
      periods: 2,
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
