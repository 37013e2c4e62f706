import { defineConfig } from 'vitest/config';

/** `npm run test:vm`: boots the user data of the kind ec2-vm in virtual machines. */
export default defineConfig({
  test: {
    include: ['test/vm/*.vm.ts'],
    globalSetup: 'test/support/setup/run-folder.ts',
    fileParallelism: false,
    // In software emulation a boot takes most of a minute.
    testTimeout: 600_000,
    // A hook builds the VM image if the cache has none.
    hookTimeout: 900_000,
    expect: { poll: { timeout: 240_000, interval: 250 } },
  },
});
