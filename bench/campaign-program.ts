/**
 * A campaign from its file to messages in the queue, in a process of its own as `parlance serve` has, without links:
 * prints what each half took and the most memory it had.
 *
 * `node campaign-program.ts <data folder> <file> <rows>`
 */
import { createReadStream } from 'node:fs';
import { fromCredits } from '../src/core/money.ts';
import type { NodeId } from '../src/core/ids.ts';
import { composition } from '../src/main.ts';
import type { Country } from '../src/text/phone-number.ts';

const [data = '', file = '', rows = ''] = process.argv.slice(2);
const flags = {
  data,
  'campaigns.waitingMessages': '1000000',
  'campaigns.bulkRows': '5000000',
};
const config = composition.config({ flags });
await composition.migrate(config);
const { gateway, close } = await composition.open(config);
const home = 'AU' as Country;
const account = await gateway.owner.createAccount({
  name: 'bench',
  homeCountry: home,
  allowedCountries: [home],
  pricePerPart: fromCredits(1),
  refundPolicy: 'unsent',
  duplicateWindowMs: 0,
  settings: {},
});
await gateway.owner.topUp(account.id, fromCredits(1_000_000_000), 'benchmark');
await gateway.senders.add(account.id, 'CompanyABC');
const caller = await gateway.owner.actAs(account.id);
const nodeId = 'bench' as NodeId;

// Not the system's own figure: a process begins with the most that the one had which started it.
let peakBytes = 0;
const look = setInterval(() => {
  peakBytes = Math.max(peakBytes, process.memoryUsage.rss());
}, 20);
const start = performance.now();
const { id } = await gateway.campaigns.create(caller, {
  name: 'bench',
  sender: 'CompanyABC',
  text: 'Hello {{name}}, this is a test message',
});
await gateway.campaigns.import(caller, id, createReadStream(file));
const imported = performance.now();
await gateway.campaigns.start(caller, id);
await gateway.expansion.claim(nodeId, 1);
while ((await gateway.expansion.step(id, nodeId)).kind === 'moved');
const expanded = performance.now();
clearInterval(look);

const campaign = await gateway.campaigns.findAny(id);
if (campaign?.state !== 'done' || campaign.sent !== Number(rows)) {
  throw new Error(`the campaign is ${campaign?.state} with ${campaign?.sent} messages`);
}
console.log(
  JSON.stringify({
    importMs: imported - start,
    expansionMs: expanded - imported,
    peakBytes,
  }),
);
await close();
