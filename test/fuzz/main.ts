// `npm run fuzz`: mutates PDUs for a while and writes what breaks the codec into `corpus/`.
import { parseArgs } from 'node:util';
import { keepBreaking, readSeeds } from './corpus.ts';
import { Fuzzer } from './fuzz.ts';

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '60' }, seed: { type: 'string' } },
});
const seconds = Number(values.seconds);
const seed = values.seed === undefined ? Date.now() >>> 0 : Number(values.seed);
if (!(seconds > 0) || !Number.isInteger(seed)) {
  process.stderr.write('Usage: npm run fuzz -- [--seconds N] [--seed N]\n');
  process.exit(2);
}

/** Of one fault there are thousands of streams; the first few show it. */
const mostBreaking = 10;
const progressMs = 5_000;
const betweenLooks = 500;

const fuzzer = new Fuzzer(seed, readSeeds());
const started = performance.now();
let breaking = 0;
let shown = started;

process.stdout.write(`Seed ${seed}, ${seconds} s.\n`);
for (;;) {
  for (let i = 0; i < betweenLooks && breaking < mostBreaking; i++) {
    const found = fuzzer.run();
    if (found === undefined) continue;
    breaking += 1;
    process.stdout.write(`${keepBreaking(found.stream, found.why)}\n${found.why}\n`);
  }
  const now = performance.now();
  const isOver = now - started >= seconds * 1_000 || breaking >= mostBreaking;
  if (isOver || now - shown >= progressMs) {
    shown = now;
    const rate = Math.round(fuzzer.runs / ((now - started) / 1_000));
    process.stdout.write(
      `${Math.round((now - started) / 1_000)} s: ${fuzzer.runs} streams (${rate}/s), ${fuzzer.outcomes} kinds of outcome, ${breaking} broke something\n`,
    );
  }
  if (isOver) break;
}
process.exitCode = breaking > 0 ? 1 : 0;
