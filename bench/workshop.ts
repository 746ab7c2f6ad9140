import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { clearStages } from './stage.ts';

/**
 * Gives a run one folder for all that it and its programs put into temporary folders, and deletes it at
 * the end, also when the run fails or is interrupted.
 */
export async function inWorkshop(run: () => Promise<void>): Promise<void> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'parlance-bench-'));
  // PostgreSQL does not run as root: whoever it runs as must get through to its own folder.
  chmodSync(folder, 0o755);
  process.env['TMPDIR'] = folder;
  const remove = () => rmSync(folder, { recursive: true, force: true });
  let ending: Promise<void> | undefined;
  const end = async (code: number): Promise<void> => {
    await clearStages();
    remove();
    process.exit(code);
  };
  process.once('SIGINT', () => (ending ??= end(130)));
  process.once('SIGTERM', () => (ending ??= end(143)));
  try {
    await run();
  } finally {
    // What was interrupted fails of course, and must not end the process before all is cleaned up.
    await ending;
    remove();
  }
}
