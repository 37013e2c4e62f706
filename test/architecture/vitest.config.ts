import { defineConfig } from 'vitest/config';

/** These tests only read the code: they need neither the built portal nor a folder of their own. */
export default defineConfig({ test: { include: ['test/architecture/**/*.test.ts'], testTimeout: 60_000 } });
