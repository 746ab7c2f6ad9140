/**
 * `npm run bench`: every benchmark beside its floor, in one run, as a ratio.
 * `npm run bench -- accept-single` runs one; `npm run bench:e2e -- --profile` shows where time goes.
 */
import { parseArgs } from 'node:util';
import { acceptHundredPostgres, acceptSinglePostgres } from './accept-postgres.ts';
import { acceptHundred, acceptSingle } from './accept.ts';
import { endToEnd } from './e2e/index.ts';
import { campaign } from './campaign.ts';
import { describeLoad, describeMachine } from './machine.ts';
import { nodes } from './nodes.ts';
import { inWorkshop } from './workshop.ts';

const { values, positionals: wanted } = parseArgs({
  options: { profile: { type: 'boolean', default: false } },
  allowPositionals: true,
});

const benchmarks: Record<string, () => Promise<string>> = {
  'accept-single': acceptSingle,
  'accept-hundred': acceptHundred,
  'accept-single-postgres': acceptSinglePostgres,
  'accept-hundred-postgres': acceptHundredPostgres,
  campaign,
  nodes,
  e2e: () => endToEnd(values),
};

const unknown = wanted.filter((name) => !(name in benchmarks));
if (unknown.length > 0) {
  console.error(`No benchmark '${unknown[0]}'. There are: ${Object.keys(benchmarks).join(', ')}.`);
  process.exit(2);
}

console.log(`${describeMachine()}\n${describeLoad()}`);
await inWorkshop(async () => {
  for (const [name, run] of Object.entries(benchmarks)) {
    if (wanted.length > 0 && !wanted.includes(name)) continue;
    process.stderr.write(`running ${name} …\n`);
    console.log(await run());
  }
});
