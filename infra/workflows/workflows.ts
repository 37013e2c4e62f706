import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { ArnFormat, Duration, RemovalPolicy, Stack } from 'aws-cdk-lib';
import { Role, ServicePrincipal } from 'aws-cdk-lib/aws-iam';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { DefinitionBody, LogLevel, StateMachine, StateMachineType } from 'aws-cdk-lib/aws-stepfunctions';
import { Construct } from 'constructs';
import type { EntryName } from '../../bundles/entries.ts';
import { WorkflowName } from '../../contracts/workspaces/workflows.ts';
import { BerthFunction } from '../functions/berth-function.ts';
import { allow, type Workload } from '../functions/workload.ts';
import type { Installation } from '../settings/installation.ts';
import type { StatefulStack } from '../stateful/stateful-stack.ts';

const definitions = join(import.meta.dirname, '..', '..', 'workflows');

/** The task states of the definitions, each with the entry of its function. */
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
  stateful: StatefulStack;
}

/** The state machines, from the same definitions that run locally, and a function for each task state. */
export class Workflows extends Construct {
  readonly steps: Record<StepName, BerthFunction>;
  readonly machines: Record<WorkflowName, StateMachine>;

  constructor(scope: Construct, id: string, { installation, stateful }: WorkflowsProps) {
    super(scope, id);
    this.steps = this.#steps(installation, stateful);
    const logs = new LogGroup(this, 'Logs', {
      // With this prefix, the log group needs no entry in the account's CloudWatch resource policies, of which there
      // are at most ten.
      logGroupName: `/aws/vendedlogs/states/${Stack.of(this).stackName}`,
      encryptionKey: stateful.key,
      retention: installation.settings.logRetentionDays as RetentionDays,
      removalPolicy: RemovalPolicy.DESTROY,
    });
    this.machines = Object.fromEntries(WorkflowName.options.map((name) => [name, this.#machine(name, logs)])) as Record<
      WorkflowName,
      StateMachine
    >;
  }

  /** Grants starting and redriving executions, and ending their waits. */
  grantRun(workload: Workload): void {
    const arns = Object.values(this.machines).map(({ stateMachineArn }) => stateMachineArn);
    // The ARN of an execution starts with that of its state machine.
    const executions = WorkflowName.options.map((name) =>
      Stack.of(this).formatArn({
        service: 'states',
        resource: 'execution',
        resourceName: `${this.#machineName(name)}:*`,
        arnFormat: ArnFormat.COLON_RESOURCE_NAME,
      }),
    );
    allow(workload, ['states:StartExecution', 'states:SendTaskSuccess', 'states:SendTaskFailure'], arns);
    allow(workload, ['states:DescribeExecution', 'states:RedriveExecution'], executions);
    const byName = Object.entries(this.machines).map(([name, { stateMachineArn }]) => [name, stateMachineArn]);
    workload.addEnvironment('BERTH_WORKFLOWS', Stack.of(this).toJsonString(Object.fromEntries(byName)));
  }

  #machineName(name: WorkflowName): string {
    return `${Stack.of(this).stackName}-${name}`;
  }

  #steps(installation: Installation, stateful: StatefulStack): Record<StepName, BerthFunction> {
    const made = Object.fromEntries(
      stepNames.map((name) => [
        name,
        new BerthFunction(this, name, {
          installation,
          key: stateful.key,
          entry: steps[name],
          description: `Step ${name} of the workflows`,
          // A step waits for the table and for AWS; more CPU would be idle.
          memory: 256,
          // Less than the 60 s timeout of the state, so that the step itself reports its failure.
          timeout: Duration.seconds(55),
          // No reserved concurrency: a burst of starts gets what the API and sign-in leave, and throttled steps are
          // retried.
        }),
      ]),
    ) as Record<StepName, BerthFunction>;
    // Explain only describes an error, and needs no permissions.
    for (const name of stepNames) if (name !== 'Explain') stateful.table.grantReadWrite(made[name]);
    stateful.agentKey.grantRead(made.Apply);
    made.Apply.addEnvironment('BERTH_GATEWAY_URL', `https://${installation.addresses.gateway}`);
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
      // Waiting for an agent can exceed the five minutes of the express type, which also allows duplicate execution
      // names.
      stateMachineType: StateMachineType.STANDARD,
      definitionBody: DefinitionBody.fromString(definition),
      definitionSubstitutions: Object.fromEntries(used.map((step) => [step, this.steps[step].lambda.functionArn])),
      role,
      tracingEnabled: true,
      // Without execution data: task tokens are credentials, and inputs contain names that people chose.
      logs: { destination: logs, level: LogLevel.ALL, includeExecutionData: false },
    });
  }
}
