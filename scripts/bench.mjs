// `npm run bench`: installs what is missing, then runs the benchmarks.
import path from 'node:path';
import { ensureInstalled, root, runPinned } from './setup.mjs';

await ensureInstalled();
await runPinned([path.join(root, 'bench/main.ts'), ...process.argv.slice(2)]);
