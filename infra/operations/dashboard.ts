import { Duration } from 'aws-cdk-lib';
import {
  type Alarm,
  AlarmStatusWidget,
  Dashboard as CloudWatchDashboard,
  GraphWidget,
  type IMetric,
  Stats,
} from 'aws-cdk-lib/aws-cloudwatch';
import { Construct } from 'constructs';
import type { MonitoredConstructs } from './alarm-rules.ts';

export interface DashboardProps {
  name: string;
  watched: MonitoredConstructs;
  alarms: Alarm[];
}

const period = Duration.minutes(5);
const graph = (title: string, left: IMetric[], right: IMetric[] = []) =>
  new GraphWidget({ title, left, right, width: 8, height: 6 });

/** The dashboard, with its graphs in the order in which a start passes the parts of Berth. */
export class Dashboard extends Construct {
  constructor(scope: Construct, id: string, { name, watched, alarms }: DashboardProps) {
    super(scope, id);
    const { api, workflows, streams, schedules, gateway, audit, busy } = watched;
    const machines = Object.values(workflows.machines);
    const sum = { statistic: Stats.SUM, period };
    const dashboard = new CloudWatchDashboard(this, 'Dashboard', {
      dashboardName: name,
      defaultInterval: Duration.hours(12),
    });
    dashboard.addWidgets(new AlarmStatusWidget({ title: 'Alarms', alarms, width: 24, height: 3 }));
    dashboard.addWidgets(
      graph('API: requests and server errors', [api.http.metricCount(sum)], [api.http.metricServerError(sum)]),
      graph(
        'API: latency',
        [50, 99].map((p) => api.http.metricLatency({ statistic: Stats.percentile(p), period })),
      ),
      graph(
        'API: p99 duration of functions',
        Object.values(api.functions).map(({ lambda }) =>
          lambda.metricDuration({ statistic: Stats.percentile(99), period }),
        ),
      ),
    );
    dashboard.addWidgets(
      graph(
        'Workflows: executions started',
        machines.map((machine) => machine.metricStarted(sum)),
      ),
      graph(
        'Workflows: median duration',
        machines.map((machine) => machine.metricTime({ statistic: Stats.percentile(50), period })),
      ),
      graph(
        'Change stream: age',
        [streams.workspaces, streams.audit].map(({ lambda }) =>
          lambda.metric('IteratorAge', { statistic: Stats.MAXIMUM, period }),
        ),
      ),
    );
    dashboard.addWidgets(
      graph(
        'Gateway: healthy replicas',
        [gateway.targets.metrics.healthyHostCount({ statistic: Stats.MAXIMUM, period })],
        [busy],
      ),
      graph('Gateway: CPU and memory', [
        gateway.service.metricCpuUtilization({ period }),
        gateway.service.metricMemoryUtilization({ period }),
      ]),
      graph(
        'Dead-letter queues and audit events',
        [streams.failures, schedules.failures].map(({ queue }) =>
          queue.metricApproximateNumberOfMessagesVisible({ period }),
        ),
        [audit.stream.metricIncomingRecords(sum)],
      ),
    );
  }
}
