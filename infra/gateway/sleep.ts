import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Alarm, ComparisonOperator, type Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { CfnRule } from 'aws-cdk-lib/aws-events';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import type { IKey } from 'aws-cdk-lib/aws-kms';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { allow } from '../functions/workload.ts';
import type { Settings } from '../settings/settings.ts';
import type { Gateway } from './gateway.ts';

/** The gateway sleeps after this long without a running workspace: longer than a break. */
const longIdle = Duration.minutes(30);

export interface GatewaySleepProps {
  gateway: Gateway;
  settings: Settings;
  key: IKey;
  /** 1 for each minute in which a workspace runs or starts, otherwise 0. */
  busy: Metric;
  /** The state machine that starts workspaces. */
  starts: StateMachine;
}

/**
 * Stops all replicas while no workspace runs. The start of a workspace wakes the gateway, and a replica is ready before
 * the workspace's compute; an alarm on the sweep's metric puts it to sleep. The alarm has no scaling action, because
 * CloudWatch repeats scaling actions while the alarm lasts, which would undo a wake until the sweep has seen the start.
 * EventBridge receives only transitions; the one back to OK corrects a sleep that raced with a start.
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
      // Without the sweep's metric, the gateway stays as it is.
      treatMissingData: TreatMissingData.IGNORE,
    });
  }

  #resizer({ gateway, settings, key }: GatewaySleepProps): StateMachine {
    const { service, cluster } = gateway;
    const role = new Role(this, 'WakerRole', { assumedBy: new ServicePrincipal('states.amazonaws.com') });
    allow({ role }, ['ecs:DescribeServices', 'ecs:UpdateService'], [service.serviceArn]);
    const logs = new LogGroup(this, 'Logs', {
      logGroupName: `/aws/vendedlogs/states/${Stack.of(this).stackName}-wake`,
      encryptionKey: key,
      retention: settings.logRetentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    return new StateMachine(this, 'Waker', {
      // An execution takes a second; the standard type would cost 25 times as much.
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

const call = {
  Type: 'Task',
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
};

/** Input `{ replicas }`: 0 puts the gateway to sleep; otherwise the count is raised to it, never lowered. */
const definition = {
  StartAt: 'Look',
  States: {
    Look: {
      ...call,
      Resource: 'arn:aws:states:::aws-sdk:ecs:describeServices',
      Parameters: { Cluster: '${Cluster}', Services: ['${Service}'] },
      ResultSelector: { 'desired.$': '$.Services[0].DesiredCount' },
      ResultPath: '$.now',
      Next: 'IsEnough',
    },
    IsEnough: {
      Type: 'Choice',
      Choices: [
        {
          And: [
            { Variable: '$.replicas', NumericGreaterThan: 0 },
            { Variable: '$.now.desired', NumericGreaterThanEqualsPath: '$.replicas' },
          ],
          Next: 'Done',
        },
      ],
      Default: 'Resize',
    },
    Resize: {
      ...call,
      Resource: 'arn:aws:states:::aws-sdk:ecs:updateService',
      Parameters: { Cluster: '${Cluster}', Service: '${Service}', 'DesiredCount.$': '$.replicas' },
      ResultPath: null,
      Next: 'Done',
    },
    Done: { Type: 'Succeed' },
  },
};
