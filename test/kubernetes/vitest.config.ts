import { defineConfig } from 'vitest/config';

/** `npm run test:kubernetes`: the kind kubernetes-pod against Kubernetes' own control plane. */
export default defineConfig({
  test: {
    include: ['test/kubernetes/*.k8s.ts'],
    globalSetup: 'test/support/setup/run-folder.ts',
    fileParallelism: false,
    testTimeout: 120_000,
    // A hook builds the control plane if the cache does not have its version.
    hookTimeout: 3_600_000,
    expect: { poll: { timeout: 20_000 } },
  },
});
