import { SFNClient } from '@aws-sdk/client-sfn';
import { awsClient } from '../../../adapters/aws-client.ts';
import { stepFunctionsWorkflows } from '../../../adapters/workflows/step-functions.ts';
import { readVariables } from '../../../contracts/settings/environment.ts';
import type { Workflows } from '../../../core/ports/workflows.ts';

export const awsWorkflows = (): Workflows => {
  const { BERTH_WORKFLOWS } = readVariables(process.env, ['BERTH_WORKFLOWS']);
  return stepFunctionsWorkflows({ client: new SFNClient(awsClient()), stateMachines: BERTH_WORKFLOWS });
};
