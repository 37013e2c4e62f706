import { ListExecutionsCommand, SFNClient, StopExecutionCommand } from '@aws-sdk/client-sfn';
import { afterAll, beforeAll, describe, expect, inject, it } from 'vitest';
import { awsClient } from '../../../adapters/aws-client.ts';
import { stepFunctionsWorkflows } from '../../../adapters/workflows/step-functions.ts';
import type { WorkflowName } from '../../../contracts/workspaces/workflows.ts';
import type { Workflows } from '../../../core/ports/workflows.ts';
import { buildIdOf } from '../../../core/workspaces/records/build-record.ts';
import { workflowsContract } from '../../ports/workflows.ts';
import { type Faults, startFaults } from '../doubles/faults.ts';
import { startLambda } from '../doubles/lambda.ts';
import { motoClient, startMoto } from '../doubles/moto.ts';
import { createStateMachines } from '../doubles/state-machines.ts';

const endpoint = inject('moto') ?? '';

describe.runIf(endpoint)('with moto', () => {
  workflowsContract('Step Functions', async (steps) => {
    const lambda = await startLambda(() => steps);
    const moto = await startMoto({ lambdaPort: lambda.port });
    const client = new SFNClient(motoClient(moto.endpoint));
    return {
      keepsCauses: false,
      workflows: stepFunctionsWorkflows({ client, stateMachines: await createStateMachines(client, 'contract') }),
      close: async () => {
        await moto.stop();
        await lambda.stop();
      },
    };
  });

  describe('with errors of network and service', () => {
    let faults: Faults;
    let sfn: SFNClient;
    let stateMachines: Record<WorkflowName, string>;
    let workflows: Workflows;
    beforeAll(async () => {
      faults = await startFaults(endpoint);
      sfn = new SFNClient(awsClient(motoClient(endpoint)));
      stateMachines = await createStateMachines(sfn, 'faults');
      const client = new SFNClient(awsClient({ ...motoClient(faults.endpoint), requestTimeoutMs: 3_000 }));
      workflows = stepFunctionsWorkflows({ client, stateMachines });
    });
    afterAll(() => faults?.stop());

    const stateMachineArn = () => stateMachines['stop-workspace'];
    const start = (name: string) => workflows.start('stop-workspace', name, { workspaceId: 'w', buildId: name });
    const resume = (name: string) => workflows.resume('stop-workspace', name, { workspaceId: 'w', buildId: name });
    const executionsOf = async (name: string) => {
      const { executions = [] } = await sfn.send(new ListExecutionsCommand({ stateMachineArn: stateMachineArn() }));
      return executions.filter((execution) => execution.name === name);
    };
    const nameAfter = (what: string) => `after-${what.replace(' ', '-')}`;
    const bodies = (operation: string) =>
      faults.seen.filter((seen) => seen.operation === operation).map(({ body }) => body);

    it('uses build ids that are valid names of executions and log groups', () => {
      expect(buildIdOf('ws-01jd000000000000000000000a', 999_999_999)).toMatch(/^[\w-]{1,80}$/);
    });

    it.each(['throttle', 'fail', 'disconnect', 'lose response', 'stall'] as const)(
      'starts one execution after an error: %s',
      async (what) => {
        faults.inject({ on: /StartExecution/, what });
        await start(nameAfter(what));
        expect(await executionsOf(nameAfter(what))).toHaveLength(1);
      },
    );

    it.each(['throttle', 'fail', 'disconnect', 'lose response', 'stall'] as const)(
      'sends the result of a wait after an error: %s',
      async (what) => {
        faults.inject({ on: /SendTaskSuccess/, what }, { on: /SendTaskFailure/, what });
        await workflows.succeed(`token-${what}`, { n: 1 });
        await workflows.fail(`token-${what}`, 'startup_failed', 'It ended with exit code 3.');
        expect(bodies('SendTaskSuccess').at(-1)).toEqual({ taskToken: `token-${what}`, output: '{"n":1}' });
        expect(bodies('SendTaskFailure').at(-1)).toEqual({
          taskToken: `token-${what}`,
          error: 'startup_failed',
          cause: 'It ended with exit code 3.',
        });
      },
    );

    it.each(['TaskTimedOut', 'TaskDoesNotExist', 'InvalidToken'])('accepts that a wait is over: %s', async (error) => {
      const over = { status: 400, error, body: { message: 'over' } };
      faults.inject({ on: /SendTask/, what: over, times: 2 });
      await workflows.succeed('over', {});
      await workflows.fail('over', 'x', 'y');
    });

    it('fails when a result is rejected for another reason', async () => {
      const denied = { status: 400, error: 'AccessDeniedException', body: { message: 'not allowed' } };
      faults.inject({ on: /SendTask/, what: denied });
      await expect(workflows.succeed('token', {})).rejects.toThrow('not allowed');
    });

    it('truncates a cause that is too long for the service', async () => {
      await workflows.fail('long', 'x'.repeat(300), 'y'.repeat(40_000));
      expect(bodies('SendTaskFailure').at(-1)).toMatchObject({ error: 'x'.repeat(256), cause: 'y'.repeat(32_768) });
    });

    it('redrives an execution that was aborted', async () => {
      await start('killed');
      const [{ executionArn } = {}] = await executionsOf('killed');
      await sfn.send(new StopExecutionCommand({ executionArn }));
      faults.inject({ on: /RedriveExecution/, what: { status: 200, body: { redriveDate: 1_800_000_000 } } });
      await resume('killed');
      expect(bodies('RedriveExecution')).toMatchObject([{ executionArn }]);
      expect(await executionsOf('killed')).toHaveLength(1);
    });

    it.each([
      ['was redriven repeatedly', { status: 'FAILED', redriveCount: 3, redriveStatus: 'REDRIVABLE' }],
      ['cannot be redriven', { status: 'TIMED_OUT', redriveStatus: 'NOT_REDRIVABLE' }],
    ])('replaces an execution that %s by a new one of the current definition', async (what, body) => {
      const name = what.replaceAll(' ', '-');
      const before = bodies('RedriveExecution').length;
      const exists = { status: 400, error: 'ExecutionAlreadyExists', body: { message: 'it ran' } };
      faults.inject({ on: /StartExecution/, what: exists }, { on: /DescribeExecution/, what: { status: 200, body } });
      expect(await resume(name)).toBe('under-way');
      expect(bodies('RedriveExecution')).toHaveLength(before);
      expect(bodies('StartExecution').at(-1)).toMatchObject({ name: `${name}.2` });
    });

    it('replaces an execution whose redrive is rejected', async () => {
      const exists = { status: 400, error: 'ExecutionAlreadyExists', body: { message: 'it ran' } };
      const refused = { status: 400, error: 'ExecutionNotRedrivable', body: { message: 'too long ago' } };
      faults.inject(
        { on: /StartExecution/, what: exists },
        { on: /DescribeExecution/, what: { status: 200, body: { status: 'ABORTED' } } },
        { on: /RedriveExecution/, what: refused },
      );
      expect(await resume('too-old')).toBe('under-way');
      expect(bodies('StartExecution').at(-1)).toMatchObject({ name: 'too-old.2' });
    });

    it('ignores a repeated record of an ended execution, and starts another execution in a sweep', async () => {
      const exists = { status: 400, error: 'ExecutionAlreadyExists', body: { message: 'it ran' } };
      faults.inject({ on: /StartExecution/, what: exists });
      const before = bodies('RedriveExecution').length;
      await start('ended');
      faults.inject(
        { on: /StartExecution/, what: exists },
        { on: /DescribeExecution/, what: { status: 200, body: { status: 'SUCCEEDED' } } },
      );
      await resume('ended');
      expect(bodies('RedriveExecution')).toHaveLength(before);
      expect(bodies('StartExecution').at(-1)).toMatchObject({ name: 'ended.2' });
    });
  });
});
