// `npm run soak`: installs what is missing, then runs a gateway for ten minutes against a line that comes and goes,
// or for `-- --minutes N`.
import path from 'node:path';
import { ensureInstalled, root, runPinned } from './setup.mjs';

await ensureInstalled();
await runPinned([path.join(root, 'test/soak/main.ts'), ...process.argv.slice(2)]);
