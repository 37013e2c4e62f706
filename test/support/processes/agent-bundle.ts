import { join } from 'node:path';
import { bundleAgent } from '../../../agent/bundle.ts';
import { temporaryFolder } from '../temporary-folder.ts';

let bundled: Promise<string> | undefined;

const bundle = async (): Promise<string> => {
  const file = join(temporaryFolder(), 'agent.cjs');
  await bundleAgent(file);
  return file;
};

/** Returns the agent's bundle as workspaces run it, built once per test file. */
export const agentBundle = (): Promise<string> => {
  bundled ??= bundle();
  return bundled;
};
