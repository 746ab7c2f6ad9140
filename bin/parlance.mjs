#!/usr/bin/env node
// The `parlance` command: runs the program on the Node that the project pins, whichever Node runs this file.
import path from 'node:path';
import { environmentOfCommands, root, runPinned } from '../scripts/setup.mjs';

const args = process.argv.slice(2);
await runPinned(
  [path.join(root, 'src/main.ts'), ...args],
  args.includes('serve') ? {} : { env: environmentOfCommands() },
);
