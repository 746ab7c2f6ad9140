/**
 * `npm run bench`: every benchmark beside its floor, in one run, as a ratio.
 * `npm run bench -- accept-single` runs one.
 */
import { acceptHundred, acceptSingle } from './accept.ts';
import type { Comparison } from './machine.ts';
import { describeMachine, printComparison } from './machine.ts';

const benchmarks: Record<string, () => Promise<Comparison>> = {
  'accept-single': acceptSingle,
  'accept-hundred': acceptHundred,
};

const wanted = process.argv.slice(2);
const unknown = wanted.filter((name) => !(name in benchmarks));
if (unknown.length > 0) {
  console.error(`No benchmark '${unknown[0]}'. There are: ${Object.keys(benchmarks).join(', ')}.`);
  process.exit(2);
}

console.log(describeMachine());
for (const [name, run] of Object.entries(benchmarks)) {
  if (wanted.length > 0 && !wanted.includes(name)) continue;
  process.stderr.write(`running ${name} …\n`);
  printComparison(await run());
}
