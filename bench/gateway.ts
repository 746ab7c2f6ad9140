import path from 'node:path';
import type { Running } from './process.ts';
import { runProgram, startProgram } from './process.ts';

const main = path.join(import.meta.dirname, '../src/main.ts');

/**
 * A gateway as its users run it, with the demo account and more credit than a benchmark can use up.
 * @param roles `api` to measure accepting alone, `all` to measure it with delivery beside it.
 */
export async function startGateway(folder: string, roles: string): Promise<Running> {
  const data = ['--data', folder];
  const first = await startProgram([main, 'serve', '--demo', '--port', '0', ...data]);
  await first.stop();
  await runProgram([main, ...data, 'account', 'topup', 'demo-mobilemessage', '1000000000']);
  return startProgram([main, 'serve', '--demo', '--port', '0', '--roles', roles, ...data], {
    PARLANCE_LOG_LEVEL: 'warn',
  });
}
