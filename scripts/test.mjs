// `npm test`: installs what is missing, then runs the tests. `npm test -- src/text` runs those of one folder.
import path from 'node:path';
import { ensureInstalled, environmentOfCommands, root, runPinned } from './setup.mjs';

await ensureInstalled();
await runPinned(
  [path.join(root, 'node_modules/vitest/vitest.mjs'), 'run', ...process.argv.slice(2)],
  { cwd: root, env: environmentOfCommands() },
);
