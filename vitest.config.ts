import { defineConfig } from 'vitest/config';

/** What stores anything: run on both engines. */
const storing = [
  'src/archive/**/*.test.ts',
  'src/core/**/*.test.ts',
  'src/dialects/**/*.test.ts',
  'src/http/console-api/**/*.test.ts',
  'src/smpp-server/**/*.test.ts',
  'src/storage/*.test.ts',
  'src/storage/move/**/*.test.ts',
  'src/transports/**/*.test.ts',
  'src/workers/**/*.test.ts',
  'src/cli/**/*.test.ts',
  'test/e2e/**/*.test.ts',
  'test/nodes/**/*.test.ts',
  'test/peers/**/*-sdk.test.ts',
];

export default defineConfig({
  test: {
    globalSetup: ['test/setup/postgres.ts', 'test/setup/sqlite.ts'],
    reporters: ['default', './test/setup/count-reporter.ts'],
    pool: 'forks',
    maxWorkers: 2,
    // A process of its own for each file would spend a third of the time on reading the program again.
    isolate: false,
    projects: [
      {
        extends: true,
        test: {
          name: 'sqlite',
          include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
          // Several nodes on one database: the other engine's.
          exclude: ['test/nodes/**', 'node_modules/**'],
        },
      },
      {
        extends: true,
        test: { name: 'postgres', include: storing, env: { PARLANCE_TEST_ENGINE: 'postgres' } },
      },
    ],
    setupFiles: ['test/setup/closed-network.ts'],
    testTimeout: 30_000,
    hookTimeout: 30_000,
  },
});
