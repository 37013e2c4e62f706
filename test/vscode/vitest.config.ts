import { defineConfig } from 'vitest/config';

/** `npm run test:vscode`: installs the real code-server, which takes longer than `npm test` may. */
export default defineConfig({
  test: { include: ['test/vscode/*.slow.ts'], testTimeout: 600_000, hookTimeout: 60_000 },
});
