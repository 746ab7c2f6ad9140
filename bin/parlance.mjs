#!/usr/bin/env node
// The `parlance` command: runs the program on the Node that the project pins, whichever Node runs this file.
import path from 'node:path';
import { root, runPinned } from '../scripts/setup.mjs';

await runPinned([path.join(root, 'src/main.ts'), ...process.argv.slice(2)]);
