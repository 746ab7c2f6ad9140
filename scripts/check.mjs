// `npm run check`: installs what is missing, then runs every `check:…` script of package.json to its end, also when an
// earlier one has failed, and says at the end how each fared.
import fs from 'node:fs';
import path from 'node:path';
import { ensureInstalled, environmentWithCommands, root, run } from './setup.mjs';

await ensureInstalled();

const { scripts } = JSON.parse(fs.readFileSync(path.join(root, 'package.json'), 'utf8'));
const env = environmentWithCommands();
const summary = [];
let failed = false;

for (const [name, command] of Object.entries(scripts)) {
  if (!name.startsWith('check:')) continue;
  console.log(`\n── ${name.slice('check:'.length)}: ${command}`);
  const started = Date.now();
  const { code, signal } = await run(command, [], {
    cwd: root,
    env,
    shell: true,
    stdio: 'inherit',
  });
  if (signal !== null) process.exit(1);
  failed ||= code !== 0;
  const seconds = ((Date.now() - started) / 1000).toFixed(1);
  summary.push(
    `${code === 0 ? 'ok    ' : 'FAILED'}  ${name.slice('check:'.length)} (${command.split(' ')[0]}, ${seconds} s)`,
  );
}

console.log(`\n${summary.join('\n')}`);
process.exit(failed ? 1 : 0);
