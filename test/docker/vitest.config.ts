import { defineConfig } from 'vitest/config';

/** `npm run test:docker`: builds the images and runs them in a Docker engine of its own. */
export default defineConfig({
  test: {
    include: ['test/docker/*.docker.ts'],
    globalSetup: 'test/support/setup/run-folder.ts',
    fileParallelism: false,
    testTimeout: 120_000,
    // A hook builds the images, in which npm installs the agent's packages.
    hookTimeout: 600_000,
    expect: { poll: { timeout: 30_000 } },
  },
});
