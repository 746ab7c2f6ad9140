/**
 * The carrier as a program: `node test/peers/smsc/main.ts '{"port": 2775, "ids": {"answer": "hex"}}'`.
 * Its options are those of `startSmsc`, as JSON. It prints its address, a line for each bind and submit, and
 * at its end how many messages it has taken.
 */
import type { SmscOptions } from './settings.ts';
import { startSmsc } from './smsc.ts';

const options = JSON.parse(process.argv[2] ?? '{}') as SmscOptions;
const smsc = await startSmsc({ ...options, log: (line) => console.log(JSON.stringify(line)) });
console.log(`smpp://127.0.0.1:${smsc.port}`);

process.once('SIGTERM', () => {
  console.log(JSON.stringify({ taken: smsc.taken.length, faults: smsc.faults }));
  void smsc.close();
});
