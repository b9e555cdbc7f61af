import { join } from 'node:path';
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
    // Hundreds of tests start the command line, trainers and readers: half of such a start is compiling the same sources.
    env: { NODE_COMPILE_CACHE: join(import.meta.dirname, 'out/compile-cache') },
    reporters: ['default', './test/support/reporter.ts'],
  },
});
