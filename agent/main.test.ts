import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../test/support/temporary-folder.ts';
import { bundleAgent } from './bundle.ts';

const folder = temporaryFolder();

it('is one file that runs without node_modules, and names the settings that are missing', async () => {
  const file = join(folder, 'agent.cjs');
  await bundleAgent(file);
  const result = await new Promise<{ code: unknown; stderr: string }>((resolve) => {
    execFile(process.execPath, [file], { env: {}, cwd: folder }, (error, _, stderr) =>
      resolve({ code: error?.code, stderr }),
    );
  });
  expect(result.code).toBe(64);
  expect(result.stderr).toContain(
    'set BERTH_GATEWAY_URL (an http or https origin), BERTH_WORKSPACE_ID, BERTH_AGENT_TOKEN, HOME',
  );
});
