import { defineConfig } from 'vitest/config';

/** `npm run test:docker`: builds the images and runs them in a Docker engine of the run's own. */
export default defineConfig({
  test: {
    include: ['test/docker/*.docker.ts'],
    globalSetup: 'test/support/setup/run-folder.ts',
    fileParallelism: false,
    testTimeout: 120_000,
    // Images are built in a hook: npm installs the agent's packages there.
    hookTimeout: 600_000,
    expect: { poll: { timeout: 30_000 } },
  },
});
