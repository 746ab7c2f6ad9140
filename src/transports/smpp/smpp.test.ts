import type { Server } from 'node:net';
import smpp from 'smpp';
import { expect, it } from 'vitest';
import { FakeClock } from '../../../test/support/fake-clock.ts';
import { privateWord } from '../testkit/outgoing-part.ts';
import type { NetworkSide } from '../testkit/rig.ts';
import { Rig } from '../testkit/rig.ts';
import { runTransportCases, type TransportCase } from '../testkit/run-transport-cases.ts';
import { smpp as transport } from './index.ts';

type Theirs = InstanceType<typeof smpp.Session>;
type Pdu = InstanceType<typeof smpp.PDU>;

const start = Date.parse('2026-03-01T00:00:00Z');
const password = 'secret99';

/** The npm package `smpp` as a carrier: what it has been sent, and what it is to say. */
class Carrier implements NetworkSide {
  readonly clock = new FakeClock(start);
  readonly secrets = [password];
  readonly submits: Pdu[] = [];
  readonly binds: Pdu[] = [];
  readonly sessions = new Set<Theirs>();
  /** Statuses of the answers to come; then all is well. */
  readonly statuses: number[] = [];
  /** Of its answers to binds. */
  bindStatus: (command: string) => number = () => 0;
  /** The status of a generic_nack that it answers instead. */
  nack: number | undefined;
  /** Fields of the receipt for each; null sends none. */
  receipt: ((id: string, submit: Pdu) => Record<string, unknown>) | null = textReceipt;
  #ids = 0x7fff;
  readonly #server: Server;

  private constructor() {
    this.#server = smpp.createServer((session) => this.#serve(session));
  }

  static async open(): Promise<Carrier> {
    const carrier = new Carrier();
    await new Promise<void>((resolve) => carrier.#server.listen(0, '127.0.0.1', resolve));
    return carrier;
  }

  get settings(): Record<string, unknown> {
    const { port } = this.#server.address() as { port: number };
    return { host: '127.0.0.1', port, systemId: 'parlance', password };
  }

  deliver(fields: Record<string, unknown>): void {
    const [session] = this.sessions;
    session?.send(new smpp.PDU('deliver_sm', fields));
  }

  cut(): void {
    for (const session of this.sessions) session.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    await new Promise((resolve) => this.#server.close(resolve));
  }

  #serve(session: Theirs): void {
    this.sessions.add(session);
    session.on('error', () => {});
    session.on('pdu', (pdu) => {
      switch (pdu.command) {
        case 'bind_transceiver':
        case 'bind_transmitter':
        case 'bind_receiver':
          this.binds.push(pdu);
          session.send(pdu.response({ command_status: this.bindStatus(pdu.command) }));
          return;
        case 'submit_sm':
          this.#take(session, pdu);
          return;
        case 'enquire_link':
        case 'unbind':
          session.send(pdu.response());
      }
    });
  }

  #take(session: Theirs, pdu: Pdu): void {
    this.submits.push(pdu);
    if (this.nack !== undefined) {
      const named = { sequence_number: pdu.sequence_number, command_status: this.nack };
      session.send(new smpp.PDU('generic_nack', named));
      return;
    }
    const status = this.statuses.shift() ?? 0;
    const id = (++this.#ids).toString(16).toUpperCase().padStart(8, '0');
    session.send(pdu.response({ command_status: status, message_id: status ? '' : id }));
    if (status === 0 && this.receipt) {
      session.send(new smpp.PDU('deliver_sm', this.receipt(id, pdu)));
    }
  }
}

function textReceipt(id: string, submit: Pdu): Record<string, unknown> {
  return {
    esm_class: 4,
    source_addr: submit['destination_addr'],
    destination_addr: submit['source_addr'],
    short_message: Buffer.from(
      `id:${id} sub:001 dlvrd:001 submit date:2603010000 done date:2603010000 stat:DELIVRD err:000 text:${privateWord}`,
    ),
  };
}

const accepted = { kind: 'accepted' } as const;
const one = [{}];
const answers = (...statuses: number[]) => ({
  prepare: (carrier: Carrier) => void carrier.statuses.push(...statuses),
});

const whole = (text: string) => ({
  text,
  wholeText: text,
  encoding: text.startsWith('a') ? ('gsm7' as const) : ('ucs2' as const),
});

const againIn = (retryAfterMs: number) =>
  ({ kind: 'retryable', code: 'link_unavailable', again: 'here', retryAfterMs }) as const;
const nextLink = { kind: 'retryable', code: 'link_unavailable', again: 'elsewhere' } as const;
const handOvers = (messageId: string, attempts: readonly number[]) =>
  attempts.map((attempt) => ({ messageId, attempt }));

const cases: TransportCase<Carrier>[] = [
  {
    name: 'an id is kept without its zeros and in small letters',
    send: one,
    outcomes: [{ kind: 'accepted', upstreamId: '8000' }],
    passMs: 0,
    receipts: [{ upstreamId: '8000', status: 'delivered', detail: 'DELIVRD err:000' }],
  },
  {
    name: 'a receipt has its id in a parameter, and its state',
    prepare: (carrier) => {
      carrier.receipt = (id) => ({
        esm_class: 4,
        receipted_message_id: id,
        message_state: 5,
        network_error_code: Buffer.from([3, 0, 9]),
        short_message: Buffer.from(''),
      });
    },
    send: one,
    outcomes: [accepted],
    passMs: 0,
    receipts: [{ upstreamId: '8000', status: 'failed', detail: 'state 5 err:9' }],
  },
  {
    name: 'an unmarked receipt is known by its look where the owner says so',
    settings: { receipts: { unmarked: true } },
    prepare: (carrier) => {
      carrier.receipt = (id, submit) => ({ ...textReceipt(id, submit), esm_class: 0 });
    },
    send: one,
    outcomes: [accepted],
    passMs: 0,
    receipts: [{ upstreamId: '8000', status: 'delivered' }],
  },
  {
    name: 'news that it is on its way is no receipt',
    prepare: (carrier) => {
      carrier.receipt = (id) => ({ esm_class: 4, receipted_message_id: id, message_state: 1 });
    },
    send: one,
    outcomes: [accepted],
    passMs: 60_000,
  },
  {
    name: 'none is asked for',
    settings: { receipts: { ask: 'none' } },
    prepare: (carrier) => {
      carrier.receipt = null;
    },
    send: one,
    outcomes: [{ kind: 'accepted', noReceipt: true }],
    passMs: 0,
    check: (_, carrier) => expect(carrier.submits[0]).toMatchObject({ registered_delivery: 0 }),
  },
  {
    name: 'throttled: the same link, later',
    ...answers(0x58),
    send: one,
    outcomes: [{ kind: 'retryable', code: 'link_throttled', again: 'here', retryAfterMs: 1_000 }],
    passMs: 0,
  },
  {
    name: 'a queue that is full: here, some times',
    ...answers(...Array.from({ length: 7 }, () => 0x14)),
    send: handOvers('full', [1, 2, 3, 4, 5, 6, 7]),
    outcomes: [...Array.from({ length: 6 }, () => againIn(180_000)), nextLink],
    passMs: 0,
  },
  {
    name: 'tries by other links are not counted, nor those from before them',
    ...answers(...Array.from({ length: 7 }, () => 0x08)),
    send: handOvers('far', [4, 5, 6, 9, 10, 11, 12]),
    outcomes: [
      againIn(30_000),
      againIn(30_000),
      nextLink,
      againIn(30_000),
      againIn(30_000),
      nextLink,
      againIn(30_000),
    ],
    passMs: 0,
  },
  {
    name: 'the parts of one hand-over are one try',
    ...answers(...Array.from({ length: 6 }, () => 0x08)),
    send: [1, 2, 3].flatMap((attempt) =>
      [1, 2].map((number) => ({ messageId: 'long', number, total: 2, attempt })),
    ),
    outcomes: [...Array.from({ length: 4 }, () => againIn(30_000)), nextLink, nextLink],
    passMs: 0,
  },
  {
    name: 'a submit that failed: the next link',
    ...answers(0x45),
    send: one,
    outcomes: [
      {
        kind: 'retryable',
        again: 'elsewhere',
        detail: 'the carrier answered ESME_RSUBMITFAIL',
      },
    ],
    passMs: 0,
  },
  {
    name: 'a wrong destination: refused',
    ...answers(0x0b),
    send: one,
    outcomes: [
      { kind: 'refused', detail: 'the carrier answered ESME_RINVDSTADR', said: 'ESME_RINVDSTADR' },
    ],
    passMs: 0,
  },
  {
    name: 'not understood, and all is well: nobody knows',
    prepare: (carrier) => {
      carrier.nack = 0;
    },
    send: one,
    outcomes: [{ kind: 'unknown', detail: 'The carrier answered generic_nack with ESME_ROK.' }],
    passMs: 0,
  },
  {
    name: 'not understood: refused',
    prepare: (carrier) => {
      carrier.nack = 0x02;
    },
    send: one,
    outcomes: [{ kind: 'refused', detail: 'the carrier answered ESME_RINVCMDLEN' }],
    passMs: 0,
  },
  {
    name: 'a whole long text goes as a parameter once no short message holds it',
    settings: { longMessages: 'payload' },
    send: [
      whole('a'.repeat(160)),
      whole('a'.repeat(161)),
      whole('漢'.repeat(70)),
      whole('漢'.repeat(71)),
    ],
    outcomes: [accepted, accepted, accepted, accepted],
    passMs: 0,
    prepare: (carrier) => {
      carrier.receipt = null;
    },
    check: (_, { submits }) =>
      expect(submits.map((pdu) => 'message_payload' in pdu)).toEqual([false, true, false, true]),
  },
  {
    name: 'a sender that no field holds: refused, and the next one goes',
    send: [{ sender: 'x'.repeat(30) }, {}],
    outcomes: [{ kind: 'refused' }, accepted],
    passMs: 0,
    receipts: [{ status: 'delivered' }],
  },
  {
    name: 'a message that is to be shown at once',
    send: [{ flash: true }, { flash: true, text: '漢', wholeText: '漢', encoding: 'ucs2' }],
    outcomes: [accepted, accepted],
    passMs: 0,
    prepare: (carrier) => {
      carrier.receipt = null;
    },
    check: (_, carrier) => {
      expect(carrier.submits.map(({ data_coding: coding }) => coding)).toEqual([0x10, 0x18]);
    },
  },
  {
    name: 'what leaves bears all that was asked for',
    settings: {
      serviceType: 'CMT',
      protocolId: 1,
      tlvs: [{ tag: '0x1400', text: '1101' }],
      receipts: { ask: 'failures' },
    },
    prepare: (carrier) => {
      carrier.receipt = null;
    },
    send: [
      { text: 'Hé', destination: '+61412345678', sender: 'ABC', expiresAt: start + 3_600_000 },
    ],
    outcomes: [accepted],
    passMs: 0,
    check: (_, carrier) =>
      expect(carrier.submits[0]).toMatchObject({
        service_type: 'CMT',
        protocol_id: 1,
        source_addr: 'ABC',
        source_addr_ton: 5,
        source_addr_npi: 0,
        destination_addr: '61412345678',
        dest_addr_ton: 1,
        dest_addr_npi: 1,
        esm_class: 0,
        registered_delivery: 2,
        data_coding: 0,
        short_message: { message: 'Hé' },
      }),
  },
];

runTransportCases(transport, {
  network: () => Carrier.open(),
  delivered: ['+61412345678', '+919812345678'],
  cut: (carrier) => carrier.cut(),
  badSettings: [
    { settings: { systemId: 'a' }, key: 'host' },
    { settings: { host: 'h', systemId: 'a'.repeat(16) }, key: 'systemId' },
    { settings: { host: 'h', systemId: 'a', window: 0 }, key: 'window' },
    { settings: { host: 'h', systemId: 'a', backups: ['no-port'] }, key: 'backups' },
    { settings: { host: 'h', systemId: 'a', statuses: { oops: 'refuse' } }, key: 'statuses' },
    { settings: { host: 'h', systemId: 'a', version: '3.5' }, key: 'version' },
    {
      settings: { host: 'h', systemId: 'a', version: '3.3', longMessages: 'sar' },
      key: 'longMessages',
    },
    {
      settings: { host: 'h', systemId: 'a', version: '3.3', tlvs: [{ tag: 5, number: 1 }] },
      key: 'tlvs',
    },
  ],
  cases,
});

it('a pair is up when it has its receiver, too', async () => {
  const carrier = await Carrier.open();
  const rig = new Rig(transport, carrier, { bind: 'pair' });
  carrier.bindStatus = (command) => (command === 'bind_receiver' ? 0x0d : 0);
  await rig.link.start(rig.host);
  await rig.eventually(() => {
    expect(rig.log.map(({ what }) => what)).toEqual(
      expect.arrayContaining(['bound', 'not bound: the carrier refused the bind: ESME_RBINDFAIL']),
    );
  });
  expect(rig.link.state()).toBe('down');
  carrier.bindStatus = () => 0;
  await rig.clock.advance(2_000);
  await rig.eventually(() => expect(rig.link.state()).toBe('up'));
  await rig.close();
});
