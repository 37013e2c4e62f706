import { join } from 'node:path';
import { bundleAgent } from '../../../agent/bundle.ts';
import { temporaryFolder } from '../temporary-folder.ts';

let bundled: Promise<string> | undefined;

const bundle = async (): Promise<string> => {
  const file = join(temporaryFolder(), 'agent.cjs');
  await bundleAgent(file);
  return file;
};

/** The agent as workspaces run it, bundled once for a file of tests. */
export const agentBundle = (): Promise<string> => {
  bundled ??= bundle();
  return bundled;
};
