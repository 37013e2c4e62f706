import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [
      '{base,contracts,core,adapters,functions,compute,gateway,tunnel,agent,local,cli,web,infra,test}/**/*.test.{ts,tsx}',
    ],
    globalSetup: ['test/support/setup/run-folder.ts', 'test/support/setup/built-portal.ts'],
    // Tests mostly wait: for processes, sockets and browsers.
    maxWorkers: 3,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // Conditions are waited for; this bounds the wait on a busy machine.
    expect: { poll: { timeout: 30_000 } },
  },
});
