import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    environment: 'node',
    pool: 'forks', // native addons do not share a process well
    maxWorkers: 2,
    // Against hanging only: a test that starts processes takes four times as long on a machine that others share.
    testTimeout: 240_000,
    hookTimeout: 240_000,
    reporters: ['default', './test/support/reporter.ts'],
  },
});
