import { Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import {
  AdjustmentType,
  ScalableTarget,
  ServiceNamespace,
  StepScalingAction,
} from 'aws-cdk-lib/aws-applicationautoscaling';
import { Alarm, ComparisonOperator, type Metric, TreatMissingData } from 'aws-cdk-lib/aws-cloudwatch';
import { ApplicationScalingAction } from 'aws-cdk-lib/aws-cloudwatch-actions';
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
const idle = Duration.minutes(30);

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
 * replica, and put to sleep when the sweep has long seen none.
 */
export class GatewaySleep extends Construct {
  constructor(scope: Construct, id: string, props: GatewaySleepProps) {
    super(scope, id);
    this.#fallAsleep(props);
    this.#wake(props);
  }

  #fallAsleep({ gateway, settings, busy }: GatewaySleepProps): void {
    const { service, cluster } = gateway;
    const target = new ScalableTarget(this, 'Replicas', {
      serviceNamespace: ServiceNamespace.ECS,
      resourceId: `service/${cluster.clusterName}/${service.serviceName}`,
      scalableDimension: 'ecs:service:DesiredCount',
      minCapacity: 0,
      maxCapacity: settings.gateway.replicas,
    });
    const none = new StepScalingAction(this, 'None', {
      scalingTarget: target,
      adjustmentType: AdjustmentType.EXACT_CAPACITY,
    });
    none.addAdjustment({ adjustment: 0, upperBound: 0 });
    const alarm = new Alarm(this, 'Idle', {
      alarmDescription: 'Puts the gateway to sleep. In alarm it is asleep, which is no fault.',
      metric: busy,
      threshold: 0,
      comparisonOperator: ComparisonOperator.LESS_THAN_OR_EQUAL_TO_THRESHOLD,
      evaluationPeriods: idle.toMinutes(),
      // Without a sweep nothing is known: it stays as it is.
      treatMissingData: TreatMissingData.IGNORE,
    });
    alarm.addAlarmAction(new ApplicationScalingAction(none));
  }

  #wake({ gateway, settings, key, starts }: GatewaySleepProps): void {
    const { service, cluster } = gateway;
    const role = new Role(this, 'WakerRole', { assumedBy: new ServicePrincipal('states.amazonaws.com') });
    allow({ role }, ['ecs:UpdateService'], [service.serviceArn]);
    const logs = new LogGroup(this, 'Logs', {
      logGroupName: `/aws/vendedlogs/states/${Stack.of(this).stackName}-wake`,
      encryptionKey: key,
      retention: settings.logRetentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    const wake = new StateMachine(this, 'Waker', {
      // A call that is over in a second; a standard execution of it would cost 25 times as much.
      stateMachineType: StateMachineType.EXPRESS,
      definitionBody: DefinitionBody.fromString(JSON.stringify(wakeDefinition(settings.gateway.replicas))),
      definitionSubstitutions: { Cluster: cluster.clusterArn, Service: service.serviceArn },
      role,
      tracingEnabled: true,
      logs: { destination: logs, level: LogLevel.ALL, includeExecutionData: false },
    });
    const caller = new Role(this, 'CallerRole', { assumedBy: new ServicePrincipal('events.amazonaws.com') });
    allow({ role: caller }, ['states:StartExecution'], [wake.stateMachineArn]);
    new CfnRule(this, 'Starts', {
      description: 'A workspace starts: the gateway is to be up when its agent is',
      eventPattern: {
        source: ['aws.states'],
        'detail-type': ['Step Functions Execution Status Change'],
        detail: { status: ['RUNNING'], stateMachineArn: [starts.stateMachineArn] },
      },
      targets: [{ id: 'wake', arn: wake.stateMachineArn, roleArn: caller.roleArn, input: '{}' }],
    });
  }
}

/** Asking for what is so already changes nothing. */
const wakeDefinition = (replicas: number) => ({
  StartAt: 'Wake',
  States: {
    Wake: {
      Type: 'Task',
      Resource: 'arn:aws:states:::aws-sdk:ecs:updateService',
      Parameters: { Cluster: '${Cluster}', Service: '${Service}', DesiredCount: replicas },
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
});
