import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { Gateway } from './gateway.ts';
import type { Settings } from './settings.ts';
import { allow } from './worker.ts';

/** After so long without any workspace nobody is about to come back from a coffee. */
const longIdle = Duration.minutes(30);

export interface GatewaySleepProps {
  gateway: Gateway;
  settings: Settings;
  key: IKey;
  /** 1 while any workspace runs or is about to, each minute. */
  busy: Metric;
  /** The machine whose executions start workspaces. */
  starts: StateMachine;
}

/**
 * No replica while no workspace runs. It is woken by the start of a workspace, whose compute takes longer to come than a
 * replica, and put to sleep when the sweep has long seen none. The alarm itself acts on nothing: an alarm repeats its
 * scaling as long as it lasts, which would undo the wake of a start until the sweep has seen it. EventBridge is told of
 * transitions alone; the one back to OK mends a sleep that crossed with a start.
 */
export class GatewaySleep extends Construct {
  constructor(scope: Construct, id: string, props: GatewaySleepProps) {
    super(scope, id);
    const { busy, starts, settings } = props;
    const { replicas } = settings.gateway;
    const idle = this.#idleAlarm(busy);
    const resize = this.#resizer(props);
    const caller = new Role(this, 'CallerRole', { assumedBy: new ServicePrincipal('events.amazonaws.com') });
    allow({ role: caller }, ['states:StartExecution'], [resize.stateMachineArn]);
    const on = (rule: string, description: string, eventPattern: object, count: number) => {
      const input = JSON.stringify({ replicas: count });
      const target = { id: 'resize', arn: resize.stateMachineArn, roleArn: caller.roleArn, input };
      new CfnRule(this, rule, { description, eventPattern, targets: [target] });
    };
    on('Starts', 'A workspace starts: the gateway is to be up when its agent is', startOf(starts), replicas);
    on('Sleeps', 'No workspace has run for long: the gateway sleeps', transition(idle, 'ALARM'), 0);
    on('Wakes', 'A workspace runs: the gateway is up', transition(idle, 'OK'), replicas);
  }

  #idleAlarm(busy: Metric): Alarm {
    return new Alarm(this, 'Idle', {
      alarmDescription: 'Puts the gateway to sleep. In alarm it is asleep, which is no fault.',
      metric: busy,
      threshold: 0,
      comparisonOperator: ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: longIdle.toMinutes(),
      // Without a sweep nothing is known: it stays as it is.
      treatMissingData: TreatMissingData.IGNORE,
    });
  }

  #resizer({ gateway, settings, key }: GatewaySleepProps): StateMachine {
    const { service, cluster } = gateway;
    const role = new Role(this, 'WakerRole', { assumedBy: new ServicePrincipal('states.amazonaws.com') });
    allow({ role }, ['ecs:UpdateService'], [service.serviceArn]);
    const logs = new LogGroup(this, 'Logs', {
      logGroupName: `/aws/vendedlogs/states/${Stack.of(this).stackName}-wake`,
      encryptionKey: key,
      retention: settings.logRetentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    return new StateMachine(this, 'Waker', {
      // A call that is over in a second; a standard execution of it would cost 25 times as much.
      stateMachineType: StateMachineType.EXPRESS,
      definitionBody: DefinitionBody.fromString(JSON.stringify(definition)),
      definitionSubstitutions: { Cluster: cluster.clusterArn, Service: service.serviceArn },
      role,
      tracingEnabled: true,
      logs: { destination: logs, level: LogLevel.ALL, includeExecutionData: false },
    });
  }
}

const startOf = ({ stateMachineArn }: StateMachine) => ({
  source: ['aws.states'],
  'detail-type': ['Step Functions Execution Status Change'],
  detail: { status: ['RUNNING'], stateMachineArn: [stateMachineArn] },
});

const transition = ({ alarmArn }: Alarm, state: 'ALARM' | 'OK') => ({
  source: ['aws.cloudwatch'],
  'detail-type': ['CloudWatch Alarm State Change'],
  resources: [alarmArn],
  detail: { state: { value: [state] } },
});

/** Takes `{ replicas }`. Asking for what is so already changes nothing. */
const definition = {
  StartAt: 'Resize',
  States: {
    Resize: {
      Type: 'Task',
      Resource: 'arn:aws:states:::aws-sdk:ecs:updateService',
      Parameters: { Cluster: '${Cluster}', Service: '${Service}', 'DesiredCount.$': '$.replicas' },
      ResultPath: null,
      TimeoutSeconds: 30,
      Retry: [
        {
          Comment: '1 + 2 + 4 + 8 + 16 = 31 s at the longest; an agent dials in for minutes',
          ErrorEquals: ['States.ALL'],
          IntervalSeconds: 1,
          MaxAttempts: 5,
          BackoffRate: 2,
        },
      ],
      End: true,
    },
  },
};
