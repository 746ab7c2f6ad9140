/**
 * The instruments of the end-to-end benchmark in one process: who sends, the carrier, and the client's
 * server that is told. It takes orders from the benchmark that started it.
 */
import { once } from 'node:events';
import type { AddressInfo, Server } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Finish, Order, Round, Word } from '../protocol.ts';
import { Ledger } from './ledger.ts';
import { sendRound } from './load.ts';
import { smscServer } from './smsc.ts';
import { webhookServer } from './webhooks.ts';

/** The first repetition of a webhook that failed comes after a minute: no figure waits for it. */
const stalledMs = 20_000;
const lookMs = 5;

let ledger = new Ledger({ first: 0, count: 0 });

async function listen(server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

const say = (word: Word): void => void process.send?.(word);

async function run(round: Round): Promise<Finish> {
  ledger = new Ledger(round);
  const current = ledger;
  const cpu = process.cpuUsage();
  const start = performance.now();
  current.lastAt = start;
  let accepted = start;
  let reason: string | null = null;
  const sending = sendRound(round).then(
    (at) => {
      accepted = at;
    },
    (error: Error) => {
      reason = error.message;
    },
  );
  while (current.done < round.count && reason === null) {
    await sleep(lookMs);
    if (performance.now() - current.lastAt > stalledMs) reason = 'nothing more came';
  }
  const { user, system } = process.cpuUsage(cpu);
  if (reason === null) await sending;
  return {
    tookMs: current.lastAt - start,
    acceptedMs: accepted - start,
    cpuMs: (user + system) / 1000,
    reason,
  };
}

process.on('message', (order: Order) => {
  if (order.do === 'account') say({ is: 'accounted', account: ledger.account() });
  else void run(order.round).then((finish) => say({ is: 'finished', finish }));
});
process.on('disconnect', () => process.exit(0));

const [smscPort, webhookPort] = await Promise.all([
  listen(smscServer(() => ledger)),
  listen(webhookServer(() => ledger)),
]);
say({ is: 'ready', smscPort, webhookPort });
