import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';

const root = path.join(import.meta.dirname, '..');

// Nobody looks at a benchmark for weeks, while the tables that it fills change. A short run shows no figure to believe.
it.each([
  ['accept-single', 2],
  ['accept-hundred', 1],
  ['campaign', 1],
])('the benchmark %s still runs, and prints its ratio', async (name, comparisons) => {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [path.join(root, 'bench/main.ts'), name],
    {
      env: {
        ...process.env,
        BENCH_SECONDS: '0.2',
        BENCH_ROUNDS: '1',
        BENCH_MESSAGES: '200',
        BENCH_ROWS: '2000',
      },
    },
  );
  expect(stdout.match(/^ {2}ratio +\d/gm)).toHaveLength(comparisons);
});
