import { setTimeout } from 'node:timers/promises';
import {
  CreateClusterCommand,
  CreateServiceCommand,
  DescribeServicesCommand,
  ECSClient,
  RegisterTaskDefinitionCommand,
  UpdateServiceCommand,
} from '@aws-sdk/client-ecs';
import {
  CreateStateMachineCommand,
  DescribeExecutionCommand,
  SFNClient,
  StartExecutionCommand,
} from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { stepFunctionsWorkflows } from '../../../adapters/workflows/step-functions.ts';
import { WorkflowName } from '../../../contracts/workspaces/workflows.ts';
import { synthesize } from '../../infra/synth.ts';
import { successfulSteps, workflowsContract } from '../../ports/workflows.ts';
import { startLambda } from '../doubles/lambda.ts';
import { createForwarders, type Ministack, ministackFunctionArn, startMinistack } from '../doubles/ministack.ts';

interface Machine {
  name: string;
  type: 'STANDARD' | 'EXPRESS';
  /** The definition with substitutions, as CloudFormation creates it. */
  definition(substitutions: Record<string, string>): string;
}

/** The state machines of the synthesized templates. */
const synthesized = (): Machine[] =>
  synthesize()
    .ofType('AWS::StepFunctions::StateMachine')
    .map(([id, { Properties }]) => ({
      name: String(Properties['StateMachineName'] ?? id.replace('/', '-')),
      type: Properties['StateMachineType'] as Machine['type'],
      definition: (substitutions) =>
        String(Properties['DefinitionString']).replaceAll(/\$\{(\w+)\}/g, (text, name: string) => {
          const value = substitutions[name];
          if (value === undefined) throw new Error(`the template substitutes ${text}`);
          return value;
        }),
    }));

/** Waits until an execution is over and returns it. */
const untilEnded = async (client: SFNClient, executionArn: string) => {
  for (;;) {
    const execution = await client.send(new DescribeExecutionCommand({ executionArn }));
    if (execution.status !== 'RUNNING') return execution;
    await setTimeout(100);
  }
};

const steps = Object.fromEntries(Object.keys(successfulSteps).map((name) => [name, ministackFunctionArn(name)]));

// An interpreter that is independent of Berth and moto finds mistakes that both make.
describe.runIf(inject('moto'))('the synthesized state machines on ministack', () => {
  const machines = synthesized();

  const create = async (client: SFNClient, { name, type, definition }: Machine, substitutions: typeof steps) => {
    const { stateMachineArn = '' } = await client.send(
      new CreateStateMachineCommand({
        name,
        type,
        definition: definition(substitutions),
        roleArn: 'arn:aws:iam::000000000000:role/workflows',
      }),
    );
    return stateMachineArn;
  };

  workflowsContract('Step Functions (ministack)', async (functions) => {
    const lambda = await startLambda(() => functions);
    const ministack = await startMinistack();
    await createForwarders(ministack, Object.keys(functions), lambda.port);
    const client = new SFNClient(ministack.client);
    const arns: [string, string][] = [];
    for (const name of WorkflowName.options) {
      const machine = machines.find((candidate) => candidate.name.endsWith(name));
      if (machine === undefined) throw new Error(`${name} is not synthesized`);
      arns.push([name, await create(client, machine, steps)]);
    }
    const stateMachines = Object.fromEntries(arns) as Record<WorkflowName, string>;
    return {
      endsWaits: false,
      replacesResults: true,
      workflows: stepFunctionsWorkflows({ client, stateMachines }),
      close: async () => {
        await ministack.stop();
        await lambda.stop();
      },
    };
  });

  describe('the state machine that wakes the gateway', () => {
    let ministack: Ministack;
    beforeAll(async () => {
      ministack = await startMinistack();
    });
    afterAll(() => ministack?.stop());

    it('starts the replicas of its rule, leaves replicas that load has added, and stops all', async () => {
      const ecs = new ECSClient(ministack.client);
      const { cluster } = await ecs.send(new CreateClusterCommand({ clusterName: 'berth' }));
      await ecs.send(
        new RegisterTaskDefinitionCommand({
          family: 'gateway',
          containerDefinitions: [{ name: 'gateway', image: 'gateway' }],
        }),
      );
      await ecs.send(
        new CreateServiceCommand({
          cluster: 'berth',
          serviceName: 'gateway',
          taskDefinition: 'gateway',
          desiredCount: 0,
        }),
      );
      const client = new SFNClient(ministack.client);
      const machine = machines.find(({ type }) => type === 'EXPRESS');
      if (machine === undefined) throw new Error('the state machine that wakes the gateway is not synthesized');
      const stateMachineArn = await create(client, machine, { Cluster: cluster?.clusterArn ?? '', Service: 'gateway' });
      const run = (replicas: number) =>
        client.send(new StartExecutionCommand({ stateMachineArn, input: JSON.stringify({ replicas }) }));
      const desiredCount = async () => {
        const { services } = await ecs.send(new DescribeServicesCommand({ cluster: 'berth', services: ['gateway'] }));
        return services?.[0]?.desiredCount;
      };
      await run(3);
      await expect.poll(desiredCount).toBe(3);
      // Load has added replicas; a start must not remove them.
      await ecs.send(new UpdateServiceCommand({ cluster: 'berth', service: 'gateway', desiredCount: 7 }));
      const { executionArn } = await run(3);
      const { status } = await untilEnded(client, executionArn ?? '');
      expect([status, await desiredCount()]).toEqual(['SUCCEEDED', 7]);
      await run(0);
      await expect.poll(desiredCount).toBe(0);
    });
  });
});
