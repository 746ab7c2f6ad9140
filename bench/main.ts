/**
 * `npm run bench`: every benchmark beside its floor, in one run, as a ratio.
 * `npm run bench -- accept-single` runs one.
 */
import { acceptHundredPostgres, acceptSinglePostgres } from './accept-postgres.ts';
import { acceptHundred, acceptSingle } from './accept.ts';
import { describeLoad, describeMachine } from './machine.ts';
import { nodes } from './nodes.ts';
import { inWorkshop } from './workshop.ts';

const benchmarks: Record<string, () => Promise<string>> = {
  'accept-single': acceptSingle,
  'accept-hundred': acceptHundred,
  'accept-single-postgres': acceptSinglePostgres,
  'accept-hundred-postgres': acceptHundredPostgres,
  nodes,
};

const wanted = process.argv.slice(2);
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
