/**
 * `npm run soak`: a day of a bad line in ten minutes. Clients send all the time; every twenty seconds the
 * carrier's line is cut, the carrier unbinds, or cannot be reached for a while. In the end every message
 * must be accounted for, and the gateway's memory must be what it was when it had warmed up.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { migrateStorage } from '../../src/storage/engines/index.ts';
import type { Smsc } from '../peers/smsc/smsc.ts';
import { startSmsc } from '../peers/smsc/smsc.ts';
import { gatewayAt } from '../support/gateway-process.ts';
import { querySqlite } from '../support/storage.ts';
import { waitUntil } from '../support/wait-until.ts';
import { isFlat, median, readMemory } from './memory.ts';

const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, rate: { type: 'string', default: '200' } },
});
const minutes = Number(values.minutes);
const rate = Number(values.rate);
if (!(minutes >= 1) || !(rate >= 1)) {
  process.stderr.write('Usage: npm run soak -- [--minutes N] [--rate messages a second]\n');
  process.exit(2);
}

const flapMs = 20_000;
const awayMs = 5_000;
const batch = 10;
const authorization = `Basic ${Buffer.from('user123:mypassword').toString('base64')}`;

/** What the line does, in turn. */
const flaps: readonly ((smsc: Smsc) => Promise<void>)[] = [
  (smsc) => smsc.dropAll(),
  (smsc) => smsc.unbindAll(),
  async (smsc) => {
    smsc.deafen();
    await smsc.dropAll();
    await sleep(awayMs);
    await smsc.listen();
  },
];

const data = await mkdtemp(path.join(os.tmpdir(), 'parlance-soak-'));
const smsc = await startSmsc({
  resendMs: 500,
  ids: { answer: 'hex', receipt: 'decimal' },
  rules: [{ do: { answerAfterMs: [0, 20], receipts: { afterMs: [0, 100] } } }],
});
await migrateStorage({ data, storage: '' });
const at = gatewayAt({ data, storage: '' });
const gateway = await at.start(['--demo'], {
  PARLANCE_LINKS: JSON.stringify({
    carrier: {
      transport: 'smpp',
      settings: { host: '127.0.0.1', port: smsc.port, systemId: 'parlance', binds: 2, window: 50 },
    },
  }),
  PARLANCE_ROUTES: JSON.stringify([{ links: ['carrier'] }]),
  PARLANCE_DELIVERY_ANSWER_TIMEOUT_SECONDS: '30',
  PARLANCE_LOG_LEVEL: 'info',
});

const count = (where: string): number =>
  (querySqlite(data, `select count(*) as n from messages where ${where}`)[0] as { n: number }).n;

const accepted = new Set<string>();
const state = { sending: true };
let number = 0;

async function client(): Promise<void> {
  const pauseMs = (batch / rate) * 1_000;
  while (state.sending) {
    const started = performance.now();
    const messages = Array.from({ length: batch }, () => ({
      to: `04${String(10_000_000 + (number++ % 9_000_000)).slice(0, 8)}`,
      message: number % 17 === 0 ? 'A longer text. '.repeat(15) : 'Hello',
      sender: 'CompanyABC',
    }));
    const answer = await fetch(`${gateway.url}/mobilemessage/v1/messages`, {
      method: 'POST',
      headers: { authorization, 'content-type': 'application/json' },
      body: JSON.stringify({ messages }),
    });
    const { results = [] } = (await answer.json()) as { results?: { message_id: string }[] };
    if (!answer.ok) throw new Error(`the gateway answered ${answer.status}`);
    for (const { message_id: id } of results) accepted.add(id);
    await sleep(Math.max(0, pauseMs - (performance.now() - started)));
  }
}

async function run(): Promise<boolean> {
  await at.run(['account', 'topup', 'demo-mobilemessage', '100000000']);
  process.stdout.write(
    `${minutes} minutes, ${rate} messages a second, the line flaps every ${flapMs / 1_000} s\n`,
  );
  const clients = client();
  const samples: Awaited<ReturnType<typeof readMemory>>[] = [];
  const end = performance.now() + minutes * 60_000;
  for (let turn = 0; performance.now() < end; turn++) {
    const flap = performance.now() + flapMs;
    while (performance.now() < flap) {
      await sleep(flapMs / 4);
      samples.push(await readMemory(gateway.url));
    }
    const { residentMb, heapMb } = samples.at(-1) as (typeof samples)[number];
    process.stdout.write(
      `${String(Math.max(0, Math.round((end - performance.now()) / 1_000))).padStart(4)} s left: ` +
        `${accepted.size} accepted, ${count("status = 'delivered'")} delivered, ` +
        `resident ${residentMb} MB, heap ${heapMb} MB\n`,
    );
    await (flaps[turn % flaps.length] as (typeof flaps)[number])(smsc);
  }
  state.sending = false;
  await clients;
  const left = "status in ('queued', 'sending', 'sent')";
  await waitUntil('the queue is empty', () => count(left) === 0, 120_000);

  const rows = new Set(
    (querySqlite(data, 'select id from messages') as { id: string }[]).map(({ id }) => id),
  );
  const lost = [...accepted].filter((id) => !rows.has(id)).length;
  const parts = Map.groupBy(smsc.taken, ({ destination, part }) => `${destination.digits}/${part}`);
  const doubled = [...parts.values()].filter(({ length }) => length > 1).length;
  const unknown = count("status = 'unknown'");
  const flat = isFlat(samples);
  console.table([
    {
      accepted: accepted.size,
      delivered: count("status = 'delivered'"),
      unknown,
      lost,
      'doubled at the carrier': doubled,
      'lines that broke': smsc.sessions.length - 2,
    },
  ]);
  const fifth = Math.floor(samples.length / 5);
  for (const kind of ['residentMb', 'heapMb'] as const) {
    const of = (part: number) =>
      median(samples.slice(part * fifth, (part + 1) * fifth).map((one) => one[kind]));
    process.stdout.write(`${kind} by fifths: ${[0, 1, 2, 3, 4].map(of).join(', ')}\n`);
  }
  process.stdout.write(flat ? 'Memory is flat.\n' : 'MEMORY GROWS.\n');
  const ended = accepted.size === count("status in ('delivered', 'unknown')");
  return flat && lost === 0 && doubled === 0 && ended && unknown < accepted.size / 50;
}

let ok = false;
try {
  ok = await run();
} finally {
  await gateway.kill();
  await smsc.close();
  await rm(data, { recursive: true, force: true });
}
process.exit(ok ? 0 : 1);
