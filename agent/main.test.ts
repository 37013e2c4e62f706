import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../test/support/temporary-folder.ts';
import { bundleAgent } from './bundle.ts';

const folder = temporaryFolder();

it('is one file that runs anywhere, and says what it lacks', async () => {
  const file = join(folder, 'agent.cjs');
  await bundleAgent(file);
  const end = await new Promise<{ code: unknown; said: string }>((resolve) => {
    execFile(process.execPath, [file], { env: {}, cwd: folder }, (error, _, said) =>
      resolve({ code: error?.code, said }),
    );
  });
  expect(end.code).toBe(64);
  expect(end.said).toContain(
    'set BERTH_GATEWAY_URL (an http or https origin), BERTH_WORKSPACE_ID, BERTH_AGENT_TOKEN, HOME',
  );
});
