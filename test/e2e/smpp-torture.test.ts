import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TEST_CERTIFICATE, TEST_KEY } from '../../src/net/testkit/certificate.ts';
import {
  cutFields,
  garbage,
  oversized,
  strayAnswer,
  unknownCommand,
} from '../peers/smsc/hostile.ts';
import type { Smsc } from '../peers/smsc/smsc.ts';
import { startSmsc } from '../peers/smsc/smsc.ts';
import type { SmscOptions } from '../peers/smsc/settings.ts';
import type { ReceiptText } from '../peers/smsc/receipts.ts';
import { receiptTexts } from '../peers/smsc/receipts.ts';
import type { GatewayProcess } from '../support/gateway-process.ts';
import { gatewayAt } from '../support/gateway-process.ts';
import type { TestDatabase } from '../support/storage.ts';
import { createTestDatabase } from '../support/storage.ts';
import { waitUntil } from '../support/wait-until.ts';

/** A carrier with habits of its own. */
interface Carrier {
  smsc: SmscOptions;
  /** What its owner sets beside the address and the log-in. */
  link?: Record<string, unknown>;
  /** How its messages end; `delivered` unless it says otherwise. */
  ends?: (number: number) => string;
  /** What it does again and again while messages are on their way. */
  meanwhile?: (smsc: Smsc, time: number) => void;
}

/** What was on its way when the line broke: nobody can tell. */
const mayBeLost = () => 'delivered|unknown';
const write = (smsc: Smsc, bytes: Buffer) => smsc.bound[0]?.write(bytes);
const slow = { rules: [{ do: { answerAfterMs: 40 } }] };

const receipts = (
  plan: NonNullable<NonNullable<SmscOptions['rules']>[number]['do']['receipts']>,
) => ({
  rules: [{ do: { receipts: plan } }],
});

/** Each line is something that a real carrier does, and that a peer got wrong. */
const carriers: Record<string, Carrier> = {
  'as the specification says': { smsc: {} },
  'hexadecimal answers, decimal receipts': {
    smsc: { ids: { answer: 'hex', receipt: 'decimal' } },
  },
  'decimal answers, hexadecimal receipts': {
    smsc: { ids: { answer: 'decimal', receipt: 'HEX' } },
  },
  'zeros and capitals in the answers only': {
    smsc: { ids: { answer: 'padded HEX', receipt: 'hex' } },
  },
  'ids that are no numbers, in another case': {
    smsc: { ids: { answer: 'uuid', receipt: 'UUID' } },
  },
  'ids that come again after ten': { smsc: { ids: { reuseAfter: 10 } } },
  'the receipt before the answer': { smsc: receipts({ early: true }) },
  'the receipt before the answer, its id in another form': {
    smsc: { ids: { answer: 'hex', receipt: 'decimal' }, ...receipts({ early: true }) },
  },
  'each receipt three times': { smsc: receipts({ times: 3, afterMs: [0, 60] }) },
  'receipts on another bind': { smsc: receipts({ on: 'other' }), link: { binds: 2 } },
  'a transmitter and a receiver': { smsc: receipts({ on: 'other' }), link: { bind: 'pair' } },
  'receipts by data_sm': { smsc: receipts({ by: 'data_sm' }) },
  'receipts in message_payload': { smsc: receipts({ payload: true, facts: 'text' }) },
  'receipts without a text': { smsc: receipts({ facts: 'TLVs' }) },
  'receipts without their mark': {
    smsc: receipts({ esmClass: 0, facts: 'text' }),
    link: { receipts: { unmarked: true } },
  },
  'receipts from our sender to the handset': { smsc: receipts({ swapped: true }) },
  'news on the way, then the end': { smsc: receipts({ stats: ['ACCEPTD', 'ENROUTE', 'DELIVRD'] }) },
  'bad news after good news': { smsc: receipts({ stats: ['DELIVRD', 'UNDELIV'] }) },
  ...Object.fromEntries(
    (Object.keys(receiptTexts) as ReceiptText[]).map((text) => [
      `receipts of text only: ${text}`,
      { smsc: receipts({ facts: 'text', text }) },
    ]),
  ),
  'a state of its own': {
    smsc: receipts({ stats: ['FAILED'], facts: 'text' }),
    ends: () => 'failed',
  },
  'second parts that fail': {
    smsc: { rules: [{ part: 2, do: { receipts: { stats: ['UNDELIV'], afterMs: [0, 50] } } }] },
    ends: (number) => (isLong(number) ? 'failed' : 'delivered'),
  },
  'receipts of parts in any order': {
    smsc: receipts({ afterMs: [0, 200] }),
  },
  'answers in another order': { smsc: { rules: [{ do: { hold: 4, answerAfterMs: [0, 40] } }] } },
  'slow answers': { smsc: { rules: [{ do: { answerAfterMs: [50, 300] } }] } },
  'answers after we gave up': {
    smsc: { rules: [{ every: 10, do: { answerAfterMs: 3_500 } }] },
    link: { responseTimeoutSeconds: 1 },
  },
  'answers with numbers that nobody used, at first': {
    smsc: { rules: [{ every: 10, times: 3, do: { wrongSequence: true, receipts: null } }] },
    link: { responseTimeoutSeconds: 1 },
    // Nothing tells which message such an answer is about.
    ends: () => 'delivered|unknown',
  },
  'too fast now and then': { smsc: { rules: [{ every: 9, times: 3, do: { status: 0x58 } }] } },
  'a full queue at first': {
    smsc: { rules: [{ times: 3, do: { status: 0x14 } }] },
    link: { statuses: { '0x14': { times: 2, afterSeconds: 1 } } },
  },
  'long messages by sar': { smsc: {}, link: { longMessages: 'sar' } },
  'long messages by 16 bits': { smsc: {}, link: { longMessages: 'udh16' } },
  'long messages whole': { smsc: {}, link: { longMessages: 'payload' } },
  'packed septets': { smsc: {}, link: { alphabet: 'gsm7-packed' } },
  'a window of one': { smsc: {}, link: { window: 1 } },
  TLS: { smsc: { tls: { cert: TEST_CERTIFICATE, key: TEST_KEY } } },
  'PDUs that nobody can read in between': {
    smsc: slow,
    meanwhile: (smsc) => {
      for (const bytes of [cutFields(), unknownCommand(), strayAnswer()]) write(smsc, bytes);
    },
  },
  'a PDU of half a megabyte in between': {
    smsc: slow,
    meanwhile: (smsc, time) => {
      if (time !== 1) return;
      write(smsc, Buffer.concat([oversized(500_000), Buffer.alloc(500_000 - 16)]));
    },
  },
  'a PDU of two gigabytes': {
    smsc: slow,
    meanwhile: (smsc, time) => void (time === 1 && write(smsc, oversized())),
    ends: mayBeLost,
  },
  'bytes without sense': {
    smsc: slow,
    meanwhile: (smsc, time) => void (time < 3 && write(smsc, garbage(4_000, time))),
    ends: mayBeLost,
  },
  'never an answer to an enquiry': {
    smsc: { ...slow, answersEnquireLink: false },
    link: { enquireLinkSeconds: 1 },
    ends: mayBeLost,
  },
  'a flood of enquiries': {
    smsc: slow,
    meanwhile: (smsc, time) => void (time === 1 && smsc.flood('enquire_link', 20_000)),
  },
  'a flood of replies': {
    smsc: slow,
    meanwhile: (smsc, time) => void (time === 1 && smsc.flood('deliver_sm', 1_000)),
  },
  'an unbind in the middle': {
    smsc: slow,
    meanwhile: (smsc, time) => void (time === 1 && smsc.unbindAll()),
    ends: mayBeLost,
  },
  'binds that are refused, ignored and cut at first': {
    smsc: { binds: [{ refuse: 0x0d }, 'ignore', 'cut', 'take'] },
    link: { connectTimeoutSeconds: 1 },
  },
};

const perCarrier = 30;
const long = 'A text of more than one part, so that it needs two of them to get through. '.repeat(
  3,
);
const isLong = (number: number) => number % 5 === 0;

/** +61412 00 0000 and on: a hundred carriers have ten thousand numbers each. */
const blockOf = (carrier: number) => `61412${String(carrier).padStart(2, '0')}`;
const numberOf = (carrier: number, number: number) =>
  `${blockOf(carrier)}${String(number).padStart(4, '0')}`;

describe(`${Object.keys(carriers).length} carriers with habits, ${perCarrier} messages each`, () => {
  let database: TestDatabase;
  let gateway: GatewayProcess;
  const smscs: Smsc[] = [];
  const names = Object.keys(carriers);

  beforeAll(async () => {
    database = await createTestDatabase();
    const ca = path.join(database.place.data, 'carrier.pem');
    await writeFile(ca, TEST_CERTIFICATE);
    const links: Record<string, unknown> = {};
    const routes: unknown[] = [];
    for (const [at, { smsc, link }] of Object.values(carriers).entries()) {
      const carrier = await startSmsc({ seed: at + 1, resendMs: 500, ...smsc });
      smscs.push(carrier);
      const address = { host: '127.0.0.1', port: carrier.port, systemId: 'parlance' };
      const tls = smsc.tls && { tls: { ca, serverName: 'hooks.test' } };
      links[`carrier-${at}`] = { transport: 'smpp', settings: { ...address, ...tls, ...link } };
      routes.push({ prefixes: [`+${blockOf(at)}`], links: [`carrier-${at}`] });
    }
    gateway = await gatewayAt(database.place).start(['--demo'], {
      PARLANCE_LINKS: JSON.stringify(links),
      PARLANCE_ROUTES: JSON.stringify(routes),
      PARLANCE_LOG_LEVEL: 'info',
    });
    const topup = ['account', 'topup', 'demo-mobilemessage', '1000000'];
    expect((await gatewayAt(database.place).run(topup)).stderr).toBe('');
    const sent = Promise.all(names.map((_, carrier) => send(carrier)));
    for (let time = 0; time < 40; time++) {
      Object.values(carriers).forEach(({ meanwhile }, at) => meanwhile?.(smscs[at] as Smsc, time));
      await sleep(50);
    }
    await sent;
    await waitUntil('all messages have ended', async () => (await open()) === 0, 60_000).catch(
      async (error: unknown) => {
        console.table(await stuck());
        throw error;
      },
    );
    // What was committed is answered a moment later.
    const answered = ({ deliveries }: Smsc) => deliveries.every(({ status }) => status !== null);
    await waitUntil('all receipts are answered', () => smscs.every(answered));
  }, 150_000);

  afterAll(async () => {
    await gateway?.kill();
    for (const smsc of smscs) await smsc.close();
    await database?.drop();
  });

  async function send(carrier: number): Promise<void> {
    const messages = Array.from({ length: perCarrier }, (_, number) => ({
      to: `+${numberOf(carrier, number)}`,
      message: isLong(number) ? long : `Message ${number}`,
      sender: 'CompanyABC',
    }));
    for (;;) {
      const answer = await fetch(`${gateway.url}/mobilemessage/v1/messages`, {
        method: 'POST',
        headers: {
          authorization: `Basic ${Buffer.from('user123:mypassword').toString('base64')}`,
          'content-type': 'application/json',
        },
        body: JSON.stringify({ messages }),
      });
      const body = await answer.text();
      // Five in flight is the API's limit.
      if (answer.status === 429) continue;
      expect({ status: answer.status, body }).toMatchObject({ status: 200 });
      expect(body).not.toContain('"error"');
      return;
    }
  }

  const stuck = () =>
    database.query(
      "select link_id, status, error_detail, count(*) as n from messages where status <> 'delivered' group by 1, 2, 3",
    );

  /** Messages that somebody still has to move, or whose receipt is missing. */
  async function open(): Promise<number> {
    const [row] = await database.query<{ n: number }>(
      "select count(*) as n from messages where status in ('queued', 'sending', 'sent')",
    );
    return Number(row?.n);
  }

  const rowsOf = async (carrier: number) => {
    const rows = await database.query<{ destination: string; status: string }>(
      'select destination, status from messages',
    );
    return rows.filter(({ destination }) => destination.startsWith(`+${blockOf(carrier)}`));
  };

  it.each(names.map((name, at) => ({ name, at })))('$name', async ({ name, at }) => {
    const smsc = smscs[at] as Smsc;
    const { ends = () => 'delivered', meanwhile } = carriers[name] as Carrier;
    // What nobody can read is answered with a generic_nack, which the carrier did not ask for.
    const nack = /^session \d+: PDU 0x80000000/;
    expect(smsc.faults.filter((fault) => !(meanwhile && nack.test(fault)))).toEqual([]);

    const rows = await rowsOf(at);
    expect(rows).toHaveLength(perCarrier);
    const wrong = rows.filter(
      ({ destination, status }) =>
        !ends(Number(destination.slice(-4)))
          .split('|')
          .includes(status),
    );
    expect(wrong).toEqual([]);

    // Each part reached the carrier once.
    const times = new Map<string, number>();
    for (const { destination, part } of smsc.taken) {
      const key = `${destination.digits}/${part}`;
      times.set(key, (times.get(key) ?? 0) + 1);
    }
    expect([...times].filter(([, count]) => count !== 1)).toEqual([]);
    expect(new Set(smsc.taken.map((one) => one.destination.digits)).size).toBe(perCarrier);

    // And each receipt was taken, by an answer that says so.
    expect(smsc.deliveries.filter(({ status }) => status !== 0)).toEqual([]);
  });

  it('leave few lines in the log, and the process at its size', async () => {
    const lines = gateway.output().split('\n');
    const troubles = lines.filter((line) => line.includes('"level":"warn"'));
    expect(troubles.length).toBeLessThan(200);
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    const [, resident = '0'] = /^process_resident_memory_bytes (\S+)$/m.exec(metrics) ?? [];
    expect(Number(resident)).toBeGreaterThan(0);
    expect(Number(resident)).toBeLessThan(500 << 20);
  });

  it('leave no receipt that found nothing', async () => {
    const counts: Record<string, unknown>[] = [];
    for (const [at, name] of names.entries()) {
      const smsc = smscs[at] as Smsc;
      const rows = await rowsOf(at);
      // Repetitions wait for a while, in case their id is given again.
      const parked = await database.query<{ upstream_id: string }>(
        `select upstream_id from parked_receipts where link_id = 'carrier-${at}' and until is null`,
      );
      counts.push({
        carrier: name,
        messages: rows.length,
        parts: smsc.taken.length,
        receipts: smsc.deliveries.length,
        delivered: rows.filter(({ status }) => status === 'delivered').length,
        failed: rows.filter(({ status }) => status === 'failed').length,
        unknown: rows.filter(({ status }) => status === 'unknown').length,
        waiting: parked.length,
      });
    }
    console.table(counts);
    // Where an answer was lost with its line (`mayBeLost`), nobody knows the id that its receipt names.
    expect(counts.filter(({ waiting, unknown }) => waiting !== 0 && unknown === 0)).toEqual([]);
  });
});
