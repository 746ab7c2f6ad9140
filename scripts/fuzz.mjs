// `npm run fuzz`: installs what is missing, then mutates PDUs for a minute, or for `-- --seconds N`.
import path from 'node:path';
import { ensureInstalled, root, runPinned } from './setup.mjs';

await ensureInstalled();
await runPinned([path.join(root, 'test/fuzz/main.ts'), ...process.argv.slice(2)]);
