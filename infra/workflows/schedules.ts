import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import { BerthFunction } from '../functions/berth-function.ts';
import { FailureQueue } from '../functions/failure-queue.ts';
import { allow, type Workload } from '../functions/workload.ts';
import type { Installation } from '../settings/installation.ts';
import type { StatefulStack } from '../stateful/stateful-stack.ts';

export interface SchedulesProps {
  installation: Installation;
  stateful: StatefulStack;
}

/** The functions that workspaces' schedules call. */
const targets = ['stop', 'autostart'] as const;
type Target = (typeof targets)[number];

const descriptions: Record<Target, string> = {
  stop: 'Decides whether a workspace stops now',
  autostart: 'Starts a workspace by its autostart',
};

/**
 * A one-time schedule for each running workspace's stop, recurring ones for autostart, and the sweep that backs up
 * both.
 */
export class Schedules extends Construct {
  readonly functions: Record<Target, BerthFunction>;
  readonly sweep: BerthFunction;
  readonly failures: FailureQueue;
  readonly #group: CfnScheduleGroup;
  readonly #role: Role;

  constructor(scope: Construct, id: string, { installation, stateful }: SchedulesProps) {
    super(scope, id);
    this.#group = new CfnScheduleGroup(this, 'Group', { name: Stack.of(this).stackName });
    this.failures = new FailureQueue(this, 'Failures', { key: stateful.key });
    this.#role = this.#schedulerRole(
      'Role',
      targets.map((name) => this.#arnOf(name)),
    );
    this.functions = {
      stop: this.#make('stop', installation, stateful),
      autostart: this.#make('autostart', installation, stateful),
    };
    this.sweep = new BerthFunction(this, 'Sweep', {
      installation,
      key: stateful.key,
      entry: 'schedule-sweep',
      description: 'The sweep: repairs what a lost schedule, record or machine left undone',
      // A run checks the compute of up to 200 workspaces.
      memory: 512,
      // Shorter than the interval between two runs.
      timeout: Duration.seconds(55),
      // A concurrent run would only repeat the work.
      atMost: 1,
    });
    // The next run, a minute later, repairs what a failed one did not, so a failed call is kept only for its alarm.
    this.sweep.keepFailures(this.failures, Duration.minutes(1));
    for (const workload of [...Object.values(this.functions), this.sweep]) {
      stateful.table.grantReadWrite(workload);
      this.grantManage(workload);
    }
    const { homeRetention } = installation.settings;
    if (homeRetention !== undefined) this.sweep.addEnvironment('BERTH_HOME_RETENTION', homeRetention);
    this.every('EveryMinute', this.sweep, 'rate(1 minute)');
  }

  /** Grants creating, changing and deleting workspaces' schedules. */
  grantManage(workload: Workload): void {
    const schedules = Stack.of(this).formatArn({
      service: 'scheduler',
      resource: 'schedule',
      resourceName: `${this.#group.name}/*`,
    });
    allow(workload, ['scheduler:CreateSchedule', 'scheduler:UpdateSchedule', 'scheduler:DeleteSchedule'], [schedules]);
    allow(workload, ['iam:PassRole'], [this.#role.roleArn], {
      StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' },
    });
    workload.addEnvironment('BERTH_SCHEDULE_GROUP', this.#group.ref);
    workload.addEnvironment('BERTH_SCHEDULE_ROLE', this.#role.roleArn);
    workload.addEnvironment('BERTH_SCHEDULE_DEAD_LETTERS', this.failures.arn);
    workload.addEnvironment('BERTH_STOP_FUNCTION', this.#arnOf('stop'));
    workload.addEnvironment('BERTH_AUTOSTART_FUNCTION', this.#arnOf('autostart'));
  }

  /** Creates a recurring schedule for one of the installation's own functions. */
  every(id: string, { lambda }: BerthFunction, expression: string): void {
    new CfnSchedule(this, id, {
      groupName: this.#group.ref,
      scheduleExpression: expression,
      flexibleTimeWindow: { mode: 'OFF' },
      target: {
        arn: lambda.functionArn,
        roleArn: this.#schedulerRole(`${id}Role`, [lambda.functionArn]).roleArn,
        deadLetterConfig: { arn: this.failures.arn },
        retryPolicy: { maximumRetryAttempts: 2, maximumEventAgeInSeconds: 60 },
      },
    });
  }

  #make(name: Target, installation: Installation, stateful: StatefulStack): BerthFunction {
    const made = new BerthFunction(this, name, {
      installation,
      key: stateful.key,
      entry: `schedule-${name}`,
      description: descriptions[name],
      memory: 256,
      // A few table requests, and one to the scheduler if the stop is postponed.
      timeout: Duration.seconds(29),
      // The function creates schedules that call it; a reference to itself would be a circular dependency.
      functionName: this.#nameOf(name),
    });
    made.keepFailures(this.failures, Duration.hours(1));
    return made;
  }

  #nameOf(name: Target): string {
    return `${Stack.of(this).stackName}-schedule-${name}`;
  }

  #arnOf(name: Target): string {
    return Stack.of(this).formatArn({
      service: 'lambda',
      resource: 'function',
      resourceName: this.#nameOf(name),
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  }

  #schedulerRole(id: string, functionArns: string[]): Role {
    const role = new Role(this, id, {
      // Against the confused deputy: only schedules of this account may assume the role.
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    });
    allow({ role }, ['lambda:InvokeFunction'], functionArns);
    this.failures.grantSend({ role });
    return role;
  }
}
