import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['{contracts,core,adapters,functions,compute,gateway,agent,local,cli,web,test}/**/*.test.{ts,tsx}'],
    testTimeout: 30_000,
    hookTimeout: 60_000,
  },
});
