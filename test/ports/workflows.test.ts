import { localWorkflows } from '../../adapters/workflows/local.ts';
import { definitions } from './definitions.ts';
import { workflowsContract } from './workflows.ts';

workflowsContract('in this process', async (steps) => {
  const workflows = localWorkflows({
    definitions,
    steps: () => steps,
    onFailure: (execution, error) => {
      throw new Error(`the execution ${execution} failed`, { cause: error });
    },
  });
  return { workflows, close: async () => workflows.close() };
});
