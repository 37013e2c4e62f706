import { defineConfig, mergeConfig } from 'vitest/config';
import base from '../../vitest.config.ts';

const { include: _, ...test } = base.test ?? {};

export default mergeConfig(
  { ...base, test },
  defineConfig({
    test: {
      include: ['test/aws/**/*.aws.ts'],
      globalSetup: ['test/aws/servers.ts'],
      maxWorkers: 2,
      // All tests share one moto, a single Python process.
      testTimeout: 120_000,
      expect: { poll: { timeout: 30_000 } },
    },
  }),
);
