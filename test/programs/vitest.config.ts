import { defineConfig } from 'vitest/config';

/**
 * `npm run test:programs`: real programs in workspaces, some installed from the network, which takes longer than `npm
 * test` may.
 */
export default defineConfig({
  test: {
    include: ['test/programs/*.program.ts'],
    globalSetup: 'test/support/setup/run-folder.ts',
    fileParallelism: false,
    testTimeout: 240_000,
    hookTimeout: 240_000,
    expect: { poll: { timeout: 30_000 } },
  },
});
