import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateStateMachineCommand, type SFNClient } from '@aws-sdk/client-sfn';
import { WorkflowName } from '../../../contracts/workspaces/workflows.ts';
import { functionArn } from './lambda.ts';

const folder = join(import.meta.dirname, '..', '..', '..', 'workflows');

/**
 * Creates the state machines of `workflows/`, whose functions have the names of their states. Returns their ARNs.
 * `prefix` separates tests that share a server.
 */
export const createStateMachines = async (client: SFNClient, prefix: string): Promise<Record<WorkflowName, string>> => {
  const arns: [string, string][] = [];
  for (const name of WorkflowName.options) {
    const text = readFileSync(join(folder, `${name}.asl.json`), 'utf8');
    const definition = text.replaceAll(/\$\{(\w+)\}/g, (_, state: string) => functionArn(state));
    const roleArn = 'arn:aws:iam::123456789012:role/workflows';
    const { stateMachineArn = '' } = await client.send(
      new CreateStateMachineCommand({ name: `${prefix}-${name}`, definition, roleArn }),
    );
    arns.push([name, stateMachineArn]);
  }
  return Object.fromEntries(arns) as Record<WorkflowName, string>;
};
