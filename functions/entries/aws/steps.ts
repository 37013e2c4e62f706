import { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import { secretAgentKey } from '../../../adapters/agent-key.ts';
import { awsClient } from '../../../adapters/aws-client.ts';
import { readVariables } from '../../../contracts/settings/environment.ts';
import type { BuildRuntime, ComputeRuntime, StartRuntime } from '../../runtime.ts';
import { log } from '../log.ts';
import { awsCompute } from './compute/compute.ts';
import { awsRules } from './table.ts';

export const buildRuntime = (): BuildRuntime => ({ rules: awsRules(), log });

export const computeRuntime = (): ComputeRuntime => {
  const { rules } = buildRuntime();
  return { rules, log, compute: awsCompute(rules) };
};

export const startRuntime = (): StartRuntime => {
  const { BERTH_GATEWAY_URL, BERTH_AGENT_KEY } = readVariables(process.env, ['BERTH_GATEWAY_URL', 'BERTH_AGENT_KEY']);
  const agentKey = secretAgentKey(new SecretsManagerClient(awsClient()), BERTH_AGENT_KEY);
  return { ...computeRuntime(), agentKey, gatewayUrl: BERTH_GATEWAY_URL };
};
