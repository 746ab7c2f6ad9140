import { connect } from 'node:net';
import { connect as connectTls } from 'node:tls';
import smpp from 'smpp';
import { afterEach, describe, expect, it } from 'vitest';
import { TEST_CERTIFICATE, TEST_KEY } from '../../../src/net/testkit/certificate.ts';
import { waitUntil } from '../../support/wait-until.ts';
import type { Rule } from './behaviour.ts';
import * as hostile from './hostile.ts';
import type { IdForm } from './ids.ts';
import type { ReceiptText } from './receipts.ts';
import type { SmscOptions } from './settings.ts';
import type { Smsc } from './smsc.ts';
import { startSmsc } from './smsc.ts';
import { Splitter, WireFault } from './wire.ts';

// The npm package `smpp` as the client: it knows nothing of this carrier's wire code.

type Pdu = InstanceType<typeof smpp.PDU>;

const open: { close(): unknown }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function start(options: SmscOptions = {}): Promise<Smsc> {
  const smsc = await startSmsc(options);
  open.unshift(smsc);
  return smsc;
}

/** A client that answers what it is sent with `deliveryStatus`. */
class Client {
  readonly heard: Pdu[] = [];
  deliveryStatus = 0;
  closed = false;
  readonly #session: InstanceType<typeof smpp.Session>;

  constructor(smsc: Smsc, tls = false) {
    const socket = tls
      ? connectTls({
          port: smsc.port,
          host: '127.0.0.1',
          ca: TEST_CERTIFICATE,
          servername: 'hooks.test',
        })
      : connect(smsc.port, '127.0.0.1');
    socket.setNoDelay(true);
    this.#session = new smpp.Session({ socket });
    this.#session.on('error', () => {});
    socket.on('close', () => (this.closed = true));
    this.#session.on('pdu', (pdu) => {
      this.heard.push(pdu);
      if (pdu.command === 'deliver_sm' || pdu.command === 'data_sm') {
        this.#session.send(pdu.response({ command_status: this.deliveryStatus }));
      } else if (pdu.command === 'enquire_link' || pdu.command === 'unbind') {
        this.#session.send(pdu.response());
      }
    });
    open.push(this);
  }

  ask(command: string, fields: Record<string, unknown> = {}): Promise<Pdu> {
    return new Promise((resolve) => {
      this.#session.send(new smpp.PDU(command, fields), resolve);
    });
  }

  bind(command = 'bind_transceiver', password = 'secret'): Promise<Pdu> {
    const login = { system_id: 'esme', password, interface_version: 0x34 };
    return this.ask(command, login);
  }

  submit(fields: Record<string, unknown> = {}): Promise<Pdu> {
    return this.ask('submit_sm', {
      source_addr: 'CompanyABC',
      source_addr_ton: 5,
      destination_addr: '61412345678',
      dest_addr_ton: 1,
      dest_addr_npi: 1,
      registered_delivery: 1,
      short_message: Buffer.from('Hello'),
      ...fields,
    });
  }

  /** What was said without being asked. */
  get told(): Pdu[] {
    return this.heard.filter(({ command }) => command === 'deliver_sm' || command === 'data_sm');
  }

  close(): void {
    this.#session.destroy();
  }
}

async function bound(options: SmscOptions = {}): Promise<{ smsc: Smsc; client: Client }> {
  const smsc = await start(options);
  const client = new Client(smsc);
  await client.bind();
  return { smsc, client };
}

const quiet = (smsc: Smsc) => waitUntil('nothing is pending', () => smsc.pending === 0, 5_000);
const textOf = (pdu: Pdu | undefined) =>
  (pdu?.['short_message'] as { message: Buffer | string } | undefined)?.message.toString() ?? '';
const rule = (does: Rule['do'], which: Omit<Rule, 'do'> = {}): SmscOptions => ({
  rules: [{ ...which, do: does }],
});

describe('binds', () => {
  it.each([
    [{}, 0],
    [{ logins: { esme: 'secret' } }, 0],
    [{ logins: { esme: 'another' } }, 0x0e],
    [{ logins: {} }, 0x0f],
    [{ binds: [{ refuse: 0x0d }] }, 0x0d],
  ] as [SmscOptions, number][])('%j is answered %i', async (options, status) => {
    const smsc = await start(options);
    const answer = await new Client(smsc).bind();
    expect(answer['command_status']).toBe(status);
    expect(smsc.binds).toMatchObject([
      { command: 'bind_transceiver', systemId: 'esme', password: 'secret', status },
    ]);
    if (status === 0) expect(answer['sc_interface_version']).toBe(0x34);
  });

  it('are answered as they are told, one after the other', async () => {
    const smsc = await start({ binds: ['ignore', 'cut', { refuse: 5 }, 'take'] });
    const ignored = new Client(smsc);
    void ignored.bind();
    await waitUntil('the bind came', () => smsc.binds.length === 1);
    const cut = new Client(smsc);
    void cut.bind();
    await waitUntil('the line was cut', () => cut.closed);
    expect((await new Client(smsc).bind())['command_status']).toBe(5);
    expect((await new Client(smsc).bind())['command_status']).toBe(0);
    expect(ignored.heard).toEqual([]);
    expect(smsc.bound).toHaveLength(1);
  });

  it('over TLS', async () => {
    const smsc = await start({ tls: { cert: TEST_CERTIFICATE, key: TEST_KEY } });
    const client = new Client(smsc, true);
    expect((await client.bind())['command_status']).toBe(0);
  });

  it('a port that is closed takes nobody, and then again', async () => {
    const { smsc, client } = await bound();
    smsc.deafen();
    const refused = new Client(smsc);
    await waitUntil('it was refused', () => refused.closed);
    expect((await client.submit())['command_status']).toBe(0);
    await smsc.dropAll();
    await smsc.listen();
    expect((await new Client(smsc).bind())['command_status']).toBe(0);
  });
});

describe('submits', () => {
  it('are in the ledger as they came', async () => {
    const { smsc, client } = await bound();
    const validity = '000001000000000R';
    const short_message = Buffer.from([0, 1, 0xff]);
    const more = { esm_class: 0x40, data_coding: 8, validity_period: validity, short_message };
    const answer = await client.submit({ ...more, user_message_reference: 77 });
    expect(smsc.submits).toMatchObject([
      {
        source: { ton: 5, npi: 0, digits: 'CompanyABC' },
        destination: { ton: 1, npi: 1, digits: '61412345678' },
        esmClass: 0x40,
        dataCoding: 8,
        validity,
        registered: 1,
        text: short_message,
        tlvs: [{ tag: 0x0204, value: Buffer.from([0, 77]) }],
        id: answer['message_id'],
        status: 0,
        taken: true,
      },
    ]);
    expect(smsc.faults).toEqual([]);
  });

  it.each([
    ['decimal', 'decimal', '2712847316', '2712847316'],
    ['hex', 'decimal', 'a1b2c3d4', '2712847316'],
    ['decimal', 'HEX', '2712847316', 'A1B2C3D4'],
    ['HEX', 'hex', 'A1B2C3D4', 'a1b2c3d4'],
    ['decimal', 'padded', '2712847316', '002712847316'],
    [
      'uuid',
      'UUID',
      'a1b2c3d4-5f3a-4c1e-8b7d-0a9fa1b2c3d4',
      'A1B2C3D4-5F3A-4C1E-8B7D-0A9FA1B2C3D4',
    ],
  ] as [IdForm, IdForm, string, string][])(
    'ids: %s in the answer, %s in the receipt',
    async (answer, receipt, first, second) => {
      const { smsc, client } = await bound({ ids: { answer, receipt } });
      expect((await client.submit())['message_id']).toBe(first);
      await quiet(smsc);
      expect(client.told[0]?.['receipted_message_id']).toBe(second);
      expect(textOf(client.told[0])).toContain(`id:${second} `);
    },
  );

  it('ids begin again', async () => {
    const { client } = await bound({ ids: { reuseAfter: 2 } });
    const ids = [];
    for (let i = 0; i < 4; i++) ids.push((await client.submit())['message_id']);
    expect(new Set(ids).size).toBe(2);
    expect(ids[2]).toBe(ids[0]);
  });

  it.each([
    [{ every: 2 }, [0, 0x58, 0, 0x58]],
    [{ nth: 3 }, [0, 0, 0x58, 0]],
    [{ every: 2, times: 1 }, [0, 0x58, 0, 0]],
    [{ to: '678' }, [0x58, 0x58, 0x58, 0x58]],
    [{ to: /^1/ }, [0, 0, 0, 0]],
    [{ chance: 0 }, [0, 0, 0, 0]],
    [{ part: 1 }, [0x58, 0x58, 0x58, 0x58]],
  ] as [Omit<Rule, 'do'>, number[]][])('a rule holds for %j', async (which, wanted) => {
    const { smsc, client } = await bound(rule({ status: 0x58 }, which));
    const found = [];
    for (let i = 0; i < 4; i++) found.push((await client.submit())['command_status']);
    expect(found).toEqual(wanted);
    expect(smsc.taken).toHaveLength(wanted.filter((status) => status === 0).length);
  });

  it('chance is the same with the same seed', async () => {
    const run = async (seed: number) => {
      const { client } = await bound({ seed, ...rule({ status: 0x58 }, { chance: 0.5 }) });
      const found = [];
      for (let i = 0; i < 20; i++) found.push((await client.submit())['command_status']);
      return found.join();
    };
    expect(await run(7)).toBe(await run(7));
    expect(await run(7)).not.toBe(await run(8));
  });

  it('answers come in another order, late, or never', async () => {
    const { smsc, client } = await bound(rule({ hold: 3 }));
    const order: number[] = [];
    await Promise.all([1, 2, 3].map((i) => client.submit().then(() => order.push(i))));
    expect(order).toEqual([3, 2, 1]);
    expect(smsc.mostOpen).toBe(3);

    smsc.settings.rules = [{ do: { answerAfterMs: 50 } }];
    const before = Date.now();
    await client.submit();
    expect(Date.now() - before).toBeGreaterThanOrEqual(45);

    smsc.settings.rules = [{ do: { answers: false } }];
    void client.submit();
    await waitUntil('its receipt came', () => client.told.length === 5);
    expect(smsc.submits.at(-1)).toMatchObject({ taken: true, status: null });
  });

  it.each([
    ['unseen', { taken: false, status: null }, 0],
    ['taken', { taken: true, status: null }, 0],
    ['mid-answer', { taken: true, status: null }, 0],
    ['answered', { taken: true, status: 0 }, 1],
  ] as const)('the line is cut: %s', async (cut, ledger, answers) => {
    const { smsc, client } = await bound(rule({ cut }, { nth: 1 }));
    void client.submit();
    void client.submit();
    await waitUntil('the line was cut', () => client.closed);
    expect(smsc.submits).toMatchObject([ledger]);
    const heard = client.heard.filter(({ command }) => command === 'submit_sm_resp');
    expect(heard).toHaveLength(answers);
    const again = new Client(smsc);
    await again.bind();
    await quiet(smsc);
    expect(again.told).toHaveLength(ledger.taken ? 1 : 0);
  });
});

describe('receipts', () => {
  it('are asked for, or are not', async () => {
    const { smsc, client } = await bound(rule({ receipts: { stats: ['UNDELIV'] } }, { to: '9' }));
    for (const registered_delivery of [0, 1, 2]) {
      await client.submit({ registered_delivery });
      await client.submit({ registered_delivery, destination_addr: '61412345679' });
    }
    await quiet(smsc);
    expect(smsc.deliveries.map(({ stat }) => stat)).toEqual(['DELIVRD', 'UNDELIV', 'UNDELIV']);
    expect(smsc.deliveries.every(({ status, tries }) => status === 0 && tries === 1)).toBe(true);
  });

  it.each([
    [{}, { esm_class: 4, message_state: 2 }],
    [{ facts: 'text' }, { esm_class: 4 }],
    [{ facts: 'TLVs' }, { message_state: 2 }],
    [{ by: 'data_sm' }, { command: 'data_sm', message_state: 2 }],
    [{ esmClass: 0 }, { esm_class: 0 }],
    [{ swapped: true }, { source_addr: 'CompanyABC', destination_addr: '61412345678' }],
    [{ stats: ['FAILED'] }, { message_state: 5 }],
  ] as [NonNullable<Rule['do']['receipts']>, object][])('%j', async (receipts, wanted) => {
    const { smsc, client } = await bound(rule({ receipts }));
    await client.submit();
    await quiet(smsc);
    expect(client.told).toMatchObject([wanted]);
  });

  it.each([
    [
      'standard',
      /^id:2712847316 sub:001 dlvrd:001 submit date:\d{10} done date:\d{10} stat:DELIVRD err:000 text:Hello$/,
    ],
    ['without sub and dlvrd', /^id:2712847316 submit date:\d{10} /],
    ['reordered', /^stat:DELIVRD err:000 done date:\d{10} id:2712847316 submit date:\d{10}$/],
    ['dates with seconds', /submit date:\d{12} done date:\d{12} /],
    ['letters in err', / err:E4F /],
    ['other case', /^ID:2712847316 Sub:001 .* Stat:delivrd /],
    ['a receipt in its text', /stat:DELIVRD err:000 text:id:1 stat:UNDELIV err:9$/],
    ['brief', /^id:2712847316 stat:DELIVRD$/],
  ] as [ReceiptText, RegExp][])('text: %s', async (text, wanted) => {
    const { smsc, client } = await bound(rule({ receipts: { text, facts: 'text' } }));
    await client.submit();
    await quiet(smsc);
    expect(textOf(client.told[0])).toMatch(wanted);
  });

  it('come early, several times, in any order, in a payload', async () => {
    const stats = ['DELIVRD', 'ENROUTE'] as const;
    const plan = { early: true, times: 2, stats, payload: true };
    const { smsc, client } = await bound(rule({ receipts: plan }));
    await client.submit();
    await quiet(smsc);
    const commands = client.heard.map(({ command }) => command);
    expect(commands.slice(1)).toEqual([
      'deliver_sm',
      'deliver_sm',
      'submit_sm_resp',
      'deliver_sm',
      'deliver_sm',
    ]);
    expect(client.told.map((pdu) => pdu['message_state'])).toEqual([2, 2, 1, 1]);
    const payload = client.told[0]?.['message_payload'] as { message: unknown } | undefined;
    expect(String(payload?.message)).toContain('stat:DELIVRD');
  });

  it('come on another bind, and wait for it', async () => {
    const { smsc, client } = await bound(rule({ receipts: { on: 'other' } }));
    await client.submit();
    expect(smsc.pending).toBe(1);
    const stranger = new Client(smsc);
    await stranger.ask('bind_receiver', { system_id: 'stranger' });
    const other = new Client(smsc);
    await other.bind('bind_receiver');
    await quiet(smsc);
    expect([client, stranger, other].map(({ told }) => told.length)).toEqual([0, 0, 1]);
  });

  it('come again while they are refused for now', async () => {
    const { smsc, client } = await bound({ resendMs: 5 });
    client.deliveryStatus = 0x64;
    await client.submit();
    await waitUntil('it came three times', () => client.told.length >= 3);
    client.deliveryStatus = 0;
    await quiet(smsc);
    expect(smsc.deliveries).toMatchObject([{ status: 0, tries: client.told.length }]);
  });
});

describe('messages of handsets', () => {
  const route = { from: '61412345678', to: '61499999999' };

  it.each([
    [{ text: 'Yes @£' }, ['596573200001']],
    [{ text: 'é', dataCoding: 3 }, ['e9']],
    [{ text: '😀', dataCoding: 8 }, ['d83dde00']],
    [
      { text: ['a', 'b'], parts: 'udh8', order: [2, 1, 1] },
      ['05000307020262', '05000307020161', '05000307020161'],
    ],
    [{ text: ['a', 'b'], parts: 'udh16', reference: 0x1234, order: [2] }, ['0608041234020262']],
    [{ text: ['a', 'b'], parts: 'sar' }, ['61', '62']],
    [{ text: 'in it', payload: true }, ['']],
  ] as [object, string[]][])('%j', async (sent, wanted) => {
    const { smsc, client } = await bound();
    const answers = await smsc.deliver({ ...route, text: '', ...sent });
    expect(answers).toEqual(wanted.map(() => 0));
    // What their decoder makes of texts is its own affair: bytes are compared.
    const raw = await bytesOf((other) => other.deliver({ ...route, text: '', ...sent }));
    expect(raw).toEqual(wanted);
    if ('parts' in sent && sent.parts === 'sar') {
      expect(client.told.map((pdu) => pdu['sar_segment_seqnum'])).toEqual([1, 2]);
      expect(client.told.map((pdu) => pdu['sar_total_segments'])).toEqual([2, 2]);
    }
    expect(client.told[0]).toMatchObject({ source_addr: route.from, destination_addr: route.to });
  });

  it('are floods, and the answers are counted', async () => {
    const { smsc, client } = await bound();
    expect(await smsc.flood('enquire_link', 500)).toBe(500);
    expect(await smsc.flood('deliver_sm', 500)).toBe(500);
    expect(client.told).toHaveLength(500);
  });
});

/** short_message of each deliver_sm in hex, as it is on the wire. */
async function bytesOf(say: (smsc: Smsc) => Promise<unknown>): Promise<string[]> {
  const smsc = await start();
  const socket = connect(smsc.port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.write(
    new smpp.PDU('bind_transceiver', { system_id: 'raw', sequence_number: 1 }).toBuffer(),
  );
  await waitUntil('it is bound', () => smsc.bound.length === 1);
  void say(smsc);
  await waitUntil('it was said', () => Buffer.concat(chunks).includes('61499999999'));
  await new Promise((resolve) => setImmediate(resolve));
  socket.destroy();
  const splitter = new Splitter();
  splitter.push(Buffer.concat(chunks));
  return splitter
    .all()
    .filter(({ command }) => command === 5)
    .map(({ body }) => {
      const length = body.indexOf('61499999999') + 12 + 9;
      return body.subarray(length + 1, length + 1 + (body[length] as number)).toString('hex');
    });
}

describe('this side of the line', () => {
  it('unbinds, cuts, and says nothing to enquire_link', async () => {
    const { smsc, client } = await bound();
    expect((await client.ask('enquire_link')).command).toBe('enquire_link_resp');
    smsc.settings.answersEnquireLink = false;
    void client.ask('enquire_link');
    await smsc.unbindAll();
    expect(client.heard.map(({ command }) => command)).toEqual([
      'bind_transceiver_resp',
      'enquire_link_resp',
      'unbind',
    ]);
    await smsc.dropAll();
    await waitUntil('the line was cut', () => client.closed);
    expect(smsc.bound).toEqual([]);
  });

  it.each([
    ['garbage', hostile.garbage(), 'fault'],
    ['truncated', hostile.truncated(), 'waits'],
    ['oversized', hostile.oversized(), 'fault'],
    ['undersized', hostile.undersized(), 'fault'],
    ['cut fields', hostile.cutFields(), 'PDU'],
    ['an unknown command', hostile.unknownCommand(), 'PDU'],
    ['a stray answer', hostile.strayAnswer(), 'PDU'],
  ])('writes what nobody should: %s', (_, bytes, wanted) => {
    const splitter = new Splitter();
    splitter.push(bytes);
    const read = (): string => (splitter.next() ? 'PDU' : 'waits');
    if (wanted === 'fault') expect(read).toThrow(WireFault);
    else expect(read()).toBe(wanted);
  });

  it('answers under a wrong number', async () => {
    const { smsc, client } = await bound(rule({ wrongSequence: true }));
    void client.submit();
    await waitUntil('it was answered', () => client.heard.length === 3);
    expect(client.heard[1]?.['sequence_number']).toBe(2 + 0x10_0000);
    expect(smsc.faults).toEqual([]);
  });

  it('sees what a client does wrong', async () => {
    const smsc = await start();
    const socket = connect(smsc.port, '127.0.0.1');
    const say = (command: string, fields: Record<string, unknown>) =>
      socket.write(new smpp.PDU(command, fields).toBuffer());
    say('submit_sm', { sequence_number: 1 });
    say('bind_transceiver', { system_id: 'esme', sequence_number: 2 });
    say('enquire_link', { sequence_number: 0x8000_0001 });
    say('submit_sm', { sequence_number: 3, validity_period: 'tomorrow' });
    say('deliver_sm_resp', { sequence_number: 9 });
    socket.write(hostile.undersized());
    await waitUntil('the line was cut', () => smsc.sessions[0]?.closed === true);
    socket.destroy();
    expect(smsc.faults).toEqual([
      'session 1: submit_sm without a bind for it',
      'session 1: PDU 0x15, sequence 2147483649: its number is not allowed',
      'session 1: submit_sm 3: validity_period is 0000tomorrow000R',
      'session 1: PDU 0x80000005, sequence 9: answers what was not asked',
      'session 1: length 8',
    ]);
  });
});
