// `npm start`: installs what is missing, then serves the demo.
import path from 'node:path';
import { ensureInstalled, root, runPinned } from './setup.mjs';

await ensureInstalled();
await runPinned([path.join(root, 'src/main.ts'), 'serve', '--demo', ...process.argv.slice(2)]);
