import { ArnFormat, Duration, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { CfnSchedule, CfnScheduleGroup } from 'aws-cdk-lib/aws-scheduler';
import { Construct } from 'constructs';
import { FailureQueue } from './failure-queue.ts';
import { BerthFunction } from './function.ts';
import type { Installation } from './installation.ts';
import type { KeptStack } from './kept-stack.ts';
import { allow, type Worker } from './worker.ts';

export interface SchedulesProps {
  installation: Installation;
  kept: KeptStack;
}

/** What schedules of workspaces wake. */
const woken = ['stop', 'autostart'] as const;
type Woken = (typeof woken)[number];

const descriptions: Record<Woken, string> = {
  stop: 'Decides whether a workspace stops now',
  autostart: 'Starts a workspace at its hour',
};

/** A schedule per running workspace at its stop time, recurring ones for autostart, and the sweep that backs up both. */
export class Schedules extends Construct {
  readonly woken: Record<Woken, BerthFunction>;
  readonly sweep: BerthFunction;
  readonly failures: FailureQueue;
  readonly #group: CfnScheduleGroup;
  readonly #role: Role;

  constructor(scope: Construct, id: string, { installation, kept }: SchedulesProps) {
    super(scope, id);
    this.#group = new CfnScheduleGroup(this, 'Group', { name: Stack.of(this).stackName });
    this.failures = new FailureQueue(this, 'Failures', { key: kept.key });
    this.#role = this.#schedulerRole(
      'Role',
      woken.map((name) => this.#arnOf(name)),
    );
    this.woken = {
      stop: this.#make('stop', installation, kept),
      autostart: this.#make('autostart', installation, kept),
    };
    this.sweep = new BerthFunction(this, 'Sweep', {
      installation,
      key: kept.key,
      entry: 'schedule-sweep',
      description: 'Makes come true what a schedule, a record or a machine lost',
      // It looks at compute of up to 200 workspaces a turn.
      memory: 512,
      // Over before the next one begins.
      timeout: Duration.seconds(55),
      // Two at once would only do the same.
      atMost: 1,
    });
    // A sweep that fails is made good by the next, a minute later: what is kept is only told once.
    this.sweep.keepFailures(this.failures, Duration.minutes(1));
    for (const worker of [...Object.values(this.woken), this.sweep]) {
      kept.table.grantReadWrite(worker);
      this.grantManage(worker);
    }
    this.every('EveryMinute', this.sweep, 'rate(1 minute)');
  }

  /** To make, move and remove workspaces' schedules. */
  grantManage(worker: Worker): void {
    const schedules = Stack.of(this).formatArn({
      service: 'scheduler',
      resource: 'schedule',
      resourceName: `${this.#group.name}/*`,
    });
    allow(worker, ['scheduler:CreateSchedule', 'scheduler:UpdateSchedule', 'scheduler:DeleteSchedule'], [schedules]);
    allow(worker, ['iam:PassRole'], [this.#role.roleArn], {
      StringEquals: { 'iam:PassedToService': 'scheduler.amazonaws.com' },
    });
    worker.tell('BERTH_SCHEDULE_GROUP', this.#group.ref);
    worker.tell('BERTH_SCHEDULE_ROLE', this.#role.roleArn);
    worker.tell('BERTH_SCHEDULE_DEAD_LETTERS', this.failures.arn);
    worker.tell('BERTH_STOP_FUNCTION', this.#arnOf('stop'));
    worker.tell('BERTH_AUTOSTART_FUNCTION', this.#arnOf('autostart'));
  }

  /** A recurring call of a function of the installation itself. */
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

  #make(name: Woken, installation: Installation, kept: KeptStack): BerthFunction {
    const made = new BerthFunction(this, name, {
      installation,
      key: kept.key,
      entry: `schedule-${name}`,
      description: descriptions[name],
      memory: 256,
      // A few table calls, and one to the scheduler when it is put off.
      timeout: Duration.seconds(29),
      // It makes schedules that call itself; a reference to itself would be a circle.
      functionName: this.#nameOf(name),
    });
    made.keepFailures(this.failures, Duration.hours(1));
    return made;
  }

  #nameOf(name: Woken): string {
    return `${Stack.of(this).stackName}-schedule-${name}`;
  }

  #arnOf(name: Woken): string {
    return Stack.of(this).formatArn({
      service: 'lambda',
      resource: 'function',
      resourceName: this.#nameOf(name),
      arnFormat: ArnFormat.COLON_RESOURCE_NAME,
    });
  }

  #schedulerRole(id: string, functionArns: string[]): Role {
    const role = new Role(this, id, {
      // Only for schedules of this account: the service works for everybody.
      assumedBy: new ServicePrincipal('scheduler.amazonaws.com', {
        conditions: { StringEquals: { 'aws:SourceAccount': Stack.of(this).account } },
      }),
    });
    allow({ role }, ['lambda:InvokeFunction'], functionArns);
    this.failures.grantSend({ role });
    return role;
  }
}
