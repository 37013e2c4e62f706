import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { CreateStateMachineCommand, type SFNClient } from '@aws-sdk/client-sfn';
import { WorkflowName } from '../../../contracts/workspaces/workflows.ts';
import { functionArn } from './lambda.ts';

const folder = join(import.meta.dirname, '..', '..', '..', 'workflows');

/**
 * Makes the state machines of `workflows/`, whose functions are named as their states. Returns their ARNs. `prefix`
 * keeps apart those who share a server.
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
