import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import { WorkflowName } from '../contracts/events.ts';
import type { EntryName } from './entries.ts';
import { BerthFunction } from './function.ts';
import type { Installation } from './installation.ts';
import type { KeptStack } from './kept-stack.ts';
import { allow, type Worker } from './worker.ts';

const definitions = join(dirname(import.meta.dirname), 'workflows');

/** Task states by their name, as the definitions have them, and the entry of each. */
const steps = {
  Plan: 'step-plan',
  Apply: 'step-apply',
  AwaitAgent: 'step-await-agent',
  Complete: 'step-complete',
  Explain: 'step-explain',
  CleanUp: 'step-clean-up',
  Fail: 'step-fail',
  StopCompute: 'step-stop-compute',
  DestroyCompute: 'step-destroy-compute',
} as const satisfies Record<string, EntryName>;
export type StepName = keyof typeof steps;
const stepNames = Object.keys(steps) as StepName[];

export interface WorkflowsProps {
  installation: Installation;
  kept: KeptStack;
}

/** The state machines, from the same files that run locally, and a Lambda per step. */
export class Workflows extends Construct {
  readonly steps: Record<StepName, BerthFunction>;
  readonly machines: Record<WorkflowName, StateMachine>;

  constructor(scope: Construct, id: string, { installation, kept }: WorkflowsProps) {
    super(scope, id);
    this.steps = this.#steps(installation, kept);
    const logs = new LogGroup(this, 'Logs', {
      // The prefix keeps the log group out of the account's resource policy, which has room for ten.
      logGroupName: `/aws/vendedlogs/states/${Stack.of(this).stackName}`,
      encryptionKey: kept.key,
      retention: installation.settings.logRetentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.machines = Object.fromEntries(WorkflowName.options.map((name) => [name, this.#machine(name, logs)])) as Record<
      WorkflowName,
      StateMachine
    >;
  }

  /** To start executions, take up those that were killed, and end their waits. */
  grantRun(worker: Worker): void {
    const arns = Object.values(this.machines).map(({ stateMachineArn }) => stateMachineArn);
    // An execution is named below its machine; there is no other way to say "of this machine".
    const executions = WorkflowName.options.map((name) =>
      Stack.of(this).formatArn({
        service: 'states',
        resource: 'execution',
        resourceName: `${this.#machineName(name)}:*`,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
    );
    allow(worker, ['states:StartExecution', 'states:SendTaskSuccess', 'states:SendTaskFailure'], arns);
    allow(worker, ['states:DescribeExecution', 'states:RedriveExecution'], executions);
    const byName = Object.entries(this.machines).map(([name, { stateMachineArn }]) => [name, stateMachineArn]);
    worker.tell('BERTH_WORKFLOWS', Stack.of(this).toJsonString(Object.fromEntries(byName)));
  }

  #machineName(name: WorkflowName): string {
    return `${Stack.of(this).stackName}-${name}`;
  }

  #steps(installation: Installation, kept: KeptStack): Record<StepName, BerthFunction> {
    const made = Object.fromEntries(
      stepNames.map((name) => [
        name,
        new BerthFunction(this, name, {
          installation,
          key: kept.key,
          entry: steps[name],
          description: `Step ${name} of the workflows`,
          // A step waits for the table and for AWS; more CPU would idle.
          memory: 256,
          // Below the 60 s of its state, so that what failed is told by the step itself.
          timeout: Duration.seconds(55),
          // No reserved concurrency: a wave of starts in the morning is what it is for; retries take up what is throttled.
        }),
      ]),
    ) as Record<StepName, BerthFunction>;
    // Explain only puts an error into words.
    for (const name of stepNames) if (name !== 'Explain') kept.table.grantReadWrite(made[name]);
    kept.agentKey.grantRead(made.Apply);
    made.Apply.tell('BERTH_GATEWAY_URL', `https://${installation.addresses.gateway}`);
    return made;
  }

  #machine(name: WorkflowName, logs: LogGroup): StateMachine {
    const definition = readFileSync(join(definitions, `${name}.asl.json`), 'utf8');
    const used = stepNames.filter((step) => definition.includes(`\${${step}}`));
    const role = new Role(this, `${name}Role`, { assumedBy: new ServicePrincipal('states.amazonaws.com') });
    allow(
      { role },
      ['lambda:InvokeFunction'],
      used.map((step) => this.steps[step].lambda.functionArn),
    );
    return new StateMachine(this, name, {
      stateMachineName: this.#machineName(name),
      // Standard: a wait for an agent outlives the five minutes of the express type, and an execution is named once.
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromString(definition),
      definitionSubstitutions: Object.fromEntries(used.map((step) => [step, this.steps[step].lambda.functionArn])),
      role,
      tracingEnabled: true,
      // Without data: task tokens are rights, and an input names people's things.
      logs: { destination: logs, level: LogLevel.ALL, includeExecutionData: false },
    });
  }
}
